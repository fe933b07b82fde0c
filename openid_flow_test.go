package gatehouse

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/provider/openid/openidtest"
	"gatehouse/internal/store/postgres/postgrestest"
)

// settle goes on with a flow that a browser went away for, and gives the messagecode, or the status without one.
func (c *client) settle(action string, back url.Values) string {
	c.t.Helper()
	return verdict(c.goOnWith(action, back))
}

func verdict(a map[string]any) string {
	if code, ok := a["messagecode"].(string); ok {
		return code
	}
	return a["status"].(string)
}

const wrongState = "gatehouse-openid-state-wrong"

// TestOpenIDStateIsForOneFlow covers row 39 of the security checklist: states and codes that are missing, wrong, used, old,
// or another client's.
func TestOpenIDStateIsForOneFlow(t *testing.T) {
	o := newOutside(t, nil, "example.net")
	b := browser(nil)
	// away gives a program whose flow waits, and what its browser brought.
	away := func(name string) (*client, string, url.Values) {
		c := o.client()
		back := o.signIn(b, c.begin("createaccount", "example.net", named(name)), url.Values{"subject": {name}})
		return c, back, o.arrive(b, back)
	}
	for about, tamper := range map[string]func(url.Values){
		"another state": func(v url.Values) { v.Set("state", v.Get("state")+"x") },
		"another code":  func(v url.Values) { v.Set("code", "x"+v.Get("code")[1:]) },
		"the provider's code": func(v url.Values) {
			v.Set("code", "0123456789abcdef0123456789abcdef0123456789abcdef")
		},
	} {
		c, _, got := away("Wrong")
		right := url.Values{"code": {got.Get("code")}, "state": {got.Get("state")}}
		tamper(got)
		if v := c.settle("createaccount", got); v != wrongState {
			t.Errorf("%s: %s", about, v)
		}
		if v := c.settle("createaccount", right); v != "authmanager-create-not-in-progress" {
			t.Errorf("%s, and then the right one: %s", about, v)
		}
	}

	// What is missing is asked for, and then it goes on.
	c, back, got := away("Missing")
	if a := c.goOnWith("createaccount", url.Values{"state": {got.Get("state")}}); a["status"] != "UI" || a["messagecode"] != "gatehouse-openid-incomplete" {
		t.Errorf("without a code: %v", a)
	}
	if v := c.settle("createaccount", got); v != "PASS" {
		t.Errorf("with all of it: %s", v)
	}
	for again := range 2 {
		if status, _, _ := o.page(b, back); status != http.StatusNotFound {
			t.Errorf("the browser comes back for time %d: %d", again+2, status)
		}
	}

	// Another program that has learnt everything gets nowhere, and takes nothing away.
	c, _, got = away("Owner")
	thief := o.client()
	if v := thief.settle("createaccount", got); v != "authmanager-create-not-in-progress" {
		t.Errorf("a thief without a flow: %s", v)
	}
	thief.begin("createaccount", "example.net", named("Thief"))
	if v := thief.settle("createaccount", got); v != wrongState {
		t.Errorf("a thief with a flow: %s", v)
	}
	if v := c.settle("createaccount", got); v != "PASS" {
		t.Errorf("the owner: %s", v)
	}

	for _, query := range []string{"", "?state=x&code=y", "?code=y", "?error=access_denied"} {
		if status, _, _ := o.page(b, o.url+"/wiki/Special:OpenIDConnectReturn"+query); status != http.StatusNotFound {
			t.Errorf("%q: %d", query, status)
		}
	}
}

