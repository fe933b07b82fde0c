package eventpass

import (
	"context"
	"crypto/rand"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/authtest"
)

// desk is where one pass is kept, under a clock that is moved by hand.
type desk struct {
	pass  auth.EventPass
	code  string
	now   time.Time
	asked int
	fail  error
}

func newDesk(t *testing.T, network string) *desk {
	t.Helper()
	d := &desk{now: time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)}
	order := auth.PassOrder{Count: 2, For: time.Hour}
	if network != "" {
		order.Network = netip.MustParsePrefix(network)
	}
	var err error
	if d.pass, d.code, err = auth.NewEventPass(order, d.now, rand.Reader); err != nil {
		t.Fatal(err)
	}
	d.pass.ID = 7
	return d
}

func (d *desk) clock() time.Time { return d.now }

func (d *desk) AnyPassOpen(context.Context) (bool, error) {
	d.asked++
	return d.pass.Open(d.now), d.fail
}

func (d *desk) PassByDigest(_ context.Context, digest string) (auth.EventPass, error) {
	if digest != d.pass.Digest {
		return auth.EventPass{}, auth.ErrNotFound
	}
	return d.pass, d.fail
}

func (d *desk) offered(t *testing.T, p *Provider) int {
	t.Helper()
	requests, err := p.Requests(t.Context(), auth.Options{Action: auth.ActionCreate, Creator: authtest.Visitor()})
	if err != nil {
		t.Fatal(err)
	}
	return len(requests)
}

func TestProvider(t *testing.T) {
	d := newDesk(t, "")
	authtest.Run(t, authtest.Case{
		New:        func(*testing.T) auth.Provider { return New(d, d.clock) },
		Submission: map[string]string{field: d.code},
	})
}

// The field is offered while a pass is open, and the store is asked for that once a second at most.
func TestOfferedWhileOpen(t *testing.T) {
	d := newDesk(t, "")
	p := New(d, d.clock)
	for range 5 {
		if d.offered(t, p) != 1 {
			t.Error("an open pass offers nothing")
		}
	}
	if d.asked != 1 {
		t.Errorf("the store was asked %d times within a second", d.asked)
	}
	d.now = d.pass.Ends
	if d.offered(t, p) != 0 || d.asked != 2 {
		t.Errorf("a pass that is over is offered (asked %d times)", d.asked)
	}
	d.now, d.fail = d.now.Add(time.Minute), errors.New("the store is away")
	if _, err := p.Requests(t.Context(), auth.Options{Action: auth.ActionCreate}); !errors.Is(err, d.fail) {
		t.Errorf("the store's fault became %v", err)
	}
}

func TestCodes(t *testing.T) {
	const full, over, elsewhere = "gatehouse-eventpass-full", "gatehouse-eventpass-over", "gatehouse-eventpass-elsewhere"
	open := func(*desk) {}
	for _, tt := range []struct {
		name    string
		network string
		change  func(*desk)
		typed   func(code string) string
		want    string // "" = it lifts the throttle, "-" = as if there were none
	}{
		{"as printed", "", open, strings.ToUpper, ""},
		{"small letters, no hyphens", "", open, func(c string) string { return strings.ToLower(strings.ReplaceAll(c, "-", "")) }, ""},
		{"nothing", "", open, func(string) string { return " \t" }, "-"},
		{"cut", "", open, func(c string) string { return c[:len(c)-1] }, string(keyBad)},
		{"something else", "", open, func(string) string { return "open sesame" }, string(keyBad)},
		{"one letter wrong", "", open, func(c string) string { return swap(c[:1]) + c[1:] }, string(keyBad)},
		{"at its network", "192.0.2.0/24", open, strings.ToUpper, ""},
		{"elsewhere", "198.51.100.0/24", open, strings.ToUpper, elsewhere},
		{"last second", "", func(d *desk) { d.now = d.pass.Ends.Add(-time.Second) }, strings.ToUpper, ""},
		{"over", "", func(d *desk) { d.now = d.pass.Ends }, strings.ToUpper, over},
		{"revoked", "", func(d *desk) { d.pass.Revoked = d.now }, strings.ToUpper, over},
		{"one left", "", func(d *desk) { d.pass.Used = 1 }, strings.ToUpper, ""},
		{"used up", "", func(d *desk) { d.pass.Used = 2 }, strings.ToUpper, full},
	} {
		d := newDesk(t, tt.network)
		p := New(d, d.clock)
		requests := p.asked
		tt.change(d)
		c := &auth.Creation{
			Creator: authtest.Visitor(),
			Answers: auth.Load(requests, auth.Submission{Texts: map[string]string{field: tt.typed(d.code)}}),
		}
		check, err := p.TestForCreation(t.Context(), c)
		got := "-"
		switch {
		case err != nil:
			t.Errorf("%s: %v", tt.name, err)
		case !check.OK():
			got = string(check.Findings[0].Key)
		case c.Subject.Pass == 7:
			got = ""
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		var draft auth.Draft
		if err := p.ContributeToDraft(t.Context(), c, &draft); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if counted := len(draft.Counters) == 1; counted != (tt.want == "") {
			t.Errorf("%s: %d counters", tt.name, len(draft.Counters))
		}
	}
}

func swap(letter string) string {
	if letter == "A" {
		return "B"
	}
	return "A"
}
