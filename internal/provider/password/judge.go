package password

import (
	"strings"

	"gatehouse/auth"
)

var _ auth.PasswordTester = (*Provider)(nil)

// TestPassword holds a new password to the policy. What is too long for a sign-in cannot be used at all.
func (p *Provider) TestPassword(s auth.Subject, chosen string) (check auth.Check, usable bool) {
	mailName, _, _ := strings.Cut(s.Email, "@")
	found := p.cfg.Policy.Check(s.Name, chosen, mailName, s.RealName)
	return auth.Check{Findings: found}, len(p.cfg.Policy.CheckSignIn(chosen)) == 0
}
