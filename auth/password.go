package auth

// TestPassword gives everything that the providers find about a new password for s, and reports whether it could be used to
// sign in if it were the account's. Nothing is stored or hashed.
func (m *Manager) TestPassword(s Subject, password string) (check Check, usable bool) {
	usable = true
	for _, p := range m.providers {
		t, ok := p.(PasswordTester)
		if !ok {
			continue
		}
		found, works := t.TestPassword(s, password)
		check.Findings = append(check.Findings, found.Findings...)
		usable = usable && works
	}
	return check, usable
}
