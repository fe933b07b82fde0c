package emailnotification

import (
	"crypto/rand"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/authtest"
	"gatehouse/internal/message"
	"gatehouse/internal/store"
	"gatehouse/internal/store/sqlstore"
)

// mailbox is an auth.Mailer that shows what was composed, and an auth.MailLimiter.
type mailbox struct {
	mails []auth.Mail
	limit int64
}

func (m *mailbox) Compose(mail auth.Mail) (auth.OutboxItem, error) {
	m.mails = append(m.mails, mail)
	return auth.OutboxItem{
		MessageID: fmt.Sprintf("%d@example", len(m.mails)), Kind: mail.Kind, Account: mail.Account, Domain: "example.org",
		Sealed: []byte("sealed"), Expires: time.Now().Add(time.Hour),
	}, nil
}

func (m *mailbox) Counters(to string, _ netip.Prefix) []auth.Counter {
	if m.limit == 0 {
		return nil
	}
	return []auth.Counter{{Key: "mail " + to, Limit: m.limit, Window: time.Hour, Refusal: "actionthrottledtext"}}
}

type fixture struct {
	*testing.T
	*Provider
	store *sqlstore.Store
	box   *mailbox
	now   time.Time
}

func newFixture(t *testing.T, set func(*Config)) *fixture {
	t.Helper()
	f := &fixture{T: t, box: &mailbox{}, now: time.Now()}
	var err error
	f.store, err = store.Open(t.Context(), "memory:", store.Options{Migrate: true, Clock: func() time.Time { return f.now }})
	f.try(err)
	t.Cleanup(func() { f.store.Close() })
	link := func(l auth.MailedLink) string { return l.Token }
	cfg := Config{
		Store: f.store, Mailer: f.box, Limiter: f.box, MailEnabled: true, Confirm: link, Cancel: link,
		Allows:       func(a auth.Account, r auth.Right) bool { return auth.DefaultGroups().Allows(a, r) },
		ValidAddress: func(s string) bool { return strings.Contains(s, "@") },
		Clock:        func() time.Time { return f.now }, Random: rand.Reader,
	}
	if set != nil {
		set(&cfg)
	}
	f.Provider, err = New(cfg)
	f.try(err)
	return f
}