func TestOpenIDExpires(t *testing.T) {
	o := newOutside(t, nil, "example.net")
	b := browser(nil)
	c := o.client()
	back := o.signIn(b, c.begin("createaccount", "example.net", named("Late")), alice)
	o.clock.pass(auth.FlowLifetime)
	if status, _, _ := o.page(b, back); status != http.StatusNotFound {
		t.Errorf("a browser that comes back too late: %d", status)
	}
	c = o.client()
	got := o.arrive(b, o.signIn(b, c.begin("createaccount", "example.net", named("Later")), alice))
	o.clock.pass(auth.CodeLifetime)
	if v := c.settle("createaccount", got); v != wrongState {
		t.Errorf("a code that is too old: %s", v)
	}
	if err := o.server.store.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestOpenIDReturnAsksFirst covers the last part of row 39: consent phishing, and cookies that were planted.
func TestOpenIDReturnAsksFirst(t *testing.T) {
	o := newOutside(t, func(c *Config) { c.CreateAccount.ReturnHosts = []string{"app.example.org", "dev.example.org:8443"} }, "example.net")
	returns := func(address string) url.Values {
		return url.Values{"username": {"Zane"}, "createreturnurl": {address}}
	}
	for _, c := range []struct {
		back   string
		listed bool
	}{
		{"http://localhost/x", true}, {"http://127.4.5.6:8080/x", true}, {"http://[::1]:9/x", true},
		{"https://app.example.org/x", true}, {"https://APP.example.org:443/x", true}, {"https://dev.example.org:8443/", true},
		{"https://app.example.org:8443/", false}, {"https://dev.example.org/", false}, {"https://evil.example/", false},
		{"https://app.example.org.evil.example/", false}, {"http://localhost.evil.example/", false}, {o.url + "/wiki/Special:CreateAccount", true},
	} {
		o.clock.pass(auth.FlowLifetime) // a network has a bounded number of open flows
		program, b := o.client(), browser(nil)
		back := o.signIn(b, program.begin("createaccount", "example.net", returns(c.back)), alice)
		status, location, body := o.page(b, back)
		if want := map[bool]int{true: http.StatusOK, false: http.StatusForbidden}[c.listed]; status != want || location != "" {
			t.Errorf("%s without the cookie: %d %s", c.back, status, location)
		}
		if !c.listed && strings.Contains(body, "code=") {
			t.Errorf("%s: the page has a code", c.back)
		}
		// The browser that has the flow's cookie goes on at once, wherever that is.
		program = o.client()
		b = browser(program.http.Jar)
		back = o.signIn(b, program.begin("createaccount", "example.net", returns(c.back)), alice)
		if status, location, _ := o.page(b, back); status != http.StatusFound || !strings.HasPrefix(location, c.back+"?code=") {
			t.Errorf("%s with the cookie: %d %s", c.back, status, location)
		}
	}

	o.clock.pass(auth.FlowLifetime)
	// A browser with a flow of its own is still a stranger to another's.
	attacker, victim := o.client(), o.client()
	victim.begin("createaccount", "example.net", named("Victim"))
	b := browser(victim.http.Jar)
	back := o.signIn(b, attacker.begin("createaccount", "example.net", returns("https://evil.example/")), alice)
	if status, _, _ := o.page(b, back); status != http.StatusForbidden {
		t.Errorf("a victim follows an attacker's flow: %d", status)
	}
	for _, address := range []string{"mailto:a@b.example", "xmpp:a", "http:x", "irc://h/x", "https://user@h.example/"} {
		if v := verdict(o.client().begin("createaccount", "example.net", returns(address))); v != "gatehouse-openid-returnurl" {
			t.Errorf("%s: %s", address, v)
		}
	}
}

// TestOpenIDMixUp covers row 40 of the security checklist: two providers, and answers that come from the other one.
func TestOpenIDMixUp(t *testing.T) {
	for _, tells := range []bool{true, false} {
		o := newOutside(t, nil, "honest", "mallory")
		honest, mallory := o.providers[0], o.providers[1]
		for _, p := range o.providers {
			p.Tamper(openidtest.Tamper{
				Metadata: func(m map[string]any) { m["authorization_response_iss_parameter_supported"] = tells },
				Reply: func(r map[string]string) {
					if !tells {
						delete(r, "iss")
					}
				},
			})
		}
		c, b := o.client(), browser(nil)
		begun := c.begin("createaccount", "mallory", named("Victim"))
		// Mallory sends the victim on to the honest provider, with what our site asked of mallory and the other's client id.
		q := redirectQuery(t, begun)
		other := redirectQuery(t, o.client().begin("createaccount", "honest", named("Other")))
		q.Set("client_id", other.Get("client_id"))
		q.Set("redirect_uri", other.Get("redirect_uri")) // the only one that the honest provider takes
		begun["redirecttarget"] = o.cfg.OIDC[0].Issuer + "/authorize?" + q.Encode()
		back := o.signIn(b, begun, alice)
		tokens := mallory.Asked("/token") + honest.Asked("/token")
		if v := c.settle("createaccount", o.arrive(b, back)); v != "gatehouse-openid-distrusted" {
			t.Errorf("providers that tell their issuer %v: %s", tells, v)
		}
		if mallory.Asked("/token")+honest.Asked("/token") != tokens {
			t.Error("a code was sent to somebody")
		}
		if v := verdict(o.through(o.client(), "createaccount", "honest", alice, named("Alice"))); v != "PASS" {
			t.Errorf("the honest way: %s\n%s", v, o.log.String())
		}
		if v := verdict(o.through(o.client(), "clientlogin", "mallory", alice, nil)); v != "authmanager-authn-no-local-user-link" {
			t.Errorf("the same subject at another provider: %s", v)
		}
	}
	// Metadata of another issuer.
	o := newOutside(t, nil, "example.net")
	o.providers[0].Tamper(openidtest.Tamper{Metadata: func(m map[string]any) { m["issuer"] = "https://other.example" }})
	if v := verdict(o.client().begin("createaccount", "example.net", named("Alice"))); v != "gatehouse-openid-unreachable" && v != "gatehouse-openid-distrusted" {
		t.Errorf("metadata of another issuer: %s", v)
	}
}

// TestOpenIDKeys covers the keys of row 41 of the security checklist: rotation, tokens that name no key, and how often the
// keys are read.
func TestOpenIDKeys(t *testing.T) {
	o := newOutside(t, nil, "example.net")
	p, count := o.providers[0], 0
	signIn := func(want string) {
		t.Helper()
		count++
		name := strings.Repeat("I", count)
		if v := verdict(o.through(o.client(), "createaccount", "example.net", url.Values{"subject": {name}}, named("Number "+name))); v != want {
			t.Errorf("number %d: %s\n%s", count, v, o.log.String())
		}
	}
	signIn("PASS")
	if err := p.AddKey(); err != nil {
		t.Fatal(err)
	}
	o.clock.pass(time.Minute)
	signIn("PASS") // by a key that came after the last look
	p.Tamper(openidtest.Tamper{Header: func(h map[string]any) { delete(h, "kid") }})
	signIn("PASS") // one of several keys, not named
	p.Tamper(openidtest.Tamper{Header: func(h map[string]any) { h["kid"] = "nosuch" }})
	o.clock.pass(time.Minute)
	asked := p.Asked("/keys")
	for range 5 {
		signIn("gatehouse-openid-distrusted")
	}
	if n := p.Asked("/keys") - asked; n != 1 {
		t.Errorf("the keys were read %d times for five made-up ids", n)
	}
	p.Tamper(openidtest.Tamper{})
	if err := p.AddKey(); err != nil {
		t.Fatal(err)
	}
	p.DropOldKeys()
	o.clock.pass(time.Minute)
	signIn("PASS")
}

func TestOpenIDOutage(t *testing.T) {
	o := newOutside(t, nil, "example.net")
	p := o.providers[0]
	p.Tamper(openidtest.Tamper{Instead: failing("/.well-known/openid-configuration", http.StatusBadGateway, "")})
	for range 3 {
		if v := verdict(o.client().begin("createaccount", "example.net", named("Alice"))); v != "gatehouse-openid-unreachable" {
			t.Errorf("out of reach: %s", v)
		}
	}
	if n := p.Asked("/.well-known/openid-configuration"); n != 1 {
		t.Errorf("it was asked %d times within a moment", n)
	}
	o.clock.pass(time.Minute)
	p.Tamper(openidtest.Tamper{})
	c, b := o.client(), browser(nil)
	back := o.signIn(b, c.begin("createaccount", "example.net", named("Alice")), alice)
	p.Tamper(openidtest.Tamper{Instead: func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusBadGateway)
		return true
	}})
	if v := c.settle("createaccount", o.arrive(b, back)); v != "gatehouse-openid-unreachable" {
		t.Errorf("gone meanwhile: %s", v)
	}
	p.Tamper(openidtest.Tamper{})
	if v := verdict(o.through(o.client(), "createaccount", "example.net", url.Values{"subject": {"x"}, "deny": {"1"}}, named("Alice"))); v != "gatehouse-openid-denied" {
		t.Errorf("refused there: %s", v)
	}
}

