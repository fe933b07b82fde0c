package password

import (
	"strings"

	"gatehouse/auth"
)

var _ auth.PasswordTester = (*Provider)(nil)

// TestPassword holds a new password to the policy. What is too long for a sign-in cannot be used at all.
func (p *Provider) TestPassword(s auth.Subject, chosen string) (check auth.Check, usable bool) {
	return p.holdToPolicy(s, chosen), len(p.cfg.Policy.CheckSignIn(chosen)) == 0
}

// holdToPolicy gives all findings about a new password for the subject.
func (p *Provider) holdToPolicy(s auth.Subject, chosen string) auth.Check {
	mailName, _, _ := strings.Cut(s.Email, "@")
	return auth.Check{Findings: p.cfg.Policy.Check(s.Name, chosen, mailName, s.RealName)}
}
