package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/client"
	"gatehouse/internal/scriptedwiki"
)

// pass is a step that makes the account.
func pass(form url.Values) string {
	return fmt.Sprintf(`{"status":"PASS","username":%q}`, form.Get("username"))
}

// said gives the same step whatever is posted.
func said(step string) func(url.Values) string { return func(url.Values) string { return step } }

// example3 is the documentation's own, with the captcha's and the passwords' requests around it.
const example3 = `[
 {"id":"CaptchaAuthenticationRequest","metadata":{"type":"image","mime":"image/png"},"required":"required","fields":{
  "captchaId":{"type":"hidden","value":"16649214"},"captchaInfo":{"type":"null","value":"/captcha?wpCaptchaId=16649214"},"captchaWord":{"type":"string"}}},
 {"id":"OpenIdConnectBeginAuthenticationRequest:example.net","metadata":[],"required":"primary-required","fields":{"example.net":{"type":"button","label":"With example.net"}}},
 {"id":"MediaWiki\\Auth\\PasswordAuthenticationRequest","metadata":[],"required":"primary-required","fields":{
  "username":{"type":"string"},"password":{"type":"password","sensitive":""},"retype":{"type":"password","sensitive":""}}},
 {"id":"MediaWiki\\Auth\\UsernameAuthenticationRequest","metadata":[],"required":"required","fields":{"username":{"type":"string"}}}]`

const twoFactorStep = `{"status":"UI","message":"Set up two-factor authentication","requests":[
 {"id":"TwoFactorAuthenticationRequest","metadata":{"account":"Alice","secret":"6CO3 2AKV EP2X MIV5"},"required":"optional","provider":"","account":"","fields":{
  "2FAInfo":{"type":"null","label":"Two factors","help":"Set it up"},"code":{"type":"string","label":"Code"}}},
 {"id":"MediaWiki\\Auth\\ButtonAuthenticationRequest:skip2FASetup","metadata":{},"required":"optional","fields":{"skip2FASetup":{"type":"button","label":"Skip"}}}]}`

// TestExample3 walks captcha, redirect through a browser, two-factor set-up, PASS.
func TestExample3(t *testing.T) {
	var returnTo string
	wiki := scriptedwiki.Start(t, scriptedwiki.Script{Requests: example3, Steps: []func(url.Values) string{
		func(form url.Values) string {
			returnTo = form.Get("createreturnurl")
			return `{"status":"REDIRECT","redirecttarget":"/provider?state=XYZ","requests":[{"id":"OpenIdConnectResponseAuthenticationRequest","metadata":{},"required":"required","fields":{
				"code":{"type":"string","label":"OpenID Code"},"state":{"type":"string","label":"OpenID State"}}}]}`
		},
		said(twoFactorStep), said(`{"status":"PASS","username":"Alice"}`),
	}})
	loopback, err := client.ListenLoopback()
	if err != nil {
		t.Fatal(err)
	}
	defer loopback.Close()
	creation, err := open(t, wiki.URL+"/api.php", client.Options{}).Begin(t.Context(), client.CreationOptions{ReturnURL: loopback.URL()})
	if err != nil {
		t.Fatal(err)
	}
	step, err := creation.Walk(t.Context(), func(ctx context.Context, s client.Step) (client.Answers, error) {
		if s.Status == client.Redirect {
			if _, err := http.Get(returnTo + "?code=abc&state=XYZ"); err != nil { // the browser
				return nil, err
			}
			returned, err := loopback.Wait(ctx)
			return client.AnswersFrom(returned), err
		}
		if offer, ok := s.TwoFactor(); ok {
			if want := "otpauth://totp/A%20wiki:Alice?secret=6CO32AKVEP2XMIV5&issuer=A%20wiki"; offer.KeyURI("A wiki") != want {
				t.Errorf("the key's address is %s", offer.KeyURI("A wiki"))
			}
			code, err := client.TOTP(offer.Secret, time.Unix(59, 0))
			return client.Answers{offer.Code: code}, err
		}
		captcha, _ := s.Captcha()
		return client.Answers{captcha.Word: "fluff", "example.net": "1", "username": "Alice"}, nil
	})
	if err != nil || step.Status != client.Pass || step.Username != "Alice" {
		t.Fatalf("got %+v, %v", step, err)
	}
	want := []string{
		"captchaId=16649214&captchaWord=fluff&createreturnurl=" + url.QueryEscape(loopback.URL()) + "&example.net=1&username=Alice",
		"code=abc&createcontinue=1&state=XYZ",
	}
	for i, p := range wiki.Posts()[:2] {
		if got := fields(p); got != want[i] {
			t.Errorf("post %d was %s\nwant %s", i, got, want[i])
		}
	}
	if code := wiki.Posts()[2].Get("code"); len(code) != 6 {
		t.Errorf("the code sent is %q", code)
	}
}

