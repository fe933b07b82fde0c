package password

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"gatehouse/auth"
	"gatehouse/auth/authtest"
	"gatehouse/internal/message"
	"gatehouse/internal/password"
)

func (w world) creation(t *testing.T, name auth.Name, chosen, retype string) *auth.Creation {
	t.Helper()
	texts := map[string]string{"username": string(name), "password": chosen, "retype": retype}
	return &auth.Creation{
		Subject: auth.Subject{Name: name, Email: "mail-name@example.org", RealName: "Real Name"},
		Creator: authtest.Visitor(),
		Answers: w.answered(t, auth.ActionCreate, texts),
	}
}

func TestCheckCreation(t *testing.T) {
	w := newWorld(t, nil)
	for _, tt := range []struct {
		name           auth.Name
		chosen, retype string
		want           []message.Key
	}{
		{"Zane", "Corr3ct-horse", "Corr3ct-horse", nil},
		{"Zane", "your_password", "your_password", nil},
		{"Zane", "Corr3ct-horse", "different", []message.Key{"badretype"}},
		{"Zane", "Corr3ct-horse", "CORR3CT-HORSE", []message.Key{"badretype"}},
		{"Zane", "Corr3ct-horse", "Corr3ct-horse ", []message.Key{"badretype"}},
		{"Zane", "a", "b", []message.Key{"badretype"}}, // before the policy
		{"Zane", "Ab3-efg", "Ab3-efg", []message.Key{"passwordtooshort"}},
		{"Short", "short", "short",
			[]message.Key{"passwordtooshort", "password-substring-username-match", "passwordincommonlist"}},
		{"Zane", strings.Repeat("x", 5000), strings.Repeat("x", 5000), []message.Key{"passwordtoolong"}},
		{"Zane", "mail-name2031", "mail-name2031", []message.Key{"password-login-forbidden"}},
		{"Zane", "real name", "real name", []message.Key{"password-login-forbidden"}},
		{"Zane", "Sitename", "Sitename", []message.Key{"password-login-forbidden"}},
		{"Zane", "", "", nil}, // not loaded
		{"Zane", "short", "", nil},
	} {
		check := w.CheckCreation(w.creation(t, tt.name, tt.chosen, tt.retype))
		var got []message.Key
		for _, m := range check.Findings {
			got = append(got, m.Key)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%.20q, %.20q: %v, want %v", tt.chosen, tt.retype, got, tt.want)
		}
	}
	if w.hashes() != 0 {
		t.Error("a cheap check hashed")
	}
}

func TestCreationStoresAHash(t *testing.T) {
	w := newWorld(t, nil)
	const chosen = "Corr3ct-horse"
	c := w.creation(t, "Zane", chosen, chosen)
	place, err := w.ReserveForCreation(t.Context(), c)
	if err != nil || place == nil {
		t.Fatalf("ReserveForCreation = %v, %v", place, err)
	}
	defer place.Release()
	c.Hold(w.ID(), place)
	if r, err := w.BeginCreation(t.Context(), c); err != nil || r.Status != auth.Pass {
		t.Fatalf("BeginCreation = %v, %v", r.Status, err)
	}
	var d auth.Draft
	if err := w.ContributeToDraft(t.Context(), c, &d); err != nil {
		t.Fatal(err)
	}
	if len(d.Credentials) != 1 || d.Credentials[0].Kind != auth.CredentialPassword {
		t.Fatalf("credentials %v", d.Credentials)
	}
	if ok, stale, err := w.hasher.Verify(d.Credentials[0].Value, chosen); err != nil || !ok || stale {
		t.Errorf("the stored hash: %v, %v, %v", ok, stale, err)
	}
	if w.hashes() != 1 {
		t.Errorf("%d hashes", w.hashes())
	}
}

func TestCreationWithoutPassword(t *testing.T) {
	w := newWorld(t, nil)
	for _, c := range []*auth.Creation{w.creation(t, "Zane", "Corr3ct-horse", ""), {}} {
		place, err := w.ReserveForCreation(t.Context(), c)
		if place != nil || err != nil {
			t.Errorf("ReserveForCreation = %v, %v; want none", place, err)
		}
		if r, err := w.BeginCreation(t.Context(), c); err != nil || r.Status != auth.Abstain {
			t.Errorf("BeginCreation = %v, %v; want %s", r.Status, err, auth.Abstain)
		}
		var d auth.Draft
		if err := w.ContributeToDraft(t.Context(), c, &d); err != nil || len(d.Credentials) != 0 {
			t.Errorf("ContributeToDraft = %v, %v", d.Credentials, err)
		}
	}
}

func TestCreationNeedsItsPlace(t *testing.T) {
	w := newWorld(t, nil)
	c := w.creation(t, "Zane", "Corr3ct-horse", "Corr3ct-horse")
	if _, err := w.BeginCreation(t.Context(), c); err == nil {
		t.Error("a hash without a place")
	}
	place, err := w.ReserveForCreation(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	c.Hold(w.ID(), place)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.BeginCreation(ctx, c); !errors.Is(err, context.Canceled) {
		t.Errorf("BeginCreation after the end of its context = %v", err)
	}
}

func TestCreationOverload(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Budget = password.NewBudget(password.BudgetSettings{InFlight: 1, Queue: 1}) })
	held, err := w.ReserveForCreation(t.Context(), w.creation(t, "Zane", "Corr3ct-horse", "Corr3ct-horse"))
	if err != nil {
		t.Fatal(err)
	}
	place, err := w.ReserveForCreation(t.Context(), w.creation(t, "Ada", "Corr3ct-horse", "Corr3ct-horse"))
	if place != nil || !overloaded(err) {
		t.Errorf("ReserveForCreation = %v, %v; want an overload", place, err)
	}
	held.Release()
}
