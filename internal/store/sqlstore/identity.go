package sqlstore

import (
	"context"
	"fmt"
	"strconv"

	"gatehouse/auth"
)

// AccountByIdentity gives the account that an outside identity belongs to, or auth.ErrNotFound.
func (s *Store) AccountByIdentity(ctx context.Context, issuer, subject string) (auth.Account, error) {
	st := new(statement).add(selectAccount, ` JOIN identity i ON i.account = a.id WHERE i.issuer = `).addArg(issuer)
	a, err := lookOne(ctx, s, st.add(` AND i.subject = `).addArg(subject), s.scanAccount)
	if err != nil {
		return auth.Account{}, fmt.Errorf("read account of an identity: %w", err)
	}
	return a, nil
}

// IdentitiesOf gives the account's outside identities, the first linked first.
func (s *Store) IdentitiesOf(ctx context.Context, id auth.AccountID) ([]auth.Identity, error) {
	st := new(statement).add(`SELECT issuer, subject, label, linked FROM identity WHERE account = `).addArg(int64(id))
	out, err := collect(ctx, s.engine.Reader(), st.add(` ORDER BY linked, issuer, subject`), scanIdentity)
	if err != nil {
		return nil, fmt.Errorf("read identities: %w", err)
	}
	return out, nil
}

func scanIdentity(row scanner) (auth.Identity, error) {
	var i auth.Identity
	var linked int64
	err := row.Scan(&i.Issuer, &i.Subject, &i.Label, &linked)
	i.Linked = fromMicros(linked)
	return i, err
}

// insertIdentities links identities to an account; auth.ErrIdentityTaken if one of them has an account.
func (s *Store) insertIdentities(ctx context.Context, q Queries, account int64, all []auth.Identity) error {
	for _, i := range all {
		st := new(statement).add(`INSERT INTO identity (linked, issuer, subject, account, label) VALUES (`)
		st.add(s.now(st), `, `)
		list(st, []any{text(i.Issuer), text(i.Subject), account, text(i.Label)})
		done, err := affected(q.ExecContext(ctx, st.add(`) ON CONFLICT DO NOTHING`).String(), st.args...))
		if err != nil {
			return err
		}
		if !done {
			return auth.ErrIdentityTaken
		}
	}
	return nil
}

func (s *Store) changeIdentities(ctx context.Context, q Queries, account int64, c auth.IdentityChange) error {
	for _, i := range c.Remove {
		_, err := q.ExecContext(ctx, `DELETE FROM identity WHERE issuer = $1 AND subject = $2 AND account = $3`,
			text(i.Issuer), text(i.Subject), account)
		if err != nil {
			return err
		}
	}
	return s.insertIdentities(ctx, q, account, c.Add)
}

// addIdentities adds the identities of a creation to its WITH.
func (c *creation) addIdentities(st *statement) {
	for n, i := range c.draft.Identities {
		st.add(`, identity`, strconv.Itoa(n), ` AS (INSERT INTO identity (account, linked, issuer, subject, label)
SELECT made.id, made.registered`)
		st.cast(`TEXT`, i.Issuer).cast(`TEXT`, i.Subject).cast(`TEXT`, i.Label)
		st.add(` FROM made ON CONFLICT DO NOTHING RETURNING 1)`)
	}
}

// addIdentityCheck multiplies with 1, or divides by zero if not all identities could be linked.
func (c *creation) addIdentityCheck(st *statement) {
	for n := range c.draft.Identities {
		st.add(` * (1 / (SELECT count(*) FROM identity`, strconv.Itoa(n), `))`)
	}
}

// refused tells why a creation divided by zero.
func (c *creation) refused(ctx context.Context, q Queries) error {
	for _, i := range c.draft.Identities {
		var taken bool
		err := q.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM identity WHERE issuer = $1 AND subject = $2)`,
			text(i.Issuer), text(i.Subject)).Scan(&taken)
		if err != nil {
			return err
		}
		if taken {
			return auth.ErrIdentityTaken
		}
	}
	if c.raise == nil {
		return auth.ErrIdentityTaken // and given up again meanwhile
	}
	return c.store.refusal(ctx, q, c.raise.counters)
}

var _ auth.IdentityStore = (*Store)(nil)
