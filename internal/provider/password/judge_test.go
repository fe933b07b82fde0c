package password

import (
	"strings"
	"testing"

	"gatehouse/auth"
)

// TestTestPassword: the findings of a creation, and apart from them whether a sign-in would take the password at all.
func TestTestPassword(t *testing.T) {
	w := newWorld(t, nil)
	subject := auth.Subject{Name: "Zane", Email: "mail-name@example.org"}
	for chosen, want := range map[string]struct {
		findings int
		usable   bool
	}{
		"Corr3ct-horse":           {0, true},
		"short":                   {2, true}, // and common
		"mail-name7":              {1, true},
		strings.Repeat("x", 5000): {1, false},
	} {
		check, usable := w.TestPassword(subject, chosen)
		if len(check.Findings) != want.findings || usable != want.usable {
			t.Errorf("%.20q: %v, %v", chosen, check, usable)
		}
	}
	if w.hashes() != 0 {
		t.Error("a judgement hashed")
	}
}
