package throttle

import (
	"context"
	"slices"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/username"
)

// shelf has counters that are full, an account, and remembers what it is asked and told.
type shelf struct {
	asked auth.FullQuery
	log   []auth.LogEntry
}

func (s *shelf) FullCounters(_ context.Context, q auth.FullQuery) ([]auth.CounterRow, error) {
	s.asked = q
	var out []auth.CounterRow
	for _, key := range []string{
		"create:0:86400:everybody", "create:0:86400:account 7", "create:1:60:account 8", "create:0:86400:192.0.2.1", "attempt:0:60:2001:db8::/64",
		"login:0:300:2001:db8::/64 " + "0123456789abcdef0123456789abcdef", "login:0:300:192.0.2.1 0123456789abcdef0123456789abcdef", "mail-domain:0:60:example.org",
	} {
		out = append(out, auth.CounterRow{Key: key, Count: 1, Limit: 1, Wait: time.Minute})
	}
	return out, nil
}

func (s *shelf) LiftCounter(_ context.Context, _ string, e auth.LogEntry) (bool, error) {
	s.log = append(s.log, e)
	return true, nil
}

func (s *shelf) LogEntries(context.Context, auth.LogQuery) ([]auth.LogEntry, error) {
	return s.log, nil
}

func (s *shelf) AccountsByID(context.Context, []auth.AccountID) ([]auth.Account, error) {
	return []auth.Account{{ID: 7, Name: "8"}}, nil // a name that looks like a number
}

func TestDesk(t *testing.T) {
	s := &shelf{}
	d := NewDesk(s, username.NewRules(username.Options{}), []Limited{
		{Act: "create", Rules: Rules{{Count: 6, Per: time.Hour, NetworkFactor: 16}, {Count: 0, Per: time.Hour}}},
		{Act: "create", Rules: Rules{{Count: 500, Per: time.Hour, NetworkFactor: 16}}, Everybody: true},
		{Act: "logins", Rules: Rules{{Count: 5, Per: time.Minute, NetworkFactor: 10}}, Widened: true},
	})
	var told []auth.LimitWindow
	for _, r := range d.Rules() {
		told = append(told, r.Windows...)
	}
	want := []auth.LimitWindow{{Count: 6, Per: time.Hour, Wide: 96}, {Count: 500, Per: time.Hour}, {Count: 50, Per: time.Minute, Wide: 500}}
	if !slices.Equal(told, want) {
		t.Errorf("rules: %v, want %v", told, want)
	}
	full, err := d.Full(t.Context(), auth.FullQuery{Search: "jo Ann"})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.asked; !slices.Equal(got.Acts, []string{"create", "create", "logins"}) ||
		!slices.Equal(got.Parts, []string{":jo Ann", " " + NameKey(d.names, "Jo Ann")}) {
		t.Errorf("asked %+v", got)
	}
	type seen struct {
		who          string
		account      auth.Name
		name, public bool
	}
	var got []seen
	for _, l := range full {
		got = append(got, seen{l.Who, l.Account, l.OfName, l.Everybody})
	}
	wants := []seen{
		{"everybody", "", false, true}, {"account 7", "8", false, false}, {"account 8", "8", false, false}, {"192.0.2.1", "", false, false},
		{"2001:db8::/64", "", false, false}, {"2001:db8::/64", "", true, false}, {"192.0.2.1", "", true, false}, {"example.org", "", false, false},
	}
	if !slices.Equal(got, wants) {
		t.Errorf("got  %v\nwant %v", got, wants)
	}
	for key, may := range map[string]bool{"create:0:86400:192.0.2.1": true, "oath:0:60:7": false, "eventpass:1": false, "": false, "creates:0:1:x": false} {
		if lifted, err := d.Lift(t.Context(), auth.Account{ID: 3, Name: "Boss"}, key); err != nil || lifted != may {
			t.Errorf("%q: %v, %v", key, lifted, err)
		}
	}
	if len(s.log) != 1 || s.log[0].Target != "192.0.2.1" || s.log[0].Performer != "Boss" || s.log[0].Comment != "create" || s.log[0].Type != auth.LogLimits {
		t.Errorf("logged %+v", s.log)
	}
}