// TestOpenIDGoesNowherePrivate covers row 43 of the security checklist, as far as one machine has addresses for it.
func TestOpenIDGoesNowherePrivate(t *testing.T) {
	asked := 0
	inside := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer inside.Close()
	o := newOutside(t, func(c *Config) {
		c.OIDC = append(c.OIDC, OIDCConfig{Name: "inside", Issuer: "https://localtest.example", ClientID: "x"})
	}, "example.net")
	o.cfg.OIDC[1].Issuer = inside.URL // past the check of the configuration
	o.cfg.OIDC[1].AllowPrivate = false
	if o.cfg.Validate() == nil {
		t.Error("the configuration may name a private issuer")
	}
	p := o.providers[0]
	for about, address := range map[string]string{
		"token_endpoint": "gopher://127.0.0.1/", "jwks_uri": "file:///etc/passwd", "authorization_endpoint": "javascript:alert(1)",
		"userinfo_endpoint": "http://user@127.0.0.1/",
	} {
		p.Tamper(openidtest.Tamper{Metadata: func(m map[string]any) { m[about] = address }})
		o.clock.pass(25 * time.Hour)
		if v := verdict(o.client().begin("createaccount", "example.net", named("Alice"))); v != "gatehouse-openid-distrusted" {
			t.Errorf("%s %s: %s", about, address, v)
		}
	}
	if asked > 0 {
		t.Errorf("a private server was asked %d times", asked)
	}
}