// fields are a post's parameters without those that every post has.
func fields(form url.Values) string {
	out := url.Values{}
	for name, values := range form {
		if !slices.Contains([]string{"action", "format", "formatversion", "createtoken", "createmessageformat"}, name) {
			out[name] = values
		}
	}
	return out.Encode()
}

// TestForm is a table of what is sent for which answers.
func TestForm(t *testing.T) {
	for _, c := range []struct {
		requests string
		answers  client.Answers
		want     string
	}{
		{example3, client.Answers{"username": "A", "password": "p"}, "captchaId=16649214&password=p&retype=p&username=A"},
		{example3, client.Answers{"username": "A", "password": "p", "retype": "q"}, "captchaId=16649214&password=p&retype=q&username=A"},
		{example3, client.Answers{"captchaId": "7", "captchaWord": "x", "captchaInfo": "no"}, "captchaId=7&captchaWord=x"},
		{example3, client.Answers{"example.net": "0"}, "captchaId=16649214"},
		{example3, client.Answers{"unheard": "of"}, "captchaId=16649214&unheard=of"},
		{`[{"id":"U","required":"required","fields":{"email":{"type":"string","optional":true},"realname":{"type":"string","optional":true}}}]`, nil, ""},
		{`[{"id":"U","required":"required","fields":{"email":{"type":"string","optional":true},"realname":{"type":"string","optional":true}}}]`, client.Answers{"email": "a@b"}, "email=a%40b&realname="},
		{`[{"id":"O","required":"optional","fields":{"reason":{"type":"string","value":"as it was"},"sel":{"type":"select","options":{"a":"A"}},"box":{"type":"checkbox","value":"1"}}}]`, nil, "reason=as+it+was"},
		{`[{"id":"O","required":"optional","fields":{"m":{"type":"multiselect","options":{"a":"A","b":"B"}},"box":{"type":"checkbox"}}}]`, client.Answers{"m": "a", "box": "yes"}, "box=1&m=a"},
		{`[{"id":"O","required":"optional","fields":{"m":{"type":"multiselect","options":{"a":"A","b":"B"}},"box":{"type":"checkbox"}}}]`, client.Answers{"m": "a\nb", "box": "no"}, "m%5B%5D=a&m%5B%5D=b"},
		{`[{"id":"N","required":"required","fields":{"colour":{"type":"spectrum","label":{"key":"colour-label","params":[]}}}}]`, client.Answers{"colour": "red"}, "colour=red"},
		{`[{"id":"E","required":"required","metadata":[],"fields":[]}]`, nil, ""},
	} {
		wiki := scriptedwiki.Start(t, scriptedwiki.Script{Requests: c.requests, Steps: []func(url.Values) string{pass}})
		submit(t, begin(t, open(t, wiki.URL+"/api.php", client.Options{})), c.answers)
		form := wiki.Posts()[0]
		form.Del("createreturnurl")
		if got := fields(form); got != c.want {
			t.Errorf("%v: %s\nwant %s", c.answers, got, c.want)
		}
	}
}

