package storetest

import (
	"fmt"
	"testing"
	"time"

	"gatehouse/auth"
)

func (f *fixture) session(id string, account auth.AccountID) auth.SessionRow {
	return auth.SessionRow{ID: auth.SessionID(id), Account: account, Authenticated: f.now, Expires: f.now.Add(time.Hour)}
}

func testSessions(t *testing.T, f *fixture) {
	ctx := t.Context()
	ann, ben := f.make("Ann"), f.make("Ben")
	_, _, err := f.Session(ctx, "a")
	f.refused("none", err, auth.ErrNotFound)

	first := f.session("a", ann.ID)
	f.try("start", f.StartSession(ctx, first, ""))
	row, account, err := f.Session(ctx, "a")
	f.try("read", err)
	f.want("session", []any{row, account}, []any{first, ann})
	_, _, err = f.RememberedSession(ctx, "")
	f.refused("remembered by nothing", err, auth.ErrNotFound)

	f.pass(time.Minute)
	second := f.session("b", ann.ID)
	second.Remember = "r"
	f.try("replace", f.StartSession(ctx, second, "a"))
	_, _, err = f.Session(ctx, "a")
	f.refused("replaced", err, auth.ErrNotFound)
	row, account, err = f.RememberedSession(ctx, "r")
	f.try("remembered", err)
	f.want("remembered", []any{row, account}, []any{second, ann})
	_, _, err = f.RememberedSession(ctx, "b")
	f.refused("remembered by the id", err, auth.ErrNotFound)
	if err := f.StartSession(ctx, f.session("b", ann.ID), "zzz"); err == nil {
		t.Error("two sessions have one id")
	}

	f.try("renew", f.RenewSession(ctx, "b", f.now.Add(5*time.Hour)))
	f.try("renew nothing", f.RenewSession(ctx, "zzz", f.now))
	f.pass(10 * time.Hour)
	row, _, err = f.Session(ctx, "b")
	f.try("expired ones are given too", err)
	second.Expires = f.now.Add(-5 * time.Hour)
	f.want("renewed", row, second)

	third := f.session("c", ann.ID)
	f.try("start", f.StartSession(ctx, third, "unknown"))
	f.try("start", f.StartSession(ctx, f.session("d", ben.ID), ""))
	rows, err := f.SessionsOf(ctx, ann.ID)
	f.try("list", err)
	f.want("list", rows, []auth.SessionRow{third, second})
	f.try("end", f.EndSession(ctx, "c"))
	f.try("end again", f.EndSession(ctx, "c"))
	f.try("end all", f.EndSessionsOf(ctx, ann.ID))
	rows, err = f.SessionsOf(ctx, ann.ID)
	f.try("list", err)
	f.want("list", len(rows), 0)
	_, _, err = f.Session(ctx, "d")
	f.try("the other's", err)
}

func testKeys(t *testing.T, f *fixture) {
	ctx := t.Context()
	keys, err := f.Keys(ctx)
	f.try("none", err)
	f.want("none", len(keys), 0)
	var added [50]bool
	errs := together(50, func(i int) (err error) {
		added[i], err = f.AddKey(ctx, auth.KeyRow{ID: 1, Wrapped: []byte(fmt.Sprint(i)), Created: f.now, SignsFrom: f.now})
		return err
	})
	good, _, other := count(errs, nil)
	f.want("calls", []any{good, other}, []any{50, nil})
	winner := -1
	for i, ok := range added {
		if ok && winner >= 0 {
			t.Error("two callers added one key")
		}
		if ok {
			winner = i
		}
	}
	ok, err := f.AddKey(ctx, auth.KeyRow{ID: 2, Wrapped: []byte{0, 1}, Created: f.now, SignsFrom: f.now.Add(time.Hour)})
	f.try("add", err)
	f.want("second key", ok, true)
	keys, err = f.Keys(ctx)
	f.try("read", err)
	f.want("keys", keys, []auth.KeyRow{
		{ID: 1, Wrapped: []byte(fmt.Sprint(winner)), Created: f.now, SignsFrom: f.now},
		{ID: 2, Wrapped: []byte{0, 1}, Created: f.now, SignsFrom: f.now.Add(time.Hour)},
	})
}
