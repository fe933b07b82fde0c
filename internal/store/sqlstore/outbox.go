package sqlstore

import (
	"context"
	"fmt"
	"time"

	"gatehouse/auth"
)

// QueuedItem is an effect that waits in the outbox.
type QueuedItem struct {
	ID int64
	auth.OutboxItem
	Queued time.Time
}

// Outbox gives the oldest limit effects that wait behind the one with id after.
func (s *Store) Outbox(ctx context.Context, after int64, limit int) ([]QueuedItem, error) {
	st := new(statement).add(`SELECT id, kind, recipient, payload, queued FROM outbox WHERE id > `).addArg(after)
	st.add(` ORDER BY id LIMIT `).addArg(int64(limit))
	out, err := collect(ctx, s.engine.Reader(), st, func(row scanner) (i QueuedItem, err error) {
		var queued int64
		err = row.Scan(&i.ID, &i.Kind, &i.Domain, &i.Sealed, &queued)
		i.Queued = fromMicros(queued)
		return i, err
	})
	if err != nil {
		return nil, fmt.Errorf("read outbox: %w", err)
	}
	return out, nil
}

// insertOutbox queues items within a transaction. Those whose account is 0 become account's. An item whose message id is
// there already is left alone, so that a transaction can be repeated whose outcome is unknown.
func (s *Store) insertOutbox(ctx context.Context, q Queries, account auth.AccountID, items []auth.OutboxItem) error {
	for _, o := range items {
		st := new(statement).add(`INSERT INTO outbox (kind, recipient, payload, queued) VALUES (`)
		list(st, []any{text(o.Kind), text(o.Domain), blob(o.Sealed)})
		st.add(`, `).add(s.now(st)).add(`)`)
		if _, err := q.ExecContext(ctx, st.String(), st.args...); err != nil {
			return fmt.Errorf("queue mail: %w", err)
		}
	}
	return nil
}
