package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// purgeBatch is how many rows one transaction of a purge removes, so that no writer waits long behind it.
const purgeBatch = 1000

// spentKept is how long a spent captcha is remembered beyond its life, in microseconds: an hour. A clock that is set back by
// less makes none good again.
const spentKept = `3600000000`

// mailKept is how long the outbox remembers mail that was sent or has expired, in microseconds: 30 days. Its body is gone
// before that.
const mailKept = `2592000000000`

// funnelKept is how long the sums of the funnel are kept, and which limits were lifted for whom, in microseconds: 31 days.
const funnelKept = `2678400000000`

// Purge removes expired flows, handovers, sessions, counters, blocks, memberships, marks, sums of the funnel and what limits were lifted, and wipes mail that was not sent in
// time. One instance that does it now and then is enough; several do no harm. The end of ctx stops it between two batches.
func (s *Store) Purge(ctx context.Context) error {
	return errors.Join(
		s.purge(ctx, purgeRows{table: `mark`, key: `id`, ended: `made <= -` + marksKept + ` + `}),
		s.purge(ctx, purgeRows{table: `flow`, key: `id`, ended: `expires <= `}),
		s.purge(ctx, purgeRows{table: `handover`, key: `id`, ended: `expires <= `}),
		s.purge(ctx, purgeRows{table: `session`, key: `id`, ended: `expires <= `}),
		s.purge(ctx, purgeRows{table: `captcha_mark`, key: `mark`, ended: `expires <= -` + spentKept + ` + `}),
		s.purge(ctx, purgeRows{table: `counter`, key: `key`, ended: `ends <= `}),
		s.purge(ctx, purgeRows{table: `account_group`, key: `(account, name)`, ended: `ends <> 0 AND ends <= `}),
		s.expireMail(ctx),
		s.hurryMail(ctx),
		s.purge(ctx, purgeRows{table: `outbox`, key: `id`, ended: `ended <> 0 AND ended <= -` + mailKept + ` + `}),
		s.purge(ctx, purgeRows{table: `block`, key: `id`, ended: `expires <> 0 AND expires <= `}),
		s.purge(ctx, purgeRows{table: `log_entry`, key: `id`, ended: `type <> 'newusers' AND type = 'limits' AND time <= -` + funnelKept + ` + `}),
		s.purge(ctx, purgeRows{table: `funnel`, key: `(hour, step, code, client, language)`, ended: `hour <= -` + funnelKept + ` + `}),
	)
}

// purgeRows says which rows of a table are to be removed: those that ended by now.
type purgeRows struct{ table, key, ended string }

// purge removes batch after batch. It looks first: a store in which nothing ends is not written to.
func (s *Store) purge(ctx context.Context, p purgeRows) error {
	for {
		n, err := s.purgeOnce(ctx, p)
		if err != nil {
			return fmt.Errorf("purge %s: %w", p.table, err)
		}
		if n < purgeBatch {
			return nil
		}
	}
}

func (s *Store) purgeOnce(ctx context.Context, p purgeRows) (n int64, err error) {
	var due bool
	look := new(statement).add(`SELECT EXISTS (SELECT 1 FROM `, p.table, ` WHERE `, p.ended)
	look.add(s.now(look), `)`)
	err = s.engine.Reader().QueryRowContext(ctx, look.String(), look.args...).Scan(&due)
	if err != nil || !due {
		return 0, err
	}
	st := new(statement).add(`DELETE FROM `, p.table, ` WHERE `, p.key, ` IN (SELECT `, strings.Trim(p.key, `()`), ` FROM `, p.table, ` WHERE `, p.ended)
	st.add(s.now(st), ` LIMIT `).addArg(int64(purgeBatch)).add(`)`)
	err = s.engine.WriteOne(ctx, func(ctx context.Context, q Queries) error {
		r, err := q.ExecContext(ctx, st.String(), st.args...)
		if err == nil {
			n, err = r.RowsAffected()
		}
		return err
	})
	return n, err
}
