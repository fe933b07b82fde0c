package auth

import (
	"testing"

	"gatehouse/internal/message"
)

// changeElsewhere is a change of an account's credentials by its owner, in another session.
func (s *fakeStore) changeElsewhere(n Name) {
	a := s.accounts[n]
	a.Stamp++
	s.accounts[n] = a
}

// TestStampOfASignIn: a sign-in that waits is over when the account's credentials change, unless it is the step itself that
// changes them; the session then starts at the new stamp.
func TestStampOfASignIn(t *testing.T) {
	for name, tt := range map[string]struct {
		elsewhere, here bool
		want            Status
	}{
		"nothing changed":           {false, false, Pass},
		"changed elsewhere":         {true, false, Fail},
		"changed by the step":       {false, true, Pass},
		"elsewhere and by the step": {true, true, Fail},
	} {
		t.Run(name, func(t *testing.T) {
			s, changes := newFakeStore(), &changing{}
			s.accounts["Norm"] = Account{ID: 1, Name: "Norm", Stamp: 4}
			step := &scripted{id: "step"}
			step.login = func(*Login) (Response, error) { return Asked(message.New("more"), Request{ID: "step"}), nil }
			step.goOnLogin = func(l *Login) (Response, error) {
				if !tt.here {
					return Passed(), nil
				}
				return Passed(), l.ChangeAccount(t.Context(), changes, Change{Credentials: []CredentialChange{{Kind: "totp", New: "x"}}})
			}
			m := newTestManager(t, s, func(c *Config) {
				c.Primary = []PrimaryProvider{&scripted{id: "p", login: func(*Login) (Response, error) {
					return Response{Status: Pass, Account: s.accounts["Norm"]}, nil
				}}}
				c.Secondary = []SecondaryProvider{step}
			})
			c := visitor("v")
			signIn(t, m, c, named("Norm"))
			if tt.elsewhere {
				s.changeElsewhere("Norm")
			}
			r, err := m.ContinueLogin(t.Context(), c, nil)
			if err != nil || r.Status != tt.want || r.Status == Fail && (key(r) != string(keyLoginNotInProgress) || len(changes.made) > 0) {
				t.Fatalf("got %+v, %v, changed %+v", r, err, changes.made)
			}
			if r.Status == Pass && tt.here && (r.Account.Stamp != 5 || changes.made[0].Account != 1 || *changes.made[0].Proven != 4) {
				t.Errorf("at stamp %d, changed %+v", r.Account.Stamp, changes.made[0])
			}
		})
	}
}

// TestStampOfACreation: whoever made an account does nothing more to it once its owner changed its credentials, and is not
// signed in to it: the account of the answer has the stamp of before.
func TestStampOfACreation(t *testing.T) {
	s, changes := newFakeStore(), &changing{}
	steps := 0
	step := &scripted{id: "step", begin: always(Asked(message.New("more"), Request{ID: "step"}))}
	step.goOn = func(c *Creation) (Response, error) {
		steps++
		return Passed(), c.ChangeAccount(t.Context(), changes, Change{Credentials: []CredentialChange{{Kind: "totp", New: "x"}}})
	}
	m := newTestManager(t, s, func(c *Config) {
		c.Primary, c.Secondary = []PrimaryProvider{&scripted{id: "p", begin: always(Passed())}}, []SecondaryProvider{step}
	})
	for name, want := range map[string]struct {
		elsewhere bool
		stamp     Stamp
		steps     int
	}{"Zane": {false, 1, 1}, "Yves": {true, 0, 0}} {
		c := visitor(name)
		begin(t, m, c, named(name))
		if steps = 0; want.elsewhere {
			s.changeElsewhere(Name(name))
		}
		r, err := m.ContinueCreation(t.Context(), c, nil)
		if err != nil || r.Status != Pass || r.Account.Stamp != want.stamp || steps != want.steps {
			t.Errorf("%s: %+v, %v after %d steps", name, r, err, steps)
		}
	}
}

// TestStampOfACreator: a flow of somebody who is signed in is over when their own credentials change.
func TestStampOfACreator(t *testing.T) {
	p := &scripted{id: "p", begin: always(Asked(message.New("more"), Request{ID: "more"})), goOn: always(Passed())}
	m := newTestManager(t, newFakeStore(), func(c *Config) { c.Primary = []PrimaryProvider{p} })
	c := member()
	begin(t, m, c, named("Zane"))
	c.Creator.Account.Stamp++
	if r, err := m.ContinueCreation(t.Context(), c, nil); err != nil || key(r) != string(keyCreateNotInProgress) {
		t.Errorf("got %+v, %v", r, err)
	}
}
