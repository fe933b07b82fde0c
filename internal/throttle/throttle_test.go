package throttle

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"

	"gatehouse/auth"
)

var errStore = errors.New("the store is away")

// states is a store that stands as it is told.
type states struct {
	at   map[string]auth.CounterState
	full *auth.LimitError // answer of Rise
	fail error
	lost bool // Read answers less than it was asked for

	rises, reads int
}

func (s *states) Rise(context.Context, []auth.Counter) error {
	s.rises++
	if s.full != nil {
		return s.full
	}
	return s.fail
}

func (s *states) Read(_ context.Context, counters []auth.Counter) ([]auth.CounterState, error) {
	s.reads++
	var out []auth.CounterState
	for _, c := range counters {
		out = append(out, s.at[c.Key])
	}
	if s.lost {
		out = out[1:]
	}
	return out, s.fail
}

func (s *states) Clear(context.Context, []string) error { return s.fail }

func keys(counters []auth.Counter) []string {
	var out []string
	for _, c := range counters {
		out = append(out, c.Key)
	}
	return out
}

func TestOfNetwork(t *testing.T) {
	day, hour := Rule{Count: 6, Per: 24 * time.Hour, NetworkFactor: 16}, Rule{Count: 3, Per: time.Hour}
	tests := []struct {
		name  string
		rules Rules
		addr  string
		want  []string
	}{
		{"no rule", nil, "192.0.2.1", nil},
		{"switched off", Rules{{Per: time.Hour, NetworkFactor: 16}}, "2001:db8::1", nil},
		{"IPv4", Rules{day}, "192.0.2.1", []string{"a:0:86400:192.0.2.1"}},
		{"IPv4 in IPv6", Rules{day}, "::ffff:192.0.2.1", []string{"a:0:86400:192.0.2.1"}},
		{"IPv6", Rules{day}, "2001:db8:1:2:3:4:5:6", []string{"a:0:86400:2001:db8:1:2::/64", "a:0:86400:2001:db8:1::/48"}},
		{"IPv6 with a zone", Rules{day}, "fe80::1%eth0", []string{"a:0:86400:fe80::/64", "a:0:86400:fe80::/48"}},
		{"no factor", Rules{hour}, "2001:db8:1:2::", []string{"a:0:3600:2001:db8:1:2::/64"}},
		{"two rules", Rules{hour, day}, "2001:db8:1:2::",
			[]string{"a:0:3600:2001:db8:1:2::/64", "a:1:86400:2001:db8:1:2::/64", "a:1:86400:2001:db8:1::/48"}},
		{"one rule twice", Rules{hour, hour}, "192.0.2.1", []string{"a:0:3600:192.0.2.1", "a:1:3600:192.0.2.1"}},
		{"no address", Rules{day}, "", []string{"a:0:86400:unknown"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var addr netip.Addr
			if tt.addr != "" {
				addr = netip.MustParseAddr(tt.addr)
			}
			if got := keys(tt.rules.OfNetwork(Act{Name: "a"}, addr)); !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestCountersCarryTheRule(t *testing.T) {
	rules := Rules{{Count: 6, Per: 24 * time.Hour, NetworkFactor: 16}}
	got := rules.OfNetwork(Act{Name: "a", Refusal: "no"}, netip.MustParseAddr("2001:db8::1"))
	want := []auth.Counter{
		{Key: "a:0:86400:2001:db8::/64", Limit: 6, Window: 24 * time.Hour, Refusal: "no"},
		{Key: "a:0:86400:2001:db8::/48", Limit: 96, Window: 24 * time.Hour, Refusal: "no"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// Neighbours in one /64 are one subscriber; what differs before that are two.
func TestNeighbours(t *testing.T) {
	tests := []struct {
		a, b string
		same bool
	}{
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true},
		{"2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"192.0.2.1", "192.0.2.2", false},
		{"192.0.2.1", "::ffff:192.0.2.1", true},
	}
	for _, tt := range tests {
		if got := Network(netip.MustParseAddr(tt.a)) == Network(netip.MustParseAddr(tt.b)); got != tt.same {
			t.Errorf("%s and %s: one network %v", tt.a, tt.b, got)
		}
	}
}

func TestTest(t *testing.T) {
	counters := Rules{{Count: 2, Per: time.Hour}, {Count: 5, Per: 24 * time.Hour}}.Counters(Act{Name: "a"}, "x")
	short, long := counters[0].Key, counters[1].Key
	tests := []struct {
		name string
		at   map[string]auth.CounterState
		want string
		wait time.Duration
	}{
		{"nothing counted", nil, "", 0},
		{"one left", map[string]auth.CounterState{short: {Count: 1, Wait: time.Minute}}, "", 0},
		{"full", map[string]auth.CounterState{short: {Count: 2, Wait: time.Minute}}, short, time.Minute},
		{"over, after the limit was lowered", map[string]auth.CounterState{short: {Count: 9, Wait: time.Minute}}, short, time.Minute},
		{"the window is over", map[string]auth.CounterState{short: {Count: 2}}, "", 0},
		{"both full", map[string]auth.CounterState{short: {Count: 2, Wait: time.Minute}, long: {Count: 5, Wait: time.Hour}}, long, time.Hour},
		{"both full, the shorter window for longer",
			map[string]auth.CounterState{short: {Count: 2, Wait: time.Hour}, long: {Count: 5, Wait: time.Minute}}, short, time.Hour},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Test(t.Context(), &states{at: tt.at}, counters)
			if err != nil {
				t.Fatal(err)
			}
			if tt.want == "" {
				if got != nil {
					t.Errorf("refused: %+v", got)
				}
				return
			}
			if got == nil || got.Counter.Key != tt.want || got.Wait != tt.wait {
				t.Errorf("got %+v, want %s for %v", got, tt.want, tt.wait)
			}
		})
	}
}

func TestRise(t *testing.T) {
	counters := Rules{{Count: 2, Per: time.Hour}, {Count: 5, Per: 24 * time.Hour}}.Counters(Act{Name: "a"}, "x")
	if got, err := Rise(t.Context(), &states{}, counters); got != nil || err != nil {
		t.Errorf("room left: %v, %v", got, err)
	}
	full := &auth.LimitError{Counter: counters[0], Wait: time.Minute}
	if got, err := Rise(t.Context(), &states{full: full}, counters); got != full || err != nil {
		t.Errorf("full: %v, %v", got, err)
	}
}

func TestNothingToCountCostsNothing(t *testing.T) {
	s := &states{}
	for _, f := range []func(context.Context, Store, []auth.Counter) (*auth.LimitError, error){Rise, Test} {
		if got, err := f(t.Context(), s, nil); got != nil || err != nil {
			t.Errorf("%v, %v", got, err)
		}
	}
	if s.rises+s.reads != 0 {
		t.Errorf("%d rises, %d reads", s.rises, s.reads)
	}
}

func TestStoreFaults(t *testing.T) {
	counters := Rules{{Count: 2, Per: time.Hour}}.Counters(Act{Name: "a"}, "x")
	s := &states{fail: errStore}
	if _, err := Rise(t.Context(), s, counters); !errors.Is(err, errStore) {
		t.Errorf("Rise: %v", err)
	}
	if _, err := Test(t.Context(), s, counters); !errors.Is(err, errStore) {
		t.Errorf("Test: %v", err)
	}
	if _, err := Test(t.Context(), &states{lost: true}, counters); err == nil {
		t.Error("an answer that is too short: no error")
	}
}
