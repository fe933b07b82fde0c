package totp

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"gatehouse/auth"
	"gatehouse/auth/authtest"
	"gatehouse/internal/message"
	"gatehouse/internal/store"
	"gatehouse/internal/store/postgres/postgrestest"
	"gatehouse/internal/store/sqlstore"
)

// plainSeal is a Sealer that hides nothing but holds what it sealed to its binding.
type plainSeal struct{}

func (plainSeal) Seal(plain, aad []byte) ([]byte, error) {
	return append(append(bytes.Clone(aad), 0xff), mirrored(plain)...), nil
}

func (plainSeal) Open(sealed, aad []byte) ([]byte, error) {
	rest, ok := bytes.CutPrefix(sealed, append(bytes.Clone(aad), 0xff))
	if !ok {
		return nil, errors.New("sealed for something else")
	}
	return mirrored(rest), nil
}

func mirrored(b []byte) []byte {
	out := make([]byte, len(b))
	for i := range b {
		out[i] = ^b[i]
	}
	return out
}

// notices remember what they were told.
type notices struct{ told int }

func (*notices) CheckChange(*auth.CredentialEdit) auth.Check { return auth.Good() }

func (n *notices) ContributeToChange(_ context.Context, _ *auth.CredentialEdit, c *auth.Change) error {
	if c.Factors() && c.EndSessions {
		n.told++
	}
	return nil
}

type fixture struct {
	*testing.T
	*Provider
	store *sqlstore.Store
	told  *notices
	mu    sync.Mutex
	now   time.Time
}

func (f *fixture) clock() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

func newFixture(t *testing.T, mode AtCreation, url string) *fixture {
	t.Helper()
	f := &fixture{T: t, told: &notices{}, now: time.Unix(1_900_000_000, 0)}
	var err error
	f.store, err = store.Open(t.Context(), url, store.Options{Migrate: true, Clock: f.clock})
	f.try(err)
	t.Cleanup(func() { f.store.Close() })
	f.Provider = f.instance(mode)
	return f
}

// instance is a server on the fixture's store.
func (f *fixture) instance(mode AtCreation) *Provider {
	f.Helper()
	p, err := New(Config{
		Store: f.store, Sealer: plainSeal{}, Issuer: "Wiki", AtCreation: mode, Notices: []auth.CredentialChanger{f.told},
		Clock: f.clock, Random: rand.Reader, Picture: "/w/qr",
	})
	f.try(err)
	return p
}

func onBoth(t *testing.T, mode AtCreation, test func(*fixture)) {
	t.Run("SQLite", func(t *testing.T) { test(newFixture(t, mode, "memory:")) })
	t.Run("PostgreSQL", func(t *testing.T) { test(newFixture(t, mode, postgrestest.URL(t))) })
}

