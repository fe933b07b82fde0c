package actionapi

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"

	"gatehouse/auth"
	"gatehouse/internal/websession"
)

func TestClientLogin(t *testing.T) {
	s := newSite(t, change{})
	s.create(t, "Ann")
	tests := []struct {
		about string
		more  []string
		want  string
	}{
		{"good", []string{"username", "ann"}, `{"clientlogin":{"status":"PASS","username":"Ann"}}`},
		{"wrong", []string{"password", "x", "loginmessageformat", "none"}, `{"clientlogin":{"status":"FAIL","messagecode":"wrongpassword"}}`},
		{"nobody", []string{"username", "Nobody", "loginmessageformat", "none"}, `{"clientlogin":{"status":"FAIL","messagecode":"wrongpassword"}}`},
		{"no password", []string{"password", "", "loginmessageformat", "none"}, `{"clientlogin":{"status":"FAIL","messagecode":"authmanager-authn-no-primary"}}`},
		{"continue", []string{"logincontinue", "", "username", "", "loginmessageformat", "none"}, `"messagecode":"authmanager-authn-not-in-progress"`},
	}
	for _, tt := range tests {
		c := s.client(t)
		v := append([]string{"logintoken", c.token("login")}, tt.more...)
		a := c.post("action=clientlogin&format=json&loginreturnurl=http://x/&username=Ann&password="+testPassword, v...)
		if !strings.Contains(a.text, tt.want) {
			t.Errorf("%s: %s", tt.about, a.text)
		}
	}
	if a := s.client(t).post("action=clientlogin&format=json"); a.code() != "missingparam" {
		t.Errorf("no token: %s", a.text)
	}
	c := s.client(t)
	if a := c.post("action=clientlogin&format=json", "logintoken", c.token("login")); a.code() != "missingparam" || !strings.Contains(a.text, "loginreturnurl") {
		t.Errorf("no return URL: %s", a.text)
	}
}

// TestSignInChangesSession: another id, and what was good before is dead.
func TestSignInChangesSession(t *testing.T) {
	s := newSite(t, change{})
	s.create(t, "Ann")
	c := s.client(t)
	before, token := c.token("login"), ""
	cookie := c.cookies["wiki_session"]
	a := c.post("action=clientlogin&format=json&loginreturnurl=http://x/&username=Ann&password="+testPassword, "logintoken", before)
	if a.at("clientlogin.status") != "PASS" || c.cookies["wiki_session"] == cookie || c.cookies["wikiUserName"] != "Ann" {
		t.Fatalf("%s, cookies %v", a.text, c.cookies)
	}
	if a := c.get("action=query&meta=userinfo&format=json"); a.at("query.userinfo.name") != "Ann" {
		t.Errorf("who: %s", a.text)
	}
	a = c.post("action=clientlogin&format=json&loginreturnurl=http://x/", "logintoken", before)
	if a.code() != "badtoken" {
		t.Errorf("token of before: %s", a.text)
	}
	token = c.token("csrf")
	if a := c.post("action=logout&format=json", "token", token); a.text != "{}" || c.cookies["wiki_session"] != "" {
		t.Errorf("logout: %s, cookies %v", a.text, c.cookies)
	}
	if a := c.post("action=logout&format=json", "token", token); a.code() != "badtoken" {
		t.Errorf("logout again: %s", a.text)
	}
}