func (f *fixture) try(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

func TestSuite(t *testing.T) {
	authtest.Run(t, authtest.Case{New: func(t *testing.T) auth.Provider { return newFixture(t, nil).Provider }})
}

// create makes an account as the Manager does.
func (f *fixture) create(email string, outbox ...auth.OutboxItem) auth.Account {
	f.Helper()
	d := auth.Draft{Nonce: "n", Account: auth.Account{Name: "Zane", Email: email}, Outbox: outbox}
	f.try(f.ContributeToDraft(f.Context(), &auth.Creation{Creator: authtest.Visitor()}, &d))
	a, err := f.store.CreateAccount(f.Context(), d)
	f.try(err)
	return a
}

func (f *fixture) account() auth.Account {
	f.Helper()
	a, err := f.store.AccountByName(f.Context(), "Zane")
	f.try(err)
	return a
}

// client is Zane's.
func (f *fixture) client() auth.Client {
	return auth.Client{Creator: auth.Creator{Account: f.account(), Addr: authtest.Visitor().Addr}}
}

func (f *fixture) link(number int) auth.MailedLink {
	return auth.MailedLink{Name: "Zane", Token: f.box.mails[number].Values["link"]}
}

func (f *fixture) holds(l auth.MailedLink) bool {
	f.Helper()
	_, ok, err := f.ConfirmHolds(f.Context(), l)
	f.try(err)
	return ok
}

// said gives the first finding's key of a check, "" if it is good.
func (f *fixture) said(check auth.Check, err error) message.Key {
	f.Helper()
	f.try(err)
	if check.OK() {
		return ""
	}
	return check.Findings[0].Key
}

func TestWhenIsAsked(t *testing.T) {
	mailed := auth.OutboxItem{MessageID: "p@x", Kind: auth.MailTemporaryPassword, Sealed: []byte("x"), Expires: time.Now().Add(time.Hour)}
	for name, tt := range map[string]struct {
		set    func(*Config)
		email  string
		outbox []auth.OutboxItem
		want   int
	}{
		"an address": {nil, "z@example.org", nil, 1}, "none": {nil, "", nil, 0}, "no mail": {func(c *Config) { c.MailEnabled = false }, "z@example.org", nil, 0},
		"a mailed password": {nil, "z@example.org", []auth.OutboxItem{mailed}, 0},
	} {
		f := newFixture(t, tt.set)
		if f.create(tt.email, tt.outbox...); len(f.box.mails) != tt.want {
			t.Errorf("%s: %+v", name, f.box.mails)
		}
	}
}

// TestFullMailbox: a limit on mail keeps the question back and not the account, unless nobody gets in without the answer.
func TestFullMailbox(t *testing.T) {
	for _, confirmedOnly := range []bool{false, true} {
		f := newFixture(t, func(c *Config) { c.ConfirmedOnly = confirmedOnly })
		f.box.limit = 1
		f.try(f.store.Rise(t.Context(), f.box.Counters("z@example.org", netip.Prefix{})))
		d := auth.Draft{Nonce: "n", Account: auth.Account{Name: "Zane", Email: "z@example.org"}}
		f.try(f.ContributeToDraft(t.Context(), &auth.Creation{Creator: authtest.Visitor()}, &d))
		if _, err := f.store.CreateAccount(t.Context(), d); (err != nil) != confirmedOnly {
			t.Errorf("confirmed only %v: %v", confirmedOnly, err)
		}
	}
}

// TestLinks (row 13 of the security checklist): what a link is bound to, when it ends, and that it works once.
func TestLinks(t *testing.T) {
	f := newFixture(t, nil)
	a := f.create("z@example.org")
	l := f.link(0)
	raw, err := f.store.Credential(t.Context(), a.ID, auth.CredentialEmailLink)
	if f.try(err); len(l.Token) != 2*linkBytes || strings.Contains(raw, l.Token) {
		t.Errorf("token %q, stored %q", l.Token, raw)
	}
	before := f.store.Writes()
	if !f.holds(l) || f.holds(auth.MailedLink{Name: "Zane"}) || f.holds(auth.MailedLink{Name: "Nobody", Token: l.Token}) || f.store.Writes() != before {
		t.Error("opening a link")
	}
	f.now = f.now.Add(Lifetime)
	if f.holds(l) {
		t.Error("it never ends")
	}
	f.now = f.now.Add(-time.Hour)
	if key := f.said(f.SendAgain(t.Context(), f.client())); key != "" || f.holds(l) || !f.holds(f.link(1)) {
		t.Errorf("a newer one: %q", key)
	}
	f.try(f.store.ChangeAccount(t.Context(), auth.Change{Account: a.ID, Email: &auth.EmailChange{Old: "z@example.org", New: "y@example.org"}}))
	if f.holds(f.link(1)) {
		t.Error("it holds for another address")
	}
	f.said(f.SendAgain(t.Context(), f.client()))
	if key := f.said(f.Confirm(t.Context(), f.link(2))); key != "" || f.account().EmailConfirmed.IsZero() {
		t.Errorf("confirm: %q", key)
	}
	if key := f.said(f.Confirm(t.Context(), f.link(2))); key != keyLinkGone {
		t.Errorf("again: %q", key)
	}
	if key := f.said(f.SendAgain(t.Context(), f.client())); key != keyConfirmed {
		t.Errorf("ask again: %q", key)
	}
}

func TestChangeAddressRules(t *testing.T) {
	for name, tt := range map[string]struct {
		set     func(*Config)
		now     string
		proven  bool
		address string
		want    message.Key
		after   string
	}{
		"no mail":        {func(c *Config) { c.MailEnabled = false }, "z@x", false, "y@x", keyMailOff, "z@x"},
		"no address":     {nil, "z@x", false, "y", keyInvalidAddress, "z@x"},
		"the same":       {nil, "z@x", false, "z@x", keySameAddress, "z@x"},
		"unproven":       {nil, "z@x", false, "y@x", "", "y@x"},
		"proven":         {nil, "z@x", true, "y@x", "", "z@x"},
		"first":          {nil, "", false, "y@x", "", "y@x"},
		"first, held":    {func(c *Config) { c.ConfirmedOnly = true }, "", false, "y@x", "", ""},
		"none":           {nil, "z@x", true, "", "", ""},
		"none, required": {func(c *Config) { c.Required = true }, "z@x", true, "", keyNoAddress, "z@x"},
	} {
		f := newFixture(t, tt.set)
		a := f.create(tt.now)
		if tt.proven {
			f.try(f.store.ChangeAccount(t.Context(), auth.Change{Account: a.ID, Email: &auth.EmailChange{Old: tt.now, New: tt.now, Confirmed: f.now}}))
		}
		got := f.said(f.ChangeAddress(t.Context(), f.client(), tt.address))
		if after := f.account().Email; got != tt.want || after != tt.after {
			t.Errorf("%s: said %q, want %q; the address is %q", name, got, tt.want, after)
		}
		if tt.want != "" || tt.address == "" {
			continue
		}
		if key := f.said(f.Confirm(t.Context(), f.link(len(f.box.mails)-1))); key != "" || f.account().Email != tt.address {
			t.Errorf("%s: confirming said %q", name, key)
		}
	}
}

// TestAskingIsLimited (row 16 of the security checklist): resends count.
func TestAskingIsLimited(t *testing.T) {
	f := newFixture(t, nil)
	f.create("z@example.org")
	for range askedPerAccount {
		if key := f.said(f.SendAgain(t.Context(), f.client())); key != "" {
			t.Fatalf("said %q", key)
		}
	}
	if key := f.said(f.SendAgain(t.Context(), f.client())); key != keyTooOften {
		t.Errorf("once more: %q", key)
	}
	if !f.holds(f.link(askedPerAccount)) {
		t.Error("the refusal ended the last link")
	}
}

// TestHeldSignIn: only the right password brings another mail.
func TestHeldSignIn(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.ConfirmedOnly = true })
	f.create("z@example.org")
	l := &auth.Login{Creator: authtest.Visitor(), Account: f.account()}
	for key, want := range map[message.Key]int{"wrongpassword": 0, auth.KeyUnconfirmed: 1} {
		before := len(f.box.mails)
		f.LoginEnded(t.Context(), l, auth.Failed(message.New(key)))
		if got := len(f.box.mails) - before; got != want {
			t.Errorf("%s: %d mails", key, got)
		}
	}
}

