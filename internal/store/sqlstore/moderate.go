package sqlstore

import (
	"context"
	"fmt"

	"gatehouse/auth"
)

// PlaceBlock stores o.Block together with its log entry and gives it as it is then. auth.ErrBlocked: the target is blocked
// and o does not replace. What it replaces keeps its id.
func (s *Store) PlaceBlock(ctx context.Context, o auth.BlockOrder) (auth.Block, error) {
	b := o.Block
	at, err := BlockTarget{b.Account, b.Range}.span()
	if err != nil {
		return auth.Block{}, fmt.Errorf("place block: %w", err)
	}
	var placed auth.Block
	err = s.writeOnce(ctx, func(ctx context.Context, q Queries) error {
		if err := s.holdTarget(ctx, q, b, at); err != nil {
			return err
		}
		held, err := s.blocksOnTarget(ctx, q, b, at)
		if err != nil {
			return err
		}
		if len(held) > 0 && !o.Replace {
			return auth.ErrBlocked
		}
		id, err := s.writeBlock(ctx, q, held, b, at)
		if err != nil {
			return err
		}
		if placed, err = s.blockByID(ctx, q, id); err != nil {
			return err
		}
		if len(held) > 0 {
			o.Log.Action = auth.LogBlockChanged
		}
		_, err = s.insertEntry(ctx, q, o.Log)
		return err
	})
	if err != nil {
		return auth.Block{}, fmt.Errorf("place block: %w", err)
	}
	return placed, nil
}

// holdTarget makes sure that no other block is placed on the target of b at the same time. auth.ErrNotFound: there is no such
// account.
func (s *Store) holdTarget(ctx context.Context, q Queries, b auth.Block, at span) error {
	if b.Account != 0 {
		return holdAccount(ctx, q, auth.Change{Account: b.Account})
	}
	return s.alone(ctx, q, "block "+at.low+" "+at.high)
}

// blocksOnTarget gives the blocks of exactly the target that hold, but for those that followed an account to it.
func (s *Store) blocksOnTarget(ctx context.Context, q Queries, b auth.Block, at span) ([]auth.Block, error) {
	st := new(statement).add(selectBlock, `NOT b.auto AND `)
	if b.Account != 0 {
		st.add(`b.account = `).addArg(int64(b.Account))
	} else {
		st.add(`b.chunk = `).addArg(at.chunk()).add(` AND b.low = `).addArg(at.low).add(` AND b.high = `).addArg(at.high)
	}
	return s.blocksNow(ctx, q, st)
}

func (s *Store) blockByID(ctx context.Context, q Queries, id int64) (auth.Block, error) {
	st := new(statement).add(selectBlock, `b.id = `).addArg(id)
	return scanBlock(q.QueryRowContext(ctx, st.String(), st.args...))
}

// writeBlock stores b, in the place of the first of those that held; the others end.
func (s *Store) writeBlock(ctx context.Context, q Queries, held []auth.Block, b auth.Block, at span) (id int64, err error) {
	if len(held) == 0 {
		var created int64
		st := s.insertBlock(b, at)
		err = q.QueryRowContext(ctx, st.String(), st.args...).Scan(&id, &created)
		return id, err
	}
	if err := removeFollowers(ctx, q, held); err != nil {
		return 0, err
	}
	if err := removeBlocks(ctx, q, held[1:]); err != nil {
		return 0, err
	}
	st := new(statement).add(`UPDATE block SET by_id = `).addArg(int64(b.ByID)).add(`, by_name = `).addArg(text(b.By))
	st.add(`, reason = `).addArg(text(b.Reason)).add(`, expires = `).addArg(toMicros(b.Expires))
	st.add(`, prevent_create = `).addArg(b.PreventCreate).add(`, anonymous_only = `).addArg(b.AnonymousOnly)
	st.add(`, autoblock = `).addArg(b.Autoblock).add(`, created = `)
	st.add(s.now(st), ` WHERE id = `).addArg(held[0].ID)
	_, err = q.ExecContext(ctx, st.String(), st.args...)
	return held[0].ID, err
}

