package temporarypassword

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/authtest"
	"gatehouse/internal/password"
	"gatehouse/internal/store"
	"gatehouse/internal/store/sqlstore"
	"gatehouse/internal/throttle"
	"gatehouse/internal/username"
)

// mailbox is an auth.Mailer that shows what was composed, and an auth.MailLimiter.
type mailbox struct {
	mu    sync.Mutex
	mails []auth.Mail
	limit int64
}

func (m *mailbox) Compose(mail auth.Mail) (auth.OutboxItem, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mails = append(m.mails, mail)
	return auth.OutboxItem{
		MessageID: fmt.Sprintf("%d@example", len(m.mails)), Kind: mail.Kind, Account: mail.Account, Domain: "example.org",
		Sealed: []byte("sealed"), Expires: mail.Expires,
	}, nil
}

func (m *mailbox) Counters(to string, _ netip.Prefix) []auth.Counter {
	if m.limit == 0 {
		return nil
	}
	return []auth.Counter{{Key: "mail " + to, Limit: m.limit, Window: time.Hour, Refusal: "actionthrottledtext"}}
}

func (m *mailbox) last() auth.Mail { return m.mails[len(m.mails)-1] }

// fixture is the provider on a store in memory.
type fixture struct {
	*testing.T
	*Provider
	store *sqlstore.Store
	box   *mailbox
	now   time.Time
	hash  *password.Hasher
	log   *strings.Builder
}

// chooser stands for the provider of chosen passwords.
type chooser struct{}

func (chooser) CheckChange(e *auth.CredentialEdit) auth.Check {
	if a, ok := e.Answers.Get(passwordRequest); ok && len(a.Values[fieldPassword]) < 3 {
		return auth.Refused(auth.Message{Key: "passwordtooshort"})
	}
	return auth.Good()
}

func (chooser) ContributeToChange(_ context.Context, e *auth.CredentialEdit, c *auth.Change) error {
	a, _ := e.Answers.Get(passwordRequest)
	c.Credentials = append(c.Credentials, auth.CredentialChange{
		Kind: auth.CredentialPassword, Any: true, New: "chosen " + a.Values[fieldPassword],
	})
	c.Erase(auth.CredentialTemporaryPassword)
	c.Erase(auth.CredentialPasswordLink)
	return nil
}

