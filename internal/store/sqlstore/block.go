package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"gatehouse/auth"
)

// BlockTarget is what a block is put on: an account, or else a range (a single address is a full-length prefix).
type BlockTarget struct {
	Account auth.AccountID
	Range   netip.Prefix
}

func (t BlockTarget) span() (span, error) {
	if t.Account != 0 {
		return span{}, nil
	}
	if !t.Range.IsValid() {
		return span{}, errors.New("the target is neither an account nor a range")
	}
	return spanOf(t.Range), nil
}

const selectBlock = `
SELECT b.id, coalesce(b.account, 0), coalesce(a.name, ''), b.low, b.high, b.by_id, b.by_name, b.reason, b.created, b.expires,
	b.prevent_create, b.anonymous_only, b.autoblock, b.auto, b.parent
FROM block b LEFT JOIN account a ON a.id = b.account WHERE `

func scanBlock(row scanner) (auth.Block, error) {
	var b auth.Block
	var at span
	var created, expires int64
	err := row.Scan(&b.ID, &b.Account, &b.AccountName, &at.low, &at.high, &b.ByID, &b.By, &b.Reason, &created, &expires,
		&b.PreventCreate, &b.AnonymousOnly, &b.Autoblock, &b.Auto, &b.Parent)
	if err != nil {
		return auth.Block{}, err
	}
	b.Created, b.Expires = fromMicros(created), fromMicros(expires)
	b.Range, err = at.prefix()
	return b, err
}

// BlocksOn gives the blocks that hit c now, its account's (if any) before its address's (if valid), oldest first.
func (s *Store) BlocksOn(ctx context.Context, c auth.Creator) ([]auth.Block, error) {
	var out []auth.Block
	if !c.Anonymous() {
		st := new(statement).add(selectBlock, `b.account = `).addArg(int64(c.Account.ID))
		found, err := s.lookForBlocks(ctx, st)
		if err != nil {
			return nil, err
		}
		out = found
	}
	if !c.Addr.IsValid() {
		return out, nil
	}
	at := digits(c.Addr.Unmap())
	st := new(statement).add(selectBlock, `b.chunk IN (`).addArg(span{at, at}.chunk()).add(`, `).addArg(at[:1])
	st.add(`) AND b.low <= `)
	arg := st.arg(at)
	found, err := s.lookForBlocks(ctx, st.add(arg, ` AND b.high >= `, arg))
	if err != nil {
		return nil, err
	}
	return append(out, found...), nil
}

func (s *Store) lookForBlocks(ctx context.Context, st *statement) ([]auth.Block, error) {
	out, err := look(ctx, s, s.holding(st).add(oldestBlock), scanBlock)
	if err != nil {
		return nil, fmt.Errorf("read blocks: %w", err)
	}
	return out, nil
}

const oldestBlock = ` ORDER BY b.created, b.id`

// blocksNow gives what st selects of the blocks that hold now, oldest first.
func (s *Store) blocksNow(ctx context.Context, q Queries, st *statement) ([]auth.Block, error) {
	s.holding(st).add(oldestBlock)
	out, err := collect(ctx, q, st, scanBlock)
	if err != nil {
		return nil, fmt.Errorf("read blocks: %w", err)
	}
	return out, nil
}

func (s *Store) holding(st *statement) *statement {
	st.add(` AND (b.expires = 0 OR b.expires > `)
	return st.add(s.now(st), `)`)
}

// AddBlock stores b and gives it with its id, its account's name and, where Created is zero, the time. It does not ask
// whether the target is blocked already. auth.ErrNotFound: there is no such account.
func (s *Store) AddBlock(ctx context.Context, b auth.Block) (auth.Block, error) {
	at, err := BlockTarget{b.Account, b.Range}.span()
	if err != nil {
		return auth.Block{}, fmt.Errorf("add block: %w", err)
	}
	err = s.engine.Write(ctx, func(ctx context.Context, q Queries) error {
		if b.Account != 0 {
			row := q.QueryRowContext(ctx, `SELECT name FROM account WHERE id = $1`, int64(b.Account))
			if err := row.Scan(&b.AccountName); err != nil {
				return notFound(err)
			}
		}
		st := s.insertBlock(b, at)
		var created int64
		if err := q.QueryRowContext(ctx, st.String(), st.args...).Scan(&b.ID, &created); err != nil {
			return err
		}
		b.Created = fromMicros(created)
		return nil
	})
	if err != nil {
		return auth.Block{}, fmt.Errorf("add block: %w", err)
	}
	b.Range, err = at.prefix()
	return b, err
}

func (s *Store) insertBlock(b auth.Block, at span) *statement {
	var account, created any
	if b.Account != 0 {
		account = int64(b.Account)
	}
	if !b.Created.IsZero() {
		created = toMicros(b.Created)
	}
	st := new(statement).add(`
INSERT INTO block (account, chunk, low, high, by_id, by_name, reason, expires, prevent_create, anonymous_only, autoblock, auto, parent, created)
VALUES (`)
	list(st, []any{account, at.chunk(), at.low, at.high, int64(b.ByID), text(b.By), b.Reason, toMicros(b.Expires),
		b.PreventCreate, b.AnonymousOnly, b.Autoblock, b.Auto, b.Parent})
	st.add(`, coalesce(CAST(`).addArg(created).add(` AS BIGINT), `)
	return st.add(s.now(st), `)) RETURNING id, created`)
}

// RemoveBlocks removes all blocks on exactly this target and gives those of them that held; none is fine. What followed an
// account to its addresses goes with them.
func (s *Store) RemoveBlocks(ctx context.Context, t BlockTarget) ([]auth.Block, error) {
	at, err := t.span()
	if err != nil {
		return nil, fmt.Errorf("remove blocks: %w", err)
	}
	on := func(st *statement) *statement {
		if t.Account != 0 {
			return st.add(`account = `).addArg(int64(t.Account))
		}
		return st.add(`chunk = `).addArg(at.chunk()).add(` AND low = `).addArg(at.low).add(` AND high = `).addArg(at.high)
	}
	var removed []auth.Block
	err = s.engine.Write(ctx, func(ctx context.Context, q Queries) error {
		held, err := s.blocksNow(ctx, q, on(new(statement).add(selectBlock)))
		if err != nil {
			return err
		}
		removed = held
		if err := removeFollowers(ctx, q, held); err != nil {
			return err
		}
		st := on(new(statement).add(`DELETE FROM block WHERE `))
		_, err = q.ExecContext(ctx, st.String(), st.args...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("remove blocks: %w", err)
	}
	return removed, nil
}
