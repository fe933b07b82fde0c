package openid

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// linked lists the account's identities at this provider, as requests without fields. The last way to sign in is not among
// them.
func (p *Provider) linked(ctx context.Context, id auth.AccountID) ([]auth.Request, error) {
	if id == 0 {
		return nil, nil
	}
	all, err := p.desk.cfg.Store.IdentitiesOf(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("list identities: %w", err)
	}
	all = slices.DeleteFunc(all, auth.Identity.Passkey) // they may be second factors only
	if len(all) == 1 {
		_, err := p.desk.cfg.Store.Credential(ctx, id, auth.CredentialPassword)
		if errors.Is(err, auth.ErrNotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("look for a password: %w", err)
		}
	}
	var out []auth.Request
	for _, i := range all {
		if i.Issuer == p.settings.Issuer {
			out = append(out, auth.Request{ID: p.linkedID(i), Provider: p.at, Account: message.Literal(first(i.Label, i.Subject))})
		}
	}
	return out, nil
}

// linkedID names an identity. It shows nobody the subject.
func (p *Provider) linkedID(i auth.Identity) auth.RequestID {
	sum := sha256.Sum256([]byte(i.Issuer + " " + i.Subject))
	return auth.RequestID(linkedRequest + p.settings.Name + ":" + hex.EncodeToString(sum[:6]))
}

// CheckChange implements auth.CredentialChanger: what can be unlinked is what was offered.
func (p *Provider) CheckChange(*auth.CredentialEdit) auth.Check { return auth.Good() }

// ContributeToChange implements auth.CredentialChanger: it unlinks the identities that were chosen. Two that are unlinked at
// once do not leave an account without a way in: the account's stamp lets one of them pass.
func (p *Provider) ContributeToChange(ctx context.Context, e *auth.CredentialEdit, c *auth.Change) error {
	if e.Action != auth.ActionUnlink {
		return nil
	}
	all, err := p.desk.cfg.Store.IdentitiesOf(ctx, e.Account.ID)
	if err != nil {
		return fmt.Errorf("list identities: %w", err)
	}
	for _, i := range all {
		chosen := func(a auth.Answer) bool { return a.ID == p.linkedID(i) }
		if i.Issuer == p.settings.Issuer && slices.ContainsFunc(e.Answers, chosen) {
			c.Identities.Remove = append(c.Identities.Remove, i)
		}
	}
	return nil
}
