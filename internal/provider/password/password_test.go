package password

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"gatehouse/auth"
	"gatehouse/auth/authtest"
	"gatehouse/internal/message"
	"gatehouse/internal/password"
	"gatehouse/internal/username"
)

// fakeStore holds the accounts of a test.
type fakeStore struct {
	accounts map[auth.Name]auth.Account
	stored   map[auth.AccountID]string
	lookUps  int
	fault    error // of every call
	replace  error // of ReplaceCredential
}

func (s *fakeStore) AccountByName(_ context.Context, name auth.Name) (auth.Account, error) {
	s.lookUps++
	if s.fault != nil {
		return auth.Account{}, s.fault
	}
	a, ok := s.accounts[name]
	if !ok {
		return auth.Account{}, auth.ErrNotFound
	}
	return a, nil
}

func (s *fakeStore) Credential(_ context.Context, id auth.AccountID, _ auth.CredentialKind) (string, error) {
	stored, ok := s.stored[id]
	if !ok {
		return "", auth.ErrNotFound
	}
	return stored, nil
}

func (s *fakeStore) ReplaceCredential(
	_ context.Context, id auth.AccountID, kind auth.CredentialKind, old, renewed string,
) error {
	if s.replace != nil {
		return s.replace
	}
	if s.stored[id] != old || kind != auth.CredentialPassword {
		return auth.ErrNotFound
	}
	s.stored[id] = renewed
	return nil
}

// world is a provider with all that is around it.
type world struct {
	*Provider
	store  *fakeStore
	hasher *password.Hasher
	budget *password.Budget
	log    *bytes.Buffer
}

func newWorld(t *testing.T, change func(*Config)) world {
	t.Helper()
	hasher, err := password.NewHasher(password.Settings{
		PBKDF2Iterations: 1, BcryptCost: 4, Argon2Memory: 8, Argon2Passes: 1, AllowWeak: true,
	}, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	store := &fakeStore{
		accounts: map[auth.Name]auth.Account{
			"Norm": {ID: 1, Name: "Norm"}, "Old": {ID: 2, Name: "Old"}, "Locked": {ID: 3, Name: "Locked"},
			"Odd": {ID: 4, Name: "Odd"}, "Bare": {ID: 5, Name: "Bare"},
		},
		stored: map[auth.AccountID]string{2: oldHash, 3: "", 4: ":unheard-of:x"},
	}
	if store.stored[1], err = hasher.Hash(normPassword); err != nil {
		t.Fatal(err)
	}
	w := world{store: store, hasher: hasher, budget: password.NewBudget(password.BudgetSettings{}), log: &bytes.Buffer{}}
	c := Config{
		Store: store, Names: username.NewRules(username.Options{}), Hasher: hasher, Budget: w.budget,
		Policy: password.Policy{Forbidden: []string{"Sitename"}}, Logger: slog.New(slog.NewTextHandler(w.log, nil)),
	}
	if change != nil {
		change(&c)
	}
	if w.Provider, err = New(c); err != nil {
		t.Fatal(err)
	}
	w.budget = c.Budget
	t.Cleanup(func() {
		if s := w.budget.Stats(); s.InFlight != 0 || (s.Places != 0 && !t.Failed()) {
			t.Errorf("places left behind: %+v", s)
		}
	})
	return w
}

const (
	normPassword = "N0rm-Pass-phrase"
	oldPassword  = "Correct-Horse-9x"
	oldHash      = ":B:48b2bb65:33b42ebf858808f13ccde9fc927185da"
)

func (w world) hashes() int64 {
	s := w.budget.Stats()
	return s.Served[password.SignIn] + s.Served[password.SignUp]
}

func TestSuite(t *testing.T) {
	authtest.Run(t, authtest.Case{
		New:        func(t *testing.T) auth.Provider { return newWorld(t, nil).Provider },
		Submission: map[string]string{"username": "Zane", "password": "Corr3ct-horse", "retype": "Corr3ct-horse"},
	})
}

func TestNewNeedsItsParts(t *testing.T) {
	if _, err := New(Config{}); err == nil {
		t.Error("New without parts succeeded")
	}
}

func TestRequests(t *testing.T) {
	w := newWorld(t, nil)
	norm := authtest.Visitor()
	norm.Account = auth.Account{ID: 1, Name: "Norm"}
	const user, word, again = "username userlogin-yourname authmanager-username-help", "userlogin-yourpassword", "yourpasswordagain"
	help, againHelp := " authmanager-password-help", " authmanager-retype-help"
	for _, tt := range []struct {
		action  auth.Action
		creator auth.Creator
		account message.Message
		fields  []string
	}{
		{auth.ActionLogin, authtest.Visitor(), message.Blank(), []string{user, "password " + word + help}},
		{auth.ActionLogin, norm, message.Blank(), []string{user, "password " + word + help}},
		{auth.ActionCreate, norm, message.Blank(), []string{user, "password " + word + help, "retype " + again + againHelp}},
		{auth.ActionChange, authtest.Visitor(), message.Blank(),
			[]string{"password newpassword" + help, "retype retypenew" + againHelp}},
		{auth.ActionChange, norm, message.Literal("Norm"),
			[]string{"password newpassword" + help, "retype retypenew" + againHelp}},
		{auth.ActionRemove, norm, message.Message{}, nil},
		{auth.ActionLink, norm, message.Message{}, nil},
	} {
		requests, err := w.Requests(t.Context(), auth.Options{Action: tt.action, Creator: tt.creator})
		if err != nil || (len(requests) == 1) != (tt.fields != nil) {
			t.Fatalf("%s: %d requests, %v", tt.action, len(requests), err)
		}
		if tt.fields != nil {
			checkRequest(t, requests[0], tt.account, tt.fields)
		}
	}
}

func checkRequest(t *testing.T, r auth.Request, account message.Message, fields []string) {
	t.Helper()
	if r.ID != `MediaWiki\Auth\PasswordAuthenticationRequest` || r.Required != auth.PrimaryRequired || len(r.Metadata) != 0 ||
		r.Provider.Key != "authmanager-provider-password" || !reflect.DeepEqual(r.Account, account) {
		t.Errorf("request %+v", r)
	}
	var got []string
	for _, f := range r.Fields {
		got = append(got, strings.Join([]string{f.Name, string(f.Label.Key), string(f.Help.Key)}, " "))
		isSecret := f.Name != "username"
		if f.Optional || f.Sensitive != isSecret || (f.Type == auth.FieldPassword) != isSecret {
			t.Errorf("field %+v", f)
		}
	}
	if strings.Join(got, "\n") != strings.Join(fields, "\n") {
		t.Errorf("fields %q, want %q", got, fields)
	}
}

// answered is what the provider's own request for action loads from texts.
func (w world) answered(t *testing.T, action auth.Action, texts map[string]string) auth.Answers {
	t.Helper()
	offered, err := w.Requests(t.Context(), auth.Options{Action: action})
	if err != nil {
		t.Fatal(err)
	}
	return auth.Load(offered, auth.Submission{Texts: texts})
}

func overloaded(err error) bool {
	var overload *auth.OverloadError
	return errors.As(err, &overload)
}
