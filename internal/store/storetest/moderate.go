package storetest

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/auth"
)

func blockEntry(target auth.Account, action string) auth.LogEntry {
	return auth.LogEntry{
		Type: auth.LogBlock, Action: action, PerformerID: 7, Performer: "Boss", TargetID: target.ID, Target: target.Name, Comment: "why",
		Details: &auth.LogDetails{Duration: "1 day", Flags: []string{"nocreate"}},
	}
}

// testModeration: a block is placed once, replaced under its id, lifted; each with its entry in the log.
func testModeration(t *testing.T, f *fixture) {
	ctx := t.Context()
	ann := f.make("Ann")
	order := auth.BlockOrder{
		Block: auth.Block{Account: ann.ID, By: "Boss", ByID: 7, Reason: "spam", PreventCreate: true, Autoblock: true},
		Log:   blockEntry(ann, auth.LogBlockNew),
	}
	placed, err := f.PlaceBlock(ctx, order)
	f.try("place", err)
	want := order.Block
	want.ID, want.AccountName, want.Created = placed.ID, "Ann", f.now
	f.want("placed", placed, want)
	_, err = f.PlaceBlock(ctx, order)
	f.refused("place again", err, auth.ErrBlocked)

	f.pass(time.Minute)
	order.Replace, order.Block.Reason, order.Block.Autoblock, order.Block.Expires = true, "worse", false, f.now.Add(time.Hour)
	placed, err = f.PlaceBlock(ctx, order)
	f.try("replace", err)
	want.Reason, want.Autoblock, want.Created, want.Expires = "worse", false, f.now, order.Block.Expires
	f.want("replaced", placed, want)

	lifted, err := f.LiftBlocks(ctx, []int64{placed.ID, 99}, blockEntry(ann, auth.LogBlockLifted))
	f.try("lift", err)
	f.want("lifted", lifted, []auth.Block{placed})
	lifted, err = f.LiftBlocks(ctx, []int64{placed.ID}, blockEntry(ann, auth.LogBlockLifted))
	f.try("lift again", err)
	f.want("lifted again", len(lifted), 0)

	order.Block.Account = 99
	_, err = f.PlaceBlock(ctx, order)
	f.refused("nobody", err, auth.ErrNotFound)

	entries, err := f.LogEntries(ctx, auth.LogQuery{Type: auth.LogBlock, OldestFirst: true, Limit: 10})
	f.try("log", err)
	var actions []string
	for _, e := range entries {
		actions = append(actions, e.Action)
		f.want("details", e.Details, blockEntry(ann, "").Details)
	}
	f.want("actions", actions, []string{"block", "reblock", "unblock"})
}

// testFollowers: automatic blocks hold until their own end, are one for each range, and go with what they came from.
func testFollowers(t *testing.T, f *fixture) {
	ctx := t.Context()
	ann := f.make("Ann")
	parent, err := f.PlaceBlock(ctx, auth.BlockOrder{
		Block: auth.Block{Account: ann.ID, By: "Boss", ByID: 7, Autoblock: true}, Log: blockEntry(ann, auth.LogBlockNew),
	})
	f.try("place", err)
	follow := func(at string, life time.Duration) {
		t.Helper()
		f.try("follow", f.FollowBlock(ctx, auth.Block{
			Range: netip.MustParsePrefix(at), By: "Boss", ByID: 7, Expires: f.now.Add(life), Auto: true, Parent: parent.ID,
		}))
	}
	count := func(about, at string, want int) {
		t.Helper()
		got, err := f.BlocksOn(ctx, auth.Creator{Addr: addr(at)})
		f.try(about, err)
		if len(got) != want {
			t.Errorf("%s: %d blocks, not %d: %v", about, len(got), want, got)
		}
	}
	follow("192.0.2.1/32", time.Hour)
	follow("2001:db8::/64", 2*time.Hour)
	count("followed", "192.0.2.1", 1)
	f.pass(30 * time.Minute)
	follow("192.0.2.1/32", time.Hour)
	count("followed twice", "192.0.2.1", 1)
	f.pass(45 * time.Minute)
	count("the second hour", "192.0.2.1", 1)
	f.pass(15 * time.Minute)
	count("its end", "192.0.2.1", 0)
	count("in the /64", "2001:db8::ffff", 1)

	listed, err := f.ListBlocks(ctx, auth.BlockQuery{Covering: netip.MustParsePrefix("2001:db8::1/128"), Limit: 10})
	f.try("list", err)
	f.want("found by its address", len(listed), 0)

	_, err = f.LiftBlocks(ctx, []int64{parent.ID}, blockEntry(ann, auth.LogBlockLifted))
	f.try("lift", err)
	count("after its parent", "2001:db8::ffff", 0)
	follow("192.0.2.9/32", time.Hour)
	count("of a parent that is gone", "192.0.2.9", 0)
}

