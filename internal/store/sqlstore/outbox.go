package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"

	"gatehouse/auth"
)

// insertOutbox queues items within a transaction. Those whose account is 0 become account's. An item whose message id is
// there already is left alone, so that a transaction can be repeated whose outcome is unknown.
func (s *Store) insertOutbox(ctx context.Context, q Queries, account auth.AccountID, items []auth.OutboxItem) error {
	if err := checkOutbox(items); err != nil {
		return err
	}
	for _, o := range items {
		if o.Account == 0 {
			o.Account = account
		}
		st := new(statement).add(`
INSERT INTO outbox (state, attempts, lease, ended, error, message_id, kind, account, domain, expires, body, due, queued)
VALUES ('queued', 0, '', 0, '', `)
		list(st, []any{text(o.MessageID), text(o.Kind), int64(o.Account), text(o.Domain), toMicros(o.Expires), blob(o.Sealed)})
		st.add(`, `)
		now := s.now(st)
		st.add(now, `, `, now, `) ON CONFLICT DO NOTHING`)
		if _, err := q.ExecContext(ctx, st.String(), st.args...); err != nil {
			return fmt.Errorf("queue mail: %w", err)
		}
	}
	return nil
}

// checkOutbox refuses what would be taken for a mail that is there already, or would never be sent.
func checkOutbox(items []auth.OutboxItem) error {
	for _, o := range items {
		if o.MessageID == "" || o.Expires.IsZero() {
			return errors.New("queue mail: it has no message id or no end")
		}
	}
	return nil
}

// addOutbox is insertOutbox as a member of WITH. It adds all items with one INSERT: those of several would come in any
// order.
func (c *creation) addOutbox(st *statement) {
	st.add(`, queued AS (
INSERT INTO outbox (state, attempts, lease, ended, error, message_id, kind, account, domain, expires, body, due, queued)
SELECT 'queued', 0, '', 0, '', item.column2, item.column3, coalesce(nullif(item.column4, 0), made.id), item.column5, item.column6,
	item.column7, made.registered, made.registered FROM made, (VALUES `)
	for i, o := range c.draft.Outbox {
		if i > 0 {
			st.add(`, `)
		}
		st.add(`(`, strconv.Itoa(i)).cast(`TEXT`, o.MessageID).cast(`TEXT`, string(o.Kind)).cast(`BIGINT`, int64(o.Account))
		st.cast(`TEXT`, o.Domain).cast(`BIGINT`, toMicros(o.Expires)).cast(`BYTEA`, blob(o.Sealed)).add(`)`)
	}
	st.add(`) AS item ORDER BY item.column1 ON CONFLICT DO NOTHING)`)
}

const mailColumns = `id, message_id, kind, account, domain, state, attempts, due, queued, expires, ended, error`

func mailFields(m *auth.MailRow, times *[4]int64) []any {
	return []any{&m.ID, &m.MessageID, &m.Kind, &m.Account, &m.Domain, &m.State, &m.Attempts, &times[0], &times[1], &times[2], &times[3], &m.Error}
}

// scanMail reads mailColumns and, where the query has it, the body behind them.
func scanMail(row scanner, body bool) (m auth.MailRow, err error) {
	var times [4]int64
	fields := mailFields(&m, &times)
	if body {
		fields = append(fields, &m.Sealed)
	}
	if err := row.Scan(fields...); err != nil {
		return auth.MailRow{}, notFound(err)
	}
	m.Due, m.Queued, m.Expires, m.Ended = fromMicros(times[0]), fromMicros(times[1]), fromMicros(times[2]), fromMicros(times[3])
	return m, nil
}

func scanMailWithBody(row scanner) (auth.MailRow, error)    { return scanMail(row, true) }
func scanMailWithoutBody(row scanner) (auth.MailRow, error) { return scanMail(row, false) }

// Mails lists the mail that q selects, without the bodies.
func (s *Store) Mails(ctx context.Context, q auth.MailQuery) ([]auth.MailRow, error) {
	order, behind, after := ``, ` > `, q.After
	if q.NewestFirst {
		order, behind = ` DESC`, ` < `
		if after == 0 {
			after = math.MaxInt64
		}
	}
	st := new(statement).add(`SELECT `, mailColumns, ` FROM outbox WHERE id`, behind).addArg(after)
	if q.State != "" {
		st.add(` AND state = `).addArg(string(q.State))
	}
	st.add(` ORDER BY id`, order, ` LIMIT `).addArg(int64(q.Limit))
	out, err := collect(ctx, s.engine.Reader(), st, scanMailWithoutBody)
	if err != nil {
		return nil, fmt.Errorf("list mail: %w", err)
	}
	return out, nil
}

// Mail gives one mail whole, or auth.ErrNotFound.
func (s *Store) Mail(ctx context.Context, id int64) (auth.MailRow, error) {
	m, err := scanMailWithBody(s.engine.Reader().QueryRowContext(ctx, `SELECT `+mailColumns+`, body FROM outbox WHERE id = $1`, id))
	if err != nil {
		return auth.MailRow{}, fmt.Errorf("read mail: %w", err)
	}
	return m, nil
}

// MailStates counts the mail in each state, for as long as it is remembered.
func (s *Store) MailStates(ctx context.Context) (map[auth.MailState]int64, error) {
	type count struct {
		state auth.MailState
		n     int64
	}
	rows, err := collect(ctx, s.engine.Reader(), new(statement).add(`SELECT state, count(*) FROM outbox GROUP BY state`),
		func(row scanner) (c count, err error) { return c, row.Scan(&c.state, &c.n) })
	if err != nil {
		return nil, fmt.Errorf("count mail by state: %w", err)
	}
	out := map[auth.MailState]int64{}
	for _, c := range rows {
		out[c.state] = c.n
	}
	return out, nil
}

// MailCount tells how much mail has not left.
func (s *Store) MailCount(ctx context.Context) (auth.MailCount, error) {
	var c auth.MailCount
	var oldest int64
	err := s.engine.Reader().QueryRowContext(ctx, `
SELECT coalesce(sum(CASE state WHEN 'dead' THEN 0 ELSE 1 END), 0), coalesce(sum(CASE state WHEN 'dead' THEN 1 ELSE 0 END), 0),
	coalesce(min(CASE state WHEN 'dead' THEN NULL ELSE queued END), 0) FROM outbox WHERE ended = 0`).
		Scan(&c.Waiting, &c.Dead, &oldest)
	if err != nil {
		return auth.MailCount{}, fmt.Errorf("count mail: %w", err)
	}
	c.Oldest = fromMicros(oldest)
	return c, nil
}

// QueueMail queues mail that belongs to no account, and raises counters with it: all of it or nothing. *auth.LimitError tells
// that a counter was full.
func (s *Store) QueueMail(ctx context.Context, items []auth.OutboxItem, counters []auth.Counter) error {
	raise, err := newRaise(counters)
	if err != nil {
		return fmt.Errorf("queue mail: %w", err)
	}
	err = s.engine.Write(ctx, func(ctx context.Context, q Queries) error {
		if err := s.insertOutbox(ctx, q, 0, items); err != nil || raise == nil {
			return err
		}
		return raise.run(ctx, q, s)
	})
	if err != nil {
		return fmt.Errorf("queue mail: %w", err)
	}
	return nil
}
