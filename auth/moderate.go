package auth

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"gatehouse/internal/message"
)

// ModerationStore keeps what some accounts do to others. Each of its changes is durable together with its log entry, or
// nothing happened.
type ModerationStore interface {
	// PlaceBlock stores a block and gives it as it is then, or ErrBlocked.
	PlaceBlock(ctx context.Context, o BlockOrder) (Block, error)
	// LiftBlocks ends blocks and what followed from them, and gives those that held; then alone the entry is written.
	LiftBlocks(ctx context.Context, ids []int64, e LogEntry) ([]Block, error)
	// FollowBlock stores an automatic block, unless its parent does not hold any more.
	FollowBlock(ctx context.Context, b Block) error
	// ListBlocks gives the blocks that q selects and that hold now.
	ListBlocks(ctx context.Context, q BlockQuery) ([]Block, error)
	// EditGroups changes groups and gives the account as it was and as it is then, or ErrNotFound. Without a change no entry
	// is written.
	EditGroups(ctx context.Context, g GroupEdit) (before, after Account, err error)
}

// ErrBlocked: the target is blocked already.
var ErrBlocked = errors.New("blocked already")

// BlockOrder is a block to be placed, with its log entry. Replace lets it take the place of one on the same target.
type BlockOrder struct {
	Block   Block
	Replace bool
	Log     LogEntry
}

// GroupEdit puts an account into groups and takes it out of others. The details of Log are the store's to fill in.
type GroupEdit struct {
	Account     AccountID
	Add, Remove []string
	// Ends says when memberships of Add end; a group that is not in it has no end, whatever it had.
	Ends map[string]time.Time
	Log  LogEntry
}

// The widest ranges that an account may block, in bits.
const (
	widestBlockIPv4 = 16
	widestBlockIPv6 = 19
)

// Block places o.Block, whose target, reason, end and effects are the caller's to say, in the name of c. Asked is the end in
// the caller's words, for the log.
func (m *Manager) Block(ctx context.Context, c Creator, o BlockOrder, asked string) (Block, Check, error) {
	b := o.Block
	check, err := m.mayModerate(ctx, c, b.Account)
	if err != nil || !check.OK() {
		return Block{}, check, err
	}
	if !b.Expires.IsZero() && !b.Expires.After(m.cfg.Clock()) {
		return Block{}, Refused(message.New(keyBlockPast)), nil
	}
	if check := blockableRange(b); !check.OK() {
		return Block{}, check, nil
	}
	b.By, b.ByID = c.Account.Name, c.Account.ID
	b.AnonymousOnly = b.AnonymousOnly && b.Account == 0
	b.Autoblock = b.Autoblock && b.Account != 0
	order := b.Order(asked)
	order.Replace = o.Replace
	placed, err := m.cfg.Moderation.PlaceBlock(ctx, order)
	if errors.Is(err, ErrBlocked) {
		return Block{}, Refused(message.New(keyAlreadyBlocked, message.Text(b.Target()))), nil
	}
	return placed, Good(), err
}

// blockableRange refuses ranges that are too wide for one hand to block.
func blockableRange(b Block) Check {
	widest := widestBlockIPv4
	if b.Range.Addr().Is6() {
		widest = widestBlockIPv6
	}
	if b.Account == 0 && b.Range.Bits() < widest {
		return Refused(message.New(keyRangeTooWide, message.Int(int64(widest))))
	}
	return Good()
}

// Order is the order to place b in the name of By. Asked is its end as it was asked for, for the log.
func (b Block) Order(asked string) BlockOrder {
	e := b.entry(Account{ID: b.ByID, Name: b.By}, LogBlockNew, b.Reason)
	e.Details = &LogDetails{Duration: asked, Expires: b.Expires, Flags: b.logFlags()}
	return BlockOrder{Block: b, Log: e}
}

// Lifting is the log's line about the end of b before its time, by the hand of performer.
func (b Block) Lifting(performer Account, reason string) LogEntry {
	return b.entry(performer, LogBlockLifted, reason)
}

func (b Block) entry(by Account, action, comment string) LogEntry {
	return LogEntry{
		Type: LogBlock, Action: action, PerformerID: by.ID, Performer: by.Name, Comment: comment,
		TargetID: b.Account, Target: Name(b.logTarget()),
	}
}

// logTarget names the target in the log. That of an automatic block is an address that nobody is to know.
func (b Block) logTarget() string {
	if b.Auto {
		return fmt.Sprintf("#%d", b.ID)
	}
	return b.Target()
}

func (b Block) logFlags() []string {
	var out []string
	if b.AnonymousOnly {
		out = append(out, "anononly")
	}
	if b.PreventCreate {
		out = append(out, "nocreate")
	}
	if b.Account != 0 && !b.Autoblock {
		out = append(out, "noautoblock")
	}
	return out
}

// Unblock lifts, in the name of c, the blocks of exactly one target: those with q.IDs, of the account q.Names or of
// q.Ranges. Asked is the target in the caller's words, for the refusal.
func (m *Manager) Unblock(ctx context.Context, c Creator, q BlockQuery, asked, reason string) (Block, Check, error) {
	if !m.Allows(c.Account, RightBlock) {
		return Block{}, Refused(mayNot(keyActionBlock)), nil
	}
	q.Limit, q.OldestFirst = 10, true
	found, err := m.cfg.Moderation.ListBlocks(ctx, q)
	if err != nil {
		return Block{}, Check{}, fmt.Errorf("look for blocks: %w", err)
	}
	if len(found) == 0 {
		check, err := m.notBlocked(ctx, q, asked)
		return Block{}, check, err
	}
	check, err := m.mayModerate(ctx, c, found[0].Account)
	if err != nil || !check.OK() {
		return Block{}, check, err
	}
	ids := make([]int64, len(found))
	for i, b := range found {
		ids[i] = b.ID
	}
	lifted, err := m.cfg.Moderation.LiftBlocks(ctx, ids, found[0].Lifting(c.Account, reason))
	if err != nil || len(lifted) == 0 {
		return Block{}, Refused(message.New(keyCannotUnblock, message.Text(asked))), err
	}
	return lifted[0], Good(), nil
}