// TestOpenIDOneIdentityOneAccount: an identity makes one account, and who comes late is told. An equal address makes no two
// people one: it covers row 42 of the security checklist.
func TestOpenIDOneIdentityOneAccount(t *testing.T) {
	o := newOutside(t, nil, "example.net", "other.example")
	first, late, b := o.client(), o.client(), browser(nil)
	backFirst := o.arrive(b, o.signIn(b, first.begin("createaccount", "example.net", named("First")), alice))
	backLate := o.arrive(b, o.signIn(b, late.begin("createaccount", "example.net", named("Late")), alice))
	if v := first.settle("createaccount", backFirst); v != "PASS" {
		t.Fatal(v)
	}
	a := late.goOnWith("createaccount", backLate)
	if a["messagecode"] != "gatehouse-identity-taken" {
		t.Errorf("late: %v", a)
	}
	// The other provider tells the same address, verified: it is another person.
	program := o.client()
	if a := o.through(program, "clientlogin", "other.example", alice, nil); a["messagecode"] != "authmanager-authn-no-local-user-link" {
		t.Errorf("another provider, the same address: %v", a)
	}
	// So does an account with that address and a password, whoever made it.
	c := o.client()
	if got := c.create("Pre", "Corr3ct-horse"); got["status"] != "PASS" {
		t.Fatal(got)
	}
	if a := o.through(o.client(), "clientlogin", "example.net", alice, nil); a["username"] != "First" {
		t.Errorf("signed in: %v", a)
	}
}

// TestOpenIDAcrossInstances: a restart or another instance in the middle of a flow loses nothing, on both engines.
func TestOpenIDAcrossInstances(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { testAcross(t, nil) })
	t.Run("postgres", func(t *testing.T) {
		address, key := postgrestest.URL(t), t.TempDir()+"/master.key"
		testAcross(t, func(c *Config) { c.Store.URL, c.Keys.File = SecretURL(address), key })
	})
}

func testAcross(t *testing.T, set func(*Config)) {
	o := newOutside(t, func(c *Config) {
		c.TOTP.AtCreation = "optional"
		if set != nil {
			set(c)
		}
	}, "example.net")
	c, b := o.client(), browser(nil)
	begun := c.begin("createaccount", "example.net", named("Alice"))
	o.start()
	back := o.signIn(b, begun, alice)
	o.start()
	got := o.arrive(b, back)
	o.start()
	secret := setupOf(t, c.goOnWith("createaccount", got))["secret"].(string)
	o.start()
	if a := c.step("createaccount", "createaccount", "code", appCode(t, secret, 0)); a["status"] != "PASS" || a["username"] != "Alice" {
		t.Errorf("created: %v\n%s", a, o.log.String())
	}
	c = o.client()
	if v := verdict(o.through(c, "clientlogin", "example.net", url.Values{"subject": {"bob"}, "preferred_username": {"Alice"}}, nil)); v != "authmanager-authn-no-local-user-link" {
		t.Fatal(v)
	}
	o.start()
	if v := c.preservedIn(t); v != "Alice 2" {
		t.Errorf("proposed: %q", v)
	}
}

func (c *client) preservedIn(t *testing.T) string {
	t.Helper()
	out := c.call(false, url.Values{"action": {"query"}, "meta": {"authmanagerinfo"}, "amirequestsfor": {"create"}})
	info := out["query"].(map[string]any)["authmanagerinfo"].(map[string]any)
	if info["haspreservedstate"] != info["hasprimarypreservedstate"] {
		t.Errorf("kept: %v", info)
	}
	if info["haspreservedstate"] == false {
		return ""
	}
	return info["preservedusername"].(string)
}
