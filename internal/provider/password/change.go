package password

import (
	"context"
	"fmt"

	"gatehouse/auth"
	"gatehouse/internal/message"
	"gatehouse/internal/password"
)

var _ auth.CredentialChanger = (*Provider)(nil)

// CheckChange holds the new password to its repetition and to the policy, as CheckCreation does. It speaks only where a
// password was sent.
func (p *Provider) CheckChange(e *auth.CredentialEdit) auth.Check {
	a, ok := e.Answers.Get(RequestID)
	if !ok || e.Action != auth.ActionChange {
		return auth.Good()
	}
	return p.judge(a, auth.Subject{Name: e.Account.Name, Email: e.Account.Email, RealName: e.Account.RealName})
}

// judge holds a new password to its repetition and then to the policy.
func (p *Provider) judge(a auth.Answer, s auth.Subject) auth.Check {
	if a.Values[fieldPassword] != a.Values[fieldRetype] {
		return auth.Refused(message.New(keyBadRetype))
	}
	return p.holdToPolicy(s, a.Values[fieldPassword])
}

// ContributeToChange hashes the new password, in its turn. With it end the account's other sessions and whatever way in was
// mailed.
func (p *Provider) ContributeToChange(ctx context.Context, e *auth.CredentialEdit, c *auth.Change) error {
	a, ok := e.Answers.Get(RequestID)
	chosen := a.Values[fieldPassword]
	if !ok || chosen == "" || e.Action != auth.ActionChange {
		return nil
	}
	ticket, err := p.cfg.Budget.Reserve(password.SignIn, auth.Network(e.Addr))
	if err != nil {
		return err
	}
	defer ticket.Release()
	var hash string
	err = ticket.Run(ctx, func() (err error) {
		hash, err = p.cfg.Hasher.Hash(chosen)
		return err
	})
	if err != nil {
		return fmt.Errorf("hash new password: %w", err)
	}
	c.Credentials = append(c.Credentials, auth.CredentialChange{Kind: auth.CredentialPassword, Any: true, New: hash})
	c.Erase(auth.CredentialTemporaryPassword)
	c.Erase(auth.CredentialPasswordLink)
	c.EndSessions = true
	return nil
}