func newFixture(t *testing.T, set func(*Config)) *fixture {
	t.Helper()
	f := &fixture{T: t, box: &mailbox{}, now: time.Now(), log: &strings.Builder{}}
	var err error
	f.store, err = store.Open(t.Context(), "memory:", store.Options{Migrate: true, Clock: func() time.Time { return f.now }})
	f.try(err)
	t.Cleanup(func() { f.store.Close() })
	f.hash, err = password.NewHasher(password.Settings{Default: password.PBKDF2SHA512, PBKDF2Iterations: 1, AllowWeak: true}, rand.Reader)
	f.try(err)
	cfg := Config{
		Store: f.store, Names: username.NewRules(username.Options{}), Hasher: f.hash,
		Budget: password.NewBudget(password.BudgetSettings{}), Mailer: f.box, Limiter: f.box,
		Changers: []auth.CredentialChanger{chooser{}},
		Allows:   func(a auth.Account, r auth.Right) bool { return auth.DefaultGroups().Allows(a, r) },
		ValidAddress: func(s string) bool {
			return strings.Contains(s, "@")
		},
		MailEnabled: true, Offer: OfferRegistered, Lifetime: 24 * time.Hour,
		Resets: throttle.Rules{{Count: 5, Per: time.Hour}},
		Clock:  func() time.Time { return f.now }, Random: rand.Reader, Logger: slog.New(slog.NewTextHandler(f.log, nil)),
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

// account makes an account with a password of its own.
func (f *fixture) account(name, email string) auth.Account {
	f.Helper()
	a, err := f.store.CreateAccount(f.Context(), auth.Draft{
		Nonce: name, Account: auth.Account{Name: auth.Name(name), Email: email},
		Credentials: []auth.Credential{{Kind: auth.CredentialPassword, Value: "own"}},
	})
	f.try(err)
	return a
}

// signIn types a password.
func (f *fixture) signIn(name, typed string) (auth.Response, *auth.Login) {
	f.Helper()
	l := &auth.Login{Creator: authtest.Visitor(), Answers: auth.Answers{{
		ID: passwordRequest, Values: map[string]string{auth.FieldUsername: name, fieldPassword: typed},
	}}}
	r, err := f.BeginLogin(f.Context(), l)
	f.try(err)
	return r, l
}

func (f *fixture) reset(r auth.PasswordResetRequest) auth.Check {
	f.Helper()
	check, err := f.RequestReset(f.Context(), auth.Client{Creator: authtest.Visitor()}, r)
	f.try(err)
	return check
}

func TestSuite(t *testing.T) {
	authtest.Run(t, authtest.Case{
		New: func(t *testing.T) auth.Provider {
			return newFixture(t, func(c *Config) { c.Offer = OfferEveryone }).Provider
		},
		Submission: map[string]string{fieldMail: "1"},
	})
}

func TestWhoIsOffered(t *testing.T) {
	for _, tt := range []struct {
		offer           Offer
		mail            bool
		visitor, member int
	}{
		{OfferRegistered, true, 0, 1}, {OfferEveryone, true, 1, 1}, {OfferOff, true, 0, 0}, {OfferEveryone, false, 0, 0},
	} {
		f := newFixture(t, func(c *Config) { c.Offer, c.MailEnabled = tt.offer, tt.mail })
		for who, want := range map[*auth.Creator]int{ptr(authtest.Visitor()): tt.visitor, ptr(authtest.Member()): tt.member} {
			got, err := f.Requests(t.Context(), auth.Options{Action: auth.ActionCreate, Creator: *who})
			f.try(err)
			if len(got) != want {
				t.Errorf("%s, mail %v: %d requests for %q", tt.offer, tt.mail, len(got), who.Account.Name)
			}
		}
		got, err := f.Requests(t.Context(), auth.Options{Action: auth.ActionRemove, Creator: authtest.Member()})
		if f.try(err); len(got) != 1 || got[0].Account.Params[0].Text != "Norm" {
			t.Errorf("removal offers %+v", got)
		}
	}
}

func ptr[T any](v T) *T { return &v }

// creation fills in the check box.
func creation(email string) *auth.Creation {
	return &auth.Creation{
		Subject: auth.Subject{Name: "Zane", Email: email}, Creator: authtest.Member(),
		Answers: auth.Answers{{ID: RequestID, Values: map[string]string{fieldMail: "1"}}},
	}
}

func TestWhatACreationNeeds(t *testing.T) {
	f := newFixture(t, nil)
	off := newFixture(t, func(c *Config) { c.MailEnabled = false })
	for _, tt := range []struct {
		p    *fixture
		c    *auth.Creation
		want string
	}{
		{f, creation("z@example.org"), ""}, {f, creation(""), "noemailcreate"}, {off, creation("z@example.org"), "emaildisabled"},
		{f, creation(strings.Repeat("z", 400) + "@example.org"), "invalidemailaddress"}, {off, &auth.Creation{}, ""},
	} {
		got := ""
		if check := tt.p.CheckCreation(tt.c); !check.OK() {
			got = string(check.Findings[0].Key)
		}
		if got != tt.want {
			t.Errorf("%q: %q, want %q", tt.c.Subject.Email, got, tt.want)
		}
	}
}

// create takes a creation to the store.
func (f *fixture) create(c *auth.Creation) auth.Account {
	f.Helper()
	place, err := f.ReserveForCreation(f.Context(), c)
	f.try(err)
	if place != nil {
		c.Hold(f.ID(), place)
		defer place.Release()
	}
	r, err := f.BeginCreation(f.Context(), c)
	if f.try(err); r.Status != auth.Pass {
		f.Fatalf("got %+v", r)
	}
	d := auth.Draft{
		Nonce: "n", Account: auth.Account{Name: c.Subject.Name, Email: c.Subject.Email},
		Log: auth.LogEntry{Type: auth.LogNewUsers, Action: auth.LogCreate2, PerformerID: 42, Performer: "Norm", Target: c.Subject.Name},
	}
	f.try(f.ContributeToDraft(f.Context(), c, &d))
	a, err := f.store.CreateAccount(f.Context(), d)
	f.try(err)
	return a
}

// TestChecklist11 (row 11 of the security checklist): a password chosen by the system is random, stored hashed only, good
// for a limited time and once, and has to be replaced.
func TestChecklist11(t *testing.T) {
	f := newFixture(t, nil)
	c := creation("z@example.org")
	a := f.create(c)
	mail := f.box.last()
	word := mail.Values["password"]
	if !looksMailed(word) || mail.Kind != auth.MailTemporaryPassword || mail.To != "z@example.org" || mail.Values["days"] != "1" || mail.Values["creator"] != "Norm" {
		t.Fatalf("mail %+v", mail)
	}
	if !c.Withheld {
		t.Error("whoever made the account is signed in to it")
	}
	entries, err := f.store.LogEntries(t.Context(), auth.LogQuery{Limit: 9})
	if f.try(err); len(entries) != 1 || entries[0].Action != auth.LogByEmail || entries[0].Performer != "Norm" {
		t.Errorf("log %+v", entries)
	}
	if raw, err := f.store.Credential(t.Context(), a.ID, auth.CredentialTemporaryPassword); err != nil || strings.Contains(raw, word) {
		t.Errorf("stored %q, %v", raw, err)
	}
	if _, err := f.store.Credential(t.Context(), a.ID, auth.CredentialPassword); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("there is a password of its own: %v", err)
	}
	r, l := f.signIn("zane", word)
	note, asked, err := l.Reset()
	if f.try(err); r.Status != auth.Pass || r.Account.ID != a.ID || !asked || note.Message.Key != keyReplace || len(note.Consumes) != 1 {
		t.Fatalf("signed in: %+v, note %+v", r, note)
	}
	if r, _ := f.signIn("Zane", word[1:]+"a"); r.Status != auth.Abstain {
		t.Errorf("another password: %+v", r)
	}
	f.now = f.now.Add(24 * time.Hour)
	if r, _ := f.signIn("Zane", word); r.Status != auth.Abstain {
		t.Errorf("after its time: %+v", r)
	}
	f.now = f.now.Add(-time.Hour)
	f.try(f.store.ChangeAccount(t.Context(), auth.Change{Account: a.ID, Credentials: note.Consumes}))
	if r, _ := f.signIn("Zane", word); r.Status != auth.Abstain {
		t.Errorf("used twice: %+v", r)
	}
	if strings.Contains(f.log.String(), word) {
		t.Error("the log has it")
	}
}

// TestMailedPasswordsDiffer draws many: none comes twice, and every letter of the alphabet does.
func TestMailedPasswordsDiffer(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.MinimumLength = 20 })
	seen, letters := map[string]bool{}, map[rune]bool{}
	for range 300 {
		word, err := f.newPassword()
		if f.try(err); len(word) != 20 || seen[word] || !looksMailed(word) {
			t.Fatalf("drew %q", word)
		}
		seen[word] = true
		for _, r := range word {
			letters[r] = true
		}
	}
	if len(letters) != len(alphabet) {
		t.Errorf("%d letters of %d", len(letters), len(alphabet))
	}
}

