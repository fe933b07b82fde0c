package passkey

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/authtest"
	"gatehouse/internal/message"
	"gatehouse/internal/provider/passkey/passkeytest"
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

// asked is what the device is asked.
func asked(r auth.Request) string {
	for _, f := range r.Fields {
		if f.Name == optionsField {
			return *f.Value
		}
	}
	return ""
}

func optionsOf(t *testing.T, r auth.Request) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(asked(r)), &out); err != nil {
		t.Fatal(err)
	}
	return out
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
func (f *fixture) created(name auth.Name, d *passkeytest.Device) auth.Account {
	f.Helper()
	c, r := f.beginCreation(name)
	c.Answers = answered(createID, d.Make(asked(r)))
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
		d := passkeytest.New(f.T, testOrigin)
		a := f.created("Alice", d)
		l, r := f.beginLogin()
		if got := optionsOf(f.T, r); got["allowCredentials"] != nil || got["userVerification"] != "required" {
			f.Errorf("somebody is named before the proof, or nobody is verified: %v", got)
		}
		answer := d.Prove(asked(r))
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

// TestLongestID takes an id of 1023 bytes.
func TestLongestID(t *testing.T) {
	onBoth(t, func(f *fixture) {
		d := passkeytest.New(f.T, testOrigin)
		d.ID = make([]byte, 1023)
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
		d := passkeytest.New(f.T, testOrigin)
		one, r1 := f.beginCreation("Alice")
		two, r2 := f.beginCreation("Ben")
		for _, c := range []struct {
			*auth.Creation
			r auth.Request
		}{{one, r1}, {two, r2}} {
			c.Answers = answered(createID, d.Make(asked(c.r)))
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
		three.Answers = answered(createID, d.Make(asked(r3)))
		if got, err := f.ContinueCreation(f.Context(), three); err != nil || key(got) != keyNotMade {
			f.Errorf("got %+v, %v", got, err)
		}
	})
}

func (f *fixture) signIn(d *passkeytest.Device, want auth.Status) {
	f.Helper()
	l, r := f.beginLogin()
	l.Answers = answered(proveID, d.Prove(asked(r)))
	if got, err := f.ContinueLogin(f.Context(), l); err != nil || got.Status != want {
		f.Errorf("got %+v, %v", got, err)
	}
}

// waiting is a sign-in of a that waits for a second factor.
func (f *fixture) waiting(a auth.Account) (*auth.Login, auth.Request) {
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
	d := passkeytest.New(t, testOrigin)
	d.Flags |= passkeytest.MayBackUp | passkeytest.BackedUp
	f.created("Alice", d)
	for range 2 {
		d.Counter = ^uint32(0) // it becomes 0
		f.signIn(d, auth.Pass)
	}
}

// TestRace lets two proofs of one counter run at once: one is taken.
func TestRace(t *testing.T) {
	onBoth(t, func(f *fixture) {
		d := passkeytest.New(f.T, testOrigin)
		a := f.created("Alice", d)
		l, r := f.waiting(a)
		l.Answers = answered(proveID, d.Prove(asked(r)))
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
