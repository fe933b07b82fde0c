package gatehouse

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/provider/openid/openidtest"
	"gatehouse/internal/seam"
)

// outside is a site with one provider or several, in this process.
type outside struct {
	t         *testing.T
	cfg       Config
	url       string
	log       bytes.Buffer
	server    *Server
	clock     *testClock
	web       *httptest.Server
	providers []*openidtest.Provider
	// wired may change what the next server's Manager is made of.
	wired func(*auth.Config)
}

// newOutside gives a site with as many providers as names; the first has no secret, the others have.
func newOutside(t *testing.T, set func(*Config), names ...string) *outside {
	t.Helper()
	o := &outside{t: t, cfg: testConfig(t), clock: newTestClock()}
	o.cfg.Throttle.Attempts, o.cfg.Throttle.Logins, o.cfg.Throttle.Creations = nil, nil, nil
	for i, name := range names {
		var p *openidtest.Provider
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.ServeHTTP(w, r) }))
		t.Cleanup(web.Close)
		options := openidtest.Options{Issuer: web.URL, ClientID: "client of " + name, Clock: o.clock.now}
		if i > 0 {
			options.ClientSecret = "s:cret/" + name
		}
		var err error
		if p, err = openidtest.New(options); err != nil {
			t.Fatal(err)
		}
		o.providers = append(o.providers, p)
		o.cfg.OIDC = append(o.cfg.OIDC, OIDCConfig{
			Name: name, Issuer: web.URL, ClientID: options.ClientID, ClientSecret: Secret(options.ClientSecret), AllowPrivate: true,
		})
	}
	o.web = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { o.server.Handler().ServeHTTP(w, r) }))
	t.Cleanup(func() { o.web.Close(); o.server.Close() })
	o.url = o.web.URL
	o.cfg.Server.PublicURL = o.url
	if set != nil {
		set(&o.cfg)
	}
	o.start()
	return o
}

// start builds the server, in the place of an older one.
func (o *outside) start() {
	o.t.Helper()
	if o.server != nil {
		if err := o.server.Close(); err != nil {
			o.t.Fatal(err)
		}
	}
	var err error
	o.server, err = build(o.t.Context(), o.cfg, Options{Logger: slog.New(slog.NewTextHandler(&o.log, nil))}, seam.Seam{Clock: o.clock.now, Providers: o.wired})
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *outside) client() *client { return at(o.t, o.url) }

