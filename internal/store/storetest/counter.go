package storetest

import (
	"errors"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/store/sqlstore"
)

func testCounters(t *testing.T, f *fixture) {
	ctx := t.Context()
	three := auth.Counter{Key: "three", Limit: 3, Window: time.Hour}
	one := auth.Counter{Key: "one", Limit: 1, Window: 10 * time.Minute}
	f.try("nothing", f.Rise(ctx, nil))
	f.try("first", f.Rise(ctx, []auth.Counter{three, one}))
	f.pass(4 * time.Minute)
	f.states("after one", []auth.Counter{one, three}, auth.CounterState{Count: 1, Wait: 6 * time.Minute}, auth.CounterState{Count: 1, Wait: 56 * time.Minute})

	f.full("one is full", []auth.Counter{three, one}, auth.LimitError{Counter: one, Wait: 6 * time.Minute})
	f.states("nothing was counted", []auth.Counter{three}, auth.CounterState{Count: 1, Wait: 56 * time.Minute})
	f.try("second", f.Rise(ctx, []auth.Counter{three}))
	f.try("third", f.Rise(ctx, []auth.Counter{three}))
	f.full("three is full", []auth.Counter{three}, auth.LimitError{Counter: three, Wait: 56 * time.Minute})
	f.full("the longest wait is told", []auth.Counter{one, three}, auth.LimitError{Counter: three, Wait: 56 * time.Minute})

	// The window does not slide, and ends at the microsecond.
	f.pass(6*time.Minute - time.Microsecond)
	f.full("just before the end", []auth.Counter{one}, auth.LimitError{Counter: one, Wait: time.Millisecond})
	f.pass(time.Microsecond)
	f.states("at the end", []auth.Counter{one}, auth.CounterState{})
	f.try("a new window", f.Rise(ctx, []auth.Counter{one}))
	f.states("a new window", []auth.Counter{one}, auth.CounterState{Count: 1, Wait: 10 * time.Minute})

	three.Limit = 4
	f.try("a raised limit", f.Rise(ctx, []auth.Counter{three}))
	three.Limit = 2
	f.full("a lowered limit", []auth.Counter{three}, auth.LimitError{Counter: three, Wait: 50 * time.Minute})

	f.try("clear", f.Clear(ctx, []string{"three", "unknown"}))
	f.states("cleared", []auth.Counter{three, one}, auth.CounterState{}, auth.CounterState{Count: 1, Wait: 10 * time.Minute})
	f.try("clear nothing", f.Clear(ctx, nil))
	if err := f.Rise(ctx, []auth.Counter{three, three}); err == nil {
		t.Error("a counter was raised twice in one go")
	}
	f.full("limit 0", []auth.Counter{{Key: "z", Window: time.Hour}}, auth.LimitError{Counter: auth.Counter{Key: "z", Window: time.Hour}, Wait: time.Hour})
}

// testCountersOfAClockThatJumps: a window that was opened while the clock was far ahead holds nobody up for longer than its
// length and an hour; one that was opened a little ahead holds.
func testCountersOfAClockThatJumps(t *testing.T, f *fixture) {
	ctx := t.Context()
	far, near := auth.Counter{Key: "far", Limit: 1, Window: time.Hour}, auth.Counter{Key: "near", Limit: 1, Window: time.Hour}
	f.pass(365 * 24 * time.Hour)
	f.try("a year ahead", f.Rise(ctx, []auth.Counter{far}))
	f.pass(-365 * 24 * time.Hour)
	f.states("the clock is right again", []auth.Counter{far}, auth.CounterState{})
	f.try("the clock is right again", f.Rise(ctx, []auth.Counter{far}))
	f.full("a window as it is", []auth.Counter{far}, auth.LimitError{Counter: far, Wait: time.Hour})

	f.try("a little ahead", f.Rise(ctx, []auth.Counter{near}))
	f.pass(-time.Hour)
	f.states("set back", []auth.Counter{near}, auth.CounterState{Count: 1, Wait: 2 * time.Hour})
	f.full("set back", []auth.Counter{near}, auth.LimitError{Counter: near, Wait: 2 * time.Hour})
	f.pass(-time.Microsecond)
	f.try("set back by more", f.Rise(ctx, []auth.Counter{near}))
}

func (f *fixture) states(what string, cs []auth.Counter, want ...auth.CounterState) {
	f.Helper()
	got, err := f.Read(f.Context(), cs)
	f.try(what, err)
	f.want(what, got, want)
}

func (f *fixture) full(what string, cs []auth.Counter, want auth.LimitError) {
	f.Helper()
	var got *auth.LimitError
	if err := f.Rise(f.Context(), cs); !errors.As(err, &got) {
		f.Errorf("%s: %v", what, err)
		return
	}
	f.want(what, *got, want)
}

// testRiseRace: counters in crossed orders neither lose a rise, nor let one through, nor lock each other out.
func testRiseRace(t *testing.T, f *fixture) {
	a := auth.Counter{Key: "a", Limit: 40, Window: time.Hour}
	b := auth.Counter{Key: "b", Limit: 25, Window: time.Hour}
	errs := together(100, func(i int) error {
		if i%2 == 0 {
			return f.Rise(f.Context(), []auth.Counter{a, b})
		}
		return f.Rise(f.Context(), []auth.Counter{b, a})
	})
	good, full, other := count(errs, nil)
	f.want("raised, refused, faults", []any{good, full, other}, []any{25, 75, nil})
	f.states("in the end", []auth.Counter{a, b}, auth.CounterState{Count: 25, Wait: time.Hour}, auth.CounterState{Count: 25, Wait: time.Hour})
}

// testDatabaseClock: without a clock of the test's, time is the database's. It is only compared within a day.
func testDatabaseClock(t *testing.T, f *fixture) {
	ctx := t.Context()
	s := f.open(t, sqlstore.Options{Migrate: true})
	a, err := s.CreateAccount(ctx, draft("Ann"))
	f.try("create", err)
	near := func(at time.Time) bool { return time.Until(at).Abs() < 24*time.Hour }
	entries, err := s.LogEntries(ctx, auth.LogQuery{Limit: 1})
	f.try("log", err)
	if !near(a.Registered) || !near(entries[0].Time) {
		t.Errorf("registered %v, logged %v", a.Registered, entries[0].Time)
	}
	c := auth.Counter{Key: "k", Limit: 1, Window: 1000 * time.Hour}
	f.try("rise", s.Rise(ctx, []auth.Counter{c}))
	var limit *auth.LimitError
	if err := s.Rise(ctx, []auth.Counter{c}); !errors.As(err, &limit) || limit.Wait > c.Window || limit.Wait < c.Window-24*time.Hour {
		t.Errorf("rise again: %v, %+v", err, limit)
	}
	f.try("put", s.PutFlow(ctx, auth.Flow{ID: "live", Expires: time.Now().Add(24 * time.Hour)}))
	f.try("put", s.PutFlow(ctx, auth.Flow{ID: "dead", Expires: time.Now().Add(-24 * time.Hour)}))
	_, err = s.PeekFlow(ctx, "dead")
	f.refused("dead flow", err, auth.ErrNotFound)
	_, err = s.ClaimFlow(ctx, "live")
	f.try("live flow", err)
}
