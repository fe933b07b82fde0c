package gatehouse

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
)

// testConfig is a server that hashes quickly, in a file of its own.
func testConfig(t *testing.T) Config {
	t.Helper()
	cfg := DefaultConfig()
	cfg.Store.URL = SecretURL("sqlite:" + filepath.Join(t.TempDir(), "gatehouse.db"))
	cfg.Password.Hash, cfg.Password.PBKDF2Iterations, cfg.Password.AllowWeak = "pbkdf2-sha512", 1, true
	return cfg
}

func newServer(t *testing.T, cfg Config) *Server {
	t.Helper()
	s, err := New(t.Context(), cfg, Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// client is a program with a cookie jar.
type client struct {
	t    *testing.T
	http *http.Client
	api  string
}

func newClient(t *testing.T, h http.Handler) *client {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return at(t, srv.URL)
}

// at is a new program that talks to the server at that address.
func at(t *testing.T, address string) *client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &client{t: t, http: &http.Client{Jar: jar}, api: address + "/w/api.php"}
}

// call posts fields, or gets them if post is false, and gives the answer's member by path.
func (c *client) call(post bool, fields url.Values) map[string]any {
	c.t.Helper()
	fields.Set("format", "json")
	fields.Set("formatversion", "2")
	var resp *http.Response
	var err error
	if post {
		resp, err = c.http.PostForm(c.api, fields)
	} else {
		resp, err = c.http.Get(c.api + "?" + fields.Encode())
	}
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		c.t.Fatal(err)
	}
	return out
}

func (c *client) token(kind string) string {
	c.t.Helper()
	out := c.call(false, url.Values{"action": {"query"}, "meta": {"tokens"}, "type": {kind}})
	return out["query"].(map[string]any)["tokens"].(map[string]any)[kind+"token"].(string)
}

func (c *client) create(name, password string) map[string]any {
	c.t.Helper()
	return c.createWith(c.token("createaccount"), name, password)["createaccount"].(map[string]any)
}

// createWith gives the whole answer.
func (c *client) createWith(token, name, password string) map[string]any {
	c.t.Helper()
	return c.call(true, url.Values{
		"action": {"createaccount"}, "createtoken": {token}, "createreturnurl": {"http://example.org/"},
		"username": {name}, "password": {password}, "retype": {password},
	})
}

func TestAccountThroughTheMountedHandler(t *testing.T) {
	s := newServer(t, testConfig(t))
	c := newClient(t, s.Handler())
	if got := c.create("zane_grey", "Corr3ct-horse"); len(got) != 2 || got["status"] != "PASS" || got["username"] != "Zane grey" {
		t.Fatalf("got %v", got)
	}
	if got := c.create("Zane grey", "Corr3ct-horse"); got["messagecode"] != "userexists" {
		t.Errorf("the second time: %v", got)
	}
	login := c.call(true, url.Values{
		"action": {"clientlogin"}, "logintoken": {c.token("login")}, "loginreturnurl": {"http://example.org/"},
		"username": {"zane_grey"}, "password": {"Corr3ct-horse"},
	})
	if got := login["clientlogin"].(map[string]any)["status"]; got != "PASS" {
		t.Fatalf("sign-in: %v", login)
	}
	log := c.call(false, url.Values{"action": {"query"}, "list": {"logevents"}, "letype": {"newusers"}})
	entries := log["query"].(map[string]any)["logevents"].([]any)
	if len(entries) != 1 || entries[0].(map[string]any)["title"] != "User:Zane grey" {
		t.Errorf("the log: %v", entries)
	}
}

func TestAnonymousReadsNeverWrite(t *testing.T) {
	s := newServer(t, testConfig(t))
	before := s.Writes()
	for range 20 {
		c := newClient(t, s.Handler())
		c.token("createaccount")
		c.call(false, url.Values{"action": {"query"}, "meta": {"authmanagerinfo|tokens|userinfo|siteinfo"}, "amirequestsfor": {"create"}})
		c.call(false, url.Values{"action": {"query"}, "list": {"users|logevents"}, "ususers": {"Zane"}, "usprop": {"cancreate"}})
		for _, page := range []string{"/", "/wiki/Special:CreateAccount", "/wiki/Special:UserLogin", "/wiki/Special:Log/newusers"} {
			resp, err := c.http.Get(strings.TrimSuffix(c.api, "/w/api.php") + page)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				t.Errorf("%s: %s", page, resp.Status)
			}
		}
	}
	if n := s.Writes() - before; n != 0 {
		t.Errorf("the store was written %d times", n)
	}
}

