package outbox_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	netmail "net/mail"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/i18n"
	"gatehouse/internal/keyring"
	"gatehouse/internal/mail"
	"gatehouse/internal/mail/mailtest"
	"gatehouse/internal/outbox"
	"gatehouse/internal/store"
	"gatehouse/internal/store/postgres/postgrestest"
	"gatehouse/internal/store/sqlstore"
)

// office is a store with mail in it, a clock that the test moves, and a mail server.
type office struct {
	*testing.T
	*sqlstore.Store
	url      string
	sink     *mailtest.Sink
	keys     *keyring.Keyring
	composer *mail.Composer

	mu  sync.Mutex
	now time.Time
}

func newOffice(t *testing.T, url string, c mailtest.Config) *office {
	t.Helper()
	o := &office{T: t, url: url, now: time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC), sink: mailtest.New(t, c)}
	o.Store = o.open()
	var err error
	if o.keys, err = keyring.Open(t.Context(), keyring.Config{Store: o.Store}); err != nil {
		t.Fatal(err)
	}
	o.composer, err = mail.NewComposer(mail.ComposerConfig{
		Keys: o.keys, From: netmail.Address{Address: "noreply@wiki.example"}, Clock: o.clock, Random: rand.Reader,
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *office) open() *sqlstore.Store {
	o.Helper()
	st, err := store.Open(o.Context(), o.url, store.Options{Migrate: true, Clock: o.clock})
	if err != nil {
		o.Fatal(err)
	}
	o.Cleanup(func() { st.Close() })
	return st
}

func (o *office) clock() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

func (o *office) pass(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = o.now.Add(d)
}

// queue causes n mails, each with its account, and gives their message ids.
func (o *office) queue(n int) []string {
	o.Helper()
	var ids []string
	for range n {
		name := rand.Text()[:10]
		item, err := o.composer.Compose(auth.Mail{
			Kind: auth.MailConfirmEmail, To: name + "@client.example", Name: auth.Name(name),
			Values: map[string]string{"link": "https://wiki.example/l", "cancel": "https://wiki.example/c", "address": "192.0.2.1"},
		})
		if err != nil {
			o.Fatal(err)
		}
		_, err = o.CreateAccount(o.Context(), auth.Draft{Nonce: name, Account: auth.Account{Name: auth.Name(name)}, Outbox: []auth.OutboxItem{item}})
		if err != nil {
			o.Fatal(err)
		}
		ids = append(ids, item.MessageID)
	}
	return ids
}

const (
	first, last = time.Minute, 8 * time.Minute
	timeout     = 20 * time.Second
)

// worker gives a worker on st with the time-out.
func (o *office) worker(st outbox.Store, timeout time.Duration) *outbox.Worker {
	o.Helper()
	texts, err := i18n.Load()
	if err != nil {
		o.Fatal(err)
	}
	writer, err := mail.NewWriter(texts, "en", "https://wiki.example/")
	if err != nil {
		o.Fatal(err)
	}
	transport, err := mail.NewTransport(mail.TransportConfig{
		URL: o.sink.URL(), TLS: mail.TLSAuto, Timeout: timeout, From: netmail.Address{Address: "noreply@wiki.example"}, Keys: o.keys, Writer: writer,
	})
	if err != nil {
		o.Fatal(err)
	}
	w, err := outbox.New(outbox.Config{
		Store: st, Carrier: carrier{transport}, Timeout: timeout, FirstRetry: first, LastRetry: last, Poll: time.Millisecond,
		Clock: o.clock, Random: rand.Reader,
	})
	if err != nil {
		o.Fatal(err)
	}
	return w
}

type carrier struct{ *mail.Transport }

func (c carrier) Connect(ctx context.Context) (outbox.Way, error) {
	way, err := c.Transport.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return way, nil
}

// arrived counts how often each message was accepted.
func (o *office) arrived() map[string]int {
	out := map[string]int{}
	for _, m := range o.sink.Accepted() {
		out[m.ID]++
	}
	return out
}

// deliver runs one round and wants n mails in it.
func (o *office) deliver(w *outbox.Worker, n int) {
	o.Helper()
	if got, err := w.Deliver(o.Context()); err != nil || got != n {
		o.Fatalf("delivered %d, %v; want %d", got, err, n)
	}
}

func (o *office) state(id int64) auth.MailRow {
	o.Helper()
	row, err := o.Mail(o.Context(), id)
	if err != nil {
		o.Fatal(err)
	}
	return row
}

// TestOutcomes: what a mail server does with a first try, and where the mail stands then and after the second.
func TestOutcomes(t *testing.T) {
	for act, want := range map[mailtest.Act]struct {
		after   auth.MailState
		arrived int // in the end
	}{
		mailtest.Accept:          {auth.MailSent, 1},
		mailtest.AcceptAndDrop:   {auth.MailSent, 1},
		mailtest.RefuseLater:     {auth.MailQueued, 1},
		mailtest.RefuseForGood:   {auth.MailDead, 0},
		mailtest.NoSuchUser:      {auth.MailDead, 0},
		mailtest.Hang:            {auth.MailQueued, 1},
		mailtest.DropInData:      {auth.MailQueued, 1},
		mailtest.AcceptInSilence: {auth.MailQueued, 2}, // nobody can know
	} {
		t.Run(fmt.Sprint(act), func(t *testing.T) {
			o := newOffice(t, "memory:", mailtest.Config{Decide: func(n int, _ string) mailtest.Act {
				if n == 0 {
					return act
				}
				return mailtest.Accept
			}})
			id := o.queue(1)[0]
			limit := timeout
			if act == mailtest.Hang {
				limit = 300 * time.Millisecond
			}
			w := o.worker(o.Store, limit)
			o.deliver(w, 1)
			row := o.state(1)
			if row.State != want.after || row.Attempts != 1 || (row.Error == "") != (want.after == auth.MailSent) {
				t.Errorf("after the first try: %+v", row)
			}
			o.deliver(w, 0)
			o.pass(first)
			if want.after == auth.MailQueued {
				o.deliver(w, 1)
				row = o.state(1)
			}
			if got := o.arrived(); len(got) > 1 || got[id] != want.arrived {
				t.Errorf("arrived: %v", got)
			}
			if (row.State == auth.MailSent) != (len(row.Sealed) == 0) {
				t.Errorf("%s with a body of %d bytes", row.State, len(row.Sealed))
			}
		})
	}
}

// TestBackOff: each wait is between half and the whole of what is doubled up to the cap.
func TestBackOff(t *testing.T) {
	o := newOffice(t, "memory:", mailtest.Config{Decide: func(int, string) mailtest.Act { return mailtest.RefuseLater }})
	o.queue(1)
	w := o.worker(o.Store, timeout)
	for _, whole := range []time.Duration{first, 2 * first, 4 * first, last, last, last} {
		o.deliver(w, 1)
		wait := o.state(1).Due.Sub(o.clock())
		if wait < whole/2 || wait > whole {
			t.Errorf("waits %s, want %s to %s", wait, whole/2, whole)
		}
		o.pass(wait)
	}
}

// TestNoServer: a mail server that is not there is nobody's fault; nothing is lost and all is tried again.
func TestNoServer(t *testing.T) {
	o := newOffice(t, "memory:", mailtest.Config{})
	o.queue(3)
	w, err := outbox.New(outbox.Config{
		Store: o.Store, Carrier: blocked{}, Timeout: timeout, FirstRetry: first, LastRetry: last, Clock: o.clock, Random: rand.Reader,
	})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := w.Deliver(t.Context()); n != 3 || !errors.Is(err, errBlocked) {
		t.Fatalf("delivered %d, %v", n, err)
	}
	for id := range int64(3) {
		if row := o.state(id + 1); row.State != auth.MailQueued || row.Error != "blocked" || !row.Due.After(o.clock()) {
			t.Errorf("%+v", row)
		}
	}
	o.pass(first)
	o.deliver(o.worker(o.Store, timeout), 3)
	if len(o.arrived()) != 3 {
		t.Errorf("arrived: %v", o.arrived())
	}
}

type blocked struct{}

var errBlocked = errors.New("blocked")

func (blocked) Connect(context.Context) (outbox.Way, error) { return nil, errBlocked }

// TestRecordIsTriedAgain: a store that fails to record what was accepted does not cause a second mail.
func TestRecordIsTriedAgain(t *testing.T) {
	o := newOffice(t, "memory:", mailtest.Config{})
	id := o.queue(1)[0]
	forgetful := &forgetful{Store: o.Store, fails: 3}
	o.deliver(o.worker(forgetful, timeout), 1)
	if row := o.state(1); row.State != auth.MailSent || forgetful.fails != 0 || o.arrived()[id] != 1 {
		t.Errorf("%+v, %d faults left, arrived %v", row, forgetful.fails, o.arrived())
	}
}

// forgetful fails to record some outcomes.
type forgetful struct {
	outbox.Store
	fails int
}

func (f *forgetful) FinishMail(ctx context.Context, o auth.MailOutcome) (bool, error) {
	if f.fails > 0 {
		f.fails--
		return false, errors.New("not now")
	}
	return f.Store.FinishMail(ctx, o)
}

// TestLateLease: mail whose lease could end on the way is given back untried.
func TestLateLease(t *testing.T) {
	o := newOffice(t, "memory:", mailtest.Config{})
	o.queue(4)
	slow := &slow{Store: o.Store, o: o}
	w := o.worker(slow, timeout)
	slow.takes = w.Lease()
	o.deliver(w, 4) // the claim's answer comes when the lease has ended
	if len(o.arrived()) != 0 {
		t.Errorf("%d were sent without a lease", len(o.arrived()))
	}
	slow.takes = 0
	o.deliver(w, 4)
	if len(o.arrived()) != 4 || o.state(1).Attempts != 1 {
		t.Errorf("arrived %v, tries %d", o.arrived(), o.state(1).Attempts)
	}
}

// slow takes its time to answer a claim.
type slow struct {
	outbox.Store
	o     *office
	takes time.Duration
}

func (s *slow) ClaimMail(ctx context.Context, l auth.MailLease, limit int) ([]auth.MailRow, error) {
	rows, err := s.Store.ClaimMail(ctx, l, limit)
	s.o.pass(s.takes)
	return rows, err
}

// TestStop: the end of a worker lets the mail in the wire arrive and gives the others back.
func TestStop(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	o := newOffice(t, "memory:", mailtest.Config{Decide: func(n int, _ string) mailtest.Act {
		stop()
		return mailtest.Accept
	}})
	ids := o.queue(3)
	w := o.worker(o.Store, timeout)
	w.Run(ctx)
	if got := o.arrived(); len(got) != 1 || got[ids[0]] != 1 {
		t.Errorf("arrived: %v", got)
	}
	for id, want := range map[int64]auth.MailState{1: auth.MailSent, 2: auth.MailQueued, 3: auth.MailQueued} {
		if row := o.state(id); row.State != want || want == auth.MailQueued && row.Attempts != 0 {
			t.Errorf("mail %d: %+v", id, row)
		}
	}
}

// TestTwoServers: two servers with a store of their own on one database send each mail once, whatever the mail server does
// to them.
func TestTwoServers(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { twoServers(t, "sqlite:"+filepath.Join(t.TempDir(), "a.db")) })
	t.Run("postgres", func(t *testing.T) { twoServers(t, postgrestest.URL(t)) })
}

