package storetest

import (
	"testing"
	"time"

	"gatehouse/auth"
)

// testFullCounters: only counters of the acts that are asked for, only while they are full, and one that is lifted is gone
// together with an entry.
func testFullCounters(t *testing.T, f *fixture) {
	ctx := t.Context()
	rise := func(key string, limit int64, times int) {
		for range times {
			f.try("rise", f.Rise(ctx, []auth.Counter{{Key: key, Limit: limit, Window: time.Hour}}))
		}
	}
	rise("create:0:3600:192.0.2.1", 2, 2)
	rise("create:0:3600:192.0.2.2", 2, 1)
	rise("create:0:3600:account 7", 1, 1)
	rise("creates:0:3600:192.0.2.1", 1, 1)
	rise("login:0:3600:192.0.2.1 ab_cd", 1, 1)
	rise("login:0:3600:192.0.2.1 abxcd", 1, 1)
	keys := func(q auth.FullQuery) (out []string) {
		t.Helper()
		if q.Limit == 0 {
			q.Limit = 9
		}
		rows, err := f.FullCounters(ctx, q)
		f.try("list", err)
		for _, r := range rows {
			f.want("full", r.Count >= r.Limit && r.Wait > 0, true)
			out = append(out, r.Key)
		}
		return out
	}
	f.want("nothing asked for", len(keys(auth.FullQuery{})), 0)
	f.want("creations", keys(auth.FullQuery{Acts: []string{"create"}}), []string{"create:0:3600:192.0.2.1", "create:0:3600:account 7"})
	f.want("a part of the key", keys(auth.FullQuery{Acts: []string{"login", "create"}, Parts: []string{" ab_cd", ":account"}}),
		[]string{"create:0:3600:account 7", "login:0:3600:192.0.2.1 ab_cd"})
	f.want("the first", keys(auth.FullQuery{Acts: []string{"create", "login"}, Limit: 1}), []string{"create:0:3600:192.0.2.1"})
	f.want("behind it", keys(auth.FullQuery{Acts: []string{"create"}, After: "create:0:3600:192.0.2.1"}), []string{"create:0:3600:account 7"})

	e := auth.LogEntry{Type: auth.LogLimits, Action: auth.LogLifted, Performer: "Boss", Target: "192.0.2.1"}
	for _, want := range []bool{true, false} {
		lifted, err := f.LiftCounter(ctx, "create:0:3600:192.0.2.1", e)
		f.try("lift", err)
		f.want("lifted", lifted, want)
	}
	entries, err := f.LogEntries(ctx, auth.LogQuery{Type: auth.LogLimits, Limit: 9})
	f.try("read log", err)
	f.want("entries", len(entries), 1)
	f.want("left", keys(auth.FullQuery{Acts: []string{"create"}}), []string{"create:0:3600:account 7"})
	f.now = f.now.Add(time.Hour)
	f.want("when the window has ended", len(keys(auth.FullQuery{Acts: []string{"create", "login"}})), 0)
	f.now = f.now.Add(31 * 24 * time.Hour)
	f.try("purge", f.Purge(ctx))
	entries, err = f.LogEntries(ctx, auth.LogQuery{Type: auth.LogLimits, Limit: 9})
	f.try("read log", err)
	f.want("entries in the end", len(entries), 0)
}

// testPrivateLogs: who asks for every log gets the public ones.
func testPrivateLogs(t *testing.T, f *fixture) {
	ctx := t.Context()
	for _, kind := range []string{auth.LogNewUsers, auth.LogBlock, auth.LogRights, auth.LogLimits, "mail"} {
		_, err := f.WriteLog(ctx, auth.LogEntry{Type: kind, Action: "x", Target: "192.0.2.1"})
		f.try("write", err)
	}
	entries, err := f.LogEntries(ctx, auth.LogQuery{Limit: 9, OldestFirst: true})
	f.try("read", err)
	var got []string
	for _, e := range entries {
		got = append(got, e.Type)
	}
	f.want("public", got, auth.PublicLogs())
	private, err := f.LogEntries(ctx, auth.LogQuery{Type: "mail", Limit: 9})
	f.try("read", err)
	f.want("private, by name", len(private), 1)
}

// testMailByState: mail is counted by state, and listed from either end.
func testMailByState(t *testing.T, f *fixture) {
	ctx := t.Context()
	var items []auth.OutboxItem
	for _, id := range []string{"a", "b", "c"} {
		items = append(items, auth.OutboxItem{MessageID: id, Kind: "confirm", Domain: "example.org", Sealed: []byte("x"), Expires: f.now.Add(time.Hour)})
	}
	f.try("queue", f.QueueMail(ctx, items, nil))
	_, err := f.ClaimMail(ctx, auth.MailLease{Name: "l", For: time.Minute}, 1)
	f.try("claim", err)
	_, err = f.FinishMail(ctx, auth.MailOutcome{ID: 1, Lease: "l", State: auth.MailSent})
	f.try("finish", err)
	got, err := f.MailStates(ctx)
	f.try("count", err)
	f.want("states", got, map[auth.MailState]int64{auth.MailSent: 1, auth.MailQueued: 2})
	ids := func(q auth.MailQuery) (out []int64) {
		rows, err := f.Mails(ctx, q)
		f.try("list", err)
		for _, m := range rows {
			out = append(out, m.ID)
		}
		return out
	}
	f.want("newest first", ids(auth.MailQuery{NewestFirst: true, Limit: 2}), []int64{3, 2})
	f.want("behind those", ids(auth.MailQuery{NewestFirst: true, After: 2, Limit: 2}), []int64{1})
	f.want("oldest first", ids(auth.MailQuery{After: 1, Limit: 9}), []int64{2, 3})
}
