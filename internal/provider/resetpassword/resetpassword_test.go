package resetpassword

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/authtest"
	"gatehouse/internal/message"
)

const request auth.RequestID = "PasswordRequest"

// passwords stands for the provider of chosen passwords.
type passwords struct{}

func (passwords) ID() auth.ProviderID { return "password" }

func (passwords) Requests(_ context.Context, o auth.Options) ([]auth.Request, error) {
	return []auth.Request{{
		ID: request, Required: auth.PrimaryRequired, Account: message.Literal(string(o.Creator.Account.Name)),
		Fields: []auth.Field{{Name: "password", Type: auth.FieldPassword, Sensitive: true}},
	}}, nil
}

func (passwords) CheckChange(e *auth.CredentialEdit) auth.Check {
	if a, _ := e.Answers.Get(request); a.Values["password"] == "bad" {
		return auth.Refused(message.New("one"), message.New("two"))
	}
	return auth.Good()
}

func (passwords) ContributeToChange(_ context.Context, e *auth.CredentialEdit, c *auth.Change) error {
	if a, ok := e.Answers.Get(request); ok {
		c.Credentials = append(c.Credentials, auth.CredentialChange{Kind: auth.CredentialPassword, Any: true, New: a.Values["password"]})
	}
	return nil
}

// changes is a store that notes changes.
type changes struct {
	made []auth.Change
	err  error
}

func (s *changes) ChangeAccount(_ context.Context, c auth.Change) error {
	s.made = append(s.made, c)
	return s.err
}

func provider(t *testing.T, s *changes, confirmedOnly bool) *Provider {
	t.Helper()
	p, err := New(Config{Store: s, Passwords: passwords{}, ConfirmedOnly: confirmedOnly, Clock: func() time.Time { return time.Unix(5, 0) }})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSuite(t *testing.T) {
	authtest.Run(t, authtest.Case{New: func(t *testing.T) auth.Provider { return provider(t, &changes{}, false) }})
}

// signIn is a sign-in whose credential has to be replaced.
func signIn(t *testing.T) *auth.Login {
	t.Helper()
	l := &auth.Login{Creator: authtest.Visitor(), Account: auth.Account{ID: 7, Name: "Zane", Email: "z@example.org"}}
	err := l.AskReset(auth.Reset{
		Message: message.New("resetpass-temp-emailed"), Mailed: "z@example.org",
		Consumes: []auth.CredentialChange{{Kind: auth.CredentialTemporaryPassword, Old: "hash"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func typed(password string) auth.Answers {
	return auth.Answers{{ID: request, Values: map[string]string{"password": password}}}
}

func TestSteps(t *testing.T) {
	s := &changes{}
	p := provider(t, s, false)
	if r, err := p.BeginLogin(t.Context(), &auth.Login{}); err != nil || r.Status != auth.Abstain {
		t.Errorf("a sign-in that lasts: %+v, %v", r, err)
	}
	l := signIn(t)
	r, err := p.BeginLogin(t.Context(), l)
	if err != nil || r.Status != auth.UI || len(r.Requests) != 1 || r.Requests[0].Required != auth.RequiredAlways ||
		r.Requests[0].Account.Params[0].Text != "Zane" || r.Messages[0].Key != "resetpass-temp-emailed" {
		t.Fatalf("asks %+v, %v", r, err)
	}
	for password, keys := range map[string]int{"": 1, "bad": 2} {
		l.Answers = nil
		if password != "" {
			l.Answers = typed(password)
		}
		if r, err := p.ContinueLogin(t.Context(), l); err != nil || r.Status != auth.UI || len(r.Messages) != keys || len(s.made) != 0 {
			t.Errorf("%q: %+v, %v", password, r, err)
		}
	}
	l.Answers = typed("good")
	if r, err := p.ContinueLogin(t.Context(), l); err != nil || r.Status != auth.Pass {
		t.Fatalf("got %+v, %v", r, err)
	}
	b, _ := json.Marshal(s.made)
	if len(s.made) != 1 || s.made[0].Account != 7 || len(s.made[0].Credentials) != 2 || s.made[0].Credentials[0].Old != "hash" || s.made[0].Email != nil {
		t.Errorf("changed %s", b)
	}
}

// TestSomebodyWasFaster: the credential is gone, and so is the sign-in.
func TestSomebodyWasFaster(t *testing.T) {
	p := provider(t, &changes{err: auth.ErrChanged}, false)
	l := signIn(t)
	l.Answers = typed("good")
	if r, err := p.ContinueLogin(t.Context(), l); err != nil || r.Status != auth.Fail || r.Messages[0].Key != keyGone {
		t.Errorf("got %+v, %v", r, err)
	}
}

// TestProvesTheAddress: where addresses have to be confirmed, what was mailed there proves it, and nothing else does.
func TestProvesTheAddress(t *testing.T) {
	for name, tt := range map[string]struct {
		asked bool
		email string
		want  bool
	}{"asked": {true, "z@example.org", true}, "not asked": {false, "z@example.org", false}, "another": {true, "y@example.org", false}} {
		s := &changes{}
		l := signIn(t)
		l.Account.Email, l.Answers = tt.email, typed("good")
		if _, err := provider(t, s, tt.asked).ContinueLogin(t.Context(), l); err != nil {
			t.Fatal(err)
		}
		if got := s.made[0].Email != nil; got != tt.want || l.Account.EmailConfirmed.IsZero() == tt.want {
			t.Errorf("%s: %+v", name, s.made[0].Email)
		}
	}
}