func TestThrottleCountsAccountsExactly(t *testing.T) {
	cfg := testConfig(t)
	cfg.Throttle.Creations = []LimitConfig{{Count: 2, Per: cfg.Throttle.Creations[0].Per}}
	c := newClient(t, newServer(t, cfg).Handler())
	for i, want := range []string{"PASS", "badretype", "PASS", "acct_creation_throttle_hit"} {
		name := "Zane " + string(rune('a'+i))
		got := c.call(true, url.Values{
			"action": {"createaccount"}, "createtoken": {c.token("createaccount")}, "createreturnurl": {"http://example.org/"},
			"username": {name}, "password": {"Corr3ct-horse"},
			"retype": {map[bool]string{true: "another", false: "Corr3ct-horse"}[want == "badretype"]},
		})["createaccount"].(map[string]any)
		if got["status"] != want && got["messagecode"] != want {
			t.Errorf("creation %d: %v, want %s", i+1, got, want)
		}
	}
}

func TestUpkeepRemovesWhatExpired(t *testing.T) {
	s := newServer(t, testConfig(t))
	newClient(t, s.Handler()).create("Ada", "Corr3ct-horse")
	for id, ends := range map[auth.SessionID]time.Duration{"live": time.Hour, "ended": -time.Hour} {
		if err := s.store.StartSession(t.Context(), auth.SessionRow{ID: id, Account: 1, Expires: time.Now().Add(ends)}, ""); err != nil {
			t.Fatal(err)
		}
	}
	s.tidy(t.Context())
	if left, err := s.store.SessionsOf(t.Context(), 1); err != nil || len(left) != 1 || left[0].ID != "live" {
		t.Errorf("%v is left, %v", left, err)
	}
}

func TestServerRefusesWhatItCannotDo(t *testing.T) {
	cfg := testConfig(t)
	cfg.Password.AllowWeak = false
	if _, err := New(t.Context(), cfg, Options{}); err == nil || !strings.Contains(err.Error(), "pbkdf2_iterations") {
		t.Errorf("got %v", err)
	}
}

