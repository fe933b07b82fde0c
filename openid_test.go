package gatehouse

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"fmt"
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
	o.server, err = build(o.t.Context(), o.cfg, Options{Logger: slog.New(slog.NewTextHandler(&o.log, nil))}, seam.Seam{Clock: o.clock.now})
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

// TestOpenIDHostileAnswers rebuilds the sixteen checks of the basic client plan of the OpenID Foundation, and more of what a
// provider must not do. It covers rows 40 and 41 of the security checklist.
func TestOpenIDHostileAnswers(t *testing.T) {
	o := newOutside(t, nil, "plain", "secret")
	p := o.providers[1]
	issuer := o.cfg.OIDC[1].Issuer
	set := func(name string, value any) func(map[string]any) { return func(m map[string]any) { m[name] = value } }
	drop := func(name string) func(map[string]any) { return func(m map[string]any) { delete(m, name) } }
	const distrusted, unreachable = "gatehouse-openid-distrusted", "gatehouse-openid-unreachable"
	now := o.clock.now().Unix()
	for i, c := range []struct {
		about  string
		tamper openidtest.Tamper
		want   string // "" = PASS
	}{
		{"a plain sign-in, the client's secret in the header, RS256, scopes answered by UserInfo", openidtest.Tamper{}, ""},
		{"another nonce", openidtest.Tamper{Claims: set("nonce", "other")}, distrusted},
		{"no nonce", openidtest.Tamper{Claims: drop("nonce")}, distrusted},
		{"another audience", openidtest.Tamper{Claims: set("aud", "other")}, distrusted},
		{"no audience", openidtest.Tamper{Claims: drop("aud")}, distrusted},
		{"another issuer", openidtest.Tamper{Claims: set("iss", issuer+"/")}, distrusted},
		{"no subject", openidtest.Tamper{Claims: drop("sub")}, distrusted},
		{"no time of issue", openidtest.Tamper{Claims: drop("iat")}, distrusted},
		{"a signature that is not right", openidtest.Tamper{Sign: func(string) []byte { return make([]byte, 256) }}, distrusted},
		{"no algorithm", openidtest.Tamper{Header: set("alg", "none"), Sign: func(string) []byte { return nil }}, distrusted},
		{"the public key as a secret", openidtest.Tamper{Header: set("alg", "HS256"), Sign: func(input string) []byte {
			mac := hmac.New(sha256.New, x509.MarshalPKCS1PublicKey(p.PublicKey()))
			mac.Write([]byte(input))
			return mac.Sum(nil)
		}}, distrusted},
		{"an id of a key that there is not", openidtest.Tamper{Header: set("kid", "nosuch")}, distrusted},
		{"no id, one key", openidtest.Tamper{Header: drop("kid")}, ""},
		{"UserInfo of somebody else", openidtest.Tamper{UserInfo: set("sub", "mallory")}, distrusted},
		{"an ID token that has ended", openidtest.Tamper{Claims: set("exp", now-3600)}, distrusted},
		{"an ID token that ended within the skew of clocks", openidtest.Tamper{Claims: set("exp", now-60)}, ""},
		{"no end", openidtest.Tamper{Claims: drop("exp")}, distrusted},
		{"issued in the future", openidtest.Tamper{Claims: set("iat", now+3600)}, distrusted},
		{"issued long ago", openidtest.Tamper{Claims: set("iat", now-7200)}, distrusted},
		{"several audiences and no party", openidtest.Tamper{Claims: set("aud", []string{"client of secret", "other"})}, distrusted},
		{"another party", openidtest.Tamper{Claims: set("azp", "other")}, distrusted},
		{"several audiences, our party", openidtest.Tamper{Claims: func(m map[string]any) {
			m["aud"], m["azp"] = []string{"other", "client of secret"}, "client of secret"
		}}, ""},
		{"the hash of another access token", openidtest.Tamper{Claims: set("at_hash", "x")}, distrusted},
		{"a subject that is too long", openidtest.Tamper{Claims: set("sub", strings.Repeat("x", 256))}, distrusted},
		{"a reply of another issuer", openidtest.Tamper{Reply: func(r map[string]string) { r["iss"] = "https://other.example" }}, distrusted},
		{"a reply of nobody", openidtest.Tamper{Reply: func(r map[string]string) { delete(r, "iss") }}, distrusted},
		{"a reply without a code", openidtest.Tamper{Reply: func(r map[string]string) { delete(r, "code") }}, distrusted},
		{"a code that nobody gave", openidtest.Tamper{Reply: func(r map[string]string) { r["code"] = "made up" }}, distrusted},
		{"UserInfo out of order is no matter", openidtest.Tamper{Instead: failing("/userinfo", http.StatusBadGateway, "")}, ""},
		{"a token endpoint out of order", openidtest.Tamper{Instead: failing("/token", http.StatusServiceUnavailable, "")}, unreachable},
		{"a token endpoint that moved", openidtest.Tamper{Instead: moving("/token", o.cfg.OIDC[0].Issuer+"/token")}, unreachable},
		{"an endless answer", openidtest.Tamper{Instead: endless("/token")}, unreachable},
		{"an answer that is none", openidtest.Tamper{Instead: failing("/token", http.StatusOK, "<html>")}, unreachable},
	} {
		t.Run(c.about, func(t *testing.T) {
			o.t = t
			p.Tamper(c.tamper)
			defer p.Tamper(openidtest.Tamper{})
			who := url.Values{"subject": {fmt.Sprint("subject ", i)}}
			got := o.through(at(t, o.url), "createaccount", "secret", who, named(fmt.Sprint("Person ", i)))
			if code, _ := got["messagecode"].(string); code != c.want {
				t.Errorf("got %v\n%s", got, o.log.String())
			}
		})
	}
}

func failing(path string, status int, body string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != path {
			return false
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
		return true
	}
}

func moving(path, to string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != path {
			return false
		}
		http.Redirect(w, r, to, http.StatusTemporaryRedirect)
		return true
	}
}

// endless sends a document of which no end can be seen, up to a size that no test should take in.
func endless(path string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != path {
			return false
		}
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"x":"`)
		block := bytes.Repeat([]byte("x"), 1<<16)
		for range 64 {
			if _, err := w.Write(block); err != nil {
				return true
			}
		}
		io.WriteString(w, `"}`)
		return true
	}
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
