package sqlstore

import (
	"context"
	"fmt"

	"gatehouse/auth"
)

// PutFlow stores f unclaimed, in place of any flow of the same id. auth.ErrTooManyFlows: f is new and its network is full.
// A flow that is there already stays counted for the network it began in.
func (s *Store) PutFlow(ctx context.Context, f auth.Flow) error {
	if len(f.Sealed) > auth.MaxFlowState {
		return fmt.Errorf("put flow: its state has %d bytes, more than %d", len(f.Sealed), auth.MaxFlowState)
	}
	err := s.engine.Write(ctx, func(ctx context.Context, q Queries) error {
		for {
			// A row may come between the two statements, with this id or in this slot; the next round sees it.
			if done, err := replaceFlow(ctx, q, f); done || err != nil {
				return err
			}
			if done, err := s.insertFlow(ctx, q, f); done || err != nil {
				return err
			}
		}
	})
	if err != nil {
		return fmt.Errorf("put flow: %w", err)
	}
	return nil
}

func replaceFlow(ctx context.Context, q Queries, f auth.Flow) (bool, error) {
	return affected(q.ExecContext(ctx, `
UPDATE flow SET sealed = $1, tries = $2, claimed = FALSE, expires = $3 WHERE id = $4`,
		blob(f.Sealed), int64(f.Tries), toMicros(f.Expires), text(f.ID)))
}

// insertFlow puts a new flow into a free slot of its network.
func (s *Store) insertFlow(ctx context.Context, q Queries, f auth.Flow) (bool, error) {
	slot, err := s.freeSlot(ctx, q, f.Network)
	if err != nil {
		return false, err
	}
	return affected(q.ExecContext(ctx, `
INSERT INTO flow (id, network, slot, sealed, tries, claimed, expires) VALUES ($1, $2, $3, $4, $5, FALSE, $6)
ON CONFLICT DO NOTHING`,
		text(f.ID), text(f.Network), slot, blob(f.Sealed), int64(f.Tries), toMicros(f.Expires)))
}

// freeSlot gives the lowest slot of a network that no flow has, after a look for expired ones, or auth.ErrTooManyFlows.
func (s *Store) freeSlot(ctx context.Context, q Queries, network string) (int64, error) {
	st := new(statement).add(`DELETE FROM flow WHERE network = `)
	st.addArg(network).add(` AND expires <= `)
	st.add(s.now(st))
	if _, err := q.ExecContext(ctx, st.String(), st.args...); err != nil {
		return 0, err
	}
	st = new(statement).add(`SELECT slot FROM flow WHERE network = `)
	st.addArg(network).add(` ORDER BY slot`)
	taken, err := collect(ctx, q, st, func(row scanner) (slot int64, err error) { return slot, row.Scan(&slot) })
	if err != nil {
		return 0, err
	}
	free := int64(0)
	for _, slot := range taken {
		if slot == free {
			free++
		}
	}
	if free >= auth.MaxFlowsPerNetwork {
		return 0, auth.ErrTooManyFlows
	}
	return free, nil
}

// ClaimFlow takes the flow for one submission: of any number of callers exactly one gets it until it is put again. It gives
// auth.ErrNotFound if there is none, it is claimed, expired, or out of tries.
func (s *Store) ClaimFlow(ctx context.Context, id auth.FlowID) (auth.Flow, error) {
	st := new(statement).add(`UPDATE flow SET claimed = TRUE, tries = tries + 1`)
	s.whereOpen(st, id)
	st.add(` RETURNING network, sealed, tries, expires`)
	var f auth.Flow
	err := s.engine.WriteOne(ctx, func(ctx context.Context, q Queries) (err error) {
		f, err = scanFlow(q.QueryRowContext(ctx, st.String(), st.args...), id)
		return err
	})
	if err != nil {
		return auth.Flow{}, fmt.Errorf("claim flow: %w", err)
	}
	return f, nil
}

// PeekFlow reads an unclaimed flow without taking it, or auth.ErrNotFound.
func (s *Store) PeekFlow(ctx context.Context, id auth.FlowID) (auth.Flow, error) {
	st := new(statement).add(`SELECT network, sealed, tries, expires FROM flow`)
	s.whereOpen(st, id)
	f, err := lookOne(ctx, s, st, func(row scanner) (auth.Flow, error) { return scanFlow(row, id) })
	if err != nil {
		return auth.Flow{}, fmt.Errorf("peek flow: %w", err)
	}
	return f, nil
}

// whereOpen selects the flow if it can be claimed.
func (s *Store) whereOpen(st *statement, id auth.FlowID) {
	st.add(` WHERE id = `).addArg(string(id))
	st.add(` AND NOT claimed AND tries < `).addArg(int64(auth.MaxFlowTries))
	st.add(` AND expires > `).add(s.now(st))
}

func scanFlow(row scanner, id auth.FlowID) (auth.Flow, error) {
	f := auth.Flow{ID: id}
	var expires int64
	if err := row.Scan(&f.Network, &f.Sealed, &f.Tries, &expires); err != nil {
		return auth.Flow{}, notFound(err)
	}
	f.Expires = fromMicros(expires)
	return f, nil
}

// EndFlow removes the flow; none is fine.
func (s *Store) EndFlow(ctx context.Context, id auth.FlowID) error {
	return s.execOne(ctx, "end flow", new(statement).add(`DELETE FROM flow WHERE id = `).addArg(string(id)))
}