func TestRunServesAndStops(t *testing.T) {
	cfg := testConfig(t)
	cfg.Server.Listen, cfg.Server.AdminListen = "127.0.0.1:0", freeAddress(t)
	ctx, stop := context.WithCancel(t.Context())
	at, ended := make(chan net.Addr), make(chan error)
	go func() {
		ended <- Run(ctx, cfg, Options{Logger: slog.New(slog.DiscardHandler)}, func(_ *Server, a net.Addr) { at <- a })
	}()
	var base string
	select {
	case a := <-at:
		base = "http://" + a.String()
	case err := <-ended:
		t.Fatal(err)
	}
	for url, want := range map[string]string{
		base + "/w/api.php?action=query&meta=tokens&format=json": `csrftoken`,
		"http://" + cfg.Server.AdminListen + "/healthz":          "ok",
		"http://" + cfg.Server.AdminListen + "/readyz":           "ok",
		"http://" + cfg.Server.AdminListen + "/metrics":          "gatehouse_store_writes_total",
	} {
		resp, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || !strings.Contains(string(body), want) {
			t.Errorf("%s: %v %s", url, err, body)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("the server ended with %v", err)
	}
}

// freeAddress is a loopback address that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestOperator(t *testing.T) {
	cfg, ctx := testConfig(t), t.Context()
	if _, err := OpenOperator(ctx, cfg); err == nil {
		t.Fatal("a missing store was opened")
	}
	if err := Migrate(ctx, cfg, nil); err != nil {
		t.Fatal(err)
	}
	o, err := OpenOperator(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	a, err := o.CreateAccount(ctx, NewAccount{Name: "ada", Password: "pw", Email: "a@b", EmailConfirmed: true, Groups: []string{"sysop", "sysop"}})
	if err != nil || a.Name != "Ada" {
		t.Fatalf("got %+v, %v", a, err)
	}
	for _, tt := range []struct {
		n    NewAccount
		want error
	}{
		{NewAccount{Name: "Ada"}, ErrNameTaken},
		{NewAccount{Name: "a#b"}, ErrBadName},
		{NewAccount{Name: "Bob", Groups: []string{"nosuch"}}, ErrNoSuchGroup},
		{NewAccount{Name: "Bob", Groups: []string{"user"}}, ErrNoSuchGroup},
		{NewAccount{Name: "Bob", Email: "b"}, ErrBadEmail},
	} {
		if _, err := o.CreateAccount(ctx, tt.n); !errors.Is(err, tt.want) {
			t.Errorf("%q: %v, want %v", tt.n.Name, err, tt.want)
		}
	}
	for _, want := range []bool{true, false} {
		if _, changed, err := o.Grant(ctx, "Ada", "bureaucrat"); err != nil || changed != want {
			t.Errorf("grant: %v, %v", changed, err)
		}
		if _, changed, err := o.Revoke(ctx, "ada", "sysop"); err != nil || changed != want {
			t.Errorf("revoke: %v, %v", changed, err)
		}
	}
	if _, _, err := o.Grant(ctx, "Nobody", "bureaucrat"); !errors.Is(err, ErrNoSuchAccount) {
		t.Error(err)
	}
	testOperatorBlocks(t, o)
	for id, ends := range map[auth.SessionID]time.Duration{"live": time.Hour, "ended": -time.Second} {
		row := auth.SessionRow{ID: id, Account: a.ID, Authenticated: time.Now(), Expires: time.Now().Add(ends)}
		if err := o.store.StartSession(ctx, row, ""); err != nil {
			t.Fatal(err)
		}
	}
	d, err := o.Show(ctx, "Ada")
	if err != nil || d.Sessions != 1 || len(d.Account.Groups) != 1 || d.Account.Groups[0] != "bureaucrat" || len(d.Blocks) != 1 || d.Created.Action != auth.LogCreate2 {
		t.Errorf("shown: %+v, %v", d, err)
	}
}

func testOperatorBlocks(t *testing.T, o *Operator) {
	t.Helper()
	for _, target := range []string{"Ada", "198.51.100.7", "::ffff:198.51.100.8", "198.51.100.130/28", "2001:db8::/32"} {
		b, err := o.Block(t.Context(), target, BlockOptions{Reason: "r", PreventCreate: true})
		if err != nil || b.ID == 0 || !b.Expires.IsZero() {
			t.Errorf("%s: %+v, %v", target, b, err)
		}
	}
	for target, want := range map[string]int{"198.51.100.7": 1, "198.51.100.8": 1, "198.51.100.128/28": 1, "198.51.100.9": 0} {
		if n, err := o.Unblock(t.Context(), target); err != nil || n != want {
			t.Errorf("unblock %s: %d, %v; want %d", target, n, err, want)
		}
	}
	// Each of it stands in the log, and so does what was done to groups.
	for kind, want := range map[string]int{auth.LogBlock: 5 + 3, auth.LogRights: 2} {
		entries, err := o.store.LogEntries(t.Context(), auth.LogQuery{Type: kind, Limit: 50})
		if err != nil || len(entries) != want || entries[0].Performer != operatorName {
			t.Errorf("%s: %d entries, %v; want %d", kind, len(entries), err, want)
		}
	}
}

func TestOperatorListsInPages(t *testing.T) {
	cfg := testConfig(t)
	if err := Migrate(t.Context(), cfg, nil); err != nil {
		t.Fatal(err)
	}
	o, err := OpenOperator(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	const many = listPage + 3
	for i := range many {
		if _, err := o.CreateAccount(t.Context(), NewAccount{Name: "User " + string(rune('a'+i/26)) + string(rune('a'+i%26))}); err != nil {
			t.Fatal(err)
		}
	}
	seen := 0
	if err := o.List(t.Context(), "User", func(auth.Account) error { seen++; return nil }); err != nil || seen != many {
		t.Errorf("listed %d, %v", seen, err)
	}
}