// testBlockAtOnce: of several who block one target at the same time one does.
func testBlockAtOnce(t *testing.T, f *fixture) {
	ann := f.make("Ann")
	f.blockAtOnce(auth.Block{Account: ann.ID, By: "Boss"})
	for _, at := range []string{"192.0.2.1/32", "2001:db8::/32"} {
		f.blockAtOnce(auth.Block{Range: netip.MustParsePrefix(at), By: "Boss"})
	}
	held, err := f.ListBlocks(t.Context(), auth.BlockQuery{Limit: 50})
	f.try("list", err)
	f.want("blocks", len(held), 3)
}

func (f *fixture) blockAtOnce(b auth.Block) {
	f.Helper()
	var placed atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			_, err := f.PlaceBlock(f.Context(), auth.BlockOrder{Block: b, Log: auth.LogEntry{Type: auth.LogBlock, Action: auth.LogBlockNew, Target: auth.Name(b.Target())}})
			if err == nil {
				placed.Add(1)
			}
		})
	}
	all.Wait()
	if placed.Load() != 1 {
		f.Errorf("%d blocks were placed", placed.Load())
	}
}

// testMembershipEnds: a membership that has ended is none, in accounts, in lists and in counts, and can be begun anew.
func testMembershipEnds(t *testing.T, f *fixture) {
	ctx := t.Context()
	ann := f.make("Ann")
	end := f.now.Add(time.Hour).Truncate(time.Second)
	edit := auth.GroupEdit{
		Account: ann.ID, Add: []string{"bot", "sysop"}, Ends: map[string]time.Time{"bot": end},
		Log: auth.LogEntry{Type: auth.LogRights, Action: auth.LogRights, TargetID: ann.ID, Target: "Ann"},
	}
	for range 2 { // the second time nothing changes
		_, after, err := f.EditGroups(ctx, edit)
		f.try("add", err)
		f.want("added", []any{after.Groups, after.GroupEnds}, []any{[]string{"bot", "sysop"}, edit.Ends})
	}
	f.want("bots before the end", f.members("bot"), []any{1, 1, 0})
	f.pass(time.Hour)
	f.want("bots after the end", f.members("bot"), []any{0, 0, 1})
	a, err := f.AccountByID(ctx, ann.ID)
	f.try("read", err)
	f.want("groups after the end", []any{a.Groups, len(a.GroupEnds)}, []any{[]string{"sysop"}, 0})

	edit.Add, edit.Ends["bot"] = []string{"bot"}, f.now.Add(time.Minute)
	_, _, err = f.EditGroups(ctx, edit)
	f.try("add again", err)
	edit.Ends = nil
	before, after, err := f.EditGroups(ctx, edit)
	f.try("for ever", err)
	f.want("for ever", []int{len(before.GroupEnds), len(after.GroupEnds)}, []int{1, 0})
	entries, err := f.LogEntries(ctx, auth.LogQuery{Type: auth.LogRights, Limit: 9})
	f.try("log", err)
	f.want("entries", len(entries), 3)
	f.want("the first", entries[2].Details.NewEnds["bot"].Equal(end), true)
	f.pass(time.Hour)
	f.try("purge", f.Purge(ctx))
	f.want("bots for ever", f.members("bot"), []any{1, 1, 0})
}

// members tells how many are in a group by count, by list, and by a list of those who are not.
func (f *fixture) members(group string) []any {
	f.Helper()
	n, _, err := f.GroupSize(f.Context(), group)
	f.try("count", err)
	in, err := f.Accounts(f.Context(), auth.AccountQuery{Groups: []string{group}, Limit: 9})
	f.try("list", err)
	out, err := f.Accounts(f.Context(), auth.AccountQuery{NotGroups: []string{group}, Limit: 9})
	f.try("list", err)
	return []any{n, len(in), len(out)}
}

func testEditGroups(t *testing.T, f *fixture) {
	ctx := t.Context()
	ann := f.make("Ann")
	edit := auth.GroupEdit{Account: ann.ID, Add: []string{"bot", "sysop"}, Log: auth.LogEntry{Type: auth.LogRights, Action: auth.LogRights, TargetID: ann.ID, Target: "Ann"}}
	for range 2 { // the second time nothing changes
		_, after, err := f.EditGroups(ctx, edit)
		f.try("add", err)
		f.want("added", after.Groups, []string{"bot", "sysop"})
	}
	edit.Add, edit.Remove = nil, []string{"bot", "other"}
	before, after, err := f.EditGroups(ctx, edit)
	f.try("remove", err)
	f.want("before", before.Groups, []string{"bot", "sysop"})
	f.want("after", after.Groups, []string{"sysop"})
	edit.Account = 99
	_, _, err = f.EditGroups(ctx, edit)
	f.refused("nobody", err, auth.ErrNotFound)
	entries, err := f.LogEntries(ctx, auth.LogQuery{Type: auth.LogRights, Limit: 10})
	f.try("log", err)
	if len(entries) != 2 {
		t.Fatalf("the log has %v", entries)
	}
	f.want("details", entries[0].Details, &auth.LogDetails{OldGroups: []string{"bot", "sysop"}, NewGroups: []string{"sysop"}})
}
