package crashtest

import (
	"crypto/rand"
	"database/sql"
	"fmt"
	mathrand "math/rand/v2"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/crashtest/rig"
	"gatehouse/internal/keyring"
	"gatehouse/internal/mail"
	"gatehouse/internal/mail/mailtest"
	"gatehouse/internal/store"
	"gatehouse/internal/store/sqlstore"
)

const (
	mailKills      = 12
	shortMailKills = 3
	mailsPerRound  = 25
)

// TestMailOutlivesKillsOnSQLite and its twin: two servers send mail to a mail server that refuses, hangs and breaks off, and are
// killed at random. No mail is lost, and none arrives twice but where a kill fell between its acceptance and the record.
func TestMailOutlivesKillsOnSQLite(t *testing.T) { testMailKills(t, newSQLite(t)) }

func TestMailOutlivesKillsOnPostgreSQL(t *testing.T) { testMailKills(t, newPostgres(t)) }

func testMailKills(t *testing.T, d *rig.Database) {
	rounds := mailKills
	if testing.Short() {
		rounds = shortMailKills
	}
	p := newPost(t, d)
	for round := range rounds {
		p.queue(round)
		servers := p.start()
		p.arm(servers)
		p.awaitKill()
		for _, s := range servers {
			s.Bury()
		}
		d.AwaitQuiet()
		p.note(round)
		if t.Failed() {
			return
		}
	}
	p.finish()
}

// post is the mail on its way: who queues it, who takes it, and what was seen at the kills.
type post struct {
	t        *testing.T
	d        *rig.Database
	store    *sqlstore.Store
	composer *mail.Composer
	sink     *mailtest.Sink
	random   *mathrand.Rand
	change   *sql.DB // to end the leases of the dead

	mu     sync.Mutex
	kill   func() // nil = not now
	at     moment
	left   int // messages until the kill
	killed chan struct{}

	queued []string
	// unrecorded counts the kills at which a message was accepted and not recorded, by message id.
	unrecorded map[string]int
}

// moment is where in a message's way a kill falls.
type moment int

const (
	beforeData moment = iota
	acceptedUntold
	moments
)

func newPost(t *testing.T, d *rig.Database) *post {
	t.Helper()
	p := &post{t: t, d: d, unrecorded: map[string]int{}, random: mathrand.New(mathrand.NewPCG(seed(t), 1))}
	p.sink = mailtest.New(t, mailtest.Config{Decide: p.decide, Accepted: func(mailtest.Message) { p.reach(acceptedUntold) }})
	var err error
	if p.store, err = store.Open(t.Context(), d.OwnURL(), store.Options{Migrate: true}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.store.Close() })
	keys, err := keyring.Open(t.Context(), keyring.Config{Store: p.store, MasterFile: d.KeyFile})
	if err != nil {
		t.Fatal(err)
	}
	p.composer, err = mail.NewComposer(mail.ComposerConfig{
		Keys: keys, From: netmail.Address{Address: "noreply@wiki.example"}, Clock: time.Now, Random: rand.Reader,
	})
	if err != nil {
		t.Fatal(err)
	}
	p.change = d.Writable()
	return p
}

// decide is what the mail server does: mostly accept, else refuse, hang or break off.
func (p *post) decide(int, string) mailtest.Act {
	p.reach(beforeData)
	p.mu.Lock()
	defer p.mu.Unlock()
	switch n := p.random.IntN(100); {
	case n < 8:
		return mailtest.RefuseLater
	case n < 16:
		return mailtest.DropInData
	case n < 24:
		return mailtest.AcceptAndDrop
	case n < 25:
		return mailtest.Hang
	}
	return mailtest.Accept
}

// queue causes mail, each with its account.
func (p *post) queue(round int) {
	p.t.Helper()
	for i := range mailsPerRound {
		name := fmt.Sprintf("Mail %d %d", round+1, i)
		item, err := p.composer.Compose(auth.Mail{
			Kind: auth.MailConfirmEmail, To: strings.ReplaceAll(name, " ", "-") + "@client.example", Name: auth.Name(name),
			Values: map[string]string{"link": "https://wiki.example/l", "cancel": "https://wiki.example/c", "address": "192.0.2.1"},
		})
		if err != nil {
			p.t.Fatal(err)
		}
		_, err = p.store.CreateAccount(p.t.Context(), auth.Draft{Nonce: name, Account: auth.Account{Name: auth.Name(name)}, Outbox: []auth.OutboxItem{item}})
		if err != nil {
			p.t.Fatal(err)
		}
		p.queued = append(p.queued, item.MessageID)
	}
}

// start gives two servers on the one database.
func (p *post) start() [2]*rig.Server {
	p.t.Helper()
	more := []string{"mail.smtp=" + p.sink.URL(), "mail.retry_after=1s", "mail.retry_at_most=1s", "mail.timeout=2s", "mail.from=noreply@wiki.example"}
	return [2]*rig.Server{start(p.t, p.d, more...), start(p.t, p.d, more...)}
}

