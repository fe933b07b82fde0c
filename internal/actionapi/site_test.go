package actionapi

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/i18n"
	"gatehouse/internal/keyring"
	"gatehouse/internal/message"
	"gatehouse/internal/password"
	"gatehouse/internal/provider/name"
	passwordprovider "gatehouse/internal/provider/password"
	"gatehouse/internal/provider/reason"
	"gatehouse/internal/provider/remember"
	"gatehouse/internal/provider/userdata"
	"gatehouse/internal/store"
	"gatehouse/internal/store/sqlstore"
	"gatehouse/internal/username"
	"gatehouse/internal/websession"
)

const (
	testServer   = "http://wiki.test"
	testPassword = "Corr3ct-horse"
)

// site is the whole API on real parts: SQLite in memory, keys, sessions, the Manager with its providers.
type site struct {
	http.Handler
	store  *sqlstore.Store
	groups auth.GroupPolicy
	clock  *clock
	seen   []Observation
	// described is the site's document, which its answers are held to.
	described *described
}

// clock is a time that tests move.
type clock struct{ unix atomic.Int64 }

func (c *clock) now() time.Time           { return time.Unix(c.unix.Load(), 0).UTC() }
func (c *clock) advance(by time.Duration) { c.unix.Add(int64(by / time.Second)) }

// change is what a test wants otherwise.
type change struct {
	api    func(*Config)
	auth   func(*auth.Config)
	groups auth.GroupPolicy
	budget *password.Budget
}

func newSite(t testing.TB, c change) *site {
	t.Helper()
	s := &site{clock: &clock{}, groups: auth.DefaultGroups()}
	s.clock.unix.Store(time.Now().Unix())
	if c.groups != nil {
		s.groups = c.groups
	}
	var err error
	s.store, err = store.Open(t.Context(), "memory:", store.Options{Migrate: true})
	must(t, err)
	t.Cleanup(func() { _ = s.store.Close() })
	keys, err := keyring.Open(t.Context(), keyring.Config{Store: s.store, Site: "wiki", PublicURL: testServer, Clock: s.clock.now})
	must(t, err)
	sessions, err := websession.New(websession.Config{
		Store: s.store, Keys: keys, Site: "wiki", PublicURL: testServer, Clock: s.clock.now, Random: rand.Reader,
		Logger: slog.New(slog.DiscardHandler),
	})
	must(t, err)
	names := username.NewRules(username.Options{SiteName: "Testwiki"})
	cfg := Config{
		Manager: s.manager(t, c, keys, names), Sessions: sessions, Catalogue: texts(t), Names: names, Groups: s.groups,
		Accounts: s.store, Log: s.store, Blocks: s.store,
		Captchas:   forVisitors{},
		Site:       Site{Name: "Testwiki", ID: "wiki", Language: "en", Server: testServer, ScriptPath: "/w", ArticlePath: "/wiki/"},
		ClientAddr: func(*http.Request) netip.Addr { return netip.MustParseAddr("192.0.2.7") },
		Clock:      s.clock.now, Random: rand.Reader, Logger: slog.New(slog.DiscardHandler),
		Observe: func(_ context.Context, o Observation) { s.seen = append(s.seen, o) },
	}
	if c.api != nil {
		c.api(&cfg)
	}
	s.Handler, err = New(cfg)
	must(t, err)
	return s
}

func texts(t testing.TB) *i18n.Catalogue {
	t.Helper()
	catalogue, err := i18n.Load()
	must(t, err)
	return catalogue.WithSite(message.Site{Name: "Testwiki", Server: testServer, ArticlePath: "/wiki/"})
}

