package actionapi

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"gatehouse/auth"
	"gatehouse/internal/message"
	"gatehouse/internal/password"
)

// begin posts a creation with good fields; more replaces or adds some.
func (c *client) begin(more ...string) answer {
	c.t.Helper()
	v := append([]string{"createtoken", c.token("createaccount")}, more...)
	return c.post("action=createaccount&format=json&formatversion=2&createreturnurl=https://x.test/&username=Zane&password="+
		testPassword+"&retype="+testPassword, v...)
}

func TestCreateAccount(t *testing.T) {
	s := newSite(t, change{})
	s.create(t, "Taken")
	tests := []struct {
		about string
		more  []string
		want  string // the object of the answer, without the text of message
	}{
		{"taken", []string{"username", "taken"}, `FAIL userexists`},
		{"no name", []string{"username", ""}, `FAIL invaliduser`},
		{"retype", []string{"retype", "x"}, `FAIL badretype`},
		{"no retype", []string{"retype", ""}, `FAIL authmanager-create-no-primary`},
		{"bad address", []string{"email", "x"}, `FAIL invalidemailaddress`},
		{"short", []string{"password", "a1", "retype", "a1"}, `FAIL passwordtooshort`},
		{"two findings", []string{"username", "Xq7kzwp", "password", "xq7kzwp", "retype", "xq7kzwp"}, `FAIL ___1____2`},
		{"only one request", []string{"createrequests", `MediaWiki\Auth\UsernameAuthenticationRequest`}, `FAIL authmanager-create-no-primary`},
		{"no request", []string{"createrequests", ""}, `FAIL invaliduser`},
		{"out of the blue", []string{"createcontinue", "0"}, `FAIL authmanager-create-not-in-progress`},
	}
	for _, tt := range tests {
		a := s.client(t).begin(tt.more...)
		status, _ := a.at("createaccount.status").(string)
		code, _ := a.at("createaccount.messagecode").(string)
		if status+" "+code != tt.want || a.at("createaccount.canpreservestate") != false || a.header.Get("MediaWiki-API-Error") != "" {
			t.Errorf("%s: %s", tt.about, a.text)
		}
	}
	a := s.client(t).begin("username", "user:foo_bar", "email", "a@b.test")
	if a.text != `{"createaccount":{"status":"PASS","username":"Foo bar"}}` {
		t.Errorf("PASS: %s", a.text)
	}
	if got := s.seen[len(s.seen)-1]; got.Module != "createaccount" || got.Code != "PASS" || got.Status != 200 {
		t.Errorf("observed %+v", got)
	}
}

func TestCreateAccountMessageFormats(t *testing.T) {
	s := newSite(t, change{})
	for format, want := range map[string]string{
		"wikitext": `{"createaccount":{"status":"FAIL","message":"(badretype)","messagecode":"badretype","canpreservestate":false}}`,
		"html":     `{"createaccount":{"status":"FAIL","message":"(badretype)","messagecode":"badretype","canpreservestate":false}}`,
		"raw":      `{"createaccount":{"status":"FAIL","message":{"key":"badretype","params":[]},"messagecode":"badretype","canpreservestate":false}}`,
		"none":     `{"createaccount":{"status":"FAIL","messagecode":"badretype","canpreservestate":false}}`,
	} {
		if a := s.client(t).begin("retype", "x", "createmessageformat", format, "uselang", "qqx"); a.text != want {
			t.Errorf("%s: %s", format, a.text)
		}
	}
	if a := s.client(t).begin("retype", "x", "formatversion", "1", "createmessageformat", "none"); a.text != `{"createaccount":{"status":"FAIL","messagecode":"badretype"}}` {
		t.Errorf("formatversion 1: %s", a.text)
	}
}

func TestUnclaimedFields(t *testing.T) {
	s := newSite(t, change{})
	s.create(t, "Ann")
	tests := []struct {
		about string
		c     *client
		more  []string
		want  any
	}{
		{"nobody's reason", s.client(t), []string{"reason", "x", "zzz", "1"}, "Unknown parameters: reason, zzz."},
		{"somebody's reason", s.signedIn(t, "Ann"), []string{"username", "Friend", "reason", "x"}, nil},
		{"filtered", s.client(t), []string{"createrequests", `MediaWiki\Auth\UsernameAuthenticationRequest`}, "Unknown parameters: password, retype."},
		{"out of the blue", s.client(t), []string{"createcontinue", ""}, "Unknown parameters: password, retype, username."},
		{"an array is nobody's text", s.client(t), []string{"username[]", "x", "username", "Zoe"}, nil},
	}
	for _, tt := range tests {
		if a := tt.c.begin(tt.more...); a.at("warnings.main.warnings") != tt.want {
			t.Errorf("%s: %s", tt.about, a.text)
		}
	}
}