func twoServers(t *testing.T, url string) {
	const mails = 30
	o := newOffice(t, url, mailtest.Config{Decide: func(n int, _ string) mailtest.Act {
		return []mailtest.Act{mailtest.Accept, mailtest.RefuseLater, mailtest.Accept, mailtest.DropInData, mailtest.AcceptAndDrop}[n%5]
	}})
	ids := o.queue(mails)
	ctx, stop := context.WithCancel(t.Context())
	var servers sync.WaitGroup
	for _, st := range []outbox.Store{o.Store, o.open()} {
		w := o.worker(hurried{st, o}, timeout)
		servers.Go(func() { w.Run(ctx) })
	}
	for ctx.Err() == nil {
		changed := o.sink.Changed()
		if len(o.arrived()) == mails {
			break
		}
		select {
		case <-changed:
		case <-time.After(time.Minute):
			t.Errorf("%d of %d arrived", len(o.arrived()), mails)
			stop()
		}
	}
	stop()
	servers.Wait()
	for _, id := range ids {
		if n := o.arrived()[id]; n != 1 {
			t.Errorf("%s arrived %d times", id, n)
		}
	}
	if c, err := o.MailCount(t.Context()); err != nil || c.Waiting+c.Dead != 0 {
		t.Errorf("left %+v, %v", c, err)
	}
}

// hurried lets time go by where all mail waits for its next try, so that nobody has to.
type hurried struct {
	outbox.Store
	o *office
}

func (h hurried) MailDue(ctx context.Context) (bool, error) {
	due, err := h.Store.MailDue(ctx)
	if due || err != nil {
		return due, err
	}
	if busy, err := h.o.Mails(ctx, auth.MailQuery{State: auth.MailSending, Limit: 1}); err == nil && len(busy) == 0 {
		h.o.pass(5 * time.Second)
	}
	return false, nil
}

func TestNewRefuses(t *testing.T) {
	for name, c := range map[string]outbox.Config{
		"nothing":  {},
		"no times": {Store: &sqlstore.Store{}, Carrier: blocked{}, Clock: time.Now, Random: rand.Reader},
		"disorder": {Store: &sqlstore.Store{}, Carrier: blocked{}, Clock: time.Now, Random: rand.Reader, Timeout: 1, FirstRetry: 2, LastRetry: 1},
	} {
		if _, err := outbox.New(c); err == nil {
			t.Errorf("%s makes a worker", name)
		}
	}
}
