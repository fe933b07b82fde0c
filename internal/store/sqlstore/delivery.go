package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"gatehouse/auth"
)

// MailDue reports whether ClaimMail would give anything now. It writes nothing, so that waiting for mail costs no
// transactions.
func (s *Store) MailDue(ctx context.Context) (bool, error) {
	st := new(statement).add(`SELECT 1`)
	s.fromDue(st)
	due, err := s.any(ctx, st.add(` LIMIT 1`))
	if err != nil {
		return false, fmt.Errorf("look for mail: %w", err)
	}
	return due, nil
}

// any reports whether a query finds a row.
func (s *Store) any(ctx context.Context, st *statement) (bool, error) {
	var one int
	err := s.engine.Reader().QueryRowContext(ctx, st.String(), st.args...).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// fromDue selects mail that may be taken in hand: it waits, or whoever had it let the lease end.
func (s *Store) fromDue(st *statement) {
	st.add(` FROM outbox WHERE ended = 0 AND due <= `)
	now := s.now(st)
	st.add(now, ` AND expires > `, now)
}

// ClaimMail takes up to limit mails in hand under l, those due for longest first: of any number of callers exactly one gets
// each, until the lease ends.
func (s *Store) ClaimMail(ctx context.Context, l auth.MailLease, limit int) ([]auth.MailRow, error) {
	st := new(statement).add(`WITH ready AS MATERIALIZED (SELECT id`)
	s.fromDue(st)
	st.add(` ORDER BY due, id LIMIT `).addArg(int64(limit)).add(s.dialect.SkipLocked, `)
UPDATE outbox SET state = 'sending', attempts = attempts + 1, lease = `).addArg(l.Name).add(`, due = `)
	st.add(s.now(st), ` + `).addArg(l.For.Microseconds())
	st.add(` WHERE id IN (SELECT id FROM ready) RETURNING `, mailColumns, `, body`)
	var claimed []auth.MailRow
	err := s.engine.WriteOne(ctx, func(ctx context.Context, q Queries) (err error) {
		claimed, err = collect(ctx, q, st, scanMailWithBody)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("claim mail: %w", err)
	}
	slices.SortFunc(claimed, func(a, b auth.MailRow) int { return int(a.ID - b.ID) })
	return claimed, nil
}

// FinishMail records how a try ended and reports whether that changed anything. It may be called again.
func (s *Store) FinishMail(ctx context.Context, o auth.MailOutcome) (changed bool, err error) {
	st := new(statement).add(`UPDATE outbox SET state = `).addArg(string(o.State)).add(`, lease = '', error = `).addArg(o.Error)
	switch o.State {
	case auth.MailSent:
		st.add(`, body = `).addArg([]byte{}).add(`, ended = `)
		st.add(s.now(st)).add(` WHERE state <> 'sent' AND id = `).addArg(o.ID)
	case auth.MailDead:
		st.add(`, due = expires`)
		st.inHand(o)
	case auth.MailQueued:
		s.addNextTry(st, o)
		st.inHand(o)
	default:
		return false, fmt.Errorf("finish mail: %q is no outcome", o.State)
	}
	err = s.engine.WriteOne(ctx, func(ctx context.Context, q Queries) (err error) {
		changed, err = affected(q.ExecContext(ctx, st.String(), st.args...))
		return err
	})
	if err != nil {
		return false, fmt.Errorf("finish mail: %w", err)
	}
	return changed, nil
}

// addNextTry adds the time of the next try, which is not behind the mail's end.
func (s *Store) addNextTry(st *statement, o auth.MailOutcome) {
	st.add(`, due = CASE WHEN `)
	next := s.now(st) + ` + ` + st.arg(o.After.Microseconds())
	st.add(next, ` < expires THEN `, next, ` ELSE expires END`)
	if o.Untried {
		st.add(`, attempts = attempts - 1`)
	}
}

func (s *statement) inHand(o auth.MailOutcome) {
	s.add(` WHERE state = 'sending' AND lease = `).addArg(o.Lease).add(` AND id = `).addArg(o.ID)
}

// RequeueMail has a mail tried again now, as if for the first time, and gives it as it is then. changed is false where that
// cannot be: it was sent, has expired, or is in a server's hand. auth.ErrNotFound if there is no such mail.
func (s *Store) RequeueMail(ctx context.Context, id int64) (m auth.MailRow, changed bool, err error) {
	st := new(statement).add(`UPDATE outbox SET state = 'queued', attempts = 0, lease = '', due = `)
	now := s.now(st)
	st.add(now, ` WHERE ended = 0 AND expires > `, now, ` AND (state <> 'sending' OR due <= `, now, `) AND id = `).addArg(id)
	st.add(` RETURNING `, mailColumns)
	err = s.engine.WriteOne(ctx, func(ctx context.Context, q Queries) (err error) {
		m, err = scanMailWithoutBody(q.QueryRowContext(ctx, st.String(), st.args...))
		if changed = err == nil; errors.Is(err, auth.ErrNotFound) {
			return nil
		}
		return err
	})
	if err == nil && !changed {
		m, err = s.Mail(ctx, id)
	}
	if err != nil {
		return auth.MailRow{}, false, fmt.Errorf("requeue mail: %w", err)
	}
	return m, changed, nil
}

// latestDue is how far ahead, in microseconds, mail may be due: 25 hours, more than the longest wait between two tries and the
// longest lease.
const latestDue = `90000000000`

// hurryMail makes mail due that a clock which was ahead has put off for longer than anything waits. Dead mail stays dead.
func (s *Store) hurryMail(ctx context.Context) error {
	look := new(statement).add(`SELECT 1`)
	s.fromPutOff(look)
	if some, err := s.any(ctx, look.add(` LIMIT 1`)); err != nil || !some {
		return err
	}
	st := new(statement).add(`UPDATE outbox SET due = `)
	st.add(s.now(st), ` WHERE id IN (SELECT id`)
	s.fromPutOff(st)
	return s.execOne(ctx, "hurry mail", st.add(`)`))
}

func (s *Store) fromPutOff(st *statement) {
	st.add(` FROM outbox WHERE ended = 0 AND state IN ('queued', 'sending') AND due > ` + latestDue + ` + `)
	st.add(s.now(st))
}

// expireMail ends what was not sent in time and is in nobody's hand, batch after batch.
func (s *Store) expireMail(ctx context.Context) error {
	for {
		n, err := s.expireSomeMail(ctx)
		if err != nil {
			return fmt.Errorf("expire mail: %w", err)
		}
		if n < purgeBatch {
			return nil
		}
	}
}

func (s *Store) expireSomeMail(ctx context.Context) (n int64, err error) {
	look := new(statement).add(`SELECT 1`)
	s.fromExpired(look)
	if due, err := s.any(ctx, look.add(` LIMIT 1`)); err != nil || !due {
		return 0, err
	}
	st := new(statement).add(`UPDATE outbox SET state = 'expired', lease = '', body = `).addArg([]byte{}).add(`, ended = `)
	st.add(s.now(st), ` WHERE id IN (SELECT id`)
	s.fromExpired(st)
	st.add(` LIMIT `).addArg(int64(purgeBatch)).add(`)`)
	err = s.engine.WriteOne(ctx, func(ctx context.Context, q Queries) error {
		r, err := q.ExecContext(ctx, st.String(), st.args...)
		if err == nil {
			n, err = r.RowsAffected()
		}
		return err
	})
	return n, err
}

func (s *Store) fromExpired(st *statement) {
	st.add(` FROM outbox WHERE ended = 0 AND expires <= `)
	now := s.now(st)
	st.add(now, ` AND due <= `, now)
}