// TestAddressChangedMeanwhile: what was mailed to an address that is the account's no longer is good for nothing.
func TestAddressChangedMeanwhile(t *testing.T) {
	f := newFixture(t, nil)
	a := f.create(creation("z@example.org"))
	f.try(f.store.ChangeAccount(t.Context(), auth.Change{Account: a.ID, Email: &auth.EmailChange{Old: a.Email, New: "y@example.org"}}))
	if r, _ := f.signIn("Zane", f.box.last().Values["password"]); r.Status != auth.Abstain {
		t.Errorf("got %+v", r)
	}
}

// TestStoredRubbish: a stored form that cannot be read is a wrong password and no fault.
func TestStoredRubbish(t *testing.T) {
	f := newFixture(t, nil)
	a := f.account("Ann", "a@example.org")
	for _, raw := range []string{"rubbish", `{"hash":":unknown:x","expires":99999999999,"email":"a@example.org"}`} {
		f.try(f.store.ChangeAccount(t.Context(), auth.Change{
			Account: a.ID, Credentials: []auth.CredentialChange{{Kind: auth.CredentialTemporaryPassword, Any: true, New: raw}},
		}))
		if r, _ := f.signIn("Ann", "abcdefghabcdefgh"); r.Status != auth.Abstain {
			t.Errorf("%s: %+v", raw, r)
		}
	}
}

func TestRemove(t *testing.T) {
	f := newFixture(t, nil)
	var c auth.Change
	e := &auth.CredentialEdit{Action: auth.ActionRemove, Answers: auth.Answers{{ID: RequestID}}}
	f.try(f.ContributeToChange(t.Context(), e, &c))
	if len(c.Credentials) != 2 || c.Credentials[0].New != "" || !c.Credentials[0].Any {
		t.Errorf("change %+v", c)
	}
}