// TestTokenHoldsForSeveral: a token is not used up, and dies when its client signs in.
func TestTokenHoldsForSeveral(t *testing.T) {
	s := newSite(t, change{})
	c := s.client(t)
	token := c.token("createaccount")
	for _, name := range []string{"One", "Two"} {
		if a := c.begin("username", name, "createtoken", token); a.at("createaccount.status") != "PASS" {
			t.Errorf("%s: %s", name, a.text)
		}
	}
	if a := c.get("action=query&meta=userinfo&format=json"); a.at("query.userinfo.id") != 0.0 {
		t.Errorf("signed in by a creation: %s", a.text)
	}
	a := c.post("action=clientlogin&format=json&loginreturnurl=http://x/&username=One&password="+testPassword, "logintoken", c.token("login"))
	if a.at("clientlogin.status") != "PASS" {
		t.Fatal(a.text)
	}
	if a := c.begin("username", "Three", "createtoken", token); a.code() != "badtoken" {
		t.Errorf("old token after signing in: %s", a.text)
	}
}

func TestBrokenButtonsAndSources(t *testing.T) {
	s := newSite(t, change{})
	c := s.client(t)
	a := c.postTo("action=createaccount&format=json&username=Urs&createreturnurl=http://x/", "password="+testPassword+"&retype="+testPassword,
		"createtoken", c.token("createaccount"))
	if a.text != `{"createaccount":{"status":"PASS","username":"Urs"}}` {
		t.Errorf("name in the URL: %s", a.text)
	}
	a = c.postTo("password=x&retype=y", "action=createaccount&format=json&createreturnurl=http://x/", "createtoken", c.token("createaccount"))
	if a.code() != "mustpostparams" || !strings.Contains(a.text, "password, retype") {
		t.Errorf("passwords in the URL: %s", a.text)
	}
	if a := c.post("action=createaccount&format=json&createreturnurl=http://x/", "createtoken", c.token("createaccount"), "username[]", "x"); a.at("createaccount.messagecode") != "invaliduser" {
		t.Errorf("array for a text: %s", a.text)
	}
}

// steps is a secondary provider that asks twice after the account is made: by a page elsewhere, then by a form with a button.
type steps struct{}

func (steps) ID() auth.ProviderID { return "steps" }

func (steps) Requests(context.Context, auth.Options) ([]auth.Request, error) { return nil, nil }

func (steps) BeforeCommit() bool { return true }

func (steps) BeginCreation(context.Context, *auth.Creation) (auth.Response, error) {
	r := auth.Redirected("https://elsewhere.test/?a=1", auth.Request{ID: "Back", Provider: message.Literal("Elsewhere"), Account: message.Blank(),
		Fields: []auth.Field{{Name: "code", Type: auth.FieldString, Label: message.Literal("Code")}}})
	r.RedirectData = map[string]string{"z": "1", "a": "2"}
	return r, nil
}

func (steps) BeginLogin(context.Context, *auth.Login) (auth.Response, error) {
	return auth.Abstained(), nil
}

func (steps) ContinueCreation(_ context.Context, c *auth.Creation) (auth.Response, error) {
	if _, ok := c.Answers.Get("Skip:skip"); ok {
		return auth.Passed(), nil
	}
	value := "v"
	return auth.Asked(message.New("oathauth-create-ui"), auth.Request{
		ID: "Skip:skip", Required: auth.Optional, Metadata: []auth.Datum{{Name: "account", Value: "Zane"}},
		Fields: []auth.Field{
			{Name: "pick", Type: auth.FieldSelect, Value: &value, Optional: true, Label: message.Literal("Pick"), Help: message.Literal("One"),
				Options: []auth.Option{{Value: "v", Label: message.Literal("''V''")}}},
			{Name: "skip", Type: auth.FieldButton, Label: message.Literal("Skip"), Help: message.Literal("Later")},
		}}), nil
}

