package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/auth"
)

// Rise raises all counters by one, or none: then a *auth.LimitError tells which was full, the one with the longest wait.
// Windows are measured by the database's clock. A key given twice is a fault.
func (s *Store) Rise(ctx context.Context, counters []auth.Counter) error {
	r, err := newRaise(counters)
	if err != nil || r == nil {
		return err
	}
	if s.dialect.InsertsInWith {
		err = s.engine.WriteOne(ctx, func(ctx context.Context, q Queries) error { return r.runAlone(ctx, q, s) })
	} else {
		err = s.engine.Write(ctx, func(ctx context.Context, q Queries) error { return r.run(ctx, q, s) })
	}
	if err != nil {
		return fmt.Errorf("raise counters: %w", err)
	}
	return nil
}

// raise is the rise of counters, in the order of their keys.
type raise struct{ counters []auth.Counter }

// newRaise gives nil if there is nothing to raise, and a refusal if a counter allows nothing at all.
func newRaise(counters []auth.Counter) (*raise, error) {
	if len(counters) == 0 {
		return nil, nil
	}
	r := &raise{counters: slices.Clone(counters)}
	slices.SortFunc(r.counters, func(a, b auth.Counter) int { return strings.Compare(a.Key, b.Key) })
	for i, c := range r.counters {
		if i > 0 && r.counters[i-1].Key == c.Key {
			return nil, fmt.Errorf("raise counters: %q is there twice", c.Key)
		}
		if c.Limit <= 0 {
			return nil, &auth.LimitError{Counter: c, Wait: c.Window}
		}
	}
	return r, nil
}

// run raises the counters within a transaction: a counter that is full gives no row.
func (r *raise) run(ctx context.Context, q Queries, s *Store) error {
	st := new(statement).add(`INSERT INTO counter (ends, key, ceiling, count) `)
	addUpsert(st, r.addRows(st, s))
	raised, err := collect(ctx, q, st, func(row scanner) (key string, err error) { return key, row.Scan(&key) })
	if err != nil {
		return err
	}
	if len(raised) == len(r.counters) {
		return nil
	}
	full := slices.DeleteFunc(slices.Clone(r.counters), func(c auth.Counter) bool { return slices.Contains(raised, text(c.Key)) })
	return s.refusal(ctx, q, full)
}

// runAlone raises the counters with one statement that is its own transaction.
func (r *raise) runAlone(ctx context.Context, q Queries, s *Store) error {
	st := new(statement).add(`WITH raised AS (INSERT INTO counter (ends, key, ceiling, count) `)
	addUpsert(st, r.addRows(st, s))
	st.add(`) SELECT `)
	r.addCheck(st)
	var checked int
	err := q.QueryRowContext(ctx, st.String(), st.args...).Scan(&checked)
	if s.engine.DividedByZero(err) {
		return s.refusal(ctx, q, r.counters)
	}
	return err
}

// addRows adds a SELECT of the rows to insert, in the order of the keys, and gives the expression of the time.
func (r *raise) addRows(st *statement, s *Store) (now string) {
	st.add(`SELECT item.column1 + `)
	now = s.now(st)
	st.add(now, `, item.column2, item.column3, 1 FROM (VALUES `)
	for i, c := range r.counters {
		if i > 0 {
			st.add(`, `)
		}
		st.add(`(CAST(`).addArg(c.Window.Microseconds()).add(` AS BIGINT)`).cast(`TEXT`, c.Key).cast(`BIGINT`, c.Limit).add(`)`)
	}
	st.add(`) AS item`)
	return now
}

// jumpSlack, in microseconds, is by how much a window may seem to end too late before it is taken for one that was opened while
// the clock was ahead: an hour, far more than two clocks, or two statements, differ by.
const jumpSlack = 3_600_000_000

