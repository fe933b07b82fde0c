package sqlstore

import (
	"context"
	"fmt"

	"gatehouse/auth"
)

// The stages of a handover.
const (
	handoverBegun    = int64(0)
	handoverClaimed  = int64(1)
	handoverFinished = int64(2)
)

// BeginHandover stores a new handover. Those that its network began long before, with auth.MaxHandovers after them, go.
func (s *Store) BeginHandover(ctx context.Context, h auth.Handover) error {
	if len(h.Sealed) > auth.MaxFlowState {
		return fmt.Errorf("begin handover: it has %d bytes, more than %d", len(h.Sealed), auth.MaxFlowState)
	}
	err := s.engine.Write(ctx, func(ctx context.Context, q Queries) error {
		_, err := q.ExecContext(ctx, `INSERT INTO handover (id, network, stage, sealed, expires) VALUES ($1, $2, $3, $4, $5)`,
			text(h.ID), text(h.Network), handoverBegun, blob(h.Sealed), toMicros(h.Expires))
		if err != nil {
			return err
		}
		_, err = q.ExecContext(ctx, `
DELETE FROM handover WHERE id IN (SELECT id FROM handover WHERE network = $1 ORDER BY expires DESC, id LIMIT $2 OFFSET $3)`,
			text(h.Network), int64(purgeBatch), int64(auth.MaxHandovers))
		return err
	})
	if err != nil {
		return fmt.Errorf("begin handover: %w", err)
	}
	return nil
}

// PeekHandover reads a handover that was begun and not claimed, or gives auth.ErrNotFound.
func (s *Store) PeekHandover(ctx context.Context, id string) (auth.Handover, error) {
	st := new(statement).add(`SELECT network, sealed, expires FROM handover`)
	s.whereHandover(st, id, handoverBegun)
	h, err := lookOne(ctx, s, st, func(row scanner) (auth.Handover, error) { return scanHandover(row, id) })
	if err != nil {
		return auth.Handover{}, fmt.Errorf("peek handover: %w", err)
	}
	return h, nil
}

// ClaimHandover gives a handover that was begun to exactly one caller; auth.ErrNotFound to all others.
func (s *Store) ClaimHandover(ctx context.Context, id string) (auth.Handover, error) {
	st := new(statement).add(`UPDATE handover SET stage = `).addArg(handoverClaimed)
	s.whereHandover(st, id, handoverBegun)
	return s.oneHandover(ctx, "claim handover", id, st)
}

// FinishHandover puts the answer into a handover that was claimed; auth.ErrNotFound if there is none.
func (s *Store) FinishHandover(ctx context.Context, h auth.Handover) error {
	if len(h.Sealed) > auth.MaxFlowState {
		return fmt.Errorf("finish handover: it has %d bytes, more than %d", len(h.Sealed), auth.MaxFlowState)
	}
	st := new(statement).add(`UPDATE handover SET stage = `).addArg(handoverFinished)
	st.add(`, sealed = `).addArg(blob(h.Sealed)).add(`, expires = `).addArg(toMicros(h.Expires))
	s.whereHandover(st, h.ID, handoverClaimed)
	_, err := s.oneHandover(ctx, "finish handover", h.ID, st)
	return err
}

// TakeHandover gives a handover that was finished to exactly one caller and removes it; auth.ErrNotFound to all others.
func (s *Store) TakeHandover(ctx context.Context, id string) (auth.Handover, error) {
	st := new(statement).add(`DELETE FROM handover`)
	s.whereHandover(st, id, handoverFinished)
	return s.oneHandover(ctx, "take handover", id, st)
}

func (s *Store) whereHandover(st *statement, id string, stage int64) {
	st.add(` WHERE id = `).addArg(id).add(` AND stage = `).addArg(stage)
	st.add(` AND expires > `).add(s.now(st))
}

// oneHandover runs a statement that changes one handover and gives it.
func (s *Store) oneHandover(ctx context.Context, what, id string, st *statement) (auth.Handover, error) {
	st.add(` RETURNING network, sealed, expires`)
	var h auth.Handover
	err := s.engine.WriteOne(ctx, func(ctx context.Context, q Queries) (err error) {
		h, err = scanHandover(q.QueryRowContext(ctx, st.String(), st.args...), id)
		return err
	})
	if err != nil {
		return auth.Handover{}, fmt.Errorf("%s: %w", what, err)
	}
	return h, nil
}

func scanHandover(row scanner, id string) (auth.Handover, error) {
	h := auth.Handover{ID: id}
	var expires int64
	if err := row.Scan(&h.Network, &h.Sealed, &expires); err != nil {
		return auth.Handover{}, notFound(err)
	}
	h.Expires = fromMicros(expires)
	return h, nil
}

var _ auth.HandoverStore = (*Store)(nil)
