package sqlstore

import (
	"context"
	"fmt"
	"net/netip"

	"gatehouse/auth"
)

// BlocksOnAccounts gives the blocks of accounts that hold now, oldest first.
func (s *Store) BlocksOnAccounts(ctx context.Context, ids []auth.AccountID) ([]auth.Block, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	keys := make([]int64, len(ids))
	for i, id := range ids {
		keys[i] = int64(id)
	}
	st := new(statement).add(selectBlock, `b.account IN (`)
	list(st, padded(keys))
	return s.blocksNow(ctx, s.engine.Reader(), st.add(`)`))
}

// ListBlocks gives the blocks that q selects and that hold now.
func (s *Store) ListBlocks(ctx context.Context, q auth.BlockQuery) ([]auth.Block, error) {
	st := new(statement).add(selectBlock, `TRUE`)
	if len(q.IDs) > 0 {
		st.add(` AND b.id IN (`)
		list(st, padded(q.IDs))
		st.add(`)`)
	}
	st.blockTargets(q.Names, q.Ranges)
	if q.Covering.IsValid() {
		st.covering(spanOf(q.Covering))
	}
	for _, t := range q.Is {
		st.add(` AND `, traitCondition(t))
	}
	for _, t := range q.IsNot {
		st.add(` AND NOT `, traitCondition(t))
	}
	if len(q.Names)+len(q.Ranges) > 0 || q.Covering.IsValid() {
		st.add(` AND NOT b.auto`) // or addresses of blocked accounts could be found out
	}
	st.blockTimes(q)
	s.holding(st)
	st.blockOrder(q)
	out, err := collect(ctx, s.engine.Reader(), st, scanBlock)
	if err != nil {
		return nil, fmt.Errorf("list blocks: %w", err)
	}
	return out, nil
}

// blockTargets bounds what is blocked. Both kinds of target together are alternatives.
func (s *statement) blockTargets(names []auth.Name, ranges []netip.Prefix) {
	if len(names)+len(ranges) == 0 {
		return
	}
	s.add(` AND (FALSE`)
	if len(names) > 0 {
		keys := make([]string, len(names))
		for i, n := range names {
			keys[i] = string(n)
		}
		s.add(` OR b.account IN (SELECT n.id FROM account n WHERE n.name IN (`)
		list(s, padded(keys))
		s.add(`))`)
	}
	for _, p := range ranges {
		at := spanOf(p)
		s.add(` OR (b.chunk = `).addArg(at.chunk()).add(` AND b.low = `).addArg(at.low).add(` AND b.high = `).addArg(at.high).add(`)`)
	}
	s.add(`)`)
}

// covering bounds blocks to those of a range that has at in it.
func (s *statement) covering(at span) {
	s.add(` AND b.chunk IN (`).addArg(at.chunk()).add(`, `).addArg(at.low[:1])
	s.add(`) AND b.low <= `).addArg(at.low).add(` AND b.high >= `).addArg(at.high)
}

func traitCondition(t auth.BlockTrait) string {
	switch t {
	case auth.BlockOfAccount:
		return `b.account IS NOT NULL`
	case auth.BlockOfAddress:
		return `(b.account IS NULL AND b.low = b.high)`
	case auth.BlockOfRange:
		return `(b.account IS NULL AND b.low <> b.high)`
	case auth.BlockWithEnd:
		return `b.expires <> 0`
	}
	return `FALSE` // a trait that no block has
}

func (s *statement) blockTimes(q auth.BlockQuery) {
	if !q.From.IsZero() {
		s.add(` AND b.created >= `).addArg(toMicros(q.From))
	}
	if !q.To.IsZero() {
		s.add(` AND b.created <= `).addArg(toMicros(q.To))
	}
}

// blockOrder begins at q.At, and sets order and limit.
func (s *statement) blockOrder(q auth.BlockQuery) {
	order, on := ` DESC`, ` <= (`
	if q.OldestFirst {
		order, on = ``, ` >= (`
	}
	if q.At.ID != 0 {
		s.add(` AND (b.created, b.id)`, on).addArg(toMicros(q.At.Created)).add(`, `).addArg(q.At.ID).add(`)`)
	}
	s.add(` ORDER BY b.created`, order, `, b.id`, order, ` LIMIT `).addArg(int64(q.Limit))
}
