package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"gatehouse/auth"
)

// ChangeAccount commits c whole or not at all, and once, also when the connection is lost on the way. Its errors are
// auth.ErrNotFound, auth.ErrChanged, auth.ErrIdentityTaken, *auth.LimitError, or a fault.
func (s *Store) ChangeAccount(ctx context.Context, c auth.Change) error {
	raise, err := newRaise(c.Counters)
	if err != nil {
		return fmt.Errorf("change account: %w", err)
	}
	// In the order of their kinds, so that two changes of one account wait for each other and not across.
	c.Credentials = slices.Clone(c.Credentials)
	slices.SortFunc(c.Credentials, func(a, b auth.CredentialChange) int { return strings.Compare(string(a.Kind), string(b.Kind)) })
	err = s.writeOnce(ctx, func(ctx context.Context, q Queries) error {
		if err := s.change(ctx, q, c); err != nil || raise == nil {
			return err
		}
		return raise.run(ctx, q, s)
	})
	if err != nil {
		return fmt.Errorf("change account: %w", err)
	}
	return nil
}

func (s *Store) change(ctx context.Context, q Queries, c auth.Change) error {
	id := int64(c.Account)
	if err := holdAccount(ctx, q, c); err != nil {
		return err
	}
	if err := changeAddress(ctx, q, id, c.Email); err != nil {
		return err
	}
	for _, cr := range c.Credentials {
		done, err := affected(changeCredential(ctx, q, id, cr))
		if err != nil {
			return err
		}
		if !done && !cr.Any {
			return auth.ErrChanged
		}
	}
	if err := s.changeIdentities(ctx, q, id, c.Identities); err != nil {
		return err
	}
	if c.EndSessions {
		_, err := q.ExecContext(ctx, `DELETE FROM session WHERE account = $1 AND id <> $2`, id, text(c.KeepSession))
		if err != nil {
			return err
		}
	}
	if c.Log.Action != "" {
		if _, err := s.insertEntry(ctx, q, c.Log); err != nil {
			return err
		}
	}
	return s.insertOutbox(ctx, q, c.Account, c.Outbox)
}

// holdAccount makes sure of the account (auth.ErrNotFound) and of its stamp, which rises with what c changes. The row stays
// locked to the end, where the database has such locks.
func holdAccount(ctx context.Context, q Queries, c auth.Change) error {
	rise := int64(0)
	if c.Raises() {
		rise = 1
	}
	var stamp auth.Stamp
	err := q.QueryRowContext(ctx, `UPDATE account SET stamp = stamp + $1 WHERE id = $2 RETURNING stamp`, rise, int64(c.Account)).
		Scan(&stamp)
	if err != nil {
		return notFound(err)
	}
	if c.Proven != nil && stamp != *c.Proven+auth.Stamp(rise) {
		return auth.ErrChanged
	}
	return nil
}

func changeAddress(ctx context.Context, q Queries, id int64, e *auth.EmailChange) error {
	if e == nil {
		return nil
	}
	done, err := affected(q.ExecContext(ctx, `UPDATE account SET email = $1, email_confirmed = $2 WHERE id = $3 AND email = $4`,
		text(e.New), toMicros(e.Confirmed), id, text(e.Old)))
	if err == nil && !done {
		return auth.ErrChanged
	}
	return err
}

func changeCredential(ctx context.Context, q Queries, id int64, c auth.CredentialChange) (sql.Result, error) {
	kind, old, new := text(c.Kind), text(c.Old), text(c.New)
	switch {
	case c.New == "" && c.Any:
		return q.ExecContext(ctx, `DELETE FROM credential WHERE account = $1 AND kind = $2`, id, kind)
	case c.New == "":
		return q.ExecContext(ctx, `DELETE FROM credential WHERE account = $1 AND kind = $2 AND value = $3`, id, kind, old)
	case c.Any:
		return q.ExecContext(ctx, `
INSERT INTO credential (account, kind, value) VALUES ($1, $2, $3)
ON CONFLICT (account, kind) DO UPDATE SET value = excluded.value`, id, kind, new)
	case c.Old == "":
		return q.ExecContext(ctx, `
INSERT INTO credential (account, kind, value) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, id, kind, new)
	}
	return q.ExecContext(ctx, `
UPDATE credential SET value = $1 WHERE account = $2 AND kind = $3 AND value = $4`, new, id, kind, old)
}

var _ auth.ChangeStore = (*Store)(nil)
