package sqlstore

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gatehouse/auth"
)

// FullCounters gives the counters that q selects and that are full now, in the order of their keys.
func (s *Store) FullCounters(ctx context.Context, q auth.FullQuery) ([]auth.CounterRow, error) {
	if len(q.Acts) == 0 {
		return nil, nil
	}
	st := new(statement).add(`SELECT key, count, ceiling, ends - `)
	now := s.now(st)
	st.add(now, ` FROM counter WHERE ends > `, now, ` AND count >= ceiling AND key > `).addArg(q.After).add(` AND (`)
	for i, act := range q.Acts {
		if i > 0 {
			st.add(` OR `)
		}
		st.add(`key >= `).addArg(act + ":").add(` AND key < `).addArg(act + ";")
	}
	st.add(`)`)
	st.parts(q.Parts)
	st.add(` ORDER BY key LIMIT `).addArg(int64(q.Limit))
	out, err := collect(ctx, s.engine.Reader(), st, func(row scanner) (c auth.CounterRow, err error) {
		var wait int64
		err = row.Scan(&c.Key, &c.Count, &c.Limit, &wait)
		c.Wait = time.Duration(wait) * time.Microsecond
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("list full counters: %w", err)
	}
	return out, nil
}

// parts wants one of the parts in the key.
func (s *statement) parts(parts []string) {
	if len(parts) == 0 {
		return
	}
	escape := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)
	s.add(` AND (`)
	for i, part := range parts {
		if i > 0 {
			s.add(` OR `)
		}
		s.add(`key LIKE `).addArg("%" + escape.Replace(part) + "%").add(` ESCAPE '\'`)
	}
	s.add(`)`)
}

// LiftCounter forgets a counter together with the log entry that says so, and reports whether it was there. If it was not,
// nothing is written.
func (s *Store) LiftCounter(ctx context.Context, key string, e auth.LogEntry) (lifted bool, err error) {
	err = s.writeOnce(ctx, func(ctx context.Context, q Queries) (err error) {
		st := new(statement).add(`DELETE FROM counter WHERE key = `).addArg(key)
		lifted, err = affected(q.ExecContext(ctx, st.String(), st.args...))
		if err == nil && lifted {
			_, err = s.insertEntry(ctx, q, e)
		}
		return err
	})
	if err != nil {
		return false, fmt.Errorf("lift limit: %w", err)
	}
	return lifted, nil
}
