package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"gatehouse/auth"
)

// rows counts everything that a creation leaves, in the order account, log, outbox.
func (f *fixture) rows() [3]int {
	f.Helper()
	ctx := f.Context()
	as, err := f.Accounts(ctx, auth.AccountQuery{Limit: 1000})
	f.try("accounts", err)
	es, err := f.LogEntries(ctx, auth.LogQuery{Limit: 1000})
	f.try("log", err)
	os, err := f.Mails(ctx, auth.MailQuery{Limit: 1000})
	f.try("outbox", err)
	return [3]int{len(as), len(es), len(os)}
}

func testCreation(t *testing.T, f *fixture) {
	ctx := t.Context()
	d := draft("Ann")
	d.Credentials = append(d.Credentials, auth.Credential{Kind: "totp", Value: "secret"})
	notice := auth.OutboxItem{MessageID: "a notice", Kind: "notice", Account: 7, Domain: "example.net", Expires: f.now.Add(time.Hour)}
	d.Outbox = append(d.Outbox, notice)
	d.Counters = []auth.Counter{{Key: "create:1", Limit: 2, Window: time.Hour}, {Key: "create:0", Limit: 3, Window: time.Hour}}
	a, err := f.CreateAccount(ctx, d)
	f.try("create", err)

	want := d.Account
	want.ID, want.Registered = 1, f.now
	f.want("account", a, want)
	for kind, value := range map[auth.CredentialKind]string{"password": "hash of Ann", "totp": "secret"} {
		got, err := f.Credential(ctx, a.ID, kind)
		f.try("credential", err)
		f.want("credential", got, value)
	}
	entries, err := f.LogEntries(ctx, auth.LogQuery{Limit: 10})
	f.try("log", err)
	f.want("log", entries, []auth.LogEntry{{ID: 1, Type: "newusers", Action: "create", PerformerID: 1, Performer: "Ann",
		TargetID: 1, Target: "Ann", Time: f.now.Truncate(time.Second)}})
	mails, err := f.Mails(ctx, auth.MailQuery{Limit: 10})
	f.try("mails", err)
	confirm := mailTo("Ann")
	confirm.Account, confirm.Sealed = a.ID, nil
	f.want("mails", mails, []auth.MailRow{
		{ID: 1, OutboxItem: confirm, State: auth.MailQueued, Due: f.now, Queued: f.now},
		{ID: 2, OutboxItem: notice, State: auth.MailQueued, Due: f.now, Queued: f.now},
	})
	whole, err := f.Mail(ctx, 1)
	f.try("mail", err)
	f.want("body", whole.Sealed, mailTo("Ann").Sealed)
	states, err := f.Read(ctx, d.Counters)
	f.try("counters", err)
	f.want("counters", states, []auth.CounterState{{Count: 1, Wait: time.Hour}, {Count: 1, Wait: time.Hour}})
}

func testCreationByAnother(t *testing.T, f *fixture) {
	ctx := t.Context()
	boss := f.make("Boss")
	d := draft("Ann")
	d.Log = auth.LogEntry{Type: auth.LogNewUsers, Action: auth.LogByEmail, PerformerID: boss.ID, Performer: "Boss", Target: "Ann",
		Comment: "a reason", Time: f.now.Add(-time.Minute)}
	a, err := f.CreateAccount(ctx, d)
	f.try("create", err)
	silent := draft("Silent")
	silent.Log = auth.LogEntry{}
	_, err = f.CreateAccount(ctx, silent)
	f.try("create without a log entry", err)

	entries, err := f.LogEntries(ctx, auth.LogQuery{Action: auth.LogByEmail, Limit: 10})
	f.try("log", err)
	d.Log.ID, d.Log.TargetID, d.Log.Time = 2, a.ID, d.Log.Time.Truncate(time.Second)
	f.want("log", entries, []auth.LogEntry{d.Log})
	f.want("rows", f.rows(), [3]int{3, 2, 3})
}

// testNothingByHalves: what is refused leaves no row behind, whatever refused it.
func testNothingByHalves(t *testing.T, f *fixture) {
	ctx := t.Context()
	f.make("Ann")
	before := f.rows()

	taken := draft("Ann")
	taken.Nonce = "another"
	taken.Counters = []auth.Counter{{Key: "free", Limit: 5, Window: time.Hour}}
	_, err := f.CreateAccount(ctx, taken)
	f.refused("taken", err, auth.ErrNameTaken)

	full := auth.Counter{Key: "k5 full", Limit: 1, Window: time.Hour, Refusal: "full", Count: 7}
	f.try("fill", f.Rise(ctx, []auth.Counter{full}))
	f.pass(20 * time.Minute)
	d := draft("Ben")
	d.Counters = []auth.Counter{{Key: "k9", Limit: 5, Window: time.Hour}, full, {Key: "k1", Limit: 5, Window: time.Hour}}
	_, err = f.CreateAccount(ctx, d)
	var limit *auth.LimitError
	if !errors.As(err, &limit) {
		t.Fatalf("full counter: %v", err)
	}
	f.want("refusal", *limit, auth.LimitError{Counter: full, Wait: 40 * time.Minute})

	never := draft("Cid")
	never.Counters = []auth.Counter{{Key: "never", Limit: 0, Window: time.Hour}}
	_, err = f.CreateAccount(ctx, never)
	if !errors.As(err, &limit) {
		t.Errorf("limit 0: %v", err)
	}

	broken := draft("Dan")
	broken.Credentials = append(broken.Credentials, broken.Credentials[0])
	if _, err := f.CreateAccount(ctx, broken); err == nil {
		t.Error("two credentials of one kind were stored")
	}

	f.want("rows", f.rows(), before)
	states, err := f.Read(ctx, []auth.Counter{{Key: "free"}, {Key: "k1"}, {Key: "k9"}, {Key: "never"}})
	f.try("counters", err)
	f.want("counters", states, make([]auth.CounterState, 4))
	for _, name := range []auth.Name{"Ben", "Cid", "Dan"} {
		_, err := f.AccountByName(ctx, name)
		f.refused(string(name), err, auth.ErrNotFound)
	}
	f.make("Eve")
}

