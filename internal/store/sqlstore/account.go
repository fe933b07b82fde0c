package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/auth"
)

// groupSeparator parts the groups of an account in a row.
const groupSeparator = "|"

const accountColumns = `a.id, a.name, a.real_name, a.email, a.email_confirmed, a.registered, a.language, a.stamp,
	coalesce((SELECT string_agg(g.name || '/' || CAST(g.ends AS TEXT), '|') FROM account_group g WHERE g.account = a.id), '')`

const selectAccount = `SELECT ` + accountColumns + ` FROM account a`

type scanner interface{ Scan(dest ...any) error }

// scanAccount leaves out the memberships that have ended.
func (s *Store) scanAccount(row scanner) (auth.Account, error) {
	var a auth.Account
	var confirmed, registered int64
	var groups string
	if err := row.Scan(&a.ID, &a.Name, &a.RealName, &a.Email, &confirmed, &registered, &a.Language, &a.Stamp, &groups); err != nil {
		return auth.Account{}, notFound(err)
	}
	a.EmailConfirmed, a.Registered = fromMicros(confirmed), fromMicros(registered)
	if groups != "" {
		s.addGroups(&a, strings.Split(groups, groupSeparator))
	}
	return a, nil
}

// addGroups reads memberships: a group's name, a slash, and the end.
func (s *Store) addGroups(a *auth.Account, memberships []string) {
	now := s.time()
	for _, m := range memberships {
		slash := strings.LastIndexByte(m, '/')
		name := m[:slash]
		if micros, err := strconv.ParseInt(m[slash+1:], 10, 64); err != nil || micros != 0 {
			end := fromMicros(micros)
			if !now.Before(end) {
				continue
			}
			if a.GroupEnds == nil {
				a.GroupEnds = map[string]time.Time{}
			}
			a.GroupEnds[name] = end
		}
		a.Groups = append(a.Groups, name)
	}
	slices.Sort(a.Groups)
}

// AccountByName gives the account with this canonical name, or auth.ErrNotFound.
func (s *Store) AccountByName(ctx context.Context, name auth.Name) (auth.Account, error) {
	return s.account(ctx, selectAccount+` WHERE a.name = $1`, text(name))
}

// AccountByID gives the account, or auth.ErrNotFound.
func (s *Store) AccountByID(ctx context.Context, id auth.AccountID) (auth.Account, error) {
	return s.account(ctx, selectAccount+` WHERE a.id = $1`, int64(id))
}

func (s *Store) account(ctx context.Context, text string, arg any) (auth.Account, error) {
	a, err := lookOne(ctx, s, &statement{args: []any{arg}, fixed: text}, s.scanAccount)
	if err != nil {
		return auth.Account{}, fmt.Errorf("read account: %w", err)
	}
	return a, nil
}

// AccountsByName gives the accounts among names that exist, in no particular order.
func (s *Store) AccountsByName(ctx context.Context, names []auth.Name) ([]auth.Account, error) {
	if len(names) == 0 {
		return nil, nil
	}
	keys := make([]string, len(names))
	for i, n := range names {
		keys[i] = text(n)
	}
	q := new(statement).add(selectAccount, ` WHERE a.name IN (`)
	list(q, padded(keys))
	return s.accounts(ctx, q.add(`)`))
}

// AccountsByID gives the accounts among ids that exist, in no particular order.
func (s *Store) AccountsByID(ctx context.Context, ids []auth.AccountID) ([]auth.Account, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	keys := make([]int64, len(ids))
	for i, id := range ids {
		keys[i] = int64(id)
	}
	q := new(statement).add(selectAccount, ` WHERE a.id IN (`)
	list(q, padded(keys))
	return s.accounts(ctx, q.add(`)`))
}

// AccountsByEmail gives the accounts whose address is this one, letter case aside, by id and limit of them at the most. No
// address finds nobody.
func (s *Store) AccountsByEmail(ctx context.Context, address string, limit int) ([]auth.Account, error) {
	if address == "" {
		return nil, nil
	}
	q := new(statement).add(selectAccount, ` WHERE a.email <> '' AND lower(a.email) = lower(`).addArg(address)
	return s.accounts(ctx, q.add(`) ORDER BY a.id LIMIT `).addArg(int64(limit)))
}

// Accounts gives the accounts that q selects, in the order of their names' bytes.
func (s *Store) Accounts(ctx context.Context, q auth.AccountQuery) ([]auth.Account, error) {
	st := new(statement).add(selectAccount, ` WHERE TRUE`)
	st.names(`a.name`, nameRange{prefix: q.Prefix, from: string(q.From), to: string(q.To)})
	if err := s.members(ctx, st, q); err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	st.add(` ORDER BY a.name`)
	if q.Descending {
		st.add(` DESC`)
	}
	st.add(` LIMIT `).addArg(int64(q.Limit))
	return s.accounts(ctx, st)
}

// nameRange bounds names, each bound inclusive and empty = open.
type nameRange struct{ prefix, from, to string }

func (s *statement) names(column string, r nameRange) {
	if r.prefix != "" {
		s.add(` AND `, column, ` >= `).addArg(r.prefix)
		if end := afterPrefix(text(r.prefix)); end != "" {
			s.add(` AND `, column, ` < `).addArg(end)
		}
	}
	if r.from != "" {
		s.add(` AND `, column, ` >= `).addArg(r.from)
	}
	if r.to != "" {
		s.add(` AND `, column, ` <= `).addArg(r.to)
	}
}

func (s *Store) accounts(ctx context.Context, q *statement) ([]auth.Account, error) {
	out, err := collect(ctx, s.engine.Reader(), q, s.scanAccount)
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	return out, nil
}

// collect gives all rows of a query.
func collect[T any](ctx context.Context, r Queries, q *statement, scan func(scanner) (T, error)) ([]T, error) {
	rows, err := r.QueryContext(ctx, q.String(), q.args...)
	if err != nil {
		return nil, err
	}
	return scanAll(rows, scan)
}

// look gives all rows of a look-up.
func look[T any](ctx context.Context, s *Store, q *statement, scan func(scanner) (T, error)) ([]T, error) {
	rows, err := s.engine.Look(ctx, q.String(), q.args)
	if err != nil {
		return nil, err
	}
	return scanAll(rows, scan)
}

// lookOne gives the one row of a look-up, or what scan makes of sql.ErrNoRows.
func lookOne[T any](ctx context.Context, s *Store, q *statement, scan func(scanner) (T, error)) (v T, err error) {
	rows, err := s.engine.Look(ctx, q.String(), q.args)
	if err != nil {
		return v, err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return v, err
		}
		return scan(noRow{})
	}
	v, err = scan(rows)
	return v, errors.Join(err, rows.Close())
}

// noRow is the row that there is not.
type noRow struct{}

func (noRow) Scan(...any) error { return sql.ErrNoRows }

func scanAll[T any](rows Rows, scan func(scanner) (T, error)) ([]T, error) {
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

func notFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return auth.ErrNotFound
	}
	return err
}

// toMicros is how times are stored; the zero time is 0.
func toMicros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

// SetLanguage keeps the language of an account.
func (s *Store) SetLanguage(ctx context.Context, id auth.AccountID, code string) error {
	st := new(statement).add(`UPDATE account SET language = `).addArg(text(code)).add(` WHERE id = `).addArg(int64(id))
	return s.execOne(ctx, "set language", st)
}
