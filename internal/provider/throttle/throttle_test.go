package throttle

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/authtest"
	limits "gatehouse/internal/throttle"
	"gatehouse/internal/username"
)

var errStore = errors.New("the store is away")

// counting is a store of fixed windows with a clock that is moved by hand.
type counting struct {
	mu     sync.Mutex
	now    time.Time
	counts map[string]window
	fail   error
	calls  int
}

type window struct {
	count int64
	ends  time.Time
}

func newCounting() *counting {
	return &counting{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), counts: map[string]window{}}
}

func (s *counting) Rise(_ context.Context, counters []auth.Counter) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	var full *auth.LimitError
	for _, c := range counters {
		wait := s.counts[c.Key].ends.Sub(s.now)
		if wait > 0 && s.counts[c.Key].count >= c.Limit && (full == nil || wait > full.Wait) {
			full = &auth.LimitError{Counter: c, Wait: wait}
		}
	}
	if full != nil {
		return fmt.Errorf("rise: %w", full)
	}
	for _, c := range counters {
		w := s.counts[c.Key]
		if !w.ends.After(s.now) {
			w = window{ends: s.now.Add(c.Window)}
		}
		w.count++
		s.counts[c.Key] = w
	}
	return s.fail
}

func (s *counting) Read(_ context.Context, counters []auth.Counter) ([]auth.CounterState, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	out := make([]auth.CounterState, len(counters))
	for i, c := range counters {
		if w := s.counts[c.Key]; w.ends.After(s.now) {
			out[i] = auth.CounterState{Count: w.count, Wait: w.ends.Sub(s.now)}
		}
	}
	return out, s.fail
}

func (s *counting) Clear(_ context.Context, keys []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range keys {
		delete(s.counts, key)
	}
	return s.fail
}

func (s *counting) advance(d time.Duration) { s.now = s.now.Add(d) }

// house is the provider under test with its store.
type house struct {
	t     testing.TB
	store *counting
	*Provider
}

var groups = auth.DefaultGroups()

func newHouse(t testing.TB, change func(*Config)) *house {
	t.Helper()
	c := Config{
		Store:     newCounting(),
		Creations: limits.Rules{{Count: 2, Per: 24 * time.Hour, NetworkFactor: 2}},
		Attempts:  limits.Rules{{Count: 5, Per: time.Hour}},
		Logins:    limits.Rules{{Count: 3, Per: 5 * time.Minute, NetworkFactor: 2}},
		Names:     username.NewRules(username.Options{}),
		Allows:    groups.Allows,
	}
	if change != nil {
		change(&c)
	}
	p, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return &house{t: t, store: c.Store.(*counting), Provider: p}
}

func visitor(addr string) auth.Creator { return auth.Creator{Addr: netip.MustParseAddr(addr)} }

func member(id auth.AccountID, addr string, group ...string) auth.Creator {
	return auth.Creator{Account: auth.Account{ID: id, Name: "Norm", Groups: group}, Addr: netip.MustParseAddr(addr)}
}

// told is the refusal as "key params", or "" for none.
func told(c auth.Check) string {
	var out []string
	for _, m := range c.Findings {
		out = append(out, string(m.Key))
		for _, p := range m.Params {
			out = append(out, fmt.Sprintf("%s%d", p.Kind, p.Number))
		}
	}
	return strings.Join(out, " ")
}

func (h *house) attempt(who auth.Creator) string {
	h.t.Helper()
	check, err := h.TestForCreation(h.t.Context(), &auth.Creation{Creator: who})
	if err != nil {
		h.t.Fatal(err)
	}
	return told(check)
}

// create makes an account as the Manager does: a test, then the counters of the draft with the commit.
func (h *house) create(who auth.Creator) string {
	h.t.Helper()
	if refusal := h.attempt(who); refusal != "" {
		return refusal
	}
	return h.commit(who)
}

