package sqlstore

import (
	"context"
	"fmt"

	"gatehouse/auth"
)

// Credential gives the stored form of one credential, or auth.ErrNotFound.
func (s *Store) Credential(ctx context.Context, id auth.AccountID, kind auth.CredentialKind) (string, error) {
	st := new(statement).add(`SELECT value FROM credential WHERE account = `).addArg(int64(id)).add(` AND kind = `).addArg(string(kind))
	value, err := lookOne(ctx, s, st, func(row scanner) (v string, err error) { return v, row.Scan(&v) })
	if err != nil {
		return "", fmt.Errorf("read credential: %w", notFound(err))
	}
	return value, nil
}

// Credentials gives all credentials of an account in their stored form, in no order; none if there is no such account.
func (s *Store) Credentials(ctx context.Context, id auth.AccountID) ([]auth.Credential, error) {
	st := new(statement).add(`SELECT kind, value FROM credential WHERE account = `).addArg(int64(id))
	out, err := look(ctx, s, st, func(row scanner) (c auth.Credential, err error) {
		return c, row.Scan(&c.Kind, &c.Value)
	})
	if err != nil {
		return nil, fmt.Errorf("read credentials: %w", err)
	}
	return out, nil
}

// CredentialKinds gives the kinds of credential that the account has, sorted.
func (s *Store) CredentialKinds(ctx context.Context, id auth.AccountID) ([]auth.CredentialKind, error) {
	st := new(statement).add(`SELECT kind FROM credential WHERE account = `).addArg(int64(id)).add(` ORDER BY kind`)
	out, err := collect(ctx, s.engine.Reader(), st, func(row scanner) (k auth.CredentialKind, err error) { return k, row.Scan(&k) })
	if err != nil {
		return nil, fmt.Errorf("list credentials: %w", err)
	}
	return out, nil
}

// ReplaceCredential puts new in the place of old. auth.ErrNotFound: the credential is not, or no longer, old.
func (s *Store) ReplaceCredential(ctx context.Context, id auth.AccountID, kind auth.CredentialKind, old, new string) error {
	err := s.engine.WriteOne(ctx, func(ctx context.Context, q Queries) error {
		done, err := affected(q.ExecContext(ctx, `
UPDATE credential SET value = $1 WHERE account = $2 AND kind = $3 AND value = $4`, text(new), int64(id), text(kind), text(old)))
		if err == nil && !done {
			return auth.ErrNotFound
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("replace credential: %w", err)
	}
	return nil
}
