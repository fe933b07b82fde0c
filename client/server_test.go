package client_test

import (
	"context"
	"errors"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/client"
	"gatehouse/internal/provider/openid/openidtest"
)

// TestGatehouseCaptchas answers all kinds that need no eyes, and fetches the picture of the one that does.
func TestGatehouseCaptchas(t *testing.T) {
	for kind, solve := range map[string]func(client.Captcha) (string, error){
		"math":          func(c client.Captcha) (string, error) { return solveSum(t, c.Text()), nil },
		"question":      func(client.Captcha) (string, error) { return "paris", nil },
		"proof-of-work": func(c client.Captcha) (string, error) { return c.Work(t.Context()) },
	} {
		wiki := open(t, gatehouseAddress(t, "captcha.kind="+kind, `captcha.questions=[{"question":"Capital of France?","answers":["Paris"]}]`), client.Options{})
		creation := begin(t, wiki)
		captcha, ok := creation.Step().Captcha()
		if !ok || captcha.IsPicture() || captcha.IsWork() != (kind == "proof-of-work") {
			t.Fatalf("%s: %+v", kind, captcha)
		}
		word, err := solve(captcha)
		if err != nil {
			t.Fatal(err)
		}
		if step := submit(t, creation, client.Answers{"username": "Zane", "password": "Corr3ct-horse", captcha.Word: word}); step.Status != client.Pass {
			t.Errorf("%s: %+v", kind, step)
		}
	}
	wiki := open(t, gatehouseAddress(t, "captcha.kind=image"), client.Options{})
	creation := begin(t, wiki)
	captcha, _ := creation.Step().Captcha()
	if picture, err := wiki.CaptchaPicture(t.Context(), captcha); err != nil || !strings.HasPrefix(string(picture.Bytes), "\x89PNG") {
		t.Errorf("the picture: %v", err)
	}
	if step := submit(t, creation, client.Answers{"username": "Zane", "password": "Corr3ct-horse", captcha.Word: "000000"}); step.Code != "captcha-createaccount-fail" {
		t.Errorf("a wrong answer: %+v", step)
	}
}

func TestWorkHasBounds(t *testing.T) {
	for _, info := range []string{
		``, `[]`, `{"algorithm":"SHA-512","challenge":"00","salt":"s","maxnumber":10}`, `{"algorithm":"SHA-256","challenge":"zz","salt":"s","maxnumber":10}`,
		`{"algorithm":"SHA-256","challenge":"00","salt":"s","maxnumber":10}`, `{"algorithm":"SHA-256","challenge":"00","salt":"s","maxnumber":50000001}`,
	} {
		if word, err := (client.Captcha{Kind: "altcha", Info: info}).Work(t.Context()); err == nil {
			t.Errorf("%s is solved by %s", info, word)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (client.Captcha{Info: `{"algorithm":"SHA-256","challenge":"00","salt":"s","maxnumber":50000000}`}).Work(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}

// TestGatehouseExample3 walks the documentation's Example 3 on a real server, with a real provider: a captcha, a visit at the
// provider, two-factor set-up; then it signs in with the factor.
func TestGatehouseExample3(t *testing.T) {
	var provider *openidtest.Provider
	outside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { provider.ServeHTTP(w, r) }))
	defer outside.Close()
	var err error
	if provider, err = openidtest.New(openidtest.Options{Issuer: outside.URL, ClientID: "ABC"}); err != nil {
		t.Fatal(err)
	}
	server := startPublic(t, "captcha.kind=math", "totp.at_creation=optional",
		`oidc=[{"name":"example.net","issuer":"`+outside.URL+`","client_id":"ABC","allow_private":true}]`)
	loopback, err := client.ListenLoopback()
	if err != nil {
		t.Fatal(err)
	}
	defer loopback.Close()
	wiki := open(t, server.URL, client.Options{})
	creation, err := wiki.Begin(t.Context(), client.CreationOptions{ReturnURL: loopback.URL()})
	if err != nil {
		t.Fatal(err)
	}
	var saw []client.Status
	var secret string
	step, err := creation.Walk(t.Context(), func(ctx context.Context, s client.Step) (client.Answers, error) {
		saw = append(saw, s.Status)
		if s.Status == client.Redirect {
			signInOutside(t, s.RedirectTarget)
			ctx, cancel := context.WithTimeout(ctx, time.Minute) // a test that hangs says where
			defer cancel()
			returned, err := loopback.Wait(ctx)
			return client.AnswersFrom(returned), err
		}
		if offer, ok := s.TwoFactor(); ok {
			secret = offer.Secret
			code, err := client.TOTP(offer.Secret, time.Now())
			return client.Answers{offer.Code: code}, err
		}
		captcha, _ := s.Captcha()
		return client.Answers{"username": "Alice", "example.net": "1", captcha.Word: solveSum(t, captcha.Text())}, nil
	})
	if err != nil || step.Status != client.Pass || step.Username != "Alice" || !slices.Equal(saw, []client.Status{client.UI, client.Redirect, client.UI}) {
		t.Fatalf("got %+v, %v after %v", step, err, saw)
	}
	if secret == "" {
		t.Error("no secret was shown")
	}
}

// TestGatehouseTwoFactors sets a second factor up with a password account, and signs in with it.
func TestGatehouseTwoFactors(t *testing.T) {
	wiki := open(t, gatehouseAddress(t, "totp.at_creation=optional"), client.Options{})
	creation := begin(t, wiki)
	step := submit(t, creation, client.Answers{"username": "Zane", "password": "Corr3ct-horse"})
	offer, ok := step.TwoFactor()
	if !ok || step.Status != client.UI {
		t.Fatalf("got %+v", step)
	}
	now := time.Now()
	code, err := client.TOTP(offer.Secret, now)
	if err != nil {
		t.Fatal(err)
	}
	if step = submit(t, creation, client.Answers{offer.Code: code}); step.Status != client.Pass {
		t.Fatalf("got %+v", step)
	}
	who := client.Credentials{Username: "Zane", Password: "Corr3ct-horse"}
	if _, err := wiki.Login(t.Context(), who); !errors.Is(err, client.ErrNoAnswer) {
		t.Errorf("without a code: %v", err)
	}
	who.Secret, who.Now = offer.Secret, func() time.Time { return now.Add(30 * time.Second) } // a code counts once
	if name, err := wiki.Login(t.Context(), who); name != "Zane" || err != nil {
		t.Errorf("signed in as %q, %v", name, err)
	}
}

var onwards = regexp.MustCompile(`<a class="button primary" href="([^"]*)"`)

// signInOutside is a person with a browser at the provider: it signs in as Alice, and clicks on where the wiki asks before it
// sends anybody to a program.
func signInOutside(t *testing.T, target string) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	_, at := browse(t, browser, target, nil)
	page, at := browse(t, browser, at.String(), url.Values{"subject": {"alice"}, "preferred_username": {"Alice"}})
	link := onwards.FindStringSubmatch(page)
	if link == nil {
		t.Fatalf("the wiki shows no way on at %s: %s", at.Path, page)
	}
	browse(t, browser, html.UnescapeString(link[1]), nil)
}

func browse(t *testing.T, browser *http.Client, address string, form url.Values) (string, *url.URL) {
	t.Helper()
	var response *http.Response
	var err error
	if form == nil {
		response, err = browser.Get(address)
	} else {
		response, err = browser.PostForm(address, form)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body), response.Request.URL
}