func (s *site) manager(t testing.TB, c change, keys *keyring.Keyring, names *username.Rules) *auth.Manager {
	t.Helper()
	hasher, err := password.NewHasher(password.Settings{Default: password.PBKDF2SHA512, PBKDF2Iterations: 1, AllowWeak: true}, rand.Reader)
	must(t, err)
	budget := c.budget
	if budget == nil {
		budget = password.NewBudget(password.BudgetSettings{})
	}
	primary, err := passwordprovider.New(passwordprovider.Config{
		Store: s.store, Names: names, Hasher: hasher, Budget: budget, Policy: password.Policy{MinimumLength: 8},
	})
	must(t, err)
	cfg := auth.Config{
		Primary: []auth.PrimaryProvider{primary},
		Subject: []auth.SubjectProvider{
			name.New(), userdata.New(userdata.Options{Email: true, RealName: true}), reason.New(),
			remember.New(websession.RememberedFor),
		},
		Accounts: s.store, Moderation: s.store, Flows: s.store, Sealer: keys, Names: names, Groups: s.groups, Clock: s.clock.now,
	}
	if c.auth != nil {
		c.auth(&cfg)
	}
	m, err := auth.NewManager(cfg)
	must(t, err)
	return m
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// client is a program with a cookie jar.
type client struct {
	t       testing.TB
	site    *site
	cookies map[string]string
}

func (s *site) client(t testing.TB) *client {
	return &client{t: t, site: s, cookies: map[string]string{}}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	text   string
	doc    map[string]any
}

// form reads "a=1&b=2" as values; what follows is put into it as it is.
func form(s string, more ...string) url.Values {
	v := url.Values{}
	for pair := range strings.SplitSeq(s, "&") {
		if name, value, ok := strings.Cut(pair, "="); ok || name != "" {
			v.Add(name, value)
		}
	}
	for i := 0; i+1 < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return v
}

func (c *client) get(query string, more ...string) answer {
	c.t.Helper()
	return c.do(httptest.NewRequest("GET", "/w/api.php?"+form(query, more...).Encode(), nil))
}

func (c *client) post(body string, more ...string) answer {
	c.t.Helper()
	return c.postTo("", body, more...)
}

func (c *client) postTo(query, body string, more ...string) answer {
	c.t.Helper()
	r := httptest.NewRequest("POST", "/w/api.php?"+form(query).Encode(), strings.NewReader(form(body, more...).Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return c.do(r)
}

func (c *client) do(r *http.Request) answer {
	c.t.Helper()
	for name, value := range c.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	action, described := c.askedFor(r)
	w := httptest.NewRecorder()
	c.site.ServeHTTP(w, r)
	resp := w.Result()
	for _, ck := range resp.Cookies() {
		if ck.MaxAge < 0 || ck.Value == "deleted" {
			delete(c.cookies, ck.Name)
			continue
		}
		c.cookies[ck.Name] = ck.Value
	}
	a := answer{status: resp.StatusCode, header: resp.Header, text: w.Body.String()}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") && r.Method != http.MethodHead {
		if err := json.Unmarshal(w.Body.Bytes(), &a.doc); err != nil {
			c.t.Fatalf("%s: %v in %s", r.URL, err, a.text)
		}
		if described {
			c.site.fits(c.t, action, a)
		}
	}
	return a
}

// at gives the value at a path of the document: "query.tokens.csrftoken"; nil where there is none.
func (a answer) at(path string) any {
	var v any = a.doc
	for part := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[part]
		case []any:
			v = nil
			for i, item := range x {
				if part == string(rune('0'+i)) {
					v = item
				}
			}
		default:
			return nil
		}
	}
	return v
}

// code is the code of the error, "" without one.
func (a answer) code() string {
	for _, path := range []string{"error.code", "errors.0.code"} {
		if s, ok := a.at(path).(string); ok {
			return s
		}
	}
	return ""
}

// token fetches a token of the type.
func (c *client) token(typ string) string {
	c.t.Helper()
	s, ok := c.get("action=query&meta=tokens&format=json&type=" + typ).at("query.tokens." + typ + "token").(string)
	if !ok {
		c.t.Fatalf("no %s token", typ)
	}
	return s
}

// create makes an account, which must succeed.
func (s *site) create(t testing.TB, name string, groups ...string) auth.Account {
	t.Helper()
	c := s.client(t)
	a := c.post("action=createaccount&format=json&createreturnurl=http://x.test/&password="+testPassword+"&retype="+testPassword,
		"username", name, "createtoken", c.token("createaccount"))
	if a.at("createaccount.status") != "PASS" {
		t.Fatalf("create %s: %s", name, a.text)
	}
	account, err := s.store.AccountByName(t.Context(), auth.Name(name))
	must(t, err)
	if len(groups) > 0 {
		account, err = s.store.SetGroups(t.Context(), sqlstore.GroupChange{Account: account.ID, Add: groups})
		must(t, err)
	}
	return account
}

// signedIn is a client of the account.
func (s *site) signedIn(t testing.TB, name string) *client {
	t.Helper()
	c := s.client(t)
	a := c.post("action=clientlogin&format=json&loginreturnurl=http://x.test/&password="+testPassword,
		"username", name, "logintoken", c.token("login"))
	if a.at("clientlogin.status") != "PASS" {
		t.Fatalf("sign %s in: %s", name, a.text)
	}
	return c
}

func textLogger(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