// LiftBlocks ends the blocks with these ids, and what followed from them, together with the log entry; it gives those that
// held. If none did nothing is written.
func (s *Store) LiftBlocks(ctx context.Context, ids []int64, e auth.LogEntry) ([]auth.Block, error) {
	var lifted []auth.Block
	err := s.writeOnce(ctx, func(ctx context.Context, q Queries) error {
		lifted = nil
		st := new(statement).add(selectBlock, `b.id IN (`)
		list(st, padded(ids))
		held, err := s.blocksNow(ctx, q, st.add(`)`))
		if err != nil || len(held) == 0 {
			return err
		}
		if err := removeFollowers(ctx, q, held); err != nil {
			return err
		}
		if err := removeBlocks(ctx, q, held); err != nil {
			return err
		}
		lifted = held
		_, err = s.insertEntry(ctx, q, e)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("lift blocks: %w", err)
	}
	return lifted, nil
}

func blockIDs(blocks []auth.Block) []int64 {
	ids := make([]int64, len(blocks))
	for i, b := range blocks {
		ids[i] = b.ID
	}
	return ids
}

func removeBlocks(ctx context.Context, q Queries, blocks []auth.Block) error {
	return deleteBlocks(ctx, q, `id`, blocks)
}

// removeFollowers removes the automatic blocks that came from these.
func removeFollowers(ctx context.Context, q Queries, blocks []auth.Block) error {
	return deleteBlocks(ctx, q, `parent`, blocks)
}

func deleteBlocks(ctx context.Context, q Queries, column string, blocks []auth.Block) error {
	if len(blocks) == 0 {
		return nil
	}
	st := new(statement).add(`DELETE FROM block WHERE `, column, ` IN (`)
	list(st, padded(blockIDs(blocks)))
	st.add(`)`)
	_, err := q.ExecContext(ctx, st.String(), st.args...)
	return err
}

// FollowBlock stores the automatic block b unless the block that it comes from does not hold any more. Where that one was
// followed to the same range before, the older one is replaced.
func (s *Store) FollowBlock(ctx context.Context, b auth.Block) error {
	at := spanOf(b.Range)
	err := s.engine.Write(ctx, func(ctx context.Context, q Queries) error {
		// The row stays locked, where the database has such locks: nobody follows it at the same time.
		known, err := affected(q.ExecContext(ctx, `UPDATE block SET parent = parent WHERE id = $1`, b.Parent))
		if err != nil || !known {
			return err
		}
		st := new(statement).add(`DELETE FROM block WHERE parent = `).addArg(b.Parent)
		st.add(` AND chunk = `).addArg(at.chunk()).add(` AND low = `).addArg(at.low).add(` AND high = `).addArg(at.high)
		if _, err := q.ExecContext(ctx, st.String(), st.args...); err != nil {
			return err
		}
		var id, created int64
		st = s.insertBlock(b, at)
		return q.QueryRowContext(ctx, st.String(), st.args...).Scan(&id, &created)
	})
	if err != nil {
		return fmt.Errorf("follow block: %w", err)
	}
	return nil
}

// EditGroups changes the groups of an account together with its log entry, whose details it fills in, and gives the account
// as it was and as it is then. If nothing changes nothing is written. auth.ErrNotFound: there is no such account.
func (s *Store) EditGroups(ctx context.Context, g auth.GroupEdit) (before, after auth.Account, err error) {
	err = s.writeOnce(ctx, func(ctx context.Context, q Queries) (err error) {
		if err := holdAccount(ctx, q, auth.Change{Account: g.Account}); err != nil {
			return err
		}
		read := func() (auth.Account, error) {
			return s.scanAccount(q.QueryRowContext(ctx, selectAccount+` WHERE a.id = $1`, int64(g.Account)))
		}
		if before, err = read(); err != nil {
			return err
		}
		if err := writeGroups(ctx, q, g); err != nil {
			return err
		}
		if after, err = read(); err != nil || before.SameGroups(after) {
			return err
		}
		e := g.Log
		e.Details = &auth.LogDetails{
			OldGroups: before.Groups, NewGroups: after.Groups, OldEnds: before.GroupEnds, NewEnds: after.GroupEnds,
		}
		_, err = s.insertEntry(ctx, q, e)
		return err
	})
	if err != nil {
		err = fmt.Errorf("edit groups: %w", err)
	}
	return before, after, err
}

var _ auth.ModerationStore = (*Store)(nil)