func TestLogoutOfNobody(t *testing.T) {
	s := newSite(t, change{})
	a := s.client(t).post("action=logout&format=json&formatversion=2&uselang=qqx&errorformat=raw", "token", `+\`)
	if a.text != `{"warnings":[{"code":"notloggedin","key":"apierror-mustbeloggedin-generic","params":[],"module":"logout"}]}` {
		t.Errorf("got %s", a.text)
	}
}

func TestLogin(t *testing.T) {
	s := newSite(t, change{})
	ann := s.create(t, "Ann")
	c := s.client(t)
	a := c.post("action=login&format=json&lgname=Ann&lgpassword=" + testPassword + "&lgdomain=")
	token, _ := a.at("login.token").(string)
	if a.at("login.result") != "NeedToken" || len(token) != 42 || a.at("warnings.login.*") == nil || a.at("warnings.main.*") == nil {
		t.Fatalf("without a token: %s", a.text)
	}
	a = c.post("action=login&format=json&lgname=Ann&lgpassword="+testPassword, "lgtoken", "0"+token)
	if a.text != `{"login":{"result":"WrongToken"}}` {
		t.Errorf("wrong token: %s", a.text)
	}
	a = c.post("action=login&format=json&lgname=Ann&lgpassword=x", "lgtoken", token)
	if reason, _ := a.at("login.reason").(string); a.at("login.result") != "Failed" || reason == "" || a.at("warnings") != nil {
		t.Errorf("wrong password: %s", a.text)
	}
	a = c.post("action=login&format=json&errorformat=none&lgname=Ann&lgpassword=x", "lgtoken", token)
	if a.text != `{"login":{"result":"Failed","reason":{"code":"wrongpassword"}}}` {
		t.Errorf("wrong password, errors as codes: %s", a.text)
	}
	a = c.post("action=login&format=json&lgname=ann&lgpassword="+testPassword, "lgtoken", token)
	if a.at("login.result") != "Success" || a.at("login.lguserid") != float64(ann.ID) || a.at("login.lgusername") != "Ann" || a.at("warnings.login.*") == nil {
		t.Errorf("success: %s", a.text)
	}
	if c.cookies["wikiToken"] == "" {
		t.Errorf("not remembered: %v", c.cookies)
	}
}

func TestLoginRefusals(t *testing.T) {
	s := newSite(t, change{})
	c := s.client(t)
	if a := c.get("action=login&format=json"); a.code() != "mustbeposted" {
		t.Errorf("GET: %s", a.text)
	}
	if a := c.post("action=login&format=json&errorformat=none", "lgtoken", strings.Repeat("0", 40)+`+\`); a.at("login.result") != "Failed" || a.at("login.reason.code") != "sessionlost" {
		t.Errorf("no session: %s", a.text)
	}
	if a := c.postTo("lgpassword=x", "action=login&format=json"); a.code() != "mustpostparams" {
		t.Errorf("password in the URL: %s", a.text)
	}
	if a := c.postTo("origin=*", "action=login&format=json&errorformat=none"); a.at("login.result") != "Aborted" {
		t.Errorf("for everybody's pages: %s", a.text)
	}
}

// wants is a secondary provider that asks for more at every sign-in.
type wants struct{ steps }

func (wants) BeginLogin(context.Context, *auth.Login) (auth.Response, error) {
	return auth.Asked(auth.Message{Key: "oathauth-auth-ui"}, auth.Request{ID: "More", Fields: []auth.Field{{Name: "more", Type: auth.FieldString}}}), nil
}

func (wants) ContinueLogin(context.Context, *auth.Login) (auth.Response, error) {
	return auth.Passed(), nil
}

func TestLoginThatWantsMore(t *testing.T) {
	s := newSite(t, change{auth: func(c *auth.Config) {
		c.Secondary = []auth.SecondaryProvider{wants{}}
	}})
	s.createThrough(t, "Ann")
	c := s.client(t)
	a := c.post("action=login&format=json&errorformat=none&lgname=Ann&lgpassword="+testPassword, "lgtoken", c.token("login"))
	if a.at("login.result") != "Aborted" || a.at("login.reason.code") != "api-login-fail-aborted" {
		t.Errorf("login: %s", a.text)
	}
	a = c.post("action=clientlogin&format=json&loginreturnurl=http://x/&username=Ann&password="+testPassword, "logintoken", c.token("login"))
	if a.at("clientlogin.status") != "UI" || a.at("clientlogin.messagecode") != "oathauth-auth-ui" {
		t.Fatalf("clientlogin: %s", a.text)
	}
	// Apps send again what they sent before; it is unknown to this step.
	a = c.post("action=clientlogin&format=json&logincontinue=1&more=1&username=Ann&password="+testPassword, "logintoken", c.token("login"))
	if a.at("clientlogin.status") != "PASS" || a.at("warnings.main.*") != "Unknown parameters: password, username." {
		t.Errorf("continued: %s", a.text)
	}
}

// createThrough makes an account on a site whose creations take the steps of type steps.
func (s *site) createThrough(t *testing.T, name string) {
	t.Helper()
	c := s.client(t)
	if a := c.begin("username", name); a.at("createaccount.status") != "REDIRECT" {
		t.Fatal(a.text)
	}
	for _, field := range []string{"code", "skip"} {
		a := c.post("action=createaccount&format=json&createcontinue=1", "createtoken", c.token("createaccount"), field, "1")
		if a.code() != "" || a.at("createaccount.status") == "FAIL" {
			t.Fatal(a.text)
		}
	}
}

// TestSecretsStayOutOfTheLog: no token, no password, no value of an unknown parameter.
func TestSecretsStayOutOfTheLog(t *testing.T) {
	var log strings.Builder
	s := newSite(t, change{
		api:  func(c *Config) { c.Logger = textLogger(&log) },
		auth: func(c *auth.Config) { c.Secondary = []auth.SecondaryProvider{failing{}}; c.Logger = textLogger(&log) },
	})
	a := s.client(t).begin("unknown", "un-known-value")
	for _, secret := range []string{testPassword, "un-known-value", websession.AnonymousToken} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log has %q: %s", secret, log.String())
		}
	}
	if !strings.Contains(log.String(), a.header.Get("X-Request-Id")) {
		t.Errorf("the log does not have the reference: %s", log.String())
	}
}

func TestContentTypeWarning(t *testing.T) {
	s := newSite(t, change{})
	r := httptest.NewRequest("POST", "/w/api.php?action=query&format=json&errorformat=none&formatversion=2", nil)
	a := s.client(t).do(r)
	want := `{"batchcomplete":true,"warnings":[{"code":"deprecation","data":{"feature":"post-without-content-type"},"module":"main"},` +
		`{"code":"deprecation-help","module":"main"}]}`
	if a.text != want {
		t.Errorf("got %s", a.text)
	}
}
