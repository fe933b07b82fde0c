package sqlstore

import (
	"context"
	"fmt"

	"gatehouse/auth"
)

// Keys gives every key of the server, by id.
func (s *Store) Keys(ctx context.Context) ([]auth.KeyRow, error) {
	st := new(statement).add(`SELECT id, wrapped, created, signs_from FROM server_key ORDER BY id`)
	out, err := collect(ctx, s.engine.Reader(), st, func(row scanner) (k auth.KeyRow, err error) {
		var created, signsFrom int64
		err = row.Scan(&k.ID, &k.Wrapped, &created, &signsFrom)
		k.Created, k.SignsFrom = fromMicros(created), fromMicros(signsFrom)
		return k, err
	})
	if err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	return out, nil
}

// AddKey stores row unless there is one with its id, and reports whether it did.
func (s *Store) AddKey(ctx context.Context, row auth.KeyRow) (bool, error) {
	var added bool
	err := s.engine.WriteOne(ctx, func(ctx context.Context, q Queries) (err error) {
		added, err = affected(q.ExecContext(ctx, `
INSERT INTO server_key (id, wrapped, created, signs_from) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
			row.ID, blob(row.Wrapped), toMicros(row.Created), toMicros(row.SignsFrom)))
		return err
	})
	if err != nil {
		return false, fmt.Errorf("add key: %w", err)
	}
	return added, nil
}
