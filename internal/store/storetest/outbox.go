package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"gatehouse/auth"
)

// lease is how the tests take mail in hand.
func lease(name string) auth.MailLease { return auth.MailLease{Name: name, For: time.Minute} }

// claim takes mail in hand and gives the ids.
func (f *fixture) claim(name string, limit int) []int64 {
	f.Helper()
	mails, err := f.ClaimMail(f.Context(), lease(name), limit)
	f.try("claim", err)
	out := []int64{}
	for _, m := range mails {
		out = append(out, m.ID)
	}
	return out
}

// finish records an outcome and wants it to change something, or not.
func (f *fixture) finish(changes bool, o auth.MailOutcome) {
	f.Helper()
	changed, err := f.FinishMail(f.Context(), o)
	f.try("finish", err)
	f.want(fmt.Sprintf("%s changed something", o.State), changed, changes)
}

// mailIs wants a mail to stand in state with so many attempts, and to be due then; the zero time is any.
func (f *fixture) mailIs(id int64, state auth.MailState, attempts int, due time.Time) auth.MailRow {
	f.Helper()
	m, err := f.Mail(f.Context(), id)
	f.try("mail", err)
	if due.IsZero() {
		due = m.Due
	}
	f.want(fmt.Sprintf("mail %d", id), []any{m.State, m.Attempts, m.Due}, []any{state, attempts, due})
	return m
}

// testMailOfAClockThatJumps: mail that was taken in hand, or put off, while the clock was far ahead is due again with the next
// purge; what waits as long as something may, and what is dead, is left alone.
func testMailOfAClockThatJumps(t *testing.T, f *fixture) {
	ctx := t.Context()
	for _, name := range []string{"Ann", "Ben", "Cid", "Dan"} {
		f.make(name)
	}
	f.claim("a", 1)
	f.finish(true, auth.MailOutcome{ID: 1, Lease: "a", State: auth.MailDead, Error: "no"})
	f.claim("b", 1)
	f.finish(true, auth.MailOutcome{ID: 2, Lease: "b", State: auth.MailQueued, After: 25 * time.Hour})
	f.try("purge", f.Purge(ctx))
	f.want("put off as long as may be", f.claim("b", 1), []int64{3})
	f.finish(true, auth.MailOutcome{ID: 3, Lease: "b", State: auth.MailQueued, Untried: true})
	f.pass(26 * time.Hour)
	f.claim("c", 9) // Ben, Cid and Dan
	f.finish(true, auth.MailOutcome{ID: 3, Lease: "c", State: auth.MailQueued, After: time.Hour})
	f.pass(-26 * time.Hour)
	f.want("due", f.claim("d", 9), []int64{})
	dead := f.mailIs(1, auth.MailDead, 1, time.Time{}).Due
	f.try("purge", f.Purge(ctx))
	f.mailIs(1, auth.MailDead, 1, dead)
	f.want("due again", f.claim("d", 9), []int64{2, 3, 4})
}

// testMail: what is queued can be found, counted, listed and taken in hand, the oldest first.
func testMail(t *testing.T, f *fixture) {
	ctx := t.Context()
	due, err := f.MailDue(ctx)
	f.try("due", err)
	f.want("due in an empty store", due, false)
	none, err := f.ClaimMail(ctx, lease("a"), 9)
	f.try("claim", err)
	f.want("claimed from an empty store", len(none), 0)
	_, err = f.Mail(ctx, 1)
	f.refused("no such mail", err, auth.ErrNotFound)

	start := f.now
	for _, name := range []string{"Ann", "Ben", "Cid"} {
		f.make(name)
		f.pass(time.Second)
	}
	due, err = f.MailDue(ctx)
	f.try("due", err)
	f.want("due", due, true)
	c, err := f.MailCount(ctx)
	f.try("count", err)
	f.want("count", c, auth.MailCount{Waiting: 3, Oldest: start})

	claimed, err := f.ClaimMail(ctx, lease("a"), 2)
	f.try("claim", err)
	if f.want("claimed", len(claimed), 2); len(claimed) == 2 {
		want := auth.MailRow{ID: 1, OutboxItem: mailTo("Ann"), State: auth.MailSending, Attempts: 1, Due: f.now.Add(time.Minute), Queued: start}
		want.Account = 1
		f.want("the first", claimed[0], want)
		f.want("the second", claimed[1].MessageID, "mail of Ben")
	}
	for state, ids := range map[auth.MailState][]int64{auth.MailQueued: {3}, auth.MailSending: {1, 2}, auth.MailSent: nil, "": {1, 2, 3}} {
		mails, err := f.Mails(ctx, auth.MailQuery{State: state, Limit: 10})
		f.try("list", err)
		var got []int64
		for _, m := range mails {
			got = append(got, m.ID)
			f.want("body in a list", len(m.Sealed), 0)
		}
		f.want("list of "+string(state), got, ids)
	}
	page, err := f.Mails(ctx, auth.MailQuery{After: 1, Limit: 1})
	f.try("page", err)
	f.want("page", []any{len(page), page[0].ID}, []any{1, 2})
}

