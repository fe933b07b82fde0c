package actionapi

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
)

func TestValidatePassword(t *testing.T) {
	s := newSite(t, change{})
	s.create(t, "Ann")
	ann := s.signedIn(t, "Ann")
	const short = `"validity":"Change","validitymessages":[{"message":"passwordtooshort","params":[8],"code":"passwordtooshort","type":"error"}]`
	for _, tt := range []struct{ query, want string }{
		{"password=Corr3ct-horse", `{"validatepassword":{"validity":"Good"}}`},
		{"password=Ab3-efg&user=zane", `{"validatepassword":{` + short + `}}`},
		{"password=mail-name7&user=Zane&email=mail-name@example.org&errorformat=none",
			`{"validatepassword":{"validity":"Change","validitymessages":[{"code":"password-login-forbidden"}]}}`},
		{"password=Some+Body&user=Zane&realname=some+body&errorformat=raw",
			`{"validatepassword":{"validity":"Change","validitymessages":[{"code":"password-login-forbidden","key":"password-login-forbidden","params":[]}]}}`},
		{"password=" + strings.Repeat("x", 5000) + "&errorformat=none", `{"validatepassword":{"validity":"Invalid","validitymessages":[{"code":"passwordtoolong"}]}}`},
	} {
		a := s.client(t).post("action=validatepassword&format=json&formatversion=2&" + strings.ReplaceAll(tt.query, "+", " "))
		if a.text != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.query, a.text, tt.want)
		}
	}
	if a := ann.post("action=validatepassword&password=ann2031&format=json&errorformat=none&formatversion=2"); !strings.Contains(a.text, `{"code":"password-substring-username-match"}`) {
		t.Errorf("for the caller: %s", a.text)
	}
	if a := s.client(t).post("action=validatepassword&password=short&format=json&errorformat=html"); a.at("validatepassword.validitymessages.0.*") == nil {
		t.Errorf("html: %s", a.text)
	}
	for query, code := range map[string]string{
		"password=x&user=ann": "userexists", "password=x&user=Foo@x": "baduser", "password=x&user=1.2.3.4": "baduser",
		"user=Zane": "missingparam", "password=": "missingparam",
	} {
		if a := s.client(t).post("action=validatepassword&format=json&" + query); a.code() != code {
			t.Errorf("%s: %s", query, a.text)
		}
	}
	if a := s.client(t).get("action=validatepassword&format=json&password=x"); a.code() != "mustbeposted" {
		t.Errorf("GET: %s", a.text)
	}
	if a := s.client(t).postTo("password=x", "action=validatepassword&format=json"); a.code() != "mustpostparams" {
		t.Errorf("in the address: %s", a.text)
	}
}

func TestClearHasMsg(t *testing.T) {
	s := newSite(t, change{})
	if a := s.client(t).post("action=clearhasmsg&format=json"); a.text != `{"clearhasmsg":"success"}` {
		t.Errorf("got %s", a.text)
	}
	if a := s.client(t).get("action=clearhasmsg&format=json"); a.code() != "mustbeposted" {
		t.Errorf("GET: %s", a.text)
	}
}

func TestCheckToken(t *testing.T) {
	s := newSite(t, change{})
	c := s.client(t)
	token := c.token("createaccount")
	made := s.clock.now().UTC().Format("2006-01-02T15:04:05Z")
	check := func(c *client, typ, token string, more ...string) answer {
		return c.get("action=checktoken&format=json", append([]string{"type", typ, "token", token}, more...)...)
	}
	s.clock.advance(10 * time.Second)
	for _, tt := range []struct {
		a    answer
		want string
	}{
		{check(c, "createaccount", token), `{"checktoken":{"result":"valid","generated":"` + made + `"}}`},
		{check(c, "createaccount", token, "maxtokenage", "10"), `{"checktoken":{"result":"valid","generated":"` + made + `"}}`},
		{check(c, "createaccount", token, "maxtokenage", "9"), `{"checktoken":{"result":"expired","generated":"` + made + `"}}`},
		{check(c, "createaccount", token, "maxtokenage", "-1"), `{"checktoken":{"result":"expired","generated":"` + made + `"}}`},
		{check(c, "login", token), `{"checktoken":{"result":"invalid","generated":"` + made + `"}}`},
		{check(s.client(t), "createaccount", token), `{"checktoken":{"result":"invalid","generated":"` + made + `"}}`},
		{check(c, "csrf", `+\`), `{"checktoken":{"result":"valid"}}`},
		{check(c, "createaccount", `+\`), `{"checktoken":{"result":"invalid"}}`},
		{check(c, "createaccount", "x"), `{"checktoken":{"result":"invalid"}}`},
		{check(c, "createaccount", token, "origin", "*"), `{"checktoken":{"result":"invalid","generated":"` + made + `"}}`},
	} {
		if tt.a.text != tt.want {
			t.Errorf("got %s, want %s", tt.a.text, tt.want)
		}
	}
	if a := check(c, "createaccount", strings.Replace(token, `+\`, "%2b%5c", 1), "errorformat", "none"); a.at("warnings.0.code") != "checktoken-percentencoding" {
		t.Errorf("encoded twice: %s", a.text)
	}
	if a := check(c, "nosuch", token); a.code() != "badvalue" {
		t.Errorf("type: %s", a.text)
	}
	if a := c.get("action=checktoken&format=json&type=csrf"); a.code() != "missingparam" {
		t.Errorf("no token: %s", a.text)
	}
}

// fewChecks lets strangers ask three times.
type fewChecks struct{ left int }

func (f *fewChecks) Spend(_ netip.Addr, n int) time.Duration {
	if f.left <= 0 {
		return 90 * time.Second
	}
	f.left -= n
	return 0
}

// TestNameChecksAreLimited: whichever way names are asked for, strangers hear when to come back.
func TestNameChecksAreLimited(t *testing.T) {
	limit := &fewChecks{left: 1000}
	s := newSite(t, change{auth: func(c *auth.Config) { c.NameChecks = limit }})
	s.create(t, "Ann")
	limit.left = 3
	c := s.client(t)
	const ask = "action=query&list=users&usprop=cancreate&format=json&ususers="
	if a := c.get(ask + "A|B|C|Ann"); a.at("query.users.0.cancreate") != "" || limit.left != 0 {
		t.Errorf("%d left: %s", limit.left, a.text)
	}
	for name, a := range map[string]answer{
		"users":    c.get(ask + "A&errorformat=none"),
		"password": c.post("action=validatepassword&format=json&password=x&user=D&errorformat=none"),
	} {
		if a.code() != "ratelimited" || a.header.Get("Retry-After") != "90" || a.status != 200 {
			t.Errorf("%s: %s, %v", name, a.text, a.header)
		}
	}
	if a := c.get(ask + "Ann"); a.at("query.users.0.userid") == nil {
		t.Errorf("who is there is no question: %s", a.text)
	}
	if a := c.get("action=query&list=users&ususers=A&format=json"); a.at("query.users.0.missing") != "" {
		t.Errorf("without cancreate: %s", a.text)
	}
	if a := c.begin("username", "Ann"); a.at("createaccount.messagecode") != "ratelimited" {
		t.Errorf("a creation: %s", a.text)
	}
	if a := s.signedIn(t, "Ann").get(ask + "A"); a.at("query.users.0.cancreate") != "" {
		t.Errorf("signed in: %s", a.text)
	}
}
