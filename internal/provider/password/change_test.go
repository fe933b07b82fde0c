package password

import (
	"testing"

	"gatehouse/auth"
	"gatehouse/auth/authtest"
)

func edit(password, retype string) *auth.CredentialEdit {
	return &auth.CredentialEdit{
		Action: auth.ActionChange, Account: auth.Account{ID: 1, Name: "Zane", Email: "mailname@example.org"}, Addr: authtest.Visitor().Addr,
		Answers: auth.Answers{{ID: RequestID, Values: map[string]string{fieldPassword: password, fieldRetype: retype}}},
	}
}

func TestCheckChange(t *testing.T) {
	w := newWorld(t, nil)
	for _, tt := range []struct {
		password, retype, want string
	}{
		{"Gr33n-gardens", "Gr33n-gardens", ""}, {"Gr33n-gardens", "other", "badretype"}, {"short", "short", "passwordtooshort"},
		{"mailname1", "mailname1", "password-login-forbidden"},
	} {
		got := ""
		if check := w.CheckChange(edit(tt.password, tt.retype)); !check.OK() {
			got = string(check.Findings[0].Key)
		}
		if got != tt.want {
			t.Errorf("%q: %q, want %q", tt.password, got, tt.want)
		}
	}
	if check := w.CheckChange(&auth.CredentialEdit{Action: auth.ActionChange}); !check.OK() {
		t.Errorf("not spoken to: %+v", check)
	}
}

// TestContributeToChange: the hash goes in, what was mailed and the other sessions go.
func TestContributeToChange(t *testing.T) {
	w := newWorld(t, nil)
	var c auth.Change
	if err := w.ContributeToChange(t.Context(), edit("Gr33n-gardens", "Gr33n-gardens"), &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Credentials) != 3 || c.Credentials[0].New == "" || c.Credentials[0].New == "Gr33n-gardens" || !c.EndSessions {
		t.Errorf("change %+v", c)
	}
	for _, cr := range c.Credentials[1:] {
		if cr.New != "" || !cr.Any {
			t.Errorf("%s stays", cr.Kind)
		}
	}
	c = auth.Change{}
	e := edit("Gr33n-gardens", "Gr33n-gardens")
	e.Action = auth.ActionRemove
	if err := w.ContributeToChange(t.Context(), e, &c); err != nil || len(c.Credentials) != 0 {
		t.Errorf("a removal: %+v, %v", c, err)
	}
}
