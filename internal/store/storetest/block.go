package storetest

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/store/sqlstore"
)

func rangeBlock(prefix string) auth.Block {
	return auth.Block{Range: netip.MustParsePrefix(prefix), By: "Boss", ByID: 7, Reason: prefix, PreventCreate: true}
}

func testBlocks(t *testing.T, f *fixture) {
	ctx := t.Context()
	ann, ben := f.make("Ann"), f.make("Ben")
	onRange := rangeBlock("192.0.2.0/24")
	onRange.AnonymousOnly, onRange.Auto, onRange.Expires = true, true, f.now.Add(time.Hour)
	onAccount := auth.Block{Account: ann.ID, By: "Boss", Reason: "spam", Created: f.now.Add(time.Minute)}
	for _, b := range []*auth.Block{&onRange, &onAccount} {
		stored, err := f.AddBlock(ctx, *b)
		f.try("add", err)
		if b.Created.IsZero() {
			b.Created = f.now
		}
		b.ID = stored.ID
		if b.Account != 0 {
			b.AccountName = "Ann"
		}
		f.want("added", stored, *b)
	}
	at := addr("192.0.2.200")
	for name, c := range map[string]struct {
		who  auth.Creator
		want []auth.Block
	}{
		"anonymous there":     {auth.Creator{Addr: at}, []auth.Block{onRange}},
		"anonymous elsewhere": {auth.Creator{Addr: addr("192.0.3.1")}, nil},
		"Ann there":           {auth.Creator{Account: ann, Addr: at}, []auth.Block{onAccount, onRange}},
		"Ann without address": {auth.Creator{Account: ann}, []auth.Block{onAccount}},
		"Ben there":           {auth.Creator{Account: ben, Addr: at}, []auth.Block{onRange}},
		"wrapped":             {auth.Creator{Addr: addr("::ffff:192.0.2.1")}, []auth.Block{onRange}},
		"nobody nowhere":      {auth.Creator{}, nil},
	} {
		got, err := f.BlocksOn(ctx, c.who)
		f.try(name, err)
		f.want(name, got, append([]auth.Block{}, c.want...))
	}

	on, err := f.BlocksOnAccounts(ctx, []auth.AccountID{ben.ID, ann.ID, 99})
	f.try("of accounts", err)
	f.want("of accounts", on, []auth.Block{onAccount})
	on, err = f.BlocksOnAccounts(ctx, nil)
	f.try("of no accounts", err)
	f.want("of no accounts", len(on), 0)

	f.pass(time.Hour)
	got, err := f.BlocksOn(ctx, auth.Creator{Account: ann, Addr: at})
	f.try("expired", err)
	f.want("expired", got, []auth.Block{onAccount})

	removed, err := f.RemoveBlocks(ctx, sqlstore.BlockTarget{Account: ann.ID})
	f.try("remove", err)
	f.want("removed", removed, []auth.Block{onAccount})
	removed, err = f.RemoveBlocks(ctx, sqlstore.BlockTarget{Account: ann.ID})
	f.try("remove again", err)
	f.want("removed again", len(removed), 0)

	_, err = f.AddBlock(ctx, auth.Block{Account: 99})
	f.refused("nobody", err, auth.ErrNotFound)
	if _, err := f.AddBlock(ctx, auth.Block{}); err == nil {
		t.Error("a block without target was stored")
	}
}

// testBlockRanges: which of many ranges hit an address, with the edges of each.
func testBlockRanges(t *testing.T, f *fixture) {
	ctx := t.Context()
	for _, p := range []string{
		"0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.3/32", "10.1.2.4/31", "10.128.0.0/9",
		"::/0", "2001:db8::/32", "2001:db8::/31", "2001:db8:1::/48", "2001:db8:1:2::/64", "2001:db8:1:2::5/128", "2001:db8:1:2::5/128",
	} {
		_, err := f.AddBlock(ctx, rangeBlock(p))
		f.try(p, err)
	}
	for at, want := range map[string][]string{
		"10.1.2.3":            {"0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.3/32"},
		"10.1.2.2":            {"0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24"},
		"10.1.2.5":            {"0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.4/31"},
		"10.1.2.6":            {"0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24"},
		"10.1.3.0":            {"0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16"},
		"10.0.255.255":        {"0.0.0.0/0", "10.0.0.0/8"},
		"10.2.0.0":            {"0.0.0.0/0", "10.0.0.0/8"},
		"10.128.0.0":          {"0.0.0.0/0", "10.0.0.0/8", "10.128.0.0/9"},
		"10.255.255.255":      {"0.0.0.0/0", "10.0.0.0/8", "10.128.0.0/9"},
		"9.255.255.255":       {"0.0.0.0/0"},
		"11.0.0.0":            {"0.0.0.0/0"},
		"255.255.255.255":     {"0.0.0.0/0"},
		"2001:db8:1:2::5":     {"::/0", "2001:db8::/32", "2001:db8::/31", "2001:db8:1::/48", "2001:db8:1:2::/64", "2001:db8:1:2::5/128", "2001:db8:1:2::5/128"},
		"2001:db8:1:2::6":     {"::/0", "2001:db8::/32", "2001:db8::/31", "2001:db8:1::/48", "2001:db8:1:2::/64"},
		"2001:db8:1:3::":      {"::/0", "2001:db8::/32", "2001:db8::/31", "2001:db8:1::/48"},
		"2001:db8:2::":        {"::/0", "2001:db8::/32", "2001:db8::/31"},
		"2001:db9::1":         {"::/0", "2001:db8::/31"},
		"2001:dba::1":         {"::/0"},
		"::a01:203":           {"::/0"},
		"fe80::1%eth0":        {"::/0"},
		"2001:db8:1:2::5%eth": {"::/0", "2001:db8::/32", "2001:db8::/31", "2001:db8:1::/48", "2001:db8:1:2::/64", "2001:db8:1:2::5/128", "2001:db8:1:2::5/128"},
	} {
		got, err := f.BlocksOn(ctx, auth.Creator{Addr: addr(at)})
		f.try(at, err)
		hit := []string{}
		for _, b := range got {
			hit = append(hit, b.Range.String())
		}
		f.want(at, hit, want)
	}

	// Only the very target is taken away, however it is written.
	for target, want := range map[string]int{
		"10.1.2.9/24": 1, "2001:db8:1:2::5/128": 2, "::ffff:10.1.2.3/128": 1, "10.0.0.0/7": 0,
	} {
		removed, err := f.RemoveBlocks(ctx, sqlstore.BlockTarget{Range: netip.MustParsePrefix(target)})
		f.try(target, err)
		if n := len(removed); n != want {
			t.Errorf("%s took %d blocks away, not %d", target, n, want)
		}
	}
	left, err := f.ListBlocks(ctx, auth.BlockQuery{Limit: 100})
	f.try("list", err)
	f.want("left", fmt.Sprint(len(left)), "10")
}