func TestStepsOfACreation(t *testing.T) {
	s := newSite(t, change{auth: func(c *auth.Config) { c.Secondary = []auth.SecondaryProvider{steps{}} }})
	c := s.client(t)
	a := c.begin()
	want := `{"createaccount":{"status":"REDIRECT","redirecttarget":"https://elsewhere.test/?a=1","redirectdata":{"a":"2","z":"1"},` +
		`"requests":[{"id":"Back","metadata":{},"required":"required","provider":"Elsewhere","account":"",` +
		`"fields":{"code":{"type":"string","label":"Code","optional":false,"sensitive":false}}}]}}`
	if a.text != want {
		t.Fatalf("REDIRECT:\n got %s\nwant %s", a.text, want)
	}
	if a := c.get("action=query&meta=authmanagerinfo&amirequestsfor=create-continue&format=json"); a.at("query.authmanagerinfo.requests.0.id") != "Back" {
		t.Errorf("pending: %s", a.text)
	}
	a = c.post("action=createaccount&format=json&formatversion=2&uselang=qqx&createcontinue=1&code=1&username=Zane", "createtoken", c.token("createaccount"))
	want = `{"warnings":{"main":{"warnings":"Unknown parameter: username."}},"createaccount":{"status":"UI","requests":[{"id":"Skip:skip",` +
		`"metadata":{"account":"Zane"},"required":"optional","provider":"Skip","account":"Skip:skip","fields":{` +
		`"pick":{"type":"select","value":"v","options":{"v":"''V''"},"label":"Pick","help":"One","optional":true,"sensitive":false},` +
		`"skip":{"type":"button","label":"Skip","help":"Later","optional":false,"sensitive":false}}}],` +
		`"message":"(oathauth-create-ui)","messagecode":"oathauth-create-ui"}}`
	if a.text != want {
		t.Fatalf("UI:\n got %s\nwant %s", a.text, want)
	}
	a = c.post("action=createaccount&format=json&formatversion=2&createcontinue=1&createmergerequestfields=1&skip_x=3&skip_y=4",
		"createtoken", c.token("createaccount"))
	if a.text != `{"createaccount":{"status":"PASS","username":"Zane"}}` {
		t.Errorf("PASS: %s", a.text)
	}
}

// failing is a secondary provider whose server is down.
type failing struct{ steps }

func (failing) BeginCreation(context.Context, *auth.Creation) (auth.Response, error) {
	return auth.Response{}, errors.New("connect to 10.0.0.3 with password hunter2: refused")
}

func TestOverload(t *testing.T) {
	budget := password.NewBudget(password.BudgetSettings{InFlight: 1, PerNetwork: 1})
	s := newSite(t, change{budget: budget})
	// Fill the network's share: nobody of it gets a place now.
	network := auth.Network(netip.MustParseAddr("192.0.2.7"))
	var places []auth.Reservation
	for {
		p, err := budget.Reserve(password.SignUp, network)
		if err != nil {
			break
		}
		places = append(places, p)
		if len(places) > 1000 {
			t.Fatal("the budget has no end")
		}
	}
	defer func() {
		for _, p := range places {
			p.Release()
		}
	}()
	a := s.client(t).begin()
	if a.code() != "ratelimited" || a.status != 200 || a.header.Get("Retry-After") == "" || a.header.Get("MediaWiki-API-Error") != "ratelimited" {
		t.Errorf("got %d %s, Retry-After %q", a.status, a.text, a.header.Get("Retry-After"))
	}
}

func TestReturnURLs(t *testing.T) {
	for _, good := range []string{
		"http://x", "HTTPS://x.test/a b#c", "http:foo", "mailto:a@b", "ftp://u:p@h:21/", "http:http://host", "https://x y/", "geo:1.2,3.4",
		"news:group", "http://[::1]:8080/", "http://h:/", "sms:5555555555",
	} {
		if !validReturnURL(good) {
			t.Errorf("%q is refused", good)
		}
	}
	for _, bad := range []string{
		"", "/wiki/x", "x", "client.example", "//host/x", "http://", "http:///x", "https://?", "javascript:x", "data:text/html,x", "myapp://x",
		"tel:1", "http:80", "http://h:99999/", "http://h:x/", "http://u@/", "http://:80/", ":", "1http://x", " http://x", "ht tp://x",
	} {
		if validReturnURL(bad) {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestSecondStepBelongsToItsClient(t *testing.T) {
	s := newSite(t, change{auth: func(c *auth.Config) { c.Secondary = []auth.SecondaryProvider{steps{}} }})
	c := s.client(t)
	if a := c.begin(); a.at("createaccount.status") != "REDIRECT" {
		t.Fatal(a.text)
	}
	other := s.client(t)
	a := other.post("action=createaccount&format=json&createcontinue=1&code=1", "createtoken", other.token("createaccount"))
	if a.at("createaccount.messagecode") != "authmanager-create-not-in-progress" {
		t.Errorf("another client: %s", a.text)
	}
	a = c.post("action=createaccount&format=json&createcontinue=1&code=1", "createtoken", c.token("createaccount"))
	if a.at("createaccount.status") != "UI" {
		t.Errorf("its own: %s", a.text)
	}
}

func TestLanguageOfNewAccounts(t *testing.T) {
	s := newSite(t, change{})
	for _, uselang := range []string{"qqx", "en", "../x"} {
		name := "Lang " + strings.Trim(uselang, "./")
		if a := s.client(t).begin("username", name, "uselang", uselang); a.at("createaccount.status") != "PASS" {
			t.Fatal(a.text)
		}
		a, err := s.store.AccountByName(t.Context(), auth.Name(name))
		must(t, err)
		if a.Language == message.QQX {
			t.Errorf("%s: the account reads %q", uselang, a.Language)
		}
	}
}
