package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"gatehouse/auth"
)

const sessionColumns = `s.id, coalesce(s.remember, ''), s.account, s.authenticated, s.expires`

func sessionFields(r *auth.SessionRow, authenticated, expires *int64) []any {
	return []any{&r.ID, &r.Remember, &r.Account, authenticated, expires}
}

// Session gives the session, expired or not, and its account as it is now. auth.ErrNotFound if there is none.
func (s *Store) Session(ctx context.Context, id auth.SessionID) (auth.SessionRow, auth.Account, error) {
	return s.session(ctx, `s.id = `, id)
}

// RememberedSession is Session by SessionRow.Remember.
func (s *Store) RememberedSession(ctx context.Context, remember auth.SessionID) (auth.SessionRow, auth.Account, error) {
	return s.session(ctx, `s.remember = `, remember)
}

func (s *Store) session(ctx context.Context, where string, id auth.SessionID) (auth.SessionRow, auth.Account, error) {
	st := new(statement).add(`SELECT `, sessionColumns, `, `, accountColumns, ` FROM session s JOIN account a ON a.id = s.account WHERE `)
	var r auth.SessionRow
	var authenticated, expires int64
	a, err := lookOne(ctx, s, st.add(where).addArg(string(id)), func(row scanner) (auth.Account, error) {
		return s.scanAccount(prefixed{row, sessionFields(&r, &authenticated, &expires)})
	})
	if err != nil {
		return auth.SessionRow{}, auth.Account{}, fmt.Errorf("read session: %w", err)
	}
	r.Authenticated, r.Expires = fromMicros(authenticated), fromMicros(expires)
	return r, a, nil
}

// prefixed is a row whose first columns go elsewhere.
type prefixed struct {
	row   scanner
	first []any
}

func (p prefixed) Scan(dest ...any) error { return p.row.Scan(append(p.first, dest...)...) }

// StartSession stores row and removes the session replaces ("" or unknown: none) in the same transaction. auth.ErrChanged:
// the account's stamp is not row's, or there is no such account.
func (s *Store) StartSession(ctx context.Context, row auth.SessionRow, replaces auth.SessionID) error {
	var remember any
	if row.Remember != "" {
		remember = text(row.Remember)
	}
	err := s.engine.Write(ctx, func(ctx context.Context, q Queries) error {
		if err := s.stillProven(ctx, q, row); err != nil {
			return err
		}
		if replaces != "" {
			if _, err := q.ExecContext(ctx, `DELETE FROM session WHERE id = $1`, text(replaces)); err != nil {
				return err
			}
		}
		_, err := q.ExecContext(ctx, `
INSERT INTO session (id, remember, account, authenticated, expires) VALUES ($1, $2, $3, $4, $5)`,
			text(row.ID), remember, int64(row.Account), toMicros(row.Authenticated), toMicros(row.Expires))
		return err
	})
	if err != nil {
		return fmt.Errorf("start session: %w", err)
	}
	return nil
}

// stillProven makes sure that what the person proved is still so when the session is there. A change of credentials that
// comes now waits, where the database has locks, and then ends this session with the others.
func (s *Store) stillProven(ctx context.Context, q Queries, row auth.SessionRow) error {
	var stamp auth.Stamp
	err := q.QueryRowContext(ctx, `SELECT stamp FROM account WHERE id = $1`+s.dialect.Share, int64(row.Account)).Scan(&stamp)
	if errors.Is(err, sql.ErrNoRows) || err == nil && stamp != row.Stamp {
		return auth.ErrChanged
	}
	return err
}

// RenewSession moves the end of a session that still exists.
func (s *Store) RenewSession(ctx context.Context, id auth.SessionID, expires time.Time) error {
	st := new(statement).add(`UPDATE session SET expires = `).addArg(toMicros(expires)).add(` WHERE id = `).addArg(string(id))
	return s.execOne(ctx, "renew session", st)
}

// EndSession removes the session; none is fine.
func (s *Store) EndSession(ctx context.Context, id auth.SessionID) error {
	return s.execOne(ctx, "end session", new(statement).add(`DELETE FROM session WHERE id = `).addArg(string(id)))
}

// EndSessionsOf removes all sessions of the account.
func (s *Store) EndSessionsOf(ctx context.Context, account auth.AccountID) error {
	return s.execOne(ctx, "end sessions", new(statement).add(`DELETE FROM session WHERE account = `).addArg(int64(account)))
}

// SessionsOf lists the account's sessions, expired or not, the last authenticated first.
func (s *Store) SessionsOf(ctx context.Context, account auth.AccountID) ([]auth.SessionRow, error) {
	st := new(statement).add(`SELECT `, sessionColumns, ` FROM session s WHERE s.account = `).addArg(int64(account))
	st.add(` ORDER BY s.authenticated DESC, s.id`)
	out, err := collect(ctx, s.engine.Reader(), st, func(row scanner) (r auth.SessionRow, err error) {
		var authenticated, expires int64
		err = row.Scan(sessionFields(&r, &authenticated, &expires)...)
		r.Authenticated, r.Expires = fromMicros(authenticated), fromMicros(expires)
		return r, err
	})
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return out, nil
}
