package storetest

import (
	"testing"
	"time"

	"gatehouse/auth"
)

// testPurge: what has ended goes, what has not stays, over more rows than one transaction removes.
func testPurge(t *testing.T, f *fixture) {
	ctx := t.Context()
	ann := f.make("Ann")
	short := auth.Counter{Key: "short", Limit: 1, Window: time.Minute}
	long := auth.Counter{Key: "long", Limit: 1, Window: time.Hour}
	f.try("rise", f.Rise(ctx, []auth.Counter{short, long}))
	ended, forever := rangeBlock("192.0.2.0/24"), rangeBlock("192.0.2.1/32")
	ended.Expires = f.now.Add(time.Minute)
	for _, b := range []auth.Block{ended, forever} {
		_, err := f.AddBlock(ctx, b)
		f.try("block", err)
	}
	live := f.flow("live")
	live.Expires = f.now.Add(time.Hour)
	dead := f.flow("dead")
	dead.Expires = f.now.Add(time.Minute)
	f.try("flow", f.PutFlow(ctx, live))
	f.try("flow", f.PutFlow(ctx, dead))
	deadSession := f.session("dead", ann.ID)
	deadSession.Expires = f.now.Add(time.Minute)
	f.try("session", f.StartSession(ctx, deadSession, ""))
	f.try("session", f.StartSession(ctx, f.session("live", ann.ID), ""))

	f.pass(time.Minute)
	f.try("purge", f.Purge(ctx))
	written := f.Writes()
	f.try("purge again", f.Purge(ctx))
	f.want("a purge with nothing to do", f.Writes(), written)
	_, err := f.PeekFlow(ctx, "live")
	f.try("live flow", err)
	f.states("counters", []auth.Counter{short, long}, auth.CounterState{}, auth.CounterState{Count: 1, Wait: 59 * time.Minute})
	blocks, err := f.ListBlocks(ctx, auth.BlockQuery{Limit: 10})
	f.try("blocks", err)
	f.want("blocks", len(blocks), 1)
	sessions, err := f.SessionsOf(ctx, ann.ID)
	f.try("sessions", err)
	f.want("sessions", len(sessions), 1)

	// With the clock back where it was, what was purged is seen to be gone and not just hidden.
	f.pass(-time.Minute)
	_, err = f.PeekFlow(ctx, "dead")
	f.refused("dead flow", err, auth.ErrNotFound)
	f.states("counters", []auth.Counter{short}, auth.CounterState{})
	blocks, err = f.ListBlocks(ctx, auth.BlockQuery{Limit: 10})
	f.try("blocks", err)
	f.want("blocks", len(blocks), 1)
	f.want("account", f.rows()[0], 1)
}

// testReadsWriteNothing: what an anonymous visitor's reading needs commits no transaction.
func testReadsWriteNothing(t *testing.T, f *fixture) {
	ctx := t.Context()
	f.want("a new store", f.Writes(), 0)
	a := f.make("Ann")
	f.try("ping", f.Ping(ctx))
	version, err := f.SchemaVersion(ctx)
	f.try("version", err)
	if version < 1 {
		t.Errorf("schema version %d", version)
	}
	f.want("one creation", f.Writes(), 1)
	for range 10 {
		f.AccountByName(ctx, "Nobody")
		f.AccountByID(ctx, a.ID)
		f.AccountsByName(ctx, []auth.Name{"Ann"})
		f.Accounts(ctx, auth.AccountQuery{Limit: 1})
		f.BlocksOn(ctx, auth.Creator{Account: a, Addr: addr("192.0.2.1")})
		f.LogEntries(ctx, auth.LogQuery{Limit: 1})
		f.Read(ctx, []auth.Counter{{Key: "k"}})
		f.PeekFlow(ctx, "a")
		f.Session(ctx, "a")
		f.Keys(ctx)
		f.Credential(ctx, a.ID, auth.CredentialPassword)
		f.Credentials(ctx, a.ID)
	}
	f.want("reads", f.Writes(), 1)
	if _, err := f.CreateAccount(ctx, draft("Ann")); err != nil {
		t.Errorf("the same creation again: %v", err)
	}
	f.try("close", f.Close())
	if _, err := f.CreateAccount(ctx, draft("Ben")); err == nil {
		t.Error("a closed store made an account")
	}
	if err := f.Ping(ctx); err == nil {
		t.Error("a closed store can be reached")
	}
}