// addUpsert adds what makes the INSERT conditional: it takes the rows one after the other, and one that is there is raised
// only if its window is over or has room. (Without the WHERE, SQLite would read ON as that of a join.)
func addUpsert(st *statement, now string) {
	over := windowOver(now)
	st.add(` WHERE TRUE ORDER BY item.column2 ON CONFLICT (key) DO UPDATE SET
	count = CASE WHEN `, over, ` THEN 1 ELSE counter.count + 1 END,
	ends = CASE WHEN `, over, ` THEN excluded.ends ELSE counter.ends END,
	ceiling = excluded.ceiling
WHERE `, over, ` OR counter.count < excluded.ceiling
RETURNING key`)
}

// windowOver is the condition that the window of a counter is over. One that ends later than a window that is opened now can is
// over too: else a clock that was a year ahead would leave limits shut for a year.
func windowOver(now string) string {
	return `counter.ends <= ` + now + ` OR counter.ends > excluded.ends + ` + strconv.Itoa(jumpSlack)
}

// addCheck adds the number 1, or a division by zero if not all counters were raised: nothing but an error undoes what a
// statement wrote that is its own transaction.
func (r *raise) addCheck(st *statement) {
	st.add(`1 / CASE WHEN (SELECT count(*) FROM raised) = `, strconv.Itoa(len(r.counters)), ` THEN 1 ELSE 0 END`)
}

// refusal tells which of the counters is full, and which of several for longest.
func (s *Store) refusal(ctx context.Context, q Queries, counters []auth.Counter) error {
	states, err := s.counterStates(ctx, q, counters)
	if err != nil {
		return err
	}
	worst := &auth.LimitError{}
	for i, c := range counters {
		// Its window may have ended meanwhile. The refusal stands, with the least wait that can be told.
		wait := time.Millisecond
		if states[i].Count >= c.Limit {
			wait = max(wait, states[i].Wait)
		}
		if wait > worst.Wait {
			worst = &auth.LimitError{Counter: c, Wait: wait}
		}
	}
	return worst
}

// Read tells where the counters stand, in their order. It writes nothing.
func (s *Store) Read(ctx context.Context, counters []auth.Counter) ([]auth.CounterState, error) {
	if len(counters) == 0 {
		return nil, nil
	}
	rows, err := look(ctx, s, s.statesOf(counters), scanCounter)
	if err != nil {
		return nil, fmt.Errorf("read counters: %w", err)
	}
	return inOrder(counters, rows), nil
}

type counterRow struct {
	key         string
	count, wait int64
}

func scanCounter(row scanner) (c counterRow, err error) {
	return c, row.Scan(&c.key, &c.count, &c.wait)
}

func (s *Store) statesOf(counters []auth.Counter) *statement {
	keys := make([]string, len(counters))
	for i, c := range counters {
		keys[i] = c.Key
	}
	st := new(statement).add(`SELECT key, count, ends - `)
	now := s.now(st)
	st.add(now, ` FROM counter WHERE key IN (`)
	list(st, padded(keys))
	return st.add(`) AND ends > `, now)
}

func (s *Store) counterStates(ctx context.Context, q Queries, counters []auth.Counter) ([]auth.CounterState, error) {
	rows, err := collect(ctx, q, s.statesOf(counters), scanCounter)
	if err != nil {
		return nil, err
	}
	return inOrder(counters, rows), nil
}

// inOrder gives the states in the order of the counters; one that has no row, or a row of a clock that was ahead, stands at zero.
func inOrder(counters []auth.Counter, rows []counterRow) []auth.CounterState {
	out := make([]auth.CounterState, len(counters))
	for _, row := range rows {
		state := auth.CounterState{Count: row.count, Wait: time.Duration(row.wait) * time.Microsecond}
		for i, c := range counters {
			if text(c.Key) == row.key && row.wait <= c.Window.Microseconds()+jumpSlack {
				out[i] = state
			}
		}
	}
	return out
}

// Clear forgets what was counted under keys; unknown keys are fine.
func (s *Store) Clear(ctx context.Context, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	st := new(statement).add(`DELETE FROM counter WHERE key IN (`)
	list(st, padded(keys))
	return s.execOne(ctx, "clear counters", st.add(`)`))
}