func TestNotices(t *testing.T) {
	f := newFixture(t, nil)
	e := &auth.CredentialEdit{Account: auth.Account{ID: 1, Name: "Zane", Email: "z@example.org"}, Addr: authtest.Visitor().Addr}
	change := auth.Change{Credentials: []auth.CredentialChange{{Kind: auth.CredentialPassword, New: "x"}}}
	f.try(f.ContributeToChange(t.Context(), e, &change))
	e.Account.EmailConfirmed = f.now
	f.try(f.ContributeToChange(t.Context(), e, &auth.Change{}))
	if len(change.Outbox) != 0 {
		t.Error("an address that nobody proved was told")
	}
	f.try(f.ContributeToChange(t.Context(), e, &change))
	if len(change.Outbox) != 1 || change.Outbox[0].Kind != auth.MailPasswordChanged {
		t.Errorf("queued %+v", change.Outbox)
	}
	for _, kind := range []auth.CredentialKind{auth.CredentialTOTP.One("1"), auth.CredentialRecoveryCode.One("0")} {
		change = auth.Change{Credentials: []auth.CredentialChange{{Kind: kind, Any: true}}}
		f.try(f.ContributeToChange(t.Context(), e, &change))
		if len(change.Outbox) != 1 || change.Outbox[0].Kind != auth.MailFactorsChanged {
			t.Errorf("%s: queued %+v", kind, change.Outbox)
		}
	}
}
