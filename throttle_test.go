package gatehouse

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
)

// through sends what it is given as a proxy would that asks for somebody at an address.
type through string

func (a through) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("X-Forwarded-For", string(a))
	return http.DefaultTransport.RoundTrip(r)
}

// from is a new visitor at an address, who comes through a proxy.
func from(t *testing.T, server, address string) *client {
	t.Helper()
	c := at(t, server)
	c.http.Transport = through(address)
	return c
}

// limited starts a server behind a proxy that is believed.
func limited(t *testing.T, cfg Config) string {
	t.Helper()
	cfg.Server.TrustedProxies = []string{"127.0.0.0/8", "::1/128"}
	srv := httptest.NewServer(newServer(t, cfg).Handler())
	t.Cleanup(srv.Close)
	return srv.URL
}

// tries posts a creation with some fields changed and gives the status, or the code of the refusal.
func (c *client) tries(name string, change ...string) string {
	c.t.Helper()
	fields := url.Values{
		"action": {"createaccount"}, "createtoken": {c.token("createaccount")}, "createreturnurl": {"http://example.org/"},
		"username": {name}, "password": {"Corr3ct-horse"}, "retype": {"Corr3ct-horse"},
	}
	for i := 0; i < len(change); i += 2 {
		fields.Set(change[i], change[i+1])
	}
	return outcome(c.call(true, fields), "createaccount")
}

// outcome is the status of a flow, or the code of its refusal.
func outcome(got map[string]any, action string) string {
	answer, ok := got[action].(map[string]any)
	switch {
	case !ok:
		return fmt.Sprint(got)
	case answer["status"] != string(auth.Fail):
		return fmt.Sprint(answer["status"])
	}
	return fmt.Sprint(answer["messagecode"])
}

// TestChecklist36 (row 36 of the security checklist): six attempts that fail use up nothing of six creations, whatever they
// fail of; and the attempts have a limit of their own, which creations run into as well.
func TestChecklist36(t *testing.T) {
	const limit = 6
	onBothStores(t, func(t *testing.T, cfg Config) {
		cfg.Throttle.Creations = []LimitConfig{{Count: limit, Per: longest}}
		cfg.Throttle.Attempts = []LimitConfig{{Count: 12, Per: longest}}
		server := limited(t, cfg)
		if got := from(t, server, "192.0.2.99").tries("Taken"); got != "PASS" {
			t.Fatal(got)
		}
		c := from(t, server, "192.0.2.1")
		for i, failure := range []struct {
			want, name string
			change     []string
		}{
			{"badretype", "Zane", []string{"retype", "Corr3ct-house"}},
			{"passwordtooshort", "Zane", []string{"password", "Qx7!zp", "retype", "Qx7!zp"}},
			{"authmanager-create-no-primary", "Zane", []string{"retype", ""}},
			{"invalidemailaddress", "Zane", []string{"email", "nowhere"}},
			{"userexists", "Taken", nil},
			{"invaliduser", "a#b", nil},
		} {
			if got := c.tries(failure.name, failure.change...); got != failure.want {
				t.Errorf("attempt %d: %s, want %s", i+1, got, failure.want)
			}
		}
		for i := range limit {
			if got := c.tries(fmt.Sprintf("Zane %d", i)); got != "PASS" {
				t.Errorf("creation %d after six attempts: %s", i+1, got)
			}
		}
		if got := c.tries("Zane more"); got != "acct_creation_throttle_hit" {
			t.Errorf("above the limit: %s", got)
		}
		c = from(t, server, "192.0.2.2")
		for i := range 12 {
			if got := c.tries("Zane", "retype", ""); got != "authmanager-create-no-primary" {
				t.Errorf("attempt %d of 12: %s", i+1, got)
			}
		}
		if got := c.tries("Zane"); got != "ratelimited" {
			t.Errorf("attempt 13: %s", got)
		}
	})
}