// TestAwkward walks through what wikis are free to do: requests under other ids and in another order, fields among them that
// nobody has heard of, steps that nobody expects, texts in odd places.
func TestAwkward(t *testing.T) {
	wiki := scriptedwiki.Start(t, scriptedwiki.Script{
		Requests: `[{"id":"X9","required":"required","fields":{"news":{"type":"checkbox","optional":true},"realname":{"type":"string","optional":true},"email":{"type":"string","optional":true}},"extra":{"a":[1]}},
			{"id":"X7","required":"primary-required","metadata":null,"provider":null,"fields":{"retype":{"type":"password"},"password":{"type":"password"},"username":{"type":"string","help":["odd"]}}},
			{"id":"X8","required":"required","metadata":{"mime":"text/plain","type":"riddle","n":7},"fields":{"answer":{"type":"string"},"riddle":{"type":"null","value":"What has keys?"},"rid":{"type":"hidden","value":"5"}}}]`,
		Steps: []func(url.Values) string{
			said(`{"status":"UI","message":{"key":"terms"},"messagecode":"terms","requests":[{"id":"T","required":"required","metadata":{},"fields":{"agree":{"type":"checkbox","label":"I agree"}}}]}`),
			said(`{"status":"UI","requests":[]}`),
			said(`{"status":"REDIRECT","redirecttarget":"https://elsewhere.example/","redirectdata":{"why":"for fun"},"requests":[{"id":"C","metadata":[],"fields":[]}]}`),
			said(`{"username":"Zane","status":"PASS","gift":true}`),
		},
	})
	creation := begin(t, open(t, wiki.URL+"/api.php", client.Options{}))
	if c, ok := creation.Step().Captcha(); !ok || c.Word != "answer" || c.ID != "5" || c.Text() != "What has keys?" || c.Metadata["n"] != "7" {
		t.Errorf("the riddle: %+v", c)
	}
	known := client.Answers{"username": "zane", "password": "Corr3ct-horse", "answer": "a piano", "agree": "1"}
	var saw []string
	step, err := creation.Walk(t.Context(), func(_ context.Context, s client.Step) (client.Answers, error) {
		saw = append(saw, string(s.Status)+" "+s.Message.String())
		out := client.Answers{}
		for _, f := range s.Fields() {
			if v, ok := known[f.Name]; ok {
				out[f.Name] = v
			}
		}
		return out, nil
	})
	if err != nil || step.Username != "Zane" {
		t.Errorf("got %+v, %v", step, err)
	}
	if got := strings.Join(saw, "; "); got != "UI ; UI terms; UI ; REDIRECT " {
		t.Errorf("saw %s", got)
	}
	if got := fields(wiki.Posts()[1]); got != "agree=1&createcontinue=1" {
		t.Errorf("the second post was %s", got)
	}
}

func TestWalkEnds(t *testing.T) {
	steps := make([]func(url.Values) string, 100)
	for i := range steps {
		steps[i] = said(`{"status":"UI","requests":[]}`)
	}
	nothing := func(context.Context, client.Step) (client.Answers, error) { return nil, nil }
	wiki := scriptedwiki.Start(t, scriptedwiki.Script{Steps: steps})
	if _, err := begin(t, open(t, wiki.URL+"/api.php", client.Options{})).Walk(t.Context(), nothing); !errors.Is(err, client.ErrEndless) {
		t.Errorf("an endless walk: %v", err)
	}
	for answer, want := range map[string]string{
		`{"status":"FAIL","messagecode":"userexists","message":"<b>Taken</b>, sorry"}`: "refused with userexists: Taken, sorry",
		`{"status":"RESTART","messagecode":"nobody","message":"who?"}`:                 "refused with nobody: who?",
	} {
		wiki := scriptedwiki.Start(t, scriptedwiki.Script{Steps: []func(url.Values) string{said(answer)}})
		step, err := begin(t, open(t, wiki.URL+"/api.php", client.Options{})).Walk(t.Context(), nothing)
		if err != nil || step.Refusal() == nil || step.Refusal().Error() != want {
			t.Errorf("%s: %v, %v", answer, step.Refusal(), err)
		}
	}
	for _, answer := range []string{`{"status":"PERHAPS"}`, `{}`, `[]`, `"PASS"`} {
		wiki := scriptedwiki.Start(t, scriptedwiki.Script{Steps: []func(url.Values) string{said(answer)}})
		_, err := begin(t, open(t, wiki.URL+"/api.php", client.Options{})).Submit(t.Context(), nil)
		if _, ok := errors.AsType[*client.UnknownOutcomeError](err); !ok {
			t.Errorf("%s: %v", answer, err)
		}
	}
}

// TestVersion1 makes an account on a wiki that knows formatversion 1 alone.
func TestVersion1(t *testing.T) {
	wiki := scriptedwiki.Start(t, scriptedwiki.Script{Requests: example3, Version1: true, Steps: []func(url.Values) string{pass}})
	creation := begin(t, open(t, wiki.URL+"/api.php", client.Options{}))
	if f, _ := creation.Step().Field("password"); !f.Sensitive {
		t.Errorf("the password's field is %+v", f)
	}
	if step := submit(t, creation, client.Answers{"username": "Zane", "password": "p"}); step.Status != client.Pass {
		t.Errorf("got %+v", step)
	}
}

// TestFieldsOfAlternatives: what only one of several primary-required requests needs is optional.
func TestFieldsOfAlternatives(t *testing.T) {
	wiki := scriptedwiki.Start(t, scriptedwiki.Script{Requests: example3})
	var got []string
	for _, f := range begin(t, open(t, wiki.URL+"/api.php", client.Options{})).Step().Fields() {
		got = append(got, fmt.Sprintf("%s:%t", f.Name, f.Optional))
	}
	if want := "captchaId:false captchaInfo:false captchaWord:false example.net:true username:false password:true retype:true"; strings.Join(got, " ") != want {
		t.Errorf("the fields are %s", strings.Join(got, " "))
	}
}
