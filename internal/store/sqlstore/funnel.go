package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/auth"
)

// funnelRows is how many sums one statement adds to.
const funnelRows = 200

// AddFunnel adds to the sums of the funnel, all of it once or nothing.
func (s *Store) AddFunnel(ctx context.Context, sums []auth.FunnelSum) error {
	if len(sums) == 0 {
		return nil
	}
	sums = slices.Clone(sums)
	slices.SortFunc(sums, compareSums) // so that servers that write at once wait for each other in one order
	err := s.writeOnce(ctx, func(ctx context.Context, q Queries) error {
		for part := range slices.Chunk(sums, funnelRows) {
			if _, err := addFunnel(ctx, q, part); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("add to the funnel: %w", err)
	}
	return nil
}

func compareSums(a, b auth.FunnelSum) int {
	return cmp.Or(a.Hour.Compare(b.Hour), cmp.Compare(a.Step, b.Step), cmp.Compare(a.Code, b.Code),
		cmp.Compare(a.Client, b.Client), cmp.Compare(a.Language, b.Language))
}

func addFunnel(ctx context.Context, q Queries, sums []auth.FunnelSum) (bool, error) {
	st := new(statement).add(`INSERT INTO funnel (hour, step, code, client, language, count) VALUES `)
	for i, sum := range sums {
		if i > 0 {
			st.add(`, `)
		}
		st.add(`(`)
		list(st, []any{toMicros(sum.Hour), text(sum.Step), text(sum.Code), text(sum.Client), text(sum.Language), sum.Count})
		st.add(`)`)
	}
	st.add(` ON CONFLICT (hour, step, code, client, language) DO UPDATE SET count = funnel.count + excluded.count`)
	return affected(q.ExecContext(ctx, st.String(), st.args...))
}

// Funnel gives the sums of the hours since from, each cell once and without the hour.
func (s *Store) Funnel(ctx context.Context, from time.Time) ([]auth.FunnelSum, error) {
	st := new(statement).add(`SELECT step, code, client, language, CAST(sum(count) AS BIGINT) FROM funnel WHERE hour >= `).addArg(toMicros(from))
	out, err := collect(ctx, s.engine.Reader(), st.add(` GROUP BY step, code, client, language`), func(row scanner) (f auth.FunnelSum, err error) {
		return f, row.Scan(&f.Step, &f.Code, &f.Client, &f.Language, &f.Count)
	})
	if err != nil {
		return nil, fmt.Errorf("read the funnel: %w", err)
	}
	return out, nil
}