// TestChecklist35 (row 35 of the security checklist): an IPv6 /64 is one address, a /48 may make as many times more as its
// factor says, and an IPv4 address is one however it is written. Posts at once are TestLimitHoldsForPostsAtOnce's.
func TestChecklist35(t *testing.T) {
	onBothStores(t, func(t *testing.T, cfg Config) {
		cfg.Throttle.Creations = []LimitConfig{{Count: 2, Per: longest, NetworkFactor: 2}}
		server := limited(t, cfg)
		const full = "acct_creation_throttle_hit"
		for i, step := range []struct{ addr, want string }{
			{"2001:db8:1:1::1", "PASS"},
			{"2001:db8:1:1:ffff:ffff:ffff:ffff", "PASS"},
			{"2001:db8:1:1::2", full},
			{"2001:db8:1:2::1", "PASS"},
			{"2001:db8:1:ffff::1", "PASS"},
			{"2001:db8:1:3::1", full}, // the /48 has made four
			{"2001:db8:2::1", "PASS"},
			{"192.0.2.1", "PASS"},
			{"::ffff:192.0.2.1", "PASS"},
			{"192.0.2.1", full},
			{"192.0.2.2", "PASS"},
		} {
			if got := from(t, server, step.addr).tries(fmt.Sprintf("Zane %d", i)); got != step.want {
				t.Errorf("step %d, %s: %s, want %s", i, step.addr, got, step.want)
			}
		}
	})
}

// TestChecklist35Total (row 35 of the security checklist): all addresses together make as many accounts as the total allows, at
// two servers and at once, and not one more.
func TestChecklist35Total(t *testing.T) {
	const limit, posts = 6, 40
	onBothStores(t, func(t *testing.T, cfg Config) {
		cfg.Throttle.Creations = nil
		cfg.Throttle.CreationsTotal = []LimitConfig{{Count: limit, Per: longest}}
		told := atOnce(t, serveTwice(t, cfg), posts, func(i int) string { return fmt.Sprintf("Zane %d", i) })
		if told["PASS"] != limit || told["acct_creation_throttle_hit"] != posts-limit {
			t.Errorf("%d posts were answered %v, want %d times PASS", posts, told, limit)
		}
	})
}

// What is refused otherwise uses up nothing of the total, and no address has a share of its own.
func TestTotalCountsAccounts(t *testing.T) {
	onBothStores(t, func(t *testing.T, cfg Config) {
		cfg.Throttle.CreationsTotal = []LimitConfig{{Count: 3, Per: longest}}
		server := limited(t, cfg)
		for i, want := range []string{"PASS", "PASS", "badretype", "PASS", "acct_creation_throttle_hit"} {
			var change []string
			if want == "badretype" {
				change = []string{"retype", "another"}
			}
			if got := from(t, server, fmt.Sprintf("192.0.2.%d", i)).tries(fmt.Sprintf("Yves %d", i), change...); got != want {
				t.Errorf("post %d: %s, want %s", i, got, want)
			}
		}
	})
}

// Several rules hold at once, the creator is counted beside the address, and who has noratelimit is not counted at all.
func TestRulesAndCreators(t *testing.T) {
	onBothStores(t, func(t *testing.T, cfg Config) {
		cfg.Throttle.Creations = []LimitConfig{{Count: 2, Per: Duration(time.Hour)}, {Count: 3, Per: longest}}
		server := limited(t, cfg)
		op := openOperator(t, cfg)
		for name, groups := range map[string][]string{"Boss": {"sysop"}, "Norm": nil} {
			if _, err := op.CreateAccount(t.Context(), NewAccount{Name: name, Password: "Corr3ct-horse", Groups: groups}); err != nil {
				t.Fatal(err)
			}
		}
		n := 0
		try := func(who, address, want string) {
			t.Helper()
			n++
			c := from(t, server, address)
			if who != "" {
				c.signIn(who, "Corr3ct-horse")
			}
			if got := c.tries(fmt.Sprintf("Zane %d", n)); got != want {
				t.Errorf("%q at %s: %s, want %s", who, address, got, want)
			}
		}
		const full = "acct_creation_throttle_hit"
		for range 4 {
			try("Boss", "192.0.2.1", "PASS")
		}
		try("", "192.0.2.1", "PASS") // the administrator used up nothing
		try("Norm", "192.0.2.1", "PASS")
		try("", "192.0.2.1", full)
		try("Norm", "192.0.2.2", "PASS")
		try("Norm", "192.0.2.3", full) // wherever the account goes
		try("", "192.0.2.3", "PASS")
	})
}

