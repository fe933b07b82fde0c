package gatehouse

import (
	"context"
	"errors"
	"fmt"

	"gatehouse/auth"
	"gatehouse/internal/keyring"
	"gatehouse/internal/provider/totp"
)

// What an operator gave as a second factor and cannot be one.
var (
	ErrBadSecret       = totp.ErrBadSecret
	ErrBadRecoveryCode = totp.ErrBadRecoveryCode
)

// SecondFactor is an authenticator app that an operator gives to an account, with the codes that stand in for it.
type SecondFactor struct {
	// Secret is in Base32; blanks do not matter.
	Secret        string
	RecoveryCodes []string
}

// SetSecondFactor gives the account this factor in the place of all that it had, and ends its sessions. It gives the account
// and what it has then. Its errors are ErrNoSuchAccount, ErrBadSecret, ErrBadRecoveryCode, or a fault.
func (o *Operator) SetSecondFactor(ctx context.Context, name string, f SecondFactor) (auth.Account, error) {
	a, err := o.account(ctx, name)
	if err != nil {
		return a, err
	}
	factors, err := o.twoFactor(ctx)
	if err != nil {
		return a, err
	}
	return a, factors.Import(ctx, a, totp.Imported{Secret: f.Secret, RecoveryCodes: f.RecoveryCodes})
}

// RemoveSecondFactors takes every second factor and recovery code of the account away and ends its sessions. It gives the
// number of factors that there were. Its errors are ErrNoSuchAccount, or a fault.
func (o *Operator) RemoveSecondFactors(ctx context.Context, name string) (auth.Account, int, error) {
	a, err := o.account(ctx, name)
	if err != nil {
		return a, 0, err
	}
	factors, err := o.twoFactorWith(unsealed{})
	if err != nil {
		return a, 0, err
	}
	n, err := factors.RemoveAll(ctx, a)
	return a, n, err
}

// twoFactor opens the server's keys, and makes the first one where there is none yet.
func (o *Operator) twoFactor(ctx context.Context) (*totp.Provider, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.keys == nil {
		keys, err := keyring.Open(ctx, keyring.Config{
			Store: o.store, MasterFile: o.cfg.KeyFile(), Site: o.cfg.Site.ID, PublicURL: o.cfg.PublicURL(),
			RotateEvery: rotateKeysEvery, Clock: o.clock, Random: o.random,
		})
		if err != nil {
			return nil, fmt.Errorf("open keys: %w", err)
		}
		o.keys = keys
	}
	return o.twoFactorWith(storedSealer{o.keys})
}

func (o *Operator) twoFactorWith(s totp.Sealer) (*totp.Provider, error) {
	return totp.New(totp.Config{Store: o.store, Sealer: s, Issuer: o.cfg.Site.Name, Clock: o.clock, Random: o.random})
}

// unsealed is the sealer of those who only look at what there is, or take it away: they need no keys.
type unsealed struct{}

var errNoKeys = errors.New("no keys were opened")

func (unsealed) Seal(_, _ []byte) ([]byte, error) { return nil, errNoKeys }
func (unsealed) Open(_, _ []byte) ([]byte, error) { return nil, errNoKeys }

// showFactors adds the second factors.
func (o *Operator) showFactors(ctx context.Context, d *AccountDetails) error {
	factors, err := o.twoFactorWith(unsealed{})
	if err != nil {
		return err
	}
	if d.Factors, err = factors.Factors(ctx, d.Account); err != nil {
		return err
	}
	d.RecoveryCodes, err = factors.CodesLeft(ctx, d.Account)
	return err
}