// testMailOutcomes: sent wipes the body, dead keeps it, and another try waits as long as it is told.
func testMailOutcomes(t *testing.T, f *fixture) {
	ctx := t.Context()
	for _, name := range []string{"Ann", "Ben", "Cid", "Dan"} {
		f.make(name)
	}
	f.want("claimed", f.claim("a", 9), []int64{1, 2, 3, 4})
	f.pass(time.Second)
	f.finish(true, auth.MailOutcome{ID: 1, Lease: "a", State: auth.MailSent})
	f.finish(false, auth.MailOutcome{ID: 1, Lease: "a", State: auth.MailSent})
	sent := f.mailIs(1, auth.MailSent, 1, time.Time{})
	f.want("sent", []any{len(sent.Sealed), sent.Ended}, []any{0, f.now})
	f.finish(true, auth.MailOutcome{ID: 2, Lease: "a", State: auth.MailDead, Error: "550 nobody\x00"})
	dead := f.mailIs(2, auth.MailDead, 1, time.Time{})
	f.want("dead", []any{len(dead.Sealed), dead.Ended.IsZero(), dead.Error}, []any{3, true, "550 nobody\uFFFD"})
	f.finish(true, auth.MailOutcome{ID: 3, Lease: "a", State: auth.MailQueued, After: time.Hour, Error: "451 later"})
	f.mailIs(3, auth.MailQueued, 1, f.now.Add(time.Hour))
	f.finish(true, auth.MailOutcome{ID: 4, Lease: "a", State: auth.MailQueued, Untried: true})
	f.mailIs(4, auth.MailQueued, 0, f.now)
	if _, err := f.FinishMail(ctx, auth.MailOutcome{ID: 4, State: auth.MailSending}); err == nil {
		t.Error("sending is an outcome")
	}
	c, err := f.MailCount(ctx)
	f.try("count", err)
	f.want("count", c, auth.MailCount{Waiting: 2, Dead: 1, Oldest: sent.Queued})

	f.want("due at once", f.claim("b", 9), []int64{4})
	f.pass(time.Hour - time.Microsecond)
	f.finish(true, auth.MailOutcome{ID: 4, Lease: "b", State: auth.MailSent})
	f.want("just before", f.claim("b", 9), []int64{})
	f.pass(time.Microsecond)
	f.want("in time", f.claim("b", 9), []int64{3})
}

// testMailLeases: a mail is in one hand until its lease ends. Whoever lost it changes nothing, but for what was accepted.
func testMailLeases(t *testing.T, f *fixture) {
	f.make("Ann")
	f.want("claimed", f.claim("a", 9), []int64{1})
	f.pass(time.Minute - time.Microsecond)
	f.want("claimed within the lease", f.claim("b", 9), []int64{})
	due, err := f.MailDue(t.Context())
	f.try("due", err)
	f.want("due within the lease", due, false)
	f.pass(time.Microsecond)
	f.want("claimed after it", f.claim("b", 9), []int64{1})
	f.finish(false, auth.MailOutcome{ID: 1, Lease: "a", State: auth.MailQueued})
	f.finish(false, auth.MailOutcome{ID: 1, Lease: "a", State: auth.MailDead})
	f.mailIs(1, auth.MailSending, 2, f.now.Add(time.Minute))
	f.finish(true, auth.MailOutcome{ID: 1, Lease: "a", State: auth.MailSent})
	f.finish(false, auth.MailOutcome{ID: 1, Lease: "b", State: auth.MailQueued})
	f.mailIs(1, auth.MailSent, 2, time.Time{})
	f.pass(time.Hour)
	f.want("claimed when it was sent", f.claim("c", 9), []int64{})
}

