package sqlstore

import (
	"context"
	"fmt"
	"time"
)

// SpendMark stores the mark of a captcha that is being answered and reports whether it was the first to: of any number of
// callers one is. It is durable before the answer is looked at. Purge forgets it once it has expired.
func (s *Store) SpendMark(ctx context.Context, mark string, expires time.Time) (first bool, err error) {
	err = s.engine.WriteOne(ctx, func(ctx context.Context, q Queries) error {
		r, err := q.ExecContext(ctx, `INSERT INTO captcha_mark (mark, expires) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
			text(mark), toMicros(expires))
		first, err = affected(r, err)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("spend captcha: %w", err)
	}
	return first, nil
}

// ReleaseMark forgets the mark; none is fine.
func (s *Store) ReleaseMark(ctx context.Context, mark string) error {
	return s.execOne(ctx, "release captcha", new(statement).add(`DELETE FROM captcha_mark WHERE mark = `).addArg(mark))
}
