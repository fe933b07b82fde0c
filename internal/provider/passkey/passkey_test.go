package passkey

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/authtest"
	"gatehouse/internal/message"
	"gatehouse/internal/store"
	"gatehouse/internal/store/postgres/postgrestest"
	"gatehouse/internal/store/sqlstore"
)

const (
	testHost   = "wiki.example.org"
	testOrigin = "https://wiki.example.org"
)

// plainSeal is a Sealer that hides nothing but holds what it sealed to its binding.
type plainSeal struct{}

func (plainSeal) Seal(plain, aad []byte) ([]byte, error) {
	return append(append(bytes.Clone(aad), 0xff), plain...), nil
}

func (plainSeal) Open(sealed, aad []byte) ([]byte, error) {
	rest, ok := bytes.CutPrefix(sealed, append(bytes.Clone(aad), 0xff))
	if !ok {
		return nil, errors.New("sealed for something else")
	}
	return rest, nil
}

// oneCode makes recovery codes, one for each account.
type oneCode struct{}

func (oneCode) NewRecoveryCodes() ([]string, error) { return []string{"AAAABBBBCCCCDDDD"}, nil }

func (oneCode) RecoveryCredentials(codes []string) ([]auth.Credential, error) {
	return []auth.Credential{{Kind: auth.CredentialRecoveryCode.One("0"), Value: codes[0]}}, nil
}

func (o oneCode) FirstRecoveryCodes(all []auth.Credential) ([]string, []auth.CredentialChange, error) {
	for _, c := range all {
		if c.Kind.Family() == auth.CredentialRecoveryCode {
			return nil, nil, nil
		}
	}
	codes, _ := o.NewRecoveryCodes()
	return codes, []auth.CredentialChange{{Kind: auth.CredentialRecoveryCode.One("0"), New: codes[0]}}, nil
}

type fixture struct {
	*testing.T
	*Provider
	store *sqlstore.Store
	now   time.Time
}

func (f *fixture) clock() time.Time { return f.now }

func newFixture(t *testing.T, url string) *fixture {
	t.Helper()
	f := &fixture{T: t, now: time.Unix(1_900_000_000, 0)}
	var err error
	f.store, err = store.Open(t.Context(), url, store.Options{Migrate: true, Clock: f.clock})
	f.try(err)
	t.Cleanup(func() { f.store.Close() })
	f.Provider, err = New(Config{
		Store: f.store, Sealer: plainSeal{}, Recovery: oneCode{}, SiteName: "Wiki", Host: testHost, Origin: testOrigin,
		SignIn: true, AtCreation: true, Clock: f.clock, Random: rand.Reader,
	})
	f.try(err)
	return f
}

func onBoth(t *testing.T, test func(*fixture)) {
	t.Run("SQLite", func(t *testing.T) { test(newFixture(t, "memory:")) })
	t.Run("PostgreSQL", func(t *testing.T) { test(newFixture(t, postgrestest.URL(t))) })
}