// testMailRace: of many that claim at once, each mail has one owner.
func testMailRace(t *testing.T, f *fixture) {
	const mails, hands = 60, 12
	for i := range mails {
		f.make(fmt.Sprintf("Ann %d", i))
	}
	var mu sync.Mutex
	owner := map[int64]string{}
	errs := together(hands, func(i int) error {
		name := fmt.Sprint(i)
		for {
			claimed, err := f.ClaimMail(f.Context(), lease(name), 3)
			if err != nil || len(claimed) == 0 {
				return err
			}
			mu.Lock()
			for _, m := range claimed {
				if other, taken := owner[m.ID]; taken {
					t.Errorf("mail %d is in the hands of %s and %s", m.ID, other, name)
				}
				owner[m.ID] = name
			}
			mu.Unlock()
		}
	})
	if i := slices.IndexFunc(errs, func(err error) bool { return err != nil }); i >= 0 {
		t.Fatal(errs[i])
	}
	// Who finds only what others are just taking stops early; what is left is there for the next look.
	for _, id := range f.claim("last", mails) {
		owner[id] = "last"
	}
	f.want("mails with an owner", len(owner), mails)
}

// testMailExpires: what is not sent in time is never claimed again, and a purge wipes it and later forgets it.
func testMailExpires(t *testing.T, f *fixture) {
	ctx := t.Context()
	const life = 10 * time.Second
	for _, name := range []string{"Queued", "Sending", "Dead", "Sent"} {
		d := draft(name)
		d.Outbox[0].Expires = f.now.Add(life)
		_, err := f.CreateAccount(ctx, d)
		f.try("create", err)
		if name != "Queued" {
			f.claim(name, 9)
		}
		switch name {
		case "Sending": // claims Queued too
			f.finish(true, auth.MailOutcome{ID: 1, Lease: name, State: auth.MailQueued, After: time.Hour})
		case "Dead":
			f.finish(true, auth.MailOutcome{ID: 3, Lease: name, State: auth.MailDead, Error: "no"})
		case "Sent":
			f.finish(true, auth.MailOutcome{ID: 4, Lease: name, State: auth.MailSent})
		}
	}
	f.mailIs(1, auth.MailQueued, 1, f.now.Add(life))
	f.pass(life)
	f.want("claimed too late", f.claim("late", 9), []int64{})
	f.try("purge", f.Purge(ctx))
	f.mailIs(2, auth.MailSending, 1, time.Time{}) // is in hand still
	for _, id := range []int64{1, 3} {
		m := f.mailIs(id, auth.MailExpired, 1, time.Time{})
		f.want("wiped", []any{len(m.Sealed), m.Ended}, []any{0, f.now})
	}
	f.finish(false, auth.MailOutcome{ID: 2, Lease: "nobody's", State: auth.MailDead})
	f.finish(true, auth.MailOutcome{ID: 2, Lease: "Sending", State: auth.MailQueued})
	f.try("purge", f.Purge(ctx))
	f.mailIs(2, auth.MailExpired, 1, time.Time{})
	c, err := f.MailCount(ctx)
	f.try("count", err)
	f.want("count", c, auth.MailCount{})

	f.pass(30*24*time.Hour - time.Second)
	f.try("purge", f.Purge(ctx))
	left, err := f.Mails(ctx, auth.MailQuery{Limit: 9})
	f.try("list", err)
	f.want("left", len(left), 3) // Sent ended before the others
	f.pass(time.Second)
	f.try("purge", f.Purge(ctx))
	f.want("rows", f.rows()[2], 0)
	f.make("Next")
	f.mailIs(5, auth.MailQueued, 0, time.Time{}) // an id is never given twice
}

