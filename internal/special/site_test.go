package special

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/i18n"
	"gatehouse/internal/keyring"
	"gatehouse/internal/username"
	"gatehouse/internal/websession"
)

// testSite is a running site: the real Manager, sessions, keys, names and texts on a store in memory.
type testSite struct {
	*httptest.Server
	store     *memoryStore
	passwords *passwords
	handler   http.Handler
}

// change is what a test wants otherwise.
type change struct {
	before func(*testSite)
	auth   func(*auth.Config)
	pages  func(*Config)
}

func newTestSite(t testing.TB, c change) *testSite {
	t.Helper()
	var ticks atomic.Int64
	now := func() time.Time { return time.Unix(1_800_000_000+ticks.Add(1), 0).UTC() }
	s := &testSite{store: newMemoryStore(now)}
	if c.before != nil {
		c.before(s)
	}
	s.passwords = &passwords{known: map[auth.Name]string{}, store: s.store}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }))
	t.Cleanup(s.Close)

	keys, err := keyring.Open(context.Background(), keyring.Config{Store: s.store, Site: "test", PublicURL: s.URL, Clock: now})
	check(t, err)
	sessions, err := websession.New(websession.Config{
		Store: s.store, Keys: keys, Site: "test", PublicURL: s.URL, Clock: now, Random: rand.Reader,
		Logger: slog.New(slog.DiscardHandler),
	})
	check(t, err)
	rules := username.NewRules(username.Options{SiteName: "Test"})
	managing := auth.Config{
		Primary: []auth.PrimaryProvider{s.passwords}, Subject: []auth.SubjectProvider{subject{}},
		Accounts: s.store, Flows: s.store, Sealer: keys, Names: rules, Groups: auth.DefaultGroups(), Clock: now,
	}
	if c.auth != nil {
		c.auth(&managing)
	}
	manager, err := auth.NewManager(managing)
	check(t, err)
	texts, err := i18n.Load()
	check(t, err)
	cfg := Config{
		Manager: manager, Sessions: sessions, Catalogue: texts, Names: rules, Accounts: s.store, Log: s.store, Passes: s.store,
		Blocks: idle{}, Mail: idle{}, Limits: idle{}, Figures: idle{},
		Site:            Site{Name: "Test", Language: "en", Server: s.URL, ScriptPath: "/w", ArticlePath: "/wiki/"},
		PasswordMinimum: 8,
		ClientAddr:      func(*http.Request) netip.Addr { return netip.MustParseAddr("192.0.2.7") },
		Clock:           now, Random: rand.Reader, Logger: slog.New(slog.DiscardHandler),
	}
	if c.pages != nil {
		c.pages(&cfg)
	}
	s.handler, err = New(cfg)
	check(t, err)
	return s
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// browser is a visitor with a cookie jar who follows no redirects.
type browser struct {
	t    testing.TB
	site *testSite
	http.Client
}

func (s *testSite) browser(t testing.TB) *browser {
	jar, err := cookiejar.New(nil)
	check(t, err)
	return &browser{t: t, site: s, Client: http.Client{
		Jar:           jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// seen is a page as it arrived.
type seen struct {
	*http.Response
	body string
}

func (b *browser) do(r *http.Request, err error) seen {
	b.t.Helper()
	check(b.t, err)
	resp, err := b.Do(r)
	check(b.t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	check(b.t, err)
	return seen{resp, string(body)}
}

func (b *browser) get(path string) seen {
	b.t.Helper()
	return b.do(http.NewRequest(http.MethodGet, b.site.URL+path, nil))
}

func (b *browser) post(path string, form url.Values) seen {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodPost, b.site.URL+path, strings.NewReader(form.Encode()))
	if err == nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return b.do(r, err)
}

var hiddenInput = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)

// form gives the hidden fields of a page with the values given, ready to be posted.
func (p seen) form(values ...string) url.Values {
	out := url.Values{}
	for _, m := range hiddenInput.FindAllStringSubmatch(p.body, -1) {
		out.Set(unescape(m[1]), unescape(m[2]))
	}
	for i := 0; i+1 < len(values); i += 2 {
		out.Set(values[i], values[i+1])
	}
	return out
}

func unescape(s string) string {
	return strings.NewReplacer("&#43;", "+", "&#34;", `"`, "&#39;", "'", "&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}

const createPath, loginPath, logoutPath = "/wiki/Special:CreateAccount", "/wiki/Special:UserLogin", "/wiki/Special:UserLogout"

// create makes an account through the page.
func (b *browser) create(name string, more ...string) seen {
	b.t.Helper()
	fields := append([]string{"wpName", name, "wpPassword", "three plain words", "retype", "three plain words"}, more...)
	return b.post(createPath, b.get(createPath).form(fields...))
}

func (p seen) want(t testing.TB, status int, texts ...string) seen {
	t.Helper()
	if p.StatusCode != status {
		t.Errorf("%s %s: status %d, want %d", p.Request.Method, p.Request.URL, p.StatusCode, status)
	}
	for _, text := range texts {
		if !strings.Contains(p.body, text) {
			t.Errorf("%s %s: no %q in\n%s", p.Request.Method, p.Request.URL, text, p.body)
		}
	}
	return p
}

func (p seen) leadsTo(t testing.TB, location string) seen {
	t.Helper()
	if got := p.Header.Get("Location"); p.StatusCode != http.StatusSeeOther || got != location {
		t.Errorf("%s %s: %d to %q, want 303 to %q\n%s", p.Request.Method, p.Request.URL, p.StatusCode, got, location, p.body)
	}
	return p
}