// notBlocked tells of a range around the address, if that is what is blocked.
func (m *Manager) notBlocked(ctx context.Context, q BlockQuery, asked string) (Check, error) {
	if len(q.Ranges) == 1 {
		around, err := m.cfg.Moderation.ListBlocks(ctx, BlockQuery{Covering: q.Ranges[0], Limit: 1})
		if err != nil {
			return Check{}, fmt.Errorf("look for blocks: %w", err)
		}
		if len(around) == 1 {
			return Refused(message.New(keyBlockedAsRange, message.Text(asked), message.Text(around[0].Target()))), nil
		}
	}
	return Refused(message.New(keyCannotUnblock, message.Text(asked))), nil
}

// mayModerate tells whether c may block or unblock: with the right, and while blocked only whoever blocked them, and
// themselves with a right of its own or where it was they who did it. Target is 0 for an address.
func (m *Manager) mayModerate(ctx context.Context, c Creator, target AccountID) (Check, error) {
	if !m.Allows(c.Account, RightBlock) {
		return Refused(mayNot(keyActionBlock)), nil
	}
	blocks, err := m.cfg.Accounts.BlocksOn(ctx, c)
	if err != nil {
		return Check{}, fmt.Errorf("look up blocks: %w", err)
	}
	for _, b := range m.HittingBlocks(blocks, c) {
		own := b.ByID == c.Account.ID || m.Allows(c.Account, RightUnblockSelf)
		switch {
		case target == c.Account.ID && !own:
			return Refused(message.New(keyNoUnblockSelf)), nil
		case target != c.Account.ID && (target == 0 || target != b.ByID):
			return Refused(message.New(keyBlockerBlocked)), nil
		}
	}
	return Good(), nil
}

// HittingBlocks leaves of the blocks on c those that hit them in general: not those of addresses for who is exempt, nor of
// visitors for who is signed in. What creations are barred by is stricter.
func (m *Manager) HittingBlocks(blocks []Block, c Creator) []Block {
	exempt := m.Allows(c.Account, RightIPBlockExempt)
	var out []Block
	for _, b := range DistinctBlocks(blocks) {
		if b.Account == 0 && (exempt || b.AnonymousOnly && !c.Anonymous()) {
			continue
		}
		out = append(out, b)
	}
	return out
}

// DistinctBlocks leaves out automatic blocks that came from another of the blocks.
func DistinctBlocks(blocks []Block) []Block {
	ids := map[int64]bool{}
	for _, b := range blocks {
		ids[b.ID] = true
	}
	var out []Block
	for _, b := range blocks {
		if !b.Auto || b.Parent == 0 || !ids[b.Parent] {
			out = append(out, b)
		}
	}
	return out
}

func mayNot(action message.Key) Message {
	return message.New(keyPermissionDenied, message.Nested(message.New(action)))
}

// EditGroups changes the groups of an account in the name of c, as far as c may. It gives the account as it was and as it
// is then.
func (m *Manager) EditGroups(ctx context.Context, c Creator, target Account, g GroupEdit) (before, after Account, err error) {
	if !m.Allows(c.Account, RightUserRights) {
		return target, target, nil // the reference drops what the caller may not change, too
	}
	g.Account = target.ID
	g.Log = LogEntry{
		Type: LogRights, Action: LogRights, PerformerID: c.Account.ID, Performer: c.Account.Name, TargetID: target.ID,
		Target: target.Name, Comment: g.Log.Comment,
	}
	return m.cfg.Moderation.EditGroups(ctx, g)
}

// What an automatic block lasts, and how young it is where it is not written again.
const (
	autoblockFor   = 24 * time.Hour
	autoblockFresh = time.Hour
)

// follow makes the blocks of the account that c acts as follow it to the address it acts from, where they are meant to. It
// is called when a blocked account has done something, never when it only looks. Blocks are all that hit c.
func (m *Manager) follow(ctx context.Context, c Creator, blocks []Block) error {
	at := Network(c.Addr)
	if m.cfg.Moderation == nil || !at.IsValid() {
		return nil
	}
	now := m.cfg.Clock()
	for _, b := range blocks {
		if b.Account == 0 || b.Account != c.Account.ID || !b.Autoblock || followed(blocks, b.ID, at, now) {
			continue
		}
		ends := now.Add(autoblockFor)
		if !b.Expires.IsZero() && b.Expires.Before(ends) {
			ends = b.Expires
		}
		err := m.cfg.Moderation.FollowBlock(ctx, Block{
			Range: at, By: b.By, ByID: b.ByID, Reason: b.Reason, Expires: ends, PreventCreate: b.PreventCreate, Auto: true, Parent: b.ID,
		})
		if err != nil {
			return fmt.Errorf("follow a blocked account: %w", err)
		}
	}
	return nil
}

// followed reports whether the block was followed to the network a moment ago.
func followed(blocks []Block, id int64, at netip.Prefix, now time.Time) bool {
	for _, b := range blocks {
		if b.Auto && b.Parent == id && b.Range == at && now.Sub(b.Created) < autoblockFresh {
			return true
		}
	}
	return false
}
