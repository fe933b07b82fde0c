package password

import (
	"errors"
	"strings"
	"testing"

	"gatehouse/auth"
	"gatehouse/auth/authtest"
	"gatehouse/internal/message"
	"gatehouse/internal/password"
)

func (w world) login(t *testing.T, name, typed string) (auth.Response, error) {
	t.Helper()
	answers := w.answered(t, auth.ActionLogin, map[string]string{"username": name, "password": typed})
	return w.BeginLogin(t.Context(), &auth.Login{Creator: authtest.Visitor(), Answers: answers})
}

func TestLogin(t *testing.T) {
	long := strings.Repeat("x", 5000)
	for _, tt := range []struct {
		name, typed string
		status      auth.Status
		key         message.Key
		lookUps     int
		hashes      int64
	}{
		{"Norm", normPassword, auth.Pass, "", 1, 1},
		{"norm", normPassword, auth.Pass, "", 1, 1},
		{"Norm", "wrong", auth.Fail, "wrongpassword", 1, 1},
		{"Norm", normPassword + " ", auth.Fail, "wrongpassword", 1, 1},
		{"Old", oldPassword, auth.Pass, "", 1, 1},
		{"Old", normPassword, auth.Fail, "wrongpassword", 1, 1},
		{"Nosuchuser", normPassword, auth.Fail, "wrongpassword", 1, 0},
		{"Locked", normPassword, auth.Fail, "wrongpassword", 1, 0}, // an empty stored password
		{"Bare", normPassword, auth.Fail, "wrongpassword", 1, 0},   // none at all
		{"Norm", long, auth.Fail, "fatalpassworderror", 0, 0},
		{"Nosuchuser", long, auth.Fail, "fatalpassworderror", 0, 0}, // tells nothing of the name
		{"#", normPassword, auth.Abstain, "", 0, 0},
		{"203.0.113.7", normPassword, auth.Abstain, "", 0, 0},
		{"", normPassword, auth.Abstain, "", 0, 0},
		{"Norm", "", auth.Abstain, "", 0, 0},
		{"", "", auth.Abstain, "", 0, 0},
	} {
		w := newWorld(t, nil)
		r, err := w.login(t, tt.name, tt.typed)
		if err != nil || r.Status != tt.status || (tt.status == auth.Fail && r.Messages[0].Key != tt.key) {
			t.Errorf("%q, %.20q: %s %v, %v; want %s %s", tt.name, tt.typed, r.Status, r.Messages, err, tt.status, tt.key)
		}
		if tt.status == auth.Pass && !strings.EqualFold(string(r.Account.Name), tt.name) {
			t.Errorf("%q, %.20q: signed in as %v", tt.name, tt.typed, r.Account)
		}
		if w.store.lookUps != tt.lookUps || w.hashes() != tt.hashes {
			t.Errorf("%q, %.20q: %d look-ups, %d hashes; want %d, %d",
				tt.name, tt.typed, w.store.lookUps, w.hashes(), tt.lookUps, tt.hashes)
		}
	}
}

func TestLoginTellsTheFatalFinding(t *testing.T) {
	r, err := newWorld(t, nil).login(t, "Norm", strings.Repeat("x", 5000))
	if err != nil || len(r.Messages) != 1 || len(r.Messages[0].Params) != 1 {
		t.Fatalf("got %+v, %v", r, err)
	}
	finding := r.Messages[0].Params[0].Message
	if finding == nil || finding.Key != "passwordtoolong" || finding.Params[0].Number != 4096 {
		t.Errorf("the finding is %+v", finding)
	}
}

// Where names are secret, every name costs one hash.
func TestLoginHashesForUnknownNames(t *testing.T) {
	for _, name := range []string{"Norm", "Nosuchuser", "Locked", "Bare"} {
		w := newWorld(t, func(c *Config) { c.DummyHash = true })
		r, err := w.login(t, name, "wrong")
		if err != nil || r.Status != auth.Fail || r.Messages[0].Key != "wrongpassword" || w.hashes() != 1 {
			t.Errorf("%s: %s, %v and %d hashes; want one", name, r.Status, err, w.hashes())
		}
	}
}

func TestLoginRenewsOldHashes(t *testing.T) {
	w := newWorld(t, nil)
	if _, err := w.login(t, "Old", "wrong"); err != nil || w.store.stored[2] != oldHash {
		t.Fatalf("a wrong password changed the hash to %q (%v)", w.store.stored[2], err)
	}
	for range 2 {
		if r, err := w.login(t, "Old", oldPassword); err != nil || r.Status != auth.Pass {
			t.Fatalf("login: %s, %v", r.Status, err)
		}
		renewed := w.store.stored[2]
		if ok, stale, err := w.hasher.Verify(renewed, oldPassword); err != nil || !ok || stale {
			t.Errorf("the stored hash is %q now: %v, %v, %v", renewed, ok, stale, err)
		}
	}
	renewed, before := w.store.stored[2], w.store.stored[1]
	if _, err := w.login(t, "Norm", normPassword); err != nil || w.store.stored[1] != before || w.store.stored[2] != renewed {
		t.Errorf("a good hash was replaced (%v)", err)
	}
}

// A renewal that fails, or comes too late, is nothing to the one who signs in.
func TestLoginSurvivesRenewal(t *testing.T) {
	for _, tt := range []struct {
		fault  error
		logged bool
	}{{errors.New("disk full"), true}, {auth.ErrNotFound, false}} {
		w := newWorld(t, nil)
		w.store.replace = tt.fault
		if r, err := w.login(t, "Old", oldPassword); err != nil || r.Status != auth.Pass {
			t.Errorf("%v: %s, %v", tt.fault, r.Status, err)
		}
		log := w.log.String()
		if (log != "") != tt.logged || strings.Contains(log, oldPassword) || strings.Contains(log, "48b2bb65") {
			t.Errorf("%v: the log says %q", tt.fault, log)
		}
	}
}

func TestLoginFaults(t *testing.T) {
	w := newWorld(t, nil)
	r, err := w.login(t, "Odd", normPassword)
	if err != nil || r.Status != auth.Fail || r.Messages[0].Key != keyWrongPassword || !strings.Contains(w.log.String(), "cannot be verified") {
		t.Errorf("an unknown stored format: %+v, %v", r, err)
	}
	w.store.fault = errors.New("disk gone")
	if _, err := w.login(t, "Norm", normPassword); !errors.Is(err, w.store.fault) {
		t.Errorf("a broken store: %v", err)
	}
}

// An overload is told before the name is looked up.
func TestLoginOverload(t *testing.T) {
	budget := password.NewBudget(password.BudgetSettings{InFlight: 1, Queue: 1})
	w := newWorld(t, func(c *Config) { c.Budget = budget })
	held, err := budget.Reserve(password.SignUp, auth.Network(authtest.Visitor().Addr))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.login(t, "Norm", normPassword); !overloaded(err) || w.store.lookUps != 0 {
		t.Errorf("login = %v after %d look-ups, want an overload", err, w.store.lookUps)
	}
	held.Release()
	if r, err := w.login(t, "Norm", normPassword); err != nil || r.Status != auth.Pass {
		t.Errorf("login = %s, %v", r.Status, err)
	}
}
