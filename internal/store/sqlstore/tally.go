package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
)

// tally counts accounts without reading the table again and again. Accounts are never removed and their ids rise, so what
// was counted once stays counted: settled accounts have ids up to settledID. What lies behind is counted block by block,
// and only so many blocks for one answer; as long as there are more, the rest is told by its ids, which is an upper bound:
// ids that were given to accounts that were refused in the end are gaps.
type tally struct {
	mu        sync.Mutex
	settledID int64
	settled   int64
}

// The size of a block of accounts, and how many blocks are counted for one answer.
const (
	tallyBlock  = 1024
	tallyBlocks = 32
)

// settlesAfter is how old the newest account of a block is when the block is settled, in microseconds. Until then a
// transaction with a smaller id may still be on its way; none takes that long.
const settlesAfter = 120_000_000

// AccountCount counts all accounts. On a large store it counts the older ones once, a piece with each call, and until that is
// done the answer may be too great by the number of creations that the database refused.
func (s *Store) AccountCount(ctx context.Context) (int64, error) {
	s.tally.mu.Lock()
	defer s.tally.mu.Unlock()
	n, err := s.tally.count(ctx, s)
	if err != nil {
		return 0, fmt.Errorf("count accounts: %w", err)
	}
	return n, nil
}

func (t *tally) count(ctx context.Context, s *Store) (int64, error) {
	n, id, settling := t.settled, t.settledID, true
	for range tallyBlocks {
		b, err := s.nextBlock(ctx, id)
		if err != nil {
			return 0, err
		}
		n, id = n+b.accounts, max(id, b.lastID)
		if b.accounts < tallyBlock {
			return n, nil
		}
		if settling = settling && b.age >= settlesAfter; settling {
			t.settled, t.settledID = n, id
		}
	}
	var lastID sql.NullInt64
	err := s.engine.Reader().QueryRowContext(ctx, `SELECT max(id) FROM account`).Scan(&lastID)
	return n + max(lastID.Int64-id, 0), err
}

// accountBlock is a run of accounts by id.
type accountBlock struct {
	accounts, lastID int64
	// age is that of its newest account, in microseconds.
	age int64
}

func (s *Store) nextBlock(ctx context.Context, after int64) (accountBlock, error) {
	st := new(statement).add(`SELECT count(*), coalesce(max(few.id), 0), `)
	st.add(s.now(st), ` - coalesce(max(few.registered), 0) FROM (SELECT id, registered FROM account WHERE id > `).addArg(after)
	st.add(` ORDER BY id LIMIT `).addArg(int64(tallyBlock)).add(`) AS few`)
	var b accountBlock
	err := s.engine.Reader().QueryRowContext(ctx, st.String(), st.args...).Scan(&b.accounts, &b.lastID, &b.age)
	return b, err
}
