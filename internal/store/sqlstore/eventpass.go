package sqlstore

import (
	"context"
	"fmt"
	"net/netip"

	"gatehouse/auth"
)

// selectPass counts what a pass was used for by the entries that the log has of it.
const selectPass = `
SELECT p.id, p.digest, p.count, (SELECT count(*) FROM log_entry l WHERE l.tag <> '' AND l.tag = 'event-pass-' || p.id),
	p.network, p.note, p.by_name, p.created, p.ends, p.revoked
FROM event_pass p`

func scanPass(row scanner) (auth.EventPass, error) {
	var p auth.EventPass
	var network string
	var created, ends, revoked int64
	err := row.Scan(&p.ID, &p.Digest, &p.Count, &p.Used, &network, &p.Note, &p.By, &created, &ends, &revoked)
	if err != nil {
		return auth.EventPass{}, err
	}
	p.Created, p.Ends, p.Revoked = fromMicros(created), fromMicros(ends), fromMicros(revoked)
	if network != "" {
		p.Network, err = netip.ParsePrefix(network)
	}
	return p, err
}

// AddPass stores p and gives it with its id. Created and Ends are the caller's.
func (s *Store) AddPass(ctx context.Context, p auth.EventPass) (auth.EventPass, error) {
	network := ""
	if p.Network.IsValid() {
		network = p.Network.String()
	}
	st := new(statement).add(`INSERT INTO event_pass (digest, count, network, note, by_name, created, ends, revoked) VALUES (`)
	list(st, []any{p.Digest, p.Count, network, text(p.Note), text(p.By), toMicros(p.Created), toMicros(p.Ends), int64(0)})
	st.add(`) RETURNING id`)
	err := s.engine.WriteOne(ctx, func(ctx context.Context, q Queries) error {
		return q.QueryRowContext(ctx, st.String(), st.args...).Scan(&p.ID)
	})
	if err != nil {
		return auth.EventPass{}, fmt.Errorf("add event pass: %w", err)
	}
	return p, nil
}

// PassByDigest gives the pass whose code has this digest, open or not, or auth.ErrNotFound.
func (s *Store) PassByDigest(ctx context.Context, digest string) (auth.EventPass, error) {
	st := new(statement).add(selectPass, ` WHERE p.digest = `).addArg(digest)
	p, err := scanPass(s.engine.Reader().QueryRowContext(ctx, st.String(), st.args...))
	if err != nil {
		return auth.EventPass{}, fmt.Errorf("read event pass: %w", notFound(err))
	}
	return p, nil
}

// Passes lists every pass, the newest first.
func (s *Store) Passes(ctx context.Context) ([]auth.EventPass, error) {
	out, err := collect(ctx, s.engine.Reader(), new(statement).add(selectPass, ` ORDER BY p.id DESC`), scanPass)
	if err != nil {
		return nil, fmt.Errorf("list event passes: %w", err)
	}
	return out, nil
}

// AnyPassOpen reports whether some pass is neither over nor taken back.
func (s *Store) AnyPassOpen(ctx context.Context) (bool, error) {
	st := new(statement).add(`SELECT EXISTS (SELECT 1 FROM event_pass WHERE revoked = 0 AND ends > `)
	st.add(s.now(st), `)`)
	var open bool
	if err := s.engine.Reader().QueryRowContext(ctx, st.String(), st.args...).Scan(&open); err != nil {
		return false, fmt.Errorf("look for event passes: %w", err)
	}
	return open, nil
}

// RevokePass takes the pass back and reports whether it was there and not taken back before.
func (s *Store) RevokePass(ctx context.Context, id auth.PassID) (bool, error) {
	st := new(statement).add(`UPDATE event_pass SET revoked = `)
	st.add(s.now(st), ` WHERE revoked = 0 AND id = `).addArg(int64(id))
	var done bool
	err := s.engine.WriteOne(ctx, func(ctx context.Context, q Queries) error {
		r, err := q.ExecContext(ctx, st.String(), st.args...)
		done, err = affected(r, err)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("revoke event pass: %w", err)
	}
	return done, nil
}
