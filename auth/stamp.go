package auth

import (
	"context"
	"slices"
)

// Stamp counts the changes of an account's credentials. What somebody proved with the credentials of one stamp proves
// nothing when the account has another: a sign-in starts no session then, and a flow that waits is over.
type Stamp int64

// mailed reports whether credentials of the kind travel by mail. Strangers can have them sent, and each is compared where it is
// used: they do not move the stamp, or anybody could end other people's flows.
func (k CredentialKind) mailed() bool {
	switch k {
	case CredentialTemporaryPassword, CredentialPasswordLink, CredentialEmailLink:
		return true
	}
	return false
}

// Raises reports whether the account's stamp rises with c: where sessions end, an outside identity comes or goes, or a
// credential changes that is not merely mailed. What only keeps a credential as it is (a new hash of the same password, a code
// that was used) goes through the store's ReplaceCredential, which leaves the stamp alone.
func (c Change) Raises() bool {
	if c.EndSessions || len(c.Identities.Add)+len(c.Identities.Remove) > 0 {
		return true
	}
	return slices.ContainsFunc(c.Credentials, func(cr CredentialChange) bool { return !cr.Kind.mailed() })
}

// ChangeAccount commits c for the account that is signing in, if its credentials are still those that the sign-in began with
// (else ErrChanged), and takes the sign-in along: it goes on where every other one of the account is over. Steps of a sign-in
// that change credentials call it.
func (l *Login) ChangeAccount(ctx context.Context, s ChangeStore, c Change) error {
	c.Account = l.Account.ID
	return c.follow(ctx, s, &l.Account.Stamp)
}

// ChangeAccount is the same for the account that was just made: steps of a creation after the commit that change credentials
// call it.
func (c *Creation) ChangeAccount(ctx context.Context, s ChangeStore, change Change) error {
	change.Account = c.AccountID
	return change.follow(ctx, s, &c.Stamp)
}

// follow commits c at the stamp and moves it as the store did.
func (c Change) follow(ctx context.Context, s ChangeStore, at *Stamp) error {
	proven := *at
	c.Proven = &proven
	if err := s.ChangeAccount(ctx, c); err != nil {
		return err
	}
	if c.Raises() {
		*at = proven + 1
	}
	return nil
}
