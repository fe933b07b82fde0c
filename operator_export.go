package gatehouse

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gatehouse/auth"
)

// ExportAccounts calls each for the accounts named, or for all in the order of their names' bytes. credentials adds password hashes
// and linked identities; second factors stay behind, bound to the store's keys. Its errors are ErrNoSuchAccount, what each
// gives, or a fault.
func (o *Operator) ExportAccounts(ctx context.Context, names []string, credentials bool, each func(AccountRecord) error) error {
	export := func(a auth.Account) error {
		r, err := o.record(ctx, a, credentials)
		if err != nil {
			return err
		}
		return each(r)
	}
	if len(names) == 0 {
		return o.List(ctx, "", export)
	}
	for _, name := range names {
		a, err := o.account(ctx, name)
		if err != nil {
			return err
		}
		if err := export(a); err != nil {
			return err
		}
	}
	return nil
}

// record is what of an account may leave.
func (o *Operator) record(ctx context.Context, a auth.Account, credentials bool) (AccountRecord, error) {
	r := AccountRecord{
		Name: string(a.Name), RealName: a.RealName, Email: a.Email, EmailConfirmed: a.EmailConfirmed.UTC(), Registered: a.Registered.UTC(),
		Language: a.Language, Groups: a.Groups, GroupEnds: a.GroupEnds,
	}
	if !credentials {
		return r, nil
	}
	kinds, err := o.store.CredentialKinds(ctx, a.ID)
	if err != nil {
		return r, err
	}
	r.SecondFactors = slices.ContainsFunc(kinds, func(k auth.CredentialKind) bool {
		return k.Family() == auth.CredentialTOTP || k.Family() == auth.CredentialPasskey
	})
	r.Password, err = o.store.Credential(ctx, a.ID, auth.CredentialPassword)
	if err != nil && !errors.Is(err, auth.ErrNotFound) {
		return r, fmt.Errorf("read the password of %q: %w", a.Name, err)
	}
	identities, err := o.store.IdentitiesOf(ctx, a.ID)
	if err != nil {
		return r, err
	}
	for _, identity := range identities {
		if !identity.Passkey() {
			r.Identities = append(r.Identities, IdentityRecord{Issuer: identity.Issuer, Subject: identity.Subject, Label: identity.Label})
		}
	}
	return r, nil
}
