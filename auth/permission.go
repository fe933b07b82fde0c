package auth

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"gatehouse/internal/message"
)

// MayCreate tells, before anything is filled in, whether creations by c are refused whatever they say: because none can
// be made, the site is read-only, or c lacks the right or is blocked. Pages ask it before they show a form.
func (m *Manager) MayCreate(ctx context.Context, c Creator) (Check, error) {
	if !m.canCreate {
		return Refused(message.New(keyCreateDisabled)), nil
	}
	if why := m.cfg.ReadOnly; why != "" {
		return Refused(message.New(keyReadOnly, message.Text(why))), nil
	}
	return m.mayCreate(ctx, c)
}

// mayCreate tells whether the creator has the right and is not blocked from creating accounts. It writes nothing.
func (m *Manager) mayCreate(ctx context.Context, c Creator) (Check, error) {
	check, _, err := m.creatorCheck(ctx, c)
	return check, err
}

// creatorCheck is mayCreate, and gives all blocks that hit the creator.
func (m *Manager) creatorCheck(ctx context.Context, c Creator) (Check, []Block, error) {
	if !m.Allows(c.Account, RightCreateAccount) {
		return Refused(m.missingRight(RightCreateAccount)), nil, nil
	}
	blocks, err := m.cfg.Accounts.BlocksOn(ctx, c)
	if err != nil {
		return Check{}, nil, fmt.Errorf("look up blocks: %w", err)
	}
	exempt := m.Allows(c.Account, RightIPBlockExempt)
	barring := slices.DeleteFunc(DistinctBlocks(blocks), func(b Block) bool {
		return !b.PreventCreate || (b.Account == 0 && exempt)
	})
	if len(barring) == 0 {
		return Good(), blocks, nil
	}
	return Refused(blockMessage(barring, c)), blocks, nil
}

// missingRight names the groups that have the right.
func (m *Manager) missingRight(r Right) Message {
	groups := m.cfg.Groups.GroupsWith(r)
	if len(groups) == 0 {
		return message.New(keyBadAccessNobody)
	}
	links := make([]message.Param, len(groups))
	for i, g := range groups {
		links[i] = message.Text(m.cfg.Groups.link(g))
	}
	return message.New(keyBadAccessGroups, message.List(message.ListComma, links...), message.Int(int64(len(groups))))
}

// blockMessage gives the reference's eight parameters: blocker as a link, reason, the caller's address, blocker, block
// id, expiry, target, start.
func blockMessage(blocks []Block, c Creator) Message {
	b := blocks[0]
	key := keyBlocked
	if b.Auto {
		key = keyAutoblocked
	}
	blocker := isolate(string(b.By))
	id := message.Int(b.ID)
	if len(blocks) > 1 {
		key = keyBlockedComposite
		id = message.List(message.ListComma, blockIDs(blocks)...)
	}
	return message.New(key,
		message.Text("[[User:"+string(b.By)+"|"+blocker+"]]"), blockReason(b), message.Text(c.Addr.String()),
		message.Text(blocker), id, blockTime(lastEnd(blocks)), message.Text(blockTarget(b)), blockTime(firstStart(blocks)))
}

// lastEnd is when the last of several blocks ends; zero if one never does.
func lastEnd(blocks []Block) time.Time {
	end := blocks[0].Expires
	for _, b := range blocks[1:] {
		if end.IsZero() || b.Expires.IsZero() {
			return time.Time{}
		}
		if b.Expires.After(end) {
			end = b.Expires
		}
	}
	return end
}

func firstStart(blocks []Block) time.Time {
	start := blocks[0].Created
	for _, b := range blocks[1:] {
		if b.Created.Before(start) {
			start = b.Created
		}
	}
	return start
}

func blockReason(b Block) message.Param {
	if b.Reason == "" {
		return message.Nested(message.New(keyBlockNoReason))
	}
	return message.Text(b.Reason)
}

func blockIDs(blocks []Block) []message.Param {
	out := make([]message.Param, len(blocks))
	for i, b := range blocks {
		out[i] = message.Text("#" + strconv.FormatInt(b.ID, 10))
	}
	return out
}

func blockTarget(b Block) string {
	if b.Account != 0 {
		return isolate(b.Target())
	}
	return b.Target()
}

func blockTime(t time.Time) message.Param {
	if t.IsZero() {
		return message.Text("infinite")
	}
	return message.Time(t)
}

// isolate keeps a name's writing direction from reaching its neighbours: U+202A … U+202C, as the wire has it.
func isolate(name string) string { return "\u202a" + name + "\u202c" }

// Refusal is what people are told: the limit as it is told, and the true remaining wait.
func (e *LimitError) Refusal() Message {
	told := e.Counter.Count
	if told == 0 {
		told = e.Counter.Limit
	}
	return message.New(message.Key(e.Counter.Refusal), message.Int(told), message.Duration(e.Wait))
}
