package storetest

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"gatehouse/auth"
)

// testEventPasses: what is kept of a pass, what it was used for, and when it is over.
func testEventPasses(t *testing.T, f *fixture) {
	ctx := t.Context()
	open := func(want bool) {
		t.Helper()
		got, err := f.AnyPassOpen(ctx)
		f.try("look", err)
		f.want("any open", got, want)
	}
	open(false)
	p := auth.EventPass{
		Digest: "digest", Count: 2, Network: netip.MustParsePrefix("192.0.2.0/24"), Note: "library", By: "Boss",
		Created: f.now, Ends: f.now.Add(time.Hour),
	}
	added, err := f.AddPass(ctx, p)
	f.try("add", err)
	p.ID = added.ID
	f.want("added", added, p)
	if _, err := f.AddPass(ctx, p); err == nil {
		t.Error("two passes have one code")
	}
	open(true)

	for _, name := range []string{"Ann", "Ben", "Cid"} {
		d := draft(name)
		d.Log.Tag, d.Counters = p.Tag(), []auth.Counter{p.Counter(f.now)}
		_, err := f.CreateAccount(ctx, d)
		var limit *auth.LimitError
		if full := name == "Cid"; full != errors.As(err, &limit) || !full && err != nil {
			t.Errorf("creation of %s: %v", name, err)
		}
	}
	f.make("Dan")
	p.Used = 2
	got, err := f.PassByDigest(ctx, "digest")
	f.try("read", err)
	f.want("used", got, p)
	tagged, err := f.LogEntries(ctx, auth.LogQuery{Type: auth.LogNewUsers, Tag: p.Tag(), OldestFirst: true, Limit: 9})
	f.try("log", err)
	f.want("tagged", []any{len(tagged), tagged[0].Target, tagged[1].Tag}, []any{2, auth.Name("Ann"), p.Tag()})
	_, err = f.PassByDigest(ctx, "other")
	f.want("another digest", errors.Is(err, auth.ErrNotFound), true)

	f.pass(time.Hour)
	open(false)
	second, err := f.AddPass(ctx, auth.EventPass{Digest: "second", Count: 1, Created: f.now, Ends: f.now.Add(time.Hour)})
	f.try("add", err)
	open(true)
	for _, want := range []bool{true, false} {
		done, err := f.RevokePass(ctx, second.ID)
		f.try("revoke", err)
		f.want("revoked", done, want)
	}
	open(false)
	second.Revoked = f.now
	all, err := f.Passes(ctx)
	f.try("list", err)
	f.want("all", all, []auth.EventPass{second, p})
}