func (h *house) commit(who auth.Creator) string {
	h.t.Helper()
	var d auth.Draft
	if err := h.ContributeToDraft(h.t.Context(), &auth.Creation{Creator: who}, &d); err != nil {
		h.t.Fatal(err)
	}
	err := h.store.Rise(h.t.Context(), d.Counters)
	var limit *auth.LimitError
	if errors.As(err, &limit) {
		return told(auth.Refused(limit.Refusal()))
	}
	if err != nil {
		h.t.Fatal(err)
	}
	return ""
}

func TestSuite(t *testing.T) {
	authtest.Run(t, authtest.Case{New: func(t *testing.T) auth.Provider { return newHouse(t, nil).Provider }})
}

func TestNewNeedsItsParts(t *testing.T) {
	for _, c := range []Config{
		{},
		{Names: username.NewRules(username.Options{}), Allows: groups.Allows},
		{Store: newCounting(), Allows: groups.Allows},
		{Store: newCounting(), Names: username.NewRules(username.Options{})},
	} {
		if _, err := New(c); err == nil {
			t.Errorf("%+v: no error", c)
		}
	}
}

func TestAsksNothing(t *testing.T) {
	requests, err := newHouse(t, nil).Requests(t.Context(), auth.Options{Action: auth.ActionCreate})
	if len(requests) != 0 || err != nil {
		t.Errorf("%v, %v", requests, err)
	}
}

func TestCreations(t *testing.T) {
	h := newHouse(t, nil)
	who := visitor("192.0.2.1")
	for i := range 2 {
		if got := h.create(who); got != "" {
			t.Fatalf("account %d: %s", i+1, got)
		}
		h.store.advance(time.Hour)
	}
	// Two hours of the window have passed, and the true rest is told.
	if got, want := h.create(who), "acct_creation_throttle_hit int2 duration79200"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := h.create(visitor("192.0.2.2")); got != "" {
		t.Errorf("the neighbour: %s", got)
	}
	h.store.advance(22*time.Hour - time.Second)
	if got, want := h.create(who), "acct_creation_throttle_hit int2 duration1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	h.store.advance(time.Second)
	if got := h.create(who); got != "" {
		t.Errorf("in the next window: %s", got)
	}
}

// A creation that was tested before another one filled the counter is refused by the commit.
func TestCommitDecides(t *testing.T) {
	h := newHouse(t, nil)
	who := visitor("192.0.2.1")
	for range 3 {
		if got := h.attempt(who); got != "" {
			t.Fatal(got)
		}
	}
	for i, want := range []string{"", "", "acct_creation_throttle_hit int2 duration86400"} {
		if got := h.commit(who); got != want {
			t.Errorf("commit %d: got %q, want %q", i+1, got, want)
		}
	}
}

