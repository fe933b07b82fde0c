package special

import (
	"net/http"
	"strings"
	"testing"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

func text(s string) message.Message { return message.Literal(s) }

func value(s string) *string { return &s }

// A provider that no page knows of has every kind of field shown and read.
func TestFieldsOfEveryType(t *testing.T) {
	options := []auth.Option{{Value: "a", Label: text("Option A")}, {Value: "b", Label: text("<i>B</i>")}}
	puzzle := auth.Request{ID: "CaptchaAuthenticationRequest", Metadata: []auth.Datum{{Name: "mime", Value: "image/png"}}, Fields: []auth.Field{
		{Name: "captchaId", Type: auth.FieldHidden, Value: value("id-1")},
		{Name: "captchaInfo", Type: auth.FieldNull, Value: value("/w/index.php?title=Special:Captcha/image&wpCaptchaId=id-1"), Label: text("Puzzle")},
		{Name: "captchaWord", Type: auth.FieldString, Label: text("Word")},
	}}
	odd := auth.Request{ID: "odd", Required: auth.Optional, Fields: []auth.Field{
		{Name: "colour", Type: auth.FieldSelect, Label: text("Colour"), Options: options, Optional: true},
		{Name: "topics", Type: auth.FieldMultiselect, Label: text("Topics"), Options: options, Optional: true},
		{Name: "agree", Type: auth.FieldCheckbox, Label: text("Agree"), Help: text("You need not."), Optional: true},
		{Name: "note", Type: auth.FieldNull, Label: text("Note"), Value: value("<u>note</u>")},
		{Name: "pin", Type: auth.FieldPassword, Label: text("PIN"), Sensitive: true, Optional: true},
		{Name: "elsewhere", Type: auth.FieldButton, Label: text("Go elsewhere"), Optional: true},
	}}
	var posted auth.Answers
	p := scripted{id: "odd", before: true, requests: []auth.Request{puzzle, odd}, begin: func(c *auth.Creation) auth.Response {
		posted = c.Answers
		return auth.Abstained()
	}}
	s := newTestSite(t, change{auth: func(c *auth.Config) { c.Secondary = append(c.Secondary, p) }})
	b := s.browser(t)
	page := b.get(createPath).want(t, 200,
		`<select id="colour" name="colour"`, `<option value="a">Option A</option>`, `<option value="b">B</option>`,
		`<input type="checkbox" id="topics-b" name="topics[]" value="b">`,
		`<input type="checkbox" id="agree" name="agree" value="1" aria-describedby="agree-help">`,
		`<p>&lt;u&gt;note&lt;/u&gt;</p>`, `<input type="password" id="pin" name="pin"`,
		`<button type="submit" name="elsewhere" value="1">Go elsewhere</button>`,
		`<input type="hidden" name="captchaId" value="id-1">`, `<img src="/w/index.php?title=Special:Captcha/image&amp;wpCaptchaId=id-1" alt="Puzzle">`,
	)
	if strings.Index(page.body, `id="captchaWord"`) < strings.Index(page.body, `id="realname"`) {
		t.Error("the puzzle is not the last thing before the button")
	}
	form := page.form("wpName", "Zane", "wpPassword", "three plain words", "retype", "other words", "captchaWord", "cat",
		"colour", "b", "topics[]", "a", "agree", "1", "pin", "1234")
	again := b.post(createPath, form).want(t, 200, `<option value="b" selected>`, `value="a" checked`, `value="1" checked`)
	if strings.Contains(again.body, "1234") || strings.Contains(again.body, `value="cat"`) {
		t.Error("a secret or the answer to a puzzle is shown again")
	}
	form.Set("retype", "three plain words")
	b.post(createPath, form).leadsTo(t, createPath+"/done")
	a, _ := posted.Get("odd")
	if a.Values["colour"] != "b" || a.Values["agree"] != "1" || a.Values["pin"] != "1234" || a.Values["elsewhere"] != "" ||
		len(a.Lists["topics"]) != 1 || a.Lists["topics"][0] != "a" {
		t.Errorf("read %+v", a)
	}
	if a, _ := posted.Get(puzzle.ID); a.Values["captchaId"] != "id-1" || a.Values["captchaWord"] != "cat" {
		t.Errorf("read %+v", a)
	}
}

// twoFactor asks for a code after the account is made; it can be skipped.
func twoFactor() scripted {
	setup := auth.Request{ID: "TwoFactorAuthenticationRequest", Required: auth.Optional,
		Metadata: []auth.Datum{{Name: "secret", Value: "6CO3 2AKV EP2X MIV5"}}, Fields: []auth.Field{
			{Name: "2FAInfo", Type: auth.FieldNull, Label: text("Add this")},
			{Name: "code", Type: auth.FieldString, Label: text("Code")},
		}}
	skip := auth.Request{ID: "skip", Required: auth.Optional, Fields: []auth.Field{
		{Name: "skip2FASetup", Type: auth.FieldButton, Label: text("Skip")},
	}}
	ask := func(m message.Key) auth.Response { return auth.Asked(message.New(m), setup, skip) }
	return scripted{
		id:    "totp",
		begin: func(*auth.Creation) auth.Response { return ask("oathauth-create-ui") },
		goOn: func(c *auth.Creation) auth.Response {
			a, _ := c.Answers.Get(setup.ID)
			if _, skipped := c.Answers.Get("skip"); skipped || a.Values["code"] == "123456" {
				return auth.Passed()
			}
			return ask("oathauth-create-failed")
		},
	}
}

const stepPath = "/w/index.php?title=Special:CreateAccount&authAction=create-continue"

func TestStep(t *testing.T) {
	for about, finish := range map[string][]string{"code": {"code", "123456"}, "skip": {"skip2FASetup", "1"}} {
		s := newTestSite(t, change{auth: func(c *auth.Config) { c.Secondary = append(c.Secondary, twoFactor()) }})
		b := s.browser(t)
		b.create("Zane", "returnto", "Special:Log").leadsTo(t, stepPath+"&returnto=Special%3ALog")
		step := stepPath + "&returnto=Special%3ALog"
		b.get(step).want(t, 200, "Set up two-factor authentication", "6CO3 2AKV EP2X MIV5", `autocomplete="one-time-code"`,
			`inputmode="numeric"`, ">Skip</button>")
		// It can be reloaded, and a wrong code leads to the same address.
		b.post(createPath, b.get(step).form("code", "000000")).leadsTo(t, step)
		p := b.get(step).want(t, 200, "<title>Error: ", "The code is not right", `href="#code"`)
		b.post(createPath, p.form(finish...)).leadsTo(t, "/wiki/Special:Log")
		b.get("/").want(t, 200, "<strong>Zane</strong>")
		if t.Failed() {
			t.Fatalf("with %s", about)
		}
		b.get(step).want(t, 200, "took too long, or was finished already", `name="reason"`)
	}
}

func TestStepNeedsItsToken(t *testing.T) {
	s := newTestSite(t, change{auth: func(c *auth.Config) { c.Secondary = append(c.Secondary, twoFactor()) }})
	b, stranger := s.browser(t), s.browser(t)
	b.create("Zane")
	form := b.get(stepPath).form("code", "123456")
	stranger.get(createPath)
	stranger.post(createPath, form).want(t, 200, "took too long, or was finished already")
	form.Set("wpCreateaccountToken", "x")
	b.post(createPath, form).want(t, 200, "open for too long", `name="code"`)
}

// thirdParty is a provider that makes the account: the browser goes there and comes back with a code.
func thirdParty(target string) linking {
	back := auth.Request{ID: "OpenIdConnectResponseAuthenticationRequest", Fields: []auth.Field{
		{Name: "code", Type: auth.FieldString, Label: text("Code")}, {Name: "state", Type: auth.FieldString, Label: text("State")},
	}}
	leave := auth.Request{ID: "OpenIdConnectBeginAuthenticationRequest:example.net", Fields: []auth.Field{
		{Name: "example.net", Type: auth.FieldButton, Label: text("Go on with example.net")},
	}}
	return linking{scripted{
		id: "oidc", requests: []auth.Request{leave},
		begin: func(c *auth.Creation) auth.Response {
			if _, chosen := c.Answers.Get(leave.ID); !chosen {
				return auth.Abstained()
			}
			return auth.Redirected(target+"?back="+c.ReturnURL, back)
		},
		goOn: func(c *auth.Creation) auth.Response {
			a, _ := c.Answers.Get(back.ID)
			if a.Values["code"] != "C1" || a.Values["state"] != "S1" {
				return auth.Failed(message.New("authmanager-create-no-primary"))
			}
			return auth.Passed()
		},
	}}
}

func TestThirdParty(t *testing.T) {
	const target = "https://openid.example.net/auth"
	s := newTestSite(t, change{
		auth: func(c *auth.Config) { c.Primary = append([]auth.PrimaryProvider{thirdParty(target)}, c.Primary...) },
	})
	b := s.browser(t)
	form := b.get(createPath).form("wpName", "Zane", "example.net", "1")
	b.post(createPath, form).leadsTo(t, stepPath)
	b.get(stepPath).want(t, 200, "<strong>openid.example.net</strong>",
		`href="https://openid.example.net/auth?back=`+strings.ReplaceAll(s.URL, "&", "&amp;")+strings.ReplaceAll(stepPath, "&", "&amp;"))

	// Back again: one click, and nothing happens before it.
	p := b.get(stepPath+"&code=C1&state=S1").want(t, 200, "You are back", `name="code" value="C1"`)
	if strings.Contains(p.body, `type="text"`) || len(s.store.accounts) != 0 {
		t.Error("coming back shows what the third party sent, or makes the account at once")
	}
	b.post(createPath, p.form()).leadsTo(t, createPath+"/done")
	b.get("/").want(t, 200, "<strong>Zane</strong>")
}

func TestThirdPartyByRedirect(t *testing.T) {
	const target = "https://openid.example.net/auth"
	s := newTestSite(t, change{
		auth:  func(c *auth.Config) { c.Primary = append([]auth.PrimaryProvider{thirdParty(target)}, c.Primary...) },
		pages: func(c *Config) { c.RedirectOrigins = []string{"https://openid.example.net"} },
	})
	b := s.browser(t)
	page := b.get(createPath)
	if policy := page.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' https://openid.example.net;") {
		t.Errorf("browsers may not follow: %s", policy)
	}
	p := b.post(createPath, page.form("wpName", "Zane", "example.net", "1"))
	if p.StatusCode != http.StatusSeeOther || !strings.HasPrefix(p.Header.Get("Location"), target) {
		t.Errorf("%d to %q", p.StatusCode, p.Header.Get("Location"))
	}
}

func TestBrokenThirdParty(t *testing.T) {
	for _, target := range []string{"javascript:alert(1)", "//evil.example", "", "data:text/html,x", "https://"} {
		s := newTestSite(t, change{
			auth: func(c *auth.Config) { c.Primary = append([]auth.PrimaryProvider{thirdParty(target)}, c.Primary...) },
		})
		b := s.browser(t)
		b.post(createPath, b.get(createPath).form("wpName", "Zane", "example.net", "1")).leadsTo(t, stepPath)
		if p := b.get(stepPath).want(t, http.StatusBadGateway); strings.Contains(p.body, "evil") || strings.Contains(p.body, "alert") {
			t.Errorf("%s: there is a link", target)
		}
	}
}
