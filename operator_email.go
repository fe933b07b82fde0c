package gatehouse

import (
	"context"
	"fmt"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/provider/userdata"
)

// SetEmail gives an account another e-mail address; empty = none. Where confirmed is false it waits to be confirmed like any new
// one: whoever signs in to an account that is held back is mailed a link. What was mailed before is good for nothing then. Its
// errors are ErrNoSuchAccount, ErrBadEmail, auth.ErrChanged, or a fault.
func (o *Operator) SetEmail(ctx context.Context, name, address string, confirmed bool) (auth.Account, error) {
	if address != "" && !userdata.ValidAddress(address) {
		return auth.Account{}, fmt.Errorf("%w: %q", ErrBadEmail, address)
	}
	a, err := o.account(ctx, name)
	if err != nil {
		return auth.Account{}, err
	}
	change := auth.Change{Account: a.ID, Email: &auth.EmailChange{Old: a.Email, New: address}}
	if confirmed && address != "" {
		change.Email.Confirmed = o.clock().Truncate(time.Microsecond)
	}
	for _, kind := range []auth.CredentialKind{
		auth.CredentialEmailLink, auth.CredentialTemporaryPassword, auth.CredentialPasswordLink,
	} {
		change.Erase(kind)
	}
	if err := o.store.ChangeAccount(ctx, change); err != nil {
		return auth.Account{}, err
	}
	a.Email, a.EmailConfirmed = address, change.Email.Confirmed
	return a, nil
}