// testMailRequeued: an operator has dead and waiting mail tried at once, and nothing else.
func testMailRequeued(t *testing.T, f *fixture) {
	ctx := t.Context()
	for _, name := range []string{"Sent", "Dead", "Waiting", "Held"} {
		f.make(name)
	}
	f.claim("a", 9)
	f.finish(true, auth.MailOutcome{ID: 1, Lease: "a", State: auth.MailSent})
	f.finish(true, auth.MailOutcome{ID: 2, Lease: "a", State: auth.MailDead, Error: "no"})
	f.finish(true, auth.MailOutcome{ID: 3, Lease: "a", State: auth.MailQueued, After: time.Hour, Error: "later"})
	for id, want := range map[int64]bool{1: false, 2: true, 3: true, 4: false} {
		m, changed, err := f.RequeueMail(ctx, id)
		f.try("requeue", err)
		f.want(fmt.Sprintf("mail %d", id), []any{m.ID, changed}, []any{id, want})
	}
	_, _, err := f.RequeueMail(ctx, 99)
	f.refused("no such mail", err, auth.ErrNotFound)
	f.mailIs(1, auth.MailSent, 1, time.Time{})
	f.mailIs(2, auth.MailQueued, 0, f.now)
	f.mailIs(3, auth.MailQueued, 0, f.now)
	f.mailIs(4, auth.MailSending, 1, time.Time{})
	f.want("claimed", f.claim("b", 9), []int64{2, 3})
}

// testMailComesOnce: an item whose message id is there is no second mail, and one without an id is a fault.
func testMailComesOnce(t *testing.T, f *fixture) {
	f.make("Ann")
	d := draft("Ben")
	d.Outbox = []auth.OutboxItem{mailTo("Ann"), mailTo("Ben"), mailTo("Ben")}
	_, err := f.CreateAccount(t.Context(), d)
	f.try("create", err)
	f.want("mails", f.rows()[2], 2)
	for _, spoil := range []func(*auth.OutboxItem){
		func(o *auth.OutboxItem) { o.MessageID = "" }, func(o *auth.OutboxItem) { o.Expires = time.Time{} },
	} {
		d := draft("Cid")
		spoil(&d.Outbox[0])
		if _, err := f.CreateAccount(t.Context(), d); err == nil {
			t.Error("a mail without id or end was queued")
		}
	}
	f.want("rows", f.rows(), [3]int{2, 2, 2})
}

// testQueueMail: mail without an account is queued with its counters, or not at all.
func testQueueMail(t *testing.T, f *fixture) {
	ctx := t.Context()
	counter := auth.Counter{Key: "mail:x", Limit: 1, Window: time.Hour, Refusal: "full"}
	f.try("queue", f.QueueMail(ctx, []auth.OutboxItem{mailTo("Ann")}, []auth.Counter{counter}))
	m, err := f.Mail(ctx, 1)
	f.try("mail", err)
	f.want("whose it is", []any{m.Account, m.State, m.Domain}, []any{auth.AccountID(0), auth.MailQueued, mailTo("Ann").Domain})
	err = f.QueueMail(ctx, []auth.OutboxItem{mailTo("Ben")}, []auth.Counter{counter})
	var limit *auth.LimitError
	f.want("the second is refused", errors.As(err, &limit) && limit.Counter.Key == counter.Key, true)
	mails, err := f.Mails(ctx, auth.MailQuery{Limit: 9})
	f.try("list", err)
	f.want("mails", len(mails), 1)
	f.pass(time.Hour)
	f.try("in the next window", f.QueueMail(ctx, []auth.OutboxItem{mailTo("Ben")}, []auth.Counter{counter}))
	f.try("without counters", f.QueueMail(ctx, []auth.OutboxItem{mailTo("Cas")}, nil))
	mails, err = f.Mails(ctx, auth.MailQuery{Limit: 9})
	f.try("list", err)
	f.want("mails", len(mails), 3)
}
