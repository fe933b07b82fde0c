package totp

import (
	"context"
	"fmt"

	"gatehouse/auth"
)

// Imported is a factor that an operator gives to an account.
type Imported struct {
	// Secret is in Base32, blanks between its letters allowed.
	Secret string
	// RecoveryCodes replace those that there are; none leaves the account without.
	RecoveryCodes []string
}

// Import gives the account one app with this secret, in the place of all that it had, and the recovery codes; all its
// sessions end. ErrBadSecret and ErrBadRecoveryCode are about what was given.
func (p *Provider) Import(ctx context.Context, a auth.Account, in Imported) error {
	secret, err := cleanSecret(in.Secret)
	if err != nil {
		return err
	}
	codes, err := cleanRecoveryCodes(in.RecoveryCodes)
	if err != nil {
		return err
	}
	one, err := p.credential(a.Name, app{Name: defaultName(1)}, secret)
	if err != nil {
		return err
	}
	all, _, err := p.held(ctx, a)
	if err != nil {
		return err
	}
	changes, err := recoveryChanges(p.cfg.Random, all, codes)
	if err != nil {
		return err
	}
	changes = append(changes, auth.CredentialChange{Kind: one.Kind, New: one.Value})
	for _, c := range all {
		if c.Kind.IsFactor() {
			changes = append(changes, auth.CredentialChange{Kind: c.Kind, Any: true})
		}
	}
	return p.operate(ctx, a, changes)
}

// RemoveAll takes every factor and recovery code of the account away and ends its sessions. It gives the number of factors.
func (p *Provider) RemoveAll(ctx context.Context, a auth.Account) (int, error) {
	all, err := p.cfg.Store.Credentials(ctx, a.ID)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, c := range all {
		if c.Kind.IsFactor() {
			n++
		}
	}
	changes := auth.RemoveFactors(all, func(auth.CredentialKind) bool { return true })
	if len(changes) == 0 {
		return 0, nil
	}
	return n, p.operate(ctx, a, changes)
}

func (p *Provider) operate(ctx context.Context, a auth.Account, changes []auth.CredentialChange) error {
	err := p.cfg.Store.ChangeAccount(ctx, auth.Change{
		Account: a.ID, Credentials: changes, EndSessions: true, Identities: auth.IdentityChange{Remove: auth.PasskeysRemoved(changes)},
	})
	if err != nil {
		return fmt.Errorf("change the factors of %s: %w", a.Name, err)
	}
	return nil
}

func cleanRecoveryCodes(typed []string) ([]string, error) {
	out := make([]string, len(typed))
	for i, t := range typed {
		out[i] = compact(t)
		if !recoveryForm(out[i]) {
			return nil, ErrBadRecoveryCode
		}
	}
	if len(out) > maxRecoveryCodes {
		return nil, ErrBadRecoveryCode
	}
	return out, nil
}