// arm has both servers killed at a random moment of a random message to come.
func (p *post) arm(servers [2]*rig.Server) {
	p.mu.Lock()
	defer p.mu.Unlock()
	killed := make(chan struct{})
	p.killed, p.at, p.left = killed, moment(p.random.IntN(int(moments))), p.random.IntN(mailsPerRound/2)
	p.kill = func() {
		for _, s := range servers {
			s.Shoot()
		}
		close(killed)
	}
}

// reach says that a message got as far as m, and kills the servers if it is time.
func (p *post) reach(m moment) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kill == nil || m != p.at {
		return
	}
	if p.left--; p.left < 0 {
		p.kill()
		p.kill = nil
	}
}

// awaitKill waits for the kill. Where all mail was sent before it was armed, the servers die idle.
func (p *post) awaitKill() {
	p.t.Helper()
	deadline := time.After(rig.Patience)
	for {
		c, err := p.store.MailCount(p.t.Context())
		if err != nil {
			p.t.Fatal(err)
		}
		if c.Waiting == 0 {
			p.mu.Lock()
			if p.kill != nil {
				p.kill()
				p.kill = nil
			}
			p.mu.Unlock()
		}
		select {
		case <-p.killed:
			return
		case <-p.sink.Changed():
		case <-time.After(100 * time.Millisecond): // the record follows the arrival
		case <-deadline:
			p.t.Fatalf("no kill within %s", rig.Patience)
		}
	}
}

// note looks, with all servers dead, at what was accepted and not recorded, and ends the leases of the dead.
func (p *post) note(round int) {
	p.t.Helper()
	p.awaitNobody()
	times, sent := p.arrived(), p.states()
	unrecorded := 0
	for id := range times {
		if sent[id] != auth.MailSent {
			p.unrecorded[id]++
			unrecorded++
		}
	}
	if _, err := p.change.Exec(`UPDATE outbox SET due = 1 WHERE state = 'sending'`); err != nil {
		p.t.Fatal(err)
	}
	p.t.Logf("kill %d: of %d messages %d had arrived, %d of them without a record", round+1, len(p.queued), len(times), unrecorded)
}

// awaitNobody waits until the sink has noticed that its clients are gone: until then it may still accept what lies in its
// buffers.
func (p *post) awaitNobody() {
	p.t.Helper()
	deadline := time.After(rig.Patience)
	for {
		changed := p.sink.Changed()
		if p.sink.Sessions() == 0 {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			p.t.Fatalf("the mail server still has clients after %s", rig.Patience)
		}
	}
}

// arrived counts how often each message was accepted.
func (p *post) arrived() map[string]int {
	out := map[string]int{}
	for _, m := range p.sink.Accepted() {
		out[m.ID]++
	}
	return out
}

func (p *post) states() map[string]auth.MailState {
	p.t.Helper()
	rows, err := p.store.Mails(p.t.Context(), auth.MailQuery{Limit: 1 << 20})
	if err != nil {
		p.t.Fatal(err)
	}
	out := map[string]auth.MailState{}
	for _, row := range rows {
		out[row.MessageID] = row.State
	}
	return out
}

// finish lets two servers send the rest in peace and counts what arrived.
func (p *post) finish() {
	p.t.Helper()
	servers := p.start()
	deadline := time.After(rig.Patience)
	for waiting := int64(1); waiting > 0; {
		changed := p.sink.Changed()
		c, err := p.store.MailCount(p.t.Context())
		if err != nil {
			p.t.Fatal(err)
		}
		if waiting = c.Waiting; waiting == 0 {
			break
		}
		select {
		case <-changed:
		case <-time.After(100 * time.Millisecond): // the record follows the arrival
		case <-deadline:
			p.t.Fatalf("%d mails still wait after %s", waiting, rig.Patience)
		}
	}
	for _, s := range servers {
		s.Stop()
	}
	times, states, twice := p.arrived(), p.states(), 0
	for _, id := range p.queued {
		switch n := times[id]; {
		case n == 0 || states[id] != auth.MailSent:
			p.t.Errorf("%s is lost: arrived %d times, %s", id, n, states[id])
		case n > 1+p.unrecorded[id]:
			p.t.Errorf("%s arrived %d times, and %d kills explain one more each", id, n, p.unrecorded[id])
		default:
			twice += n - 1
		}
	}
	if len(times) != len(p.queued) {
		p.t.Errorf("%d messages were queued and %d different ones arrived", len(p.queued), len(times))
	}
	p.t.Logf("%d mails, 0 lost, %d arrived once more under their message id, each where a kill fell between acceptance and record", len(p.queued), twice)
}
