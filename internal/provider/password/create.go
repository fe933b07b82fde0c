package password

import (
	"context"
	"errors"
	"fmt"

	"gatehouse/auth"
	"gatehouse/internal/password"
)

// CheckCreation holds the new password to its repetition and then to the policy, all of whose findings it gives. It speaks
// only where a password was sent.
func (p *Provider) CheckCreation(c *auth.Creation) auth.Check {
	a, ok := c.Answers.Get(RequestID)
	if !ok {
		return auth.Good()
	}
	return p.judge(a, c.Subject)
}

// ReserveForCreation takes a place in the queue of the hash budget, where there is something to hash.
func (p *Provider) ReserveForCreation(_ context.Context, c *auth.Creation) (auth.Reservation, error) {
	if _, ok := c.Answers.Get(RequestID); !ok {
		return nil, nil
	}
	ticket, err := p.cfg.Budget.Reserve(password.SignUp, auth.Network(c.Creator.Addr))
	if err != nil {
		return nil, err // not a typed nil
	}
	return ticket, nil
}

// kept is what the provider remembers of a creation. Its value is a hash, never the password.
type kept struct {
	Hash string `json:"hash"`
}

// BeginCreation hashes the password, in its turn, and keeps the hash for the draft. It abstains where no password was sent.
func (p *Provider) BeginCreation(ctx context.Context, c *auth.Creation) (auth.Response, error) {
	a, _ := c.Answers.Get(RequestID)
	chosen := a.Values[fieldPassword]
	if chosen == "" {
		return auth.Abstained(), nil
	}
	ticket, held := c.Reservation(id).(*password.Ticket)
	if !held {
		return auth.Response{}, errors.New("hash new password: no place was reserved for it")
	}
	var k kept
	err := ticket.Run(ctx, func() (err error) {
		k.Hash, err = p.cfg.Hasher.Hash(chosen)
		return err
	})
	if err != nil {
		return auth.Response{}, fmt.Errorf("hash new password: %w", err)
	}
	if err := c.Remember(id, k); err != nil {
		return auth.Response{}, err
	}
	return auth.Passed(), nil
}

// ContributeToDraft adds the hash to what is stored with the account.
func (p *Provider) ContributeToDraft(_ context.Context, c *auth.Creation, d *auth.Draft) error {
	var k kept
	found, err := c.Recall(id, &k)
	if err != nil || !found {
		return err
	}
	d.Credentials = append(d.Credentials, auth.Credential{Kind: auth.CredentialPassword, Value: k.Hash})
	return nil
}