// TestChecklist37 (row 37 of the security checklist): nobody gets a fresh start by saying that they are somebody else.
func TestChecklist37(t *testing.T) {
	cfg := testConfig(t)
	cfg.Throttle.Creations = []LimitConfig{{Count: 1, Per: longest}}
	cfg.Server.TrustedProxies = nil
	srv := httptest.NewServer(newServer(t, cfg).Handler())
	t.Cleanup(srv.Close)
	for i, want := range []string{"PASS", "acct_creation_throttle_hit"} {
		if got := from(t, srv.URL, fmt.Sprintf("192.0.2.%d", i)).tries(fmt.Sprintf("Zane %d", i)); got != want {
			t.Errorf("visitor %d: %s, want %s", i, got, want)
		}
	}
	cfg = testConfig(t)
	cfg.Throttle.Creations = []LimitConfig{{Count: 1, Per: longest}}
	server := limited(t, cfg)
	for i, step := range []struct{ chain, want string }{
		{"203.0.113.1, 192.0.2.1", "PASS"}, // the proxy saw 192.0.2.1; what stands before is the visitor's own words
		{"203.0.113.2, 192.0.2.1", "acct_creation_throttle_hit"},
		{"192.0.2.1, 192.0.2.2", "PASS"},
	} {
		if got := from(t, server, step.chain).tries(fmt.Sprintf("Ada %d", i)); got != step.want {
			t.Errorf("%s: %s, want %s", step.chain, got, step.want)
		}
	}
}

// guesses signs in with a password and gives the status, or the code of the refusal.
func (c *client) guesses(name, password string) string {
	c.t.Helper()
	return outcome(c.call(true, url.Values{
		"action": {"clientlogin"}, "logintoken": {c.token("login")}, "loginreturnurl": {"http://example.org/"},
		"username": {name}, "password": {password},
	}), "clientlogin")
}

// TestLoginLimits: guesses at one name from one address are limited, so are those of an address over all names, both from
// either side; signing in forgets the former and not the latter.
func TestLoginLimits(t *testing.T) {
	onBothStores(t, func(t *testing.T, cfg Config) {
		cfg.Throttle.Logins = []LimitConfig{{Count: 3, Per: longest, NetworkFactor: 3}}
		server := limited(t, cfg)
		for _, name := range []string{"Ada", "Norm"} {
			if got := at(t, server).tries(name); got != "PASS" {
				t.Fatal(got)
			}
		}
		guess := func(address, name, password, want string) {
			t.Helper()
			if got := from(t, server, address).guesses(name, password); got != want {
				t.Errorf("%s at %s with %s: %s, want %s", name, address, password, got, want)
			}
		}
		const right, wrong = "Corr3ct-horse", "Wr0ng-horse"
		guess("192.0.2.1", "Norm", wrong, "wrongpassword")
		guess("192.0.2.1", "norm", wrong, "wrongpassword")
		guess("192.0.2.1", "Norm", right, "PASS") // the third
		for range 3 {
			guess("192.0.2.1", "User:Norm", wrong, "wrongpassword")
		}
		guess("192.0.2.1", "Norm", right, "login-throttled")
		guess("192.0.2.2", "Norm", right, "PASS") // another address, the same name
		for range 3 {
			guess("192.0.2.1", "Ada", wrong, "wrongpassword") // another name, the same address: nine in all
		}
		guess("192.0.2.1", "Nobody", wrong, "login-throttled")

		const network = "2001:db8:5:1::%d"
		for i := range 9 {
			guess(fmt.Sprintf(network, i), fmt.Sprintf("Name %d", i), wrong, "wrongpassword")
		}
		guess("2001:db8:5:1::a", "Norm", right, "login-throttled")
		guess("2001:db8:5:2::a", "Norm", right, "PASS") // the next /64
	})
}

// What is told of a refusal is the true rest of the window, on every way in.
func TestWaitIsTold(t *testing.T) {
	cfg := testConfig(t)
	cfg.Throttle.Creations = []LimitConfig{{Count: 1, Per: Duration(24 * time.Hour)}}
	s := newServer(t, cfg)
	c := newClient(t, s.Handler())
	began := time.Now()
	c.tries("Zane")
	got := c.call(true, url.Values{
		"action": {"createaccount"}, "createtoken": {c.token("createaccount")}, "createreturnurl": {"http://example.org/"},
		"username": {"Ada"}, "password": {"Corr3ct-horse"}, "retype": {"Corr3ct-horse"}, "createmessageformat": {"raw"},
	})["createaccount"].(map[string]any)
	params := got["message"].(map[string]any)["params"].([]any)
	wait := time.Duration(params[1].(map[string]any)["duration"].(float64)) * time.Second
	if least := 24*time.Hour - time.Since(began) - time.Second; params[0] != 1.0 || wait < least || wait > 24*time.Hour {
		t.Errorf("told %v, want the limit and a wait of at least %s", params, least)
	}
	if text := fmt.Sprint(got["message"]); !strings.Contains(text, "acct_creation_throttle_hit") {
		t.Error(text)
	}
}