// What was not made is not counted as made; what was tried is counted as tried.
func TestAttempts(t *testing.T) {
	h := newHouse(t, func(c *Config) { c.Creations[0].Count = 1 })
	who := visitor("192.0.2.1")
	for i := range 5 {
		if got := h.attempt(who); got != "" {
			t.Fatalf("attempt %d: %s", i+1, got)
		}
	}
	h.store.advance(59 * time.Minute)
	for range 2 { // refused attempts are not counted
		if got, want := h.attempt(who), "gatehouse-attempts duration60"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	h.store.advance(time.Minute)
	if got := h.create(who); got != "" {
		t.Errorf("after failed attempts: %s", got)
	}
	if got, want := h.attempt(who), "acct_creation_throttle_hit int1 duration86400"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Hopping inside a /64 changes nothing; a /48 may make factor × count.
func TestWideNetwork(t *testing.T) {
	h := newHouse(t, nil)
	for i, step := range []struct{ addr, want string }{
		{"2001:db8:1:1::1", ""},
		{"2001:db8:1:1::2", ""},
		{"2001:db8:1:1:ffff::", "acct_creation_throttle_hit int2 duration86400"},
		{"2001:db8:1:2::1", ""},
		{"2001:db8:1:3::1", ""},
		{"2001:db8:1:4::1", "acct_creation_throttle_hit int4 duration86400"},
		{"2001:db8:2::1", ""},
	} {
		if got := h.create(visitor(step.addr)); got != step.want {
			t.Errorf("step %d, %s: got %q, want %q", i, step.addr, got, step.want)
		}
	}
}

// A signed-in creator is counted wherever they are.
func TestCreator(t *testing.T) {
	h := newHouse(t, nil)
	for i, step := range []struct {
		who  auth.Creator
		want string
	}{
		{member(7, "192.0.2.1"), ""},
		{member(7, "192.0.2.2"), ""},
		{member(7, "192.0.2.3"), "acct_creation_throttle_hit int2 duration86400"},
		{member(8, "192.0.2.3"), ""},
		{visitor("192.0.2.1"), ""},
		{member(9, "192.0.2.1"), "acct_creation_throttle_hit int2 duration86400"},
	} {
		if got := h.create(step.who); got != step.want {
			t.Errorf("step %d: got %q, want %q", i, got, step.want)
		}
	}
}

func TestExempt(t *testing.T) {
	h := newHouse(t, func(c *Config) {
		c.Exempt = []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("2001:db8:9::/48")}
	})
	for _, who := range []auth.Creator{
		member(7, "192.0.2.1", auth.GroupSysop), member(8, "192.0.2.1", auth.GroupBureaucrat),
		visitor("198.51.100.255"), visitor("::ffff:198.51.100.1"), visitor("2001:db8:9:ffff::1"),
	} {
		for range 20 {
			if got := h.create(who); got != "" {
				t.Fatalf("%+v: %s", who, got)
			}
		}
	}
	if len(h.store.counts) != 0 {
		t.Errorf("counted: %v", h.store.counts)
	}
	for _, who := range []auth.Creator{visitor("198.51.101.0"), member(9, "192.0.2.9", auth.GroupBot)} {
		h.create(who)
		h.create(who)
		if got := h.create(who); got == "" {
			t.Errorf("%+v is exempt", who)
		}
	}
}

func TestNoRulesNoStore(t *testing.T) {
	h := newHouse(t, func(c *Config) { c.Creations, c.Attempts, c.Logins = nil, limits.Rules{}, nil })
	who := visitor("2001:db8::1")
	if got := h.attempt(who) + h.guess("192.0.2.1", "Norm"); got != "" {
		t.Error(got)
	}
	h.signedIn("192.0.2.1", "Norm")
	var d auth.Draft
	if err := h.ContributeToDraft(t.Context(), &auth.Creation{Creator: who}, &d); err != nil || len(d.Counters) != 0 {
		t.Errorf("counters %v, %v", d.Counters, err)
	}
	if h.store.calls != 0 {
		t.Errorf("%d calls of the store", h.store.calls)
	}
}

// Of many attempts and commits at once no more pass than may.
func TestAtOnce(t *testing.T) {
	h := newHouse(t, nil)
	var all sync.WaitGroup
	var mu sync.Mutex
	made, tried := 0, 0
	for range 50 {
		all.Go(func() {
			who := visitor("192.0.2.1")
			if h.attempt(who) != "" {
				return
			}
			refusal := h.commit(who)
			mu.Lock()
			defer mu.Unlock()
			tried++
			if refusal == "" {
				made++
			}
		})
	}
	all.Wait()
	if made != 2 || tried > 5 {
		t.Errorf("%d made, %d tried", made, tried)
	}
}

func TestFaults(t *testing.T) {
	var log bytes.Buffer
	h := newHouse(t, func(c *Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	h.store.fail = errStore
	if _, err := h.TestForCreation(t.Context(), &auth.Creation{Creator: visitor("192.0.2.1")}); !errors.Is(err, errStore) {
		t.Errorf("TestForCreation: %v", err)
	}
	h.Provider.cfg.Creations = nil
	if _, err := h.TestForCreation(t.Context(), &auth.Creation{Creator: visitor("192.0.2.1")}); !errors.Is(err, errStore) {
		t.Errorf("TestForCreation, attempts: %v", err)
	}
	if _, err := h.TestForLogin(t.Context(), login("192.0.2.1", "Norm")); !errors.Is(err, errStore) {
		t.Errorf("TestForLogin: %v", err)
	}
	h.signedIn("192.0.2.1", "Norm")
	if !strings.Contains(log.String(), errStore.Error()) {
		t.Errorf("log: %s", log.String())
	}
}
