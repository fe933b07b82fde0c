package sqlstore

import (
	"context"
	"fmt"
	"strings"

	"gatehouse/auth"
)

// GroupChange puts an account into groups and takes it out of others.
type GroupChange struct {
	Account     auth.AccountID
	Add, Remove []string
}

// SetGroups changes the groups of an account and gives the account as it is then, or auth.ErrNotFound. It does not know
// which groups there are.
func (s *Store) SetGroups(ctx context.Context, c GroupChange) (auth.Account, error) {
	var changed auth.Account
	err := s.engine.Write(ctx, func(ctx context.Context, q Queries) error {
		if err := writeGroups(ctx, q, auth.GroupEdit{Account: c.Account, Add: c.Add, Remove: c.Remove}); err != nil {
			return err
		}
		var err error
		changed, err = s.scanAccount(q.QueryRowContext(ctx, selectAccount+` WHERE a.id = $1`, int64(c.Account)))
		return err
	})
	if err != nil {
		return auth.Account{}, fmt.Errorf("set groups: %w", err)
	}
	return changed, nil
}

func writeGroups(ctx context.Context, q Queries, c auth.GroupEdit) error {
	for _, g := range c.Remove {
		_, err := q.ExecContext(ctx, `DELETE FROM account_group WHERE account = $1 AND name = $2`, int64(c.Account), text(g))
		if err != nil {
			return err
		}
	}
	for _, g := range c.Add {
		if err := checkGroup(g); err != nil {
			return err
		}
		_, err := q.ExecContext(ctx, `
INSERT INTO account_group (account, name, ends) SELECT a.id, CAST($1 AS TEXT), CAST($2 AS BIGINT) FROM account a WHERE a.id = $3
ON CONFLICT (account, name) DO UPDATE SET ends = excluded.ends`,
			text(g), toMicros(c.Ends[g]), int64(c.Account))
		if err != nil {
			return err
		}
	}
	return nil
}

// checkGroup refuses what would not come back from a row as it went in.
func checkGroup(name string) error {
	if name == "" || strings.Contains(name, groupSeparator) {
		return fmt.Errorf("%q cannot name a group", name)
	}
	return nil
}
