package gatehouse

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"gatehouse/auth"
)

// Grant puts an account into a group for good. It gives the account as it is then and reports whether anything changed.
func (o *Operator) Grant(ctx context.Context, name, group string) (auth.Account, bool, error) {
	return o.GrantFor(ctx, name, group, 0)
}

// GrantFor is Grant for a length of time; 0 = for good.
func (o *Operator) GrantFor(ctx context.Context, name, group string, life time.Duration) (auth.Account, bool, error) {
	if err := o.knownGroups([]string{group}); err != nil {
		return auth.Account{}, false, err
	}
	edit := auth.GroupEdit{Add: []string{group}}
	if life > 0 {
		edit.Ends = map[string]time.Time{group: o.clock().Add(life).Truncate(time.Second)}
	}
	return o.editGroups(ctx, name, edit)
}

// Revoke takes an account out of a group, which need not be configured any more. It gives the account as it is then and
// reports whether anything changed.
func (o *Operator) Revoke(ctx context.Context, name, group string) (auth.Account, bool, error) {
	return o.editGroups(ctx, name, auth.GroupEdit{Remove: []string{group}})
}

// editGroups changes groups with an entry in the log of rights.
func (o *Operator) editGroups(ctx context.Context, name string, g auth.GroupEdit) (auth.Account, bool, error) {
	a, err := o.account(ctx, name)
	if err != nil {
		return auth.Account{}, false, err
	}
	g.Account = a.ID
	g.Log = auth.LogEntry{Type: auth.LogRights, Action: auth.LogRights, Performer: operatorName, TargetID: a.ID, Target: a.Name}
	before, after, err := o.store.EditGroups(ctx, g)
	return after, !before.SameGroups(after), err
}

// BlockOptions say what a block does.
type BlockOptions struct {
	Reason string
	// Expiry is how long it holds; 0 = until somebody lifts it.
	Expiry        time.Duration
	PreventCreate bool
	AnonymousOnly bool
	// Autoblock lets the block of an account follow it to the addresses it acts from.
	Autoblock bool
}

// Block blocks a name, an address or a range, with an entry in the log of blocks. It takes the place of a block that the
// target has.
func (o *Operator) Block(ctx context.Context, target string, b BlockOptions) (auth.Block, error) {
	t, err := o.target(ctx, target)
	if err != nil {
		return auth.Block{}, err
	}
	block := auth.Block{
		Account: t.account.ID, AccountName: t.account.Name, Range: t.network, By: operatorName, Reason: b.Reason,
		PreventCreate: b.PreventCreate, AnonymousOnly: b.AnonymousOnly && t.account.ID == 0, Autoblock: b.Autoblock && t.account.ID != 0,
	}
	asked := "infinity"
	if b.Expiry > 0 {
		block.Expires, asked = o.clock().Add(b.Expiry), b.Expiry.String()
	}
	order := block.Order(asked)
	order.Replace = true
	return o.store.PlaceBlock(ctx, order)
}

// mostBlocks is how many blocks one target can have: one that somebody placed, and those that followed accounts to it.
const mostBlocks = 1000

// Unblock lifts every block on exactly this target, with an entry in the log of blocks, and gives their number.
func (o *Operator) Unblock(ctx context.Context, target string) (int, error) {
	t, err := o.target(ctx, target)
	if err != nil {
		return 0, err
	}
	q := auth.BlockQuery{Names: []auth.Name{t.account.Name}, OldestFirst: true, Limit: mostBlocks}
	if t.account.ID == 0 {
		q.Names, q.Ranges = nil, []netip.Prefix{t.network}
	}
	held, err := o.store.ListBlocks(ctx, q)
	if err != nil || len(held) == 0 {
		return 0, err
	}
	ids := make([]int64, len(held))
	for i, b := range held {
		ids[i] = b.ID
	}
	lifted, err := o.store.LiftBlocks(ctx, ids, held[0].Lifting(auth.Account{Name: operatorName}, ""))
	return len(lifted), err
}

// blockTarget is an account or a range.
type blockTarget struct {
	account auth.Account
	network netip.Prefix
}

func (o *Operator) target(ctx context.Context, raw string) (blockTarget, error) {
	if addr, err := netip.ParseAddr(raw); err == nil {
		addr = addr.Unmap().WithZone("")
		return blockTarget{network: netip.PrefixFrom(addr, addr.BitLen())}, nil
	}
	if network, err := netip.ParsePrefix(raw); err == nil {
		if network.Addr().Is4In6() {
			return blockTarget{}, fmt.Errorf("%w: write %s as an IPv4 range", ErrBadTarget, raw)
		}
		return blockTarget{network: network.Masked()}, nil
	}
	a, err := o.account(ctx, raw)
	return blockTarget{account: a}, err
}
