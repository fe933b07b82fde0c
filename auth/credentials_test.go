package auth

import (
	"context"
	"errors"
	"testing"
	"time"

	"gatehouse/internal/message"
)

// changing is a secondary provider with a credential, on a store that notes changes.
type changing struct {
	scripted
	refuse bool
	made   []Change
	err    error
}

func (p *changing) CheckChange(*CredentialEdit) Check {
	if p.refuse {
		return Refused(message.New("no"))
	}
	return Good()
}

func (p *changing) ContributeToChange(_ context.Context, e *CredentialEdit, c *Change) error {
	c.Credentials = append(c.Credentials, CredentialChange{Kind: "x", Any: true, New: string(e.Account.Name)})
	c.EndSessions = true
	return nil
}

func (p *changing) ChangeAccount(_ context.Context, c Change) error {
	p.made = append(p.made, c)
	return p.err
}

func member() Client {
	c := visitor("m")
	c.Creator.Account, c.SessionID = Account{ID: 3, Name: "Norm", Stamp: 2}, "here"
	return c
}

func TestEditCredentials(t *testing.T) {
	p := &changing{scripted: scripted{id: "x"}}
	set := func(readOnly string) *Manager {
		return newTestManager(t, newFakeStore(), func(c *Config) {
			c.Primary, c.Secondary, c.Changes, c.ReadOnly = []PrimaryProvider{&scripted{id: "p"}}, []SecondaryProvider{p}, p, readOnly
		})
	}
	edit := func(m *Manager, c Client) (Check, error) {
		return m.EditCredentials(t.Context(), c, ActionChange, Answers{{ID: "x"}})
	}
	if check, err := edit(set("moving house"), member()); err != nil || check.OK() || check.Findings[0].Key != keyReadOnly {
		t.Errorf("read-only: %+v, %v", check, err)
	}
	m := set("")
	if _, err := edit(m, visitor("v")); err == nil {
		t.Error("nobody changed something")
	}
	p.refuse = true
	if check, err := edit(m, member()); err != nil || check.OK() || len(p.made) != 0 {
		t.Errorf("refused: %+v, %v, %+v", check, err, p.made)
	}
	p.refuse = false
	if check, err := edit(m, member()); err != nil || !check.OK() {
		t.Fatalf("got %+v, %v", check, err)
	}
	if c := p.made[0]; len(p.made) != 1 || c.Account != 3 || c.KeepSession != "here" || !c.EndSessions || c.Credentials[0].New != "Norm" || *c.Proven != 2 {
		t.Errorf("changed %+v", p.made)
	}
	p.err = &LimitError{Counter: Counter{Key: "k", Refusal: "toooften"}, Wait: time.Minute}
	if check, err := edit(m, member()); err != nil || check.OK() || check.Findings[0].Key != "toooften" {
		t.Errorf("a limit: %+v, %v", check, err)
	}
	p.err = ErrChanged
	if check, err := edit(m, member()); err != nil || check.OK() || check.Findings[0].Key != keyChanged {
		t.Errorf("changed elsewhere: %+v, %v", check, err)
	}
	if _, err := edit(newTestManager(t, newFakeStore(), func(c *Config) { c.Primary = []PrimaryProvider{&scripted{id: "p"}} }), member()); err == nil {
		t.Error("a manager without a store for it changed something")
	}
}

func TestSensitive(t *testing.T) {
	for name, tt := range map[string]struct {
		after, age time.Duration
		anonymous  bool
		want       SensitiveStatus
	}{
		"just now": {0, time.Second, false, SensitiveOK}, "an hour": {0, time.Hour, false, SensitiveReauth},
		"nobody": {0, 0, true, SensitiveReauth}, "never again": {-1, 1000 * time.Hour, false, SensitiveOK}, "shorter": {time.Minute, time.Minute, false, SensitiveReauth},
	} {
		m := newTestManager(t, newFakeStore(), func(c *Config) {
			c.Primary, c.ReauthenticateAfter = []PrimaryProvider{&scripted{id: "p"}}, tt.after
		})
		c := member()
		if tt.anonymous {
			c = visitor("v")
		}
		c.Authenticated = m.cfg.Clock().Add(-tt.age)
		if got := m.Sensitive(c); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

// TestHeldAccounts: an account whose address waits is made and not signed in to, and a step may prove the address.
func TestHeldAccounts(t *testing.T) {
	waiting := Account{ID: 1, Name: "Norm", Email: "n@example.org"}
	proves := &scripted{id: "s"}
	m := newTestManager(t, newFakeStore(), func(c *Config) {
		c.ConfirmedOnly = true
		c.Primary = []PrimaryProvider{&scripted{id: "p", begin: always(Passed()), login: func(*Login) (Response, error) {
			return Response{Status: Pass, Account: waiting}, nil
		}}}
		c.Secondary = []SecondaryProvider{proves}
		c.Subject = []SubjectProvider{addressed{}}
	})
	if r := signIn(t, m, visitor("v"), named("Norm")); r.Status != Fail || r.Messages[0].Key != KeyUnconfirmed {
		t.Errorf("sign-in: %+v", r)
	}
	proves.login = func(l *Login) (Response, error) {
		l.Account.EmailConfirmed = time.Unix(1, 0)
		return Passed(), nil
	}
	if r := signIn(t, m, visitor("v"), named("Norm")); r.Status != Pass {
		t.Errorf("proven on the way: %+v", r)
	}
	waiting.Email = ""
	proves.login = nil
	if r := signIn(t, m, visitor("v"), named("Norm")); r.Status != Pass {
		t.Errorf("no address: %+v", r)
	}
	if r := begin(t, m, visitor("v"), named("Zane")); r.Status != Pass || !r.Withheld {
		t.Errorf("creation: %+v", r)
	}
}

// addressed gives every subject an address.
type addressed struct{}

func (addressed) ID() ProviderID                                       { return "addressed" }
func (addressed) Requests(context.Context, Options) ([]Request, error) { return nil, nil }
func (addressed) Describe(c *Creation) Check {
	c.Subject.Email = "z@example.org"
	return Good()
}

// TestWithheldSurvivesSteps: that nobody is signed in is still known after a later submission.
func TestWithheldSurvivesSteps(t *testing.T) {
	later := &scripted{id: "later", begin: always(Asked(message.New("more"), Request{ID: "more"})), goOn: always(Passed())}
	p := &scripted{id: "p", begin: always(Passed()), contribute: func(c *Creation, _ *Draft) { c.Withheld = true }}
	m := newTestManager(t, newFakeStore(), func(c *Config) {
		c.Primary, c.Secondary = []PrimaryProvider{p}, []SecondaryProvider{later}
	})
	c := visitor("v")
	begin(t, m, c, named("Zane"))
	if r, err := m.ContinueCreation(t.Context(), c, nil); err != nil || r.Status != Pass || !r.Withheld {
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestSameAddress(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{{"a@X.org", "a@x.ORG", true}, {"A@x.org", "a@x.org", false}, {"a@x.org", "a@y.org", false}, {"a", "a", false}} {
		if SameAddress(tt.a, tt.b) != tt.want {
			t.Errorf("%q and %q", tt.a, tt.b)
		}
	}
}

func TestChangeErases(t *testing.T) {
	c := Change{Credentials: []CredentialChange{{Kind: "a", Old: "x"}}}
	c.Erase("a")
	c.Erase("b")
	if len(c.Credentials) != 2 || c.Credentials[0].Any || !c.Credentials[1].Any || c.Puts("a") {
		t.Errorf("got %+v", c)
	}
	if errors.Is(ErrChanged, ErrNotFound) {
		t.Error("two errors are one")
	}
}
