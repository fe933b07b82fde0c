package throttle

import (
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	limits "gatehouse/internal/throttle"
)

func login(addr, name string) *auth.Login {
	l := &auth.Login{Creator: visitor(addr), Answers: auth.Answers{{ID: "remember", Values: map[string]string{"rememberMe": ""}}}}
	if name != "" {
		l.Answers = append(l.Answers, auth.Answer{ID: "p", Values: map[string]string{"username": name, "password": "x"}})
	}
	return l
}

// guess tries to sign in and gives the refusal, if any.
func (h *house) guess(addr, name string) string {
	h.t.Helper()
	check, err := h.TestForLogin(h.t.Context(), login(addr, name))
	if err != nil {
		h.t.Fatal(err)
	}
	return told(check)
}

func (h *house) signedIn(addr, name string) {
	h.LoginEnded(h.t.Context(), login(addr, ""), auth.Response{Status: auth.Pass, Account: auth.Account{ID: 3, Name: auth.Name(name)}})
}

func TestLogins(t *testing.T) {
	h := newHouse(t, nil)
	for i := range 3 {
		if got := h.guess("192.0.2.1", "Norm"); got != "" {
			t.Fatalf("guess %d: %s", i+1, got)
		}
		h.store.advance(time.Minute)
	}
	for range 2 {
		if got, want := h.guess("192.0.2.1", "Norm"), "login-throttled duration120"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for _, other := range [][2]string{{"192.0.2.1", "Ada"}, {"192.0.2.2", "Norm"}} {
		if got := h.guess(other[0], other[1]); got != "" {
			t.Errorf("%v: %s", other, got)
		}
	}
	h.store.advance(2*time.Minute - time.Second)
	if got, want := h.guess("192.0.2.1", "Norm"), "login-throttled duration1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	h.store.advance(time.Second)
	if got := h.guess("192.0.2.1", "Norm"); got != "" {
		t.Errorf("in the next window: %s", got)
	}
}

// Another spelling of a name is no fresh start, and neither is another address of one subscriber.
func TestSpellings(t *testing.T) {
	h := newHouse(t, func(c *Config) { c.Logins[0].NetworkFactor = 0 })
	for _, step := range []struct{ addr, name string }{
		{"2001:db8::1", "jo Ann é"}, {"2001:db8::2", "Jo_Ann__e\u0301"}, {"2001:db8::3:0:0:1", " User:jo Ann é "},
	} {
		if got := h.guess(step.addr, step.name); got != "" {
			t.Errorf("%v: %s", step, got)
		}
	}
	if got := h.guess("2001:db8::4", "Jo Ann É"); got != "" {
		t.Errorf("another name: %s", got)
	}
	if got := h.guess("2001:db8::5", "Jo Ann é"); got == "" {
		t.Error("spellings are counted apart")
	}
}

// What cannot be a name is counted all the same, and costs little room.
func TestOddNames(t *testing.T) {
	h := newHouse(t, func(c *Config) { c.Logins[0].NetworkFactor = 0 })
	for range 9 {
		if got := h.guess("192.0.2.1", ""); got != "" {
			t.Errorf("nobody's password is guessed at, and yet: %s", got)
		}
	}
	for _, name := range []string{"a#b", "192.0.2.7", "\x00", "\xff", strings.Repeat("x", 100_000), strings.Repeat("é", 3000)} {
		for range 3 {
			if got := h.guess("192.0.2.1", name); got != "" {
				t.Errorf("%.20q: %s", name, got)
			}
		}
		if got := h.guess("192.0.2.1", name); got == "" {
			t.Errorf("%.20q is not counted", name)
		}
	}
	for key := range h.store.counts {
		if len(key) > 100 {
			t.Errorf("key %.200q", key)
		}
	}
}

// One address may not go through all names either.
func TestNetworkOverAllNames(t *testing.T) {
	h := newHouse(t, nil)
	names := []string{"A", "B", "C", "D", "E", "F"}
	for _, name := range names {
		if got := h.guess("2001:db8:1:1::1", name); got != "" {
			t.Fatalf("%s: %s", name, got)
		}
	}
	if got, want := h.guess("2001:db8:1:1::2", "G"), "login-throttled duration300"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, name := range names {
		if got := h.guess("2001:db8:1:2::1", name); got != "" {
			t.Errorf("the next /64, %s: %s", name, got)
		}
	}
	if got := h.guess("2001:db8:1:3::1", "A"); got == "" {
		t.Error("the /48 has no limit")
	}
	if got := h.guess("2001:db8:2::1", "A"); got != "" {
		t.Errorf("the next /48: %s", got)
	}
}

func TestSignInClearsTheName(t *testing.T) {
	h := newHouse(t, nil)
	for range 3 {
		h.guess("192.0.2.1", "norm")
	}
	for _, r := range []auth.Response{{Status: auth.Fail}, {Status: auth.UI}, {Status: auth.Restart}} {
		r.Account.Name = "Norm"
		h.LoginEnded(t.Context(), login("192.0.2.1", "norm"), r)
	}
	h.signedIn("192.0.2.2", "Norm")
	h.signedIn("192.0.2.1", "Ada")
	if got := h.guess("192.0.2.1", "norm"); got == "" {
		t.Fatal("the count is forgotten without a sign-in to the account from the address")
	}
	h.signedIn("192.0.2.1", "Norm")
	for i := range 3 { // the address has three of its six left: those of before still count
		if got := h.guess("192.0.2.1", "norm"); got != "" {
			t.Errorf("guess %d after the sign-in: %s", i+1, got)
		}
	}
	h.signedIn("192.0.2.1", "Norm")
	if got := h.guess("192.0.2.1", "norm"); got == "" {
		t.Error("signing in clears the count over all names")
	}
}

// Of two full limits the longer wait is told.
func TestLongestWaitIsTold(t *testing.T) {
	h := newHouse(t, func(c *Config) {
		c.Logins = limits.Rules{{Count: 1, Per: 5 * time.Minute}, {Count: 1, Per: 48 * time.Hour}}
	})
	h.guess("192.0.2.1", "Norm")
	if got, want := h.guess("192.0.2.1", "Norm"), "login-throttled duration172800"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