func (f *fixture) try(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

func pressed() auth.Answers {
	return auth.Answers{{ID: beginID, Values: map[string]string{beginField: "1"}}}
}

func answered(id auth.RequestID, text string) auth.Answers {
	return auth.Answers{{ID: id, Values: map[string]string{answerField: text}}}
}

func key(r auth.Response) message.Key {
	if len(r.Messages) == 0 {
		return ""
	}
	return r.Messages[0].Key
}

// beginCreation is a creation that waits for the passkey.
func (f *fixture) beginCreation(name auth.Name) (*auth.Creation, auth.Request) {
	f.Helper()
	c := &auth.Creation{Subject: auth.Subject{Name: name}, Creator: authtest.Visitor(), Answers: pressed()}
	r, err := f.BeginCreation(f.Context(), c)
	f.try(err)
	if r.Status != auth.UI || len(r.Requests) != 1 || r.Requests[0].ID != createID || key(r) != keyCreate {
		f.Fatalf("got %+v", r)
	}
	return c, r.Requests[0]
}

// commit makes the account of a creation whose passkey was made.
func (f *fixture) commit(c *auth.Creation) (auth.Account, error) {
	f.Helper()
	d := auth.Draft{Nonce: rand.Text(), Account: auth.Account{Name: c.Subject.Name}}
	f.try(f.ContributeToDraft(f.Context(), c, &d))
	return f.store.CreateAccount(f.Context(), d)
}

// created is an account that has the device's passkey and nothing else.
func (f *fixture) created(name auth.Name, d *device) auth.Account {
	f.Helper()
	c, r := f.beginCreation(name)
	c.Answers = answered(createID, d.make(r))
	got, err := f.ContinueCreation(f.Context(), c)
	f.try(err)
	if got.Status != auth.Pass {
		f.Fatalf("got %+v", got)
	}
	a, err := f.commit(c)
	f.try(err)
	return a
}

// beginLogin is a sign-in that waits for any passkey.
func (f *fixture) beginLogin() (*auth.Login, auth.Request) {
	f.Helper()
	l := &auth.Login{Creator: authtest.Visitor(), Answers: pressed()}
	r, err := f.BeginLogin(f.Context(), l)
	f.try(err)
	return l, r.Requests[0]
}

func (f *fixture) client(a auth.Account) auth.Client {
	f.Helper()
	c := auth.Client{SessionID: "here"}
	c.Creator = authtest.Visitor()
	var err error
	c.Creator.Account, err = f.store.AccountByID(f.Context(), a.ID)
	f.try(err)
	return c
}

func TestSuite(t *testing.T) {
	authtest.Run(t, authtest.Case{
		New:        func(t *testing.T) auth.Provider { return newFixture(t, "memory:").Provider },
		Submission: map[string]string{beginField: "1"},
	})
}

// TestRequestShape holds the step to what the documentation of the API prints, and the options to row 47 of the security
// checklist: a challenge of many random bytes, a handle that says nothing of anybody, and the offered algorithms.
func TestRequestShape(t *testing.T) {
	f := newFixture(t, "memory:")
	_, r := f.beginCreation("Alice")
	if r.Metadata[0] != (auth.Datum{Name: "ceremony", Value: "create"}) || r.Metadata[1].Name != "recoverycodes" {
		t.Errorf("metadata %v", r.Metadata)
	}
	got := fmt.Sprintln(r.Fields[0].Name, r.Fields[0].Type, r.Fields[1].Name, r.Fields[1].Type)
	if got != "passkeyOptions null passkeyResponse string\n" {
		t.Errorf("fields: %s", got)
	}
	o := optionsOf(t, r)
	user := o["user"].(map[string]any)
	if len(o["challenge"].(string)) < 43 || len(user["id"].(string)) < 43 || user["name"] != "Alice" {
		t.Errorf("options %v", o)
	}
	if got := fmt.Sprint(o["pubKeyCredParams"]); strings.Count(got, "alg:") != 3 || !strings.Contains(got, "alg:-7 ") {
		t.Errorf("algorithms %s", got)
	}
	if got := fmt.Sprint(o["authenticatorSelection"]); !strings.Contains(got, "residentKey:required") || !strings.Contains(got, "userVerification:required") {
		t.Errorf("selection %s", got)
	}
	_, other := f.beginCreation("Alice")
	p := optionsOf(t, other)
	if p["challenge"] == o["challenge"] || p["user"].(map[string]any)["id"] == user["id"] {
		t.Error("a challenge or a handle comes twice")
	}
}

// TestAlone makes an account with a passkey, signs in with it, and cannot use an answer again.
func TestAlone(t *testing.T) {
	onBoth(t, func(f *fixture) {
		d := newDevice(f.T)
		a := f.created("Alice", d)
		l, r := f.beginLogin()
		if got := optionsOf(f.T, r); got["allowCredentials"] != nil || got["userVerification"] != "required" {
			f.Errorf("somebody is named before the proof, or nobody is verified: %v", got)
		}
		answer := d.prove(r)
		l.Answers = answered(proveID, answer)
		got, err := f.ContinueLogin(f.Context(), l)
		f.try(err)
		if got.Status != auth.Pass || got.Account.ID != a.ID || got.Account.Stamp != a.Stamp {
			f.Fatalf("got %+v", got)
		}
		if proven, err := f.FactorProven(l); err != nil || !proven {
			f.Errorf("a second factor would be asked for: %v", err)
		}
		// Another flow has another challenge.
		again, _ := f.beginLogin()
		again.Answers = answered(proveID, answer)
		got, err = f.ContinueLogin(f.Context(), again)
		f.try(err)
		if got.Status != auth.UI || key(got) != keyFailed {
			f.Errorf("an answer works twice: %+v", got)
		}
	})
}

// hostile is a rule of row 47 of the security checklist and how it is broken.
type hostile struct {
	rule string
	do   func(*device)
}

func inBoth() []hostile {
	return []hostile{
		{"the challenge of another flow", func(d *device) { d.lie.challenge = b64(make([]byte, 32)) }},
		{"no challenge", func(d *device) { d.lie.challenge = "AA" }},
		{"the type", func(d *device) { d.lie.kind = "payment.get" }},
		{"the origin", func(d *device) { d.lie.origin = "https://evil.example" }},
		{"the origin's scheme", func(d *device) { d.lie.origin = "http://wiki.example.org" }},
		{"the origin's port", func(d *device) { d.lie.origin = testOrigin + ":8443" }},
		{"an origin below the host", func(d *device) { d.lie.origin = "https://evil.wiki.example.org" }},
		{"a frame of another site", func(d *device) { d.lie.crossOrigin = true }},
		{"the RP id", func(d *device) { d.lie.host = "example.org" }},
		{"presence", func(d *device) { d.flags &^= flagPresent }},
		{"verification", func(d *device) { d.flags &^= flagVerified }},
		{"backed up though it cannot be", func(d *device) { d.flags |= flagBackedUp }},
		{"two ids", func(d *device) { d.lie.idOutside = b64([]byte("another")) }},
	}
}

// TestHostileAttestations refuses one new passkey for each rule, asks again with another challenge, and then takes a right one.
// It covers row 47 of the security checklist.
func TestHostileAttestations(t *testing.T) {
	rows := append(inBoth(),
		hostile{"an assertion in its place", func(d *device) { d.lie.kind = "webauthn.get" }},
		hostile{"an algorithm that was not offered", func(d *device) { d.lie.algorithm = -47 }},
		hostile{"an algorithm that its key is not of", func(d *device) { d.lie.algorithm = -257 }},
		hostile{"a long id", func(d *device) { d.id = make([]byte, 1024) }},
		hostile{"an empty id", func(d *device) { d.id = nil }},
		hostile{"a statement that somebody else signed", func(d *device) { d.format, d.lie.signer = "packed", newKey(d.t) }},
		hostile{"data changed after it was signed", func(d *device) { d.format, d.lie.spoil = "packed", true }},
		hostile{"an unknown format", func(d *device) { d.format = "made-up" }},
	)
	f := newFixture(t, "memory:")
	for i, row := range rows {
		c, r := f.beginCreation(auth.Name(fmt.Sprint("Name", i)))
		d := newDevice(t)
		row.do(d)
		c.Answers = answered(createID, d.make(r))
		got, err := f.ContinueCreation(t.Context(), c)
		f.try(err)
		if got.Status != auth.UI || key(got) != keyNotMade {
			t.Errorf("%s: %+v", row.rule, got)
			continue
		}
		var draft auth.Draft
		if f.try(f.ContributeToDraft(t.Context(), c, &draft)); len(draft.Credentials)+len(draft.Identities) > 0 {
			t.Errorf("%s: it is kept", row.rule)
		}
		old := c.Answers
		honest := newDevice(t)
		c.Answers = answered(createID, honest.make(r))
		if got, err = f.ContinueCreation(t.Context(), c); err != nil || got.Status != auth.UI {
			t.Errorf("%s: the challenge is used twice: %+v, %v", row.rule, got, err)
			continue
		}
		c.Answers = answered(createID, honest.make(got.Requests[0]))
		if got, err = f.ContinueCreation(t.Context(), c); err != nil || got.Status != auth.Pass {
			t.Errorf("after %s (%d bytes): %+v, %v", row.rule, len(old), got, err)
		}
	}
}

// TestLongestID takes an id of 1023 bytes.
func TestLongestID(t *testing.T) {
	onBoth(t, func(f *fixture) {
		d := newDevice(f.T)
		d.id = make([]byte, 1023)
		f.created("Alice", d)
	})
}

// TestNotAnAnswer refuses what is no answer at all.
func TestNotAnAnswer(t *testing.T) {
	f := newFixture(t, "memory:")
	for _, text := range []string{"", "x", "{}", "null", "[]", `{"id":"","rawId":"","type":"public-key","response":{}}`, strings.Repeat("x", maxAnswer+1)} {
		c, _ := f.beginCreation("Alice")
		c.Answers = answered(createID, text)
		if got, err := f.ContinueCreation(t.Context(), c); err != nil || got.Status != auth.UI {
			t.Errorf("%.20q: %+v, %v", text, got, err)
		}
		l, _ := f.beginLogin()
		l.Answers = answered(proveID, text)
		if got, err := f.ContinueLogin(t.Context(), l); err != nil || got.Status != auth.UI || key(got) != keyFailed {
			t.Errorf("%.20q: %+v, %v", text, got, err)
		}
	}
}

// TestKnownPasskey keeps a passkey with its account: it covers row 47 of the security checklist, the id that is known. Of two
// creations at once that passed this test, the store takes one.
func TestKnownPasskey(t *testing.T) {
	onBoth(t, func(f *fixture) {
		d := newDevice(f.T)
		one, r1 := f.beginCreation("Alice")
		two, r2 := f.beginCreation("Ben")
		for _, c := range []struct {
			*auth.Creation
			r auth.Request
		}{{one, r1}, {two, r2}} {
			c.Answers = answered(createID, d.make(c.r))
			got, err := f.ContinueCreation(f.Context(), c.Creation)
			f.try(err)
			if got.Status != auth.Pass {
				f.Fatalf("got %+v", got)
			}
		}
		_, err := f.commit(one)
		f.try(err)
		if _, err := f.commit(two); !errors.Is(err, auth.ErrIdentityTaken) {
			f.Errorf("two accounts have one passkey: %v", err)
		}
		three, r3 := f.beginCreation("Cleo")
		three.Answers = answered(createID, d.make(r3))
		if got, err := f.ContinueCreation(f.Context(), three); err != nil || key(got) != keyNotMade {
			f.Errorf("got %+v, %v", got, err)
		}
	})
}

// TestHostileAssertions refuses one proof for each rule, alone and as a second factor, and asks again with another challenge. It
// covers row 47 of the security checklist.
func TestHostileAssertions(t *testing.T) {
	rows := append(inBoth(),
		hostile{"an attestation in its place", func(d *device) { d.lie.kind = "webauthn.create" }},
		hostile{"another's signature", func(d *device) { d.lie.signer = newKey(d.t) }},
		hostile{"data changed after it was signed", func(d *device) { d.lie.spoil = true }},
		hostile{"another's handle", func(d *device) { d.lie.handle = make([]byte, 32) }},
		hostile{"a key that can be backed up now", func(d *device) { d.flags |= flagMayBackUp }},
		hostile{"a counter that stands still", func(d *device) { d.counter-- }},
		hostile{"a counter that falls", func(d *device) { d.counter -= 3 }},
		hostile{"a counter that begins again", func(d *device) { d.counter = ^uint32(0) }},
	)
	f := newFixture(t, "memory:")
	d := newDevice(t)
	a := f.created("Alice", d)
	d.counter = 10
	f.signIn(d, auth.Pass)
	for _, row := range rows {
		bad := *d
		row.do(&bad)
		l, r := f.beginLogin()
		l.Answers = answered(proveID, bad.prove(r))
		got, err := f.ContinueLogin(t.Context(), l)
		f.try(err)
		if got.Status != auth.UI || key(got) != keyFailed || optionsOf(t, got.Requests[0])["challenge"] == optionsOf(t, r)["challenge"] {
			t.Errorf("%s: %+v", row.rule, got)
		}
		if row.rule == "verification" {
			continue // what a password came before needs none
		}
		l, r = f.asked(a)
		bad = *d
		row.do(&bad)
		l.Answers = answered(proveID, bad.prove(r))
		if tried, proven, err := f.ProveFactor(t.Context(), l); err != nil || !tried || proven {
			t.Errorf("%s as a second factor: %v, %v, %v", row.rule, tried, proven, err)
		}
	}
	f.signIn(d, auth.Pass)
	anonymous := *d
	anonymous.lie.handle = []byte{}
	f.signIn(&anonymous, auth.UI)
}

func (f *fixture) signIn(d *device, want auth.Status) {
	f.Helper()
	l, r := f.beginLogin()
	l.Answers = answered(proveID, d.prove(r))
	if got, err := f.ContinueLogin(f.Context(), l); err != nil || got.Status != want {
		f.Errorf("got %+v, %v", got, err)
	}
}

// asked is a sign-in of a that waits for a second factor.
func (f *fixture) asked(a auth.Account) (*auth.Login, auth.Request) {
	f.Helper()
	l := &auth.Login{Creator: authtest.Visitor(), Account: a}
	requests, err := f.AskFactor(f.Context(), l)
	f.try(err)
	if len(requests) != 1 {
		f.Fatalf("got %d requests", len(requests))
	}
	return l, requests[0]
}

// TestWithoutCounter takes devices that count nothing, as many of those do that keep passkeys in several places.
func TestWithoutCounter(t *testing.T) {
	f := newFixture(t, "memory:")
	d := newDevice(t)
	d.flags |= flagMayBackUp | flagBackedUp
	f.created("Alice", d)
	for range 2 {
		d.counter = ^uint32(0) // it becomes 0
		f.signIn(d, auth.Pass)
	}
}

// TestRace lets two proofs of one counter run at once: one is taken.
func TestRace(t *testing.T) {
	onBoth(t, func(f *fixture) {
		d := newDevice(f.T)
		a := f.created("Alice", d)
		l, r := f.asked(a)
		l.Answers = answered(proveID, d.prove(r))
		passed := make(chan bool)
		for range 2 {
			go func() {
				mine := *l
				_, proven, err := f.ProveFactor(context.Background(), &mine)
				if err != nil {
					f.Error(err)
				}
				passed <- proven
			}()
		}
		if one, two := <-passed, <-passed; one == two {
			f.Errorf("%v and %v", one, two)
		}
	})
}