// browser follows no redirects; it may share a program's cookies.
func browser(jar http.CookieJar) *http.Client {
	if jar == nil {
		jar, _ = cookiejar.New(nil) // it never fails
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

const (
	button    = "OpenIdConnectBeginAuthenticationRequest:"
	comesBack = "http://127.0.0.1:9/back?app=1#part"
)

// begin presses the button of a provider.
func (c *client) begin(action, provider string, more url.Values) map[string]any {
	c.t.Helper()
	fields := url.Values{provider: {"1"}}
	prefix, token := flowWords(action)
	fields.Set("action", action)
	fields.Set(prefix+"token", c.token(token))
	fields.Set(prefix+"returnurl", comesBack)
	for name, list := range more {
		fields[name] = list
	}
	return answerOf(c.t, c.call(true, fields), action)
}

func flowWords(action string) (prefix, token string) {
	switch action {
	case "createaccount":
		return "create", "createaccount"
	case "clientlogin":
		return "login", "login"
	}
	return "link", "csrf"
}

func answerOf(t *testing.T, out map[string]any, action string) map[string]any {
	t.Helper()
	a, ok := out[action].(map[string]any)
	if !ok {
		t.Fatalf("%s answers %v", action, out)
	}
	return a
}

// goOnWith posts what the return address brought.
func (c *client) goOnWith(action string, back url.Values) map[string]any {
	c.t.Helper()
	prefix, token := flowWords(action)
	fields := url.Values{"action": {action}, prefix + "token": {c.token(token)}, prefix + "continue": {"1"}}
	for _, name := range []string{"code", "state"} {
		if back.Has(name) {
			fields.Set(name, back.Get(name))
		}
	}
	return answerOf(c.t, c.call(true, fields), action)
}

// at the provider: alice is who signs in unless a test says otherwise.
func (o *outside) signIn(b *http.Client, begun map[string]any, who url.Values) (back string) {
	o.t.Helper()
	target, _ := begun["redirecttarget"].(string)
	if begun["status"] != "REDIRECT" || target == "" {
		o.t.Fatalf("no redirect: %v\n%s", begun, o.log.String())
	}
	resp, err := b.PostForm(target, who)
	if err != nil {
		o.t.Fatal(err)
	}
	resp.Body.Close()
	if back = resp.Header.Get("Location"); resp.StatusCode != http.StatusSeeOther {
		o.t.Fatalf("the provider answers %s", resp.Status)
	}
	return back
}

// page gets an address and gives status, where it leads, and what it shows.
func (o *outside) page(b *http.Client, address string) (int, string, string) {
	o.t.Helper()
	resp, err := b.Get(address)
	if err != nil {
		o.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("Location"), string(body)
}

var onward = regexp.MustCompile(`class="button primary" href="([^"]+)"`)

// arrive takes the browser through the page and gives the parameters of the return address.
func (o *outside) arrive(b *http.Client, back string) url.Values {
	o.t.Helper()
	status, location, body := o.page(b, back)
	if status == http.StatusOK {
		m := onward.FindStringSubmatch(body)
		if m == nil {
			o.t.Fatalf("the page leads nowhere:\n%s", body)
		}
		location = strings.ReplaceAll(m[1], "&amp;", "&")
	} else if status != http.StatusFound {
		o.t.Fatalf("status %d:\n%s\n%s", status, body, o.log.String())
	}
	u, err := url.Parse(location)
	if err != nil {
		o.t.Fatal(err)
	}
	return u.Query()
}

var alice = url.Values{"subject": {"alice"}, "preferred_username": {"alice_w@example.net"}, "email": {"alice@example.net"}, "email_verified": {"1"}}

// through takes a program and a browser of its own through a whole flow.
func (o *outside) through(c *client, action, provider string, who url.Values, more url.Values) map[string]any {
	o.t.Helper()
	b := browser(nil)
	return c.goOnWith(action, o.arrive(b, o.signIn(b, c.begin(action, provider, more), who)))
}

func named(name string) url.Values { return url.Values{"username": {name}} }

// TestOpenIDCreation is steps 0 to 4 of the third example: the fields, the redirect, the return by a browser that knows
// nothing of the flow, and the account. Its answers are as the protocol prints them.
func TestOpenIDCreation(t *testing.T) {
	o := newOutside(t, nil, "example.net")
	c := o.client()
	info := c.call(false, url.Values{"action": {"query"}, "meta": {"authmanagerinfo"}, "amirequestsfor": {"create"}})
	first := info["query"].(map[string]any)["authmanagerinfo"].(map[string]any)["requests"].([]any)[0].(map[string]any)
	if first["id"] != button+"example.net" || first["required"] != "primary-required" ||
		first["fields"].(map[string]any)["example.net"].(map[string]any)["type"] != "button" {
		t.Errorf("offered first: %v", first)
	}
	begun := c.begin("createaccount", "example.net", named("Alice"))
	want := `[{"account":"","fields":{` +
		`"code":{"help":"OpenID Connect code response","label":"OpenID Code","optional":false,"sensitive":false,"type":"string"},` +
		`"state":{"help":"OpenID Connect state response","label":"OpenID State","optional":false,"sensitive":false,"type":"string"}},` +
		`"id":"OpenIdConnectResponseAuthenticationRequest","metadata":{},"provider":"OpenID Connect at example.net","required":"required"}]`
	if got, _ := json.Marshal(begun["requests"]); string(got) != want {
		t.Errorf("requests are\n%s, want\n%s", got, want)
	}
	q := redirectQuery(t, begun)
	for name, want := range map[string]string{
		"response_type": "code", "client_id": "client of example.net", "redirect_uri": o.url + "/wiki/Special:OpenIDConnectReturn",
		"code_challenge_method": "S256",
	} {
		if q.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, q.Get(name), want)
		}
	}
	if !strings.HasPrefix(q.Get("scope"), "openid") || len(q.Get("state")) < 22 || len(q.Get("nonce")) < 22 || len(q.Get("code_challenge")) != 43 {
		t.Errorf("the query is %v", q)
	}

	b := browser(nil)
	status, _, body := o.page(b, o.signIn(b, begun, alice))
	for _, want := range []string{"<strong>Alice</strong>", "<strong>127.0.0.1:9</strong>", "OpenID Connect at example.net"} {
		if status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("status %d, the page lacks %q:\n%s", status, want, body)
		}
	}
	target := strings.ReplaceAll(onward.FindStringSubmatch(body)[1], "&amp;", "&")
	if !strings.HasPrefix(target, "http://127.0.0.1:9/back?app=1&code=") || !strings.HasSuffix(target, "&state="+q.Get("state")+"#part") {
		t.Errorf("it leads to %q", target)
	}
	u, _ := url.Parse(target)
	if got := c.goOnWith("createaccount", u.Query()); got["status"] != "PASS" || got["username"] != "Alice" {
		t.Errorf("got %v\n%s", got, o.log.String())
	}
	if got := o.through(o.client(), "clientlogin", "example.net", alice, nil); got["status"] != "PASS" || got["username"] != "Alice" {
		t.Errorf("signed in: %v", got)
	}
	if strings.Contains(o.log.String(), q.Get("state")) || strings.Contains(o.log.String(), u.Query().Get("code")) {
		t.Error("the log has a state or a code")
	}
}

func redirectQuery(t *testing.T, begun map[string]any) url.Values {
	t.Helper()
	target, _ := begun["redirecttarget"].(string)
	u, err := url.Parse(target)
	if err != nil || target == "" {
		t.Fatalf("no target in %v", begun)
	}
	return u.Query()
}

// testClock is moved by hand.
type testClock struct {
	mu sync.Mutex
	at time.Time
}

func newTestClock() *testClock { return &testClock{at: time.Now().Truncate(time.Second)} }

func (c *testClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *testClock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}