// testCreationTwice: the same creation come again is answered as before and changes nothing.
func testCreationTwice(t *testing.T, f *fixture) {
	ctx := t.Context()
	d := draft("Ann")
	d.Counters = []auth.Counter{{Key: "k", Limit: 1, Window: time.Hour}}
	first, err := f.CreateAccount(ctx, d)
	f.try("first", err)
	before := f.rows()
	f.pass(time.Minute)
	again, err := f.CreateAccount(ctx, d)
	f.try("again", err)
	f.want("again", again, first)
	f.want("rows", f.rows(), before)

	noNonce := draft("Ben")
	noNonce.Nonce = ""
	_, err = f.CreateAccount(ctx, noNonce)
	f.try("without nonce", err)
	_, err = f.CreateAccount(ctx, noNonce)
	f.refused("without nonce again", err, auth.ErrNameTaken)
}

func testNameRace(t *testing.T, f *fixture) {
	errs := together(100, func(i int) error {
		d := draft("Ann")
		d.Nonce = fmt.Sprint(i)
		_, err := f.CreateAccount(f.Context(), d)
		return err
	})
	good, taken, other := count(errs, auth.ErrNameTaken)
	f.want("winners, losers, faults", []any{good, taken, other}, []any{1, 99, nil})
	f.want("rows", f.rows(), [3]int{1, 1, 1})
}

func testCounterRace(t *testing.T, f *fixture) {
	errs := together(100, func(i int) error {
		d := draft(fmt.Sprintf("Ann %d", i))
		d.Counters = []auth.Counter{{Key: "address", Limit: 7, Window: time.Hour}, {Key: "all", Limit: 1000, Window: time.Hour}}
		_, err := f.CreateAccount(f.Context(), d)
		return err
	})
	good, full, other := count(errs, nil)
	f.want("winners, losers, faults", []any{good, full, other}, []any{7, 93, nil})
	f.want("rows", f.rows(), [3]int{7, 7, 7})
	states, err := f.Read(f.Context(), []auth.Counter{{Key: "address"}, {Key: "all"}})
	f.try("counters", err)
	f.want("counts", []int64{states[0].Count, states[1].Count}, []int64{7, 7})
}

// testCancelledCreation: a creation whose request is gone does not begin.
func testCancelledCreation(t *testing.T, f *fixture) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := f.CreateAccount(ctx, draft("Ann"))
	f.refused("cancelled", err, context.Canceled)
	f.want("rows", f.rows(), [3]int{0, 0, 0})
}

// testReadsWhileWriting: reads end although a write transaction is open and does not end before they do.
func testReadsWhileWriting(t *testing.T, f *fixture) {
	ctx := t.Context()
	a := f.make("Ann")
	// A new flow asks for the time within its transaction, to see which others have expired.
	held, release := f.holdClock(1)
	flow := f.flow("a")
	written := make(chan error, 1)
	go func() { written <- f.PutFlow(ctx, flow) }()
	<-held
	for range 20 {
		got, err := f.AccountByName(ctx, "Ann")
		f.try("account", err)
		f.want("account", got, a)
		_, err = f.BlocksOn(ctx, auth.Creator{Account: a, Addr: addr("192.0.2.1")})
		f.try("blocks", err)
		_, err = f.LogEntries(ctx, auth.LogQuery{Limit: 10})
		f.try("log", err)
		_, err = f.Read(ctx, []auth.Counter{{Key: "k"}})
		f.try("counters", err)
	}
	select {
	case err := <-written:
		t.Errorf("the write did not wait: %v", err)
	default:
	}
	close(release)
	f.try("the held write", <-written)
}

// testCreationOfOld: an account that is older than the store keeps when it was made, and memberships that end, end.
func testCreationOfOld(t *testing.T, f *fixture) {
	ctx := t.Context()
	d := draft("Ann")
	d.Account.Registered = time.Date(2009, 1, 2, 3, 4, 5, 0, time.UTC)
	d.Account.Groups = []string{"bot", "sysop"}
	d.Account.GroupEnds = map[string]time.Time{"bot": f.now.Add(time.Hour)}
	d.Log.Time = f.now
	made, err := f.CreateAccount(ctx, d)
	f.try("create", err)
	read, err := f.AccountByName(ctx, "Ann")
	f.try("read", err)
	for _, a := range []auth.Account{made, read} {
		f.want("registered", a.Registered.UTC(), d.Account.Registered)
		f.want("groups", a.SameGroups(d.Account), true)
	}
	entries, err := f.LogEntries(ctx, auth.LogQuery{Limit: 10})
	f.try("log", err)
	f.want("entries", len(entries), 1)
	f.want("time of the entry", entries[0].Time, f.now.Truncate(time.Second))
	f.pass(time.Hour)
	read, err = f.AccountByName(ctx, "Ann")
	f.try("read", err)
	f.want("groups later", read.Groups, []string{"sysop"})

	d = draft("Ben") // without groups it may be written together with others
	d.Account.Registered = time.Date(2009, 1, 2, 3, 4, 5, 0, time.UTC)
	made, err = f.CreateAccount(ctx, d)
	f.try("create", err)
	read, err = f.AccountByName(ctx, "Ben")
	f.try("read", err)
	f.want("registered", made.Registered.UTC(), d.Account.Registered)
	f.want("registered", read.Registered.UTC(), d.Account.Registered)
}