func (f *fixture) try(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// code is what an app with the secret shows, steps from now.
func (f *fixture) code(secret string, steps int64) string {
	f.Helper()
	c, err := hotp.GenerateCodeCustom(compact(secret), uint64(stepAt(f.clock())+steps), hotp.ValidateOpts{Digits: digits, Algorithm: otp.AlgorithmSHA1})
	f.try(err)
	return c
}

func (f *fixture) account(name auth.Name) auth.Account {
	f.Helper()
	a, err := f.store.CreateAccount(f.Context(), auth.Draft{Nonce: string(name), Account: auth.Account{Name: name}})
	f.try(err)
	return a
}

const someSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

// enrolled is an account with someSecret and two recovery codes.
func (f *fixture) enrolled(name auth.Name) auth.Account {
	f.Helper()
	a := f.account(name)
	f.try(f.Import(f.Context(), a, Imported{Secret: someSecret, RecoveryCodes: []string{"aaaa bbbb cccc dddd", "EEEEFFFFGGGGHHHH"}}))
	return f.fresh(a)
}

func (f *fixture) fresh(a auth.Account) auth.Account {
	f.Helper()
	a, err := f.store.AccountByID(f.Context(), a.ID)
	f.try(err)
	return a
}

func (f *fixture) client(a auth.Account) auth.Client {
	c := auth.Client{SessionID: "here"}
	c.Creator = authtest.Visitor()
	c.Creator.Account = f.fresh(a)
	return c
}

func TestSuite(t *testing.T) {
	for _, mode := range []AtCreation{Off, Optional, Required} {
		t.Run(string(mode), func(t *testing.T) {
			authtest.Run(t, authtest.Case{New: func(t *testing.T) auth.Provider { return suiteProvider(t, mode) }})
		})
	}
}

// suiteProvider leaves the draft of a required factor to the tests that bring a code.
func suiteProvider(t *testing.T, mode AtCreation) auth.Provider {
	f := newFixture(t, mode, "memory:")
	if mode == Required {
		return withoutDraft{f.Provider}
	}
	return f.Provider
}

type withoutDraft struct{ p *Provider }

func (w withoutDraft) ID() auth.ProviderID { return w.p.ID() }
func (w withoutDraft) Requests(ctx context.Context, o auth.Options) ([]auth.Request, error) {
	return w.p.Requests(ctx, o)
}
func (w withoutDraft) BeforeCommit() bool { return w.p.BeforeCommit() }
func (w withoutDraft) BeginCreation(ctx context.Context, c *auth.Creation) (auth.Response, error) {
	return w.p.BeginCreation(ctx, c)
}
func (w withoutDraft) ContinueCreation(ctx context.Context, c *auth.Creation) (auth.Response, error) {
	return w.p.ContinueCreation(ctx, c)
}
func (w withoutDraft) BeginLogin(ctx context.Context, l *auth.Login) (auth.Response, error) {
	return w.p.BeginLogin(ctx, l)
}

func typed(id auth.RequestID, field, value string) auth.Answers {
	if value == "" {
		return nil
	}
	return auth.Answers{{ID: id, Values: map[string]string{field: value}}}
}

func key(r auth.Response) message.Key {
	if len(r.Messages) == 0 {
		return ""
	}
	return r.Messages[0].Key
}

func datum(r auth.Request, name string) string {
	for _, d := range r.Metadata {
		if d.Name == name {
			return d.Value
		}
	}
	return ""
}

// TestRequestShape holds the step to what the documentation of the API prints.
func TestRequestShape(t *testing.T) {
	f := newFixture(t, Optional, "memory:")
	c := &auth.Creation{Subject: auth.Subject{Name: "Alice"}, Creator: authtest.Visitor(), AccountID: 1}
	r, err := f.BeginCreation(t.Context(), c)
	f.try(err)
	if r.Status != auth.UI || key(r) != "oathauth-create-ui" || len(r.Requests) != 2 {
		t.Fatalf("got %+v", r)
	}
	setup, skip := r.Requests[0], r.Requests[1]
	secret := datum(setup, "secret")
	if setup.ID != "TwoFactorAuthenticationRequest" || setup.Required != auth.Optional || setup.Metadata[0].Name != "account" ||
		setup.Metadata[1].Name != "secret" || datum(setup, "account") != "Alice" || len(strings.Fields(secret)) != 8 {
		t.Errorf("set-up: %+v", setup)
	}
	if b, err := cleanSecret(secret); err != nil || len(b)*5 < 160 {
		t.Errorf("row 44: the secret has %d bits: %v", len(b)*5, err)
	}
	if got := fmt.Sprintln(setup.Fields[0].Name, setup.Fields[0].Type, setup.Fields[1].Name, setup.Fields[1].Type, setup.Fields[1].Optional); got != "2FAInfo null code string false\n" {
		t.Errorf("fields: %s", got)
	}
	if skip.ID != `MediaWiki\Auth\ButtonAuthenticationRequest:skip2FASetup` || skip.Required != auth.Optional || skip.Fields[0].Name != "skip2FASetup" ||
		skip.Provider.Params[0].Text != `MediaWiki\Auth\ButtonAuthenticationRequest` || skip.Account.Params[0].Text != string(skip.ID) {
		t.Errorf("skip: %+v", skip)
	}
	if codes := strings.Fields(datum(setup, "recoverycodes")); len(codes) != recoveryCodes || len(codes[0]) != 24 {
		t.Errorf("recovery codes: %v", codes)
	}
	if !strings.HasPrefix(datum(setup, "uri"), "otpauth://totp/Wiki:Alice?secret="+compact(secret)) || datum(setup, "qr") != "/w/qr" {
		t.Errorf("uri %s, qr %s", datum(setup, "uri"), datum(setup, "qr"))
	}
	member := &auth.Creation{Subject: auth.Subject{Name: "Bob"}, Creator: authtest.Member()}
	if r, err := f.BeginCreation(t.Context(), member); err != nil || r.Status != auth.Abstain {
		t.Errorf("for somebody else: %+v, %v", r, err)
	}
}

// TestOptionalStep (row 45 of the security checklist): the account has a factor only after a right code.
func TestOptionalStep(t *testing.T) {
	onBoth(t, Optional, func(f *fixture) {
		a := f.account("Alice")
		c := &auth.Creation{Subject: auth.Subject{Name: "Alice"}, Creator: authtest.Visitor(), AccountID: a.ID}
		r, err := f.BeginCreation(f.Context(), c)
		f.try(err)
		secret := datum(r.Requests[0], "secret")
		for _, tt := range []struct {
			code string
			want message.Key
		}{{"", keySetup}, {"   ", keySetup}, {"000000x", keySetupFailed}, {f.code(secret, 2), keySetupFailed}, {f.code(secret, -2), keySetupFailed}} {
			c.Answers = typed(setupID, codeField, tt.code)
			r, err := f.ContinueCreation(f.Context(), c)
			f.try(err)
			if r.Status != auth.UI || key(r) != tt.want || datum(r.Requests[0], "secret") != secret {
				f.Errorf("code %q: %s %s with the secret %s", tt.code, r.Status, key(r), datum(r.Requests[0], "secret"))
			}
		}
		if on, err := f.Enabled(f.Context(), a); err != nil || on {
			f.Fatalf("a factor without a right code: %v", err)
		}
		c.Answers = typed(setupID, codeField, " "+secretSpaced(f.code(secret, 1)))
		if r, err := f.ContinueCreation(f.Context(), c); err != nil || r.Status != auth.Pass {
			f.Fatalf("the right code: %+v, %v", r, err)
		}
		if on, err := f.Enabled(f.Context(), a); err != nil || !on {
			f.Errorf("enabled: %v, %v", on, err)
		}
		if n, err := f.CodesLeft(f.Context(), a); err != nil || n != recoveryCodes {
			f.Errorf("%d codes, %v", n, err)
		}
		if ok, _, err := f.Check(f.Context(), a, f.code(secret, 1)); err != nil || ok {
			f.Errorf("the code of the set-up is good once more: %v", err)
		}
		code := strings.Fields(datum(r.Requests[0], "recoverycodes"))[3]
		if ok, _, err := f.Check(f.Context(), a, strings.ToLower(grouped(code))); err != nil || !ok {
			f.Errorf("a recovery code: %v, %v", ok, err)
		}
	})
}

func secretSpaced(code string) string { return code[:3] + " " + code[3:] }

// TestSkip (row 45 of the security checklist): skipping is a button, leaves nothing, and is impossible where a factor is
// required.
func TestSkip(t *testing.T) {
	for mode, want := range map[AtCreation]auth.Status{Optional: auth.Pass, Required: auth.UI} {
		f := newFixture(t, mode, "memory:")
		a := f.account("Alice")
		c := &auth.Creation{Subject: auth.Subject{Name: "Alice"}, Creator: authtest.Visitor(), AccountID: a.ID}
		r, err := f.BeginCreation(t.Context(), c)
		f.try(err)
		if (len(r.Requests) == 2) != (mode == Optional) || (r.Requests[0].Required == auth.Optional) != (mode == Optional) {
			t.Errorf("%s: asks %+v", mode, r.Requests)
		}
		c.Answers = typed(skipID, skipField, "1")
		r, err = f.ContinueCreation(t.Context(), c)
		f.try(err)
		if all, err := f.store.Credentials(t.Context(), a.ID); err != nil || r.Status != want || len(all) != 0 {
			t.Errorf("%s: %s, and %v is left", mode, r.Status, all)
		}
	}
}

// TestRequiredStep: the factor is committed with the account, and there is no account without it.
func TestRequiredStep(t *testing.T) {
	onBoth(t, Required, func(f *fixture) {
		c := &auth.Creation{Subject: auth.Subject{Name: "Alice"}, Creator: authtest.Member()}
		r, err := f.BeginCreation(f.Context(), c)
		f.try(err)
		if err := f.ContributeToDraft(f.Context(), c, &auth.Draft{}); err == nil {
			f.Error("an account without the factor")
		}
		c.Answers = typed(setupID, codeField, f.code(datum(r.Requests[0], "secret"), 0))
		if r, err := f.ContinueCreation(f.Context(), c); err != nil || r.Status != auth.Pass {
			f.Fatalf("the right code: %+v, %v", r, err)
		}
		d := auth.Draft{Nonce: "n", Account: auth.Account{Name: "Alice"}}
		f.try(f.ContributeToDraft(f.Context(), c, &d))
		a, err := f.store.CreateAccount(f.Context(), d)
		f.try(err)
		if on, err := f.Enabled(f.Context(), a); err != nil || !on {
			f.Errorf("enabled: %v, %v", on, err)
		}
		if ok, _, err := f.Check(f.Context(), a, f.code(datum(r.Requests[0], "secret"), 0)); err != nil || ok {
			f.Error("the code of the set-up is good once more")
		}
	})
}

// TestStored (rows 44 and 46 of the security checklist): neither secret nor code can be read in the store, and what is sealed
// for one account opens for no other.
func TestStored(t *testing.T) {
	f := newFixture(t, Off, "memory:")
	a, b := f.enrolled("Ann"), f.account("Ben")
	all, err := f.store.Credentials(t.Context(), a.ID)
	f.try(err)
	var moved []auth.CredentialChange
	for _, c := range all {
		for _, secret := range []string{someSecret, "AAAABBBBCCCCDDDD", "EEEEFFFFGGGGHHHH"} {
			if strings.Contains(c.Value, secret) {
				t.Errorf("%s is stored as %s", c.Kind, c.Value)
			}
		}
		moved = append(moved, auth.CredentialChange{Kind: c.Kind, Any: true, New: c.Value})
	}
	f.try(f.store.ChangeAccount(t.Context(), auth.Change{Account: b.ID, Credentials: moved}))
	if ok, _, err := f.Check(t.Context(), f.fresh(b), f.code(someSecret, 0)); ok || err == nil {
		t.Errorf("another account's app: %v, %v", ok, err)
	}
}
