package funnel

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"gatehouse/auth"
)

// counted is what the counters hold, by step or code, client and language.
func counted(c *Counters) map[string]int64 {
	out := map[string]int64{}
	c.Each(func(cell auth.FunnelCell, n int64) {
		out[string(cell.Step)+cell.Code+" "+cell.Client+" "+cell.Language] = n
	})
	return out
}

func wants(t *testing.T, what string, got, want map[string]int64) {
	t.Helper()
	if !maps.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestWhoIsCountedAs(t *testing.T) {
	for _, tt := range []struct {
		a    auth.Audience
		want string
	}{
		{auth.Audience{Via: auth.ViaPage, Language: "en"}, "shown page en"},
		{auth.Audience{Via: auth.ViaAPI, Language: "zh-hant"}, "shown api zh-hant"},
		{auth.Audience{Via: auth.ViaSandbox, Language: "de-at"}, "shown sandbox de"},
		{auth.Audience{Via: auth.ViaSandbox, SignedIn: true, Language: "nan"}, "shown account nan"},
		{auth.Audience{Via: "elsewhere", Language: "tlh"}, "shown page other"},
		{auth.Audience{Via: auth.ViaPage, Language: "qqx"}, "shown page other"},
		{auth.Audience{Via: auth.ViaPage, Language: "zh"}, "shown page other"},
	} {
		c := NewCounters()
		c.Shown(tt.a)
		wants(t, tt.want, counted(c), map[string]int64{tt.want: 1})
	}
}

func TestOutcomes(t *testing.T) {
	from := auth.Audience{Via: auth.ViaAPI, Language: "hu"}
	for _, tt := range []struct {
		name string
		o    auth.Outcome
		want []string
	}{
		{"a sign-in", auth.Outcome{Flow: "login", Status: auth.Fail, Begins: true, From: from}, nil},
		{"all at once", auth.Outcome{Flow: "create", Status: auth.Pass, Begins: true, Reached: auth.ReachedCaptcha | auth.ReachedAccount, From: from},
			[]string{"submitted", "captcha", "made", "done"}},
		{"sent away", auth.Outcome{Flow: "create", Status: auth.Redirect, Begins: true, Reached: auth.ReachedAway, From: from}, []string{"submitted", "away"}},
		{"back", auth.Outcome{Flow: "create", Status: auth.UI, Reached: auth.ReachedReturn | auth.ReachedAccount | auth.ReachedOffer, From: from},
			[]string{"returned", "made", "offered"}},
		{"skipped", auth.Outcome{Flow: "create", Status: auth.Pass, Reached: auth.ReachedSkipping, From: from}, []string{"skipped", "done"}},
		{"set up", auth.Outcome{Flow: "create", Status: auth.Pass, Reached: auth.ReachedFactor, From: from}, []string{"factor", "done"}},
		{"refused", auth.Outcome{Flow: "create", Status: auth.Fail, Reason: "userexists", Begins: true, From: from}, []string{"submitted", "refuseduserexists"}},
		{"a code of ours", auth.Outcome{Flow: "create", Status: auth.Fail, Reason: "gatehouse-eventpass-bad", From: from}, []string{"refusedeventpass-bad"}},
		{"an unknown code", auth.Outcome{Flow: "create", Status: auth.Fail, Reason: "somebody-elses", From: from}, []string{"refusedother"}},
		{"a fault", auth.Outcome{Flow: "create", Status: "FAULT", Begins: true, From: from}, []string{"submitted", "refusedfault"}},
	} {
		c, want := NewCounters(), map[string]int64{}
		c.Outcome(tt.o)
		for _, w := range tt.want {
			want[w+" api hu"] = 1
		}
		wants(t, tt.name, counted(c), want)
	}
}

// The first step is a page that everybody reads: counting it makes no garbage.
func TestCountingMakesNoGarbage(t *testing.T) {
	c := NewCounters()
	if n := testing.AllocsPerRun(100, func() { c.Shown(auth.Audience{Via: auth.ViaAPI, Language: "de-at"}) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// drawer is a Store that remembers, and breaks when told to.
type drawer struct {
	writes int
	sums   []auth.FunnelSum
	broken error
}

func (d *drawer) AddFunnel(_ context.Context, sums []auth.FunnelSum) error {
	if d.broken != nil {
		return d.broken
	}
	d.writes++
	d.sums = append(d.sums, sums...)
	return nil
}

func (d *drawer) Funnel(_ context.Context, from time.Time) ([]auth.FunnelSum, error) {
	var out []auth.FunnelSum
	for _, s := range d.sums {
		if !s.Hour.Before(from) {
			out = append(out, s)
		}
	}
	return out, nil
}

func byHour(sums []auth.FunnelSum) map[string]int64 {
	out := map[string]int64{}
	for _, s := range sums {
		out[s.Hour.Format("15 ")+string(s.Step)+s.Code] += s.Count
	}
	return out
}

// TestLooksWriteNothing: what was only looked at waits, under its own hour, for the next form that is sent in.
func TestLooksWriteNothing(t *testing.T) {
	now := time.Date(2030, 1, 2, 3, 30, 0, 0, time.UTC)
	c, d := NewCounters(), &drawer{}
	l := NewLedger(c, d, func() time.Time { return now })
	a := auth.Audience{Via: auth.ViaPage, Language: "en"}
	flush := func(all bool, writes int) {
		t.Helper()
		if err := l.Flush(t.Context(), all); err != nil || d.writes != writes {
			t.Errorf("%d writes, %v; want %d", d.writes, err, writes)
		}
	}
	sums := func(want map[string]int64) {
		t.Helper()
		got, err := l.Sums(t.Context(), now.Add(-24*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		wants(t, "sums", byHour(got), want)
	}
	flush(true, 0)
	c.Shown(a)
	c.Closed(a)
	flush(false, 0)
	now = now.Add(time.Hour)
	c.Shown(a)
	flush(false, 0)
	sums(map[string]int64{"03 shown": 1, "03 closed": 1, "04 shown": 1})
	c.TurnedAway(a, "badtoken", true)
	d.broken = errors.New("not now")
	if err := l.Flush(t.Context(), false); err == nil {
		t.Error("no error")
	}
	d.broken = nil
	want := map[string]int64{"03 shown": 1, "03 closed": 1, "04 shown": 1, "04 submitted": 1, "04 refusedbadtoken": 1}
	sums(want)
	flush(false, 1)
	flush(false, 1)
	sums(want)
	c.Shown(a)
	flush(false, 1)
	flush(true, 2)
	want["04 shown"] = 2
	sums(want)
	c.Shown(a)
	l.collect()
	now = now.Add(Kept + 2*time.Hour)
	l.collect()
	if len(l.pending) != 0 {
		t.Errorf("still pending: %v", l.pending)
	}
}
