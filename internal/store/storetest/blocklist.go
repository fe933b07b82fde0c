package storetest

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"gatehouse/auth"
)

// testBlockList: every filter, alone and together.
func testBlockList(t *testing.T, f *fixture) {
	ctx := t.Context()
	ann, ben := f.make("Ann"), f.make("Ben")
	start := f.now
	add := func(b auth.Block) {
		_, err := f.AddBlock(ctx, b)
		f.try("add", err)
		f.pass(time.Minute)
	}
	add(auth.Block{Account: ann.ID, By: "Boss"})                                       // 1
	add(rangeBlock("192.0.2.7/32"))                                                    // 2
	add(rangeBlock("192.0.2.0/24"))                                                    // 3
	add(rangeBlock("2001:db8::/32"))                                                   // 4
	add(auth.Block{Account: ben.ID, By: "Boss", Expires: start.Add(time.Hour)})        // 5
	add(auth.Block{Account: ben.ID, By: "Boss", Expires: f.now.Add(30 * time.Second)}) // 6, which has ended by now
	add(auth.Block{Account: ann.ID, By: "Boss", Created: start.Add(90 * time.Second)}) // 7, older than its id
	at := func(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }
	prefix := netip.MustParsePrefix
	for name, c := range map[string]struct {
		q    auth.BlockQuery
		want []int64
	}{
		"all":               {auth.BlockQuery{}, []int64{5, 4, 3, 7, 2, 1}},
		"oldest first":      {auth.BlockQuery{OldestFirst: true}, []int64{1, 2, 7, 3, 4, 5}},
		"limit":             {auth.BlockQuery{Limit: 2}, []int64{5, 4}},
		"ids":               {auth.BlockQuery{IDs: []int64{6, 2, 5, 99, 2}}, []int64{5, 2}},
		"names":             {auth.BlockQuery{Names: []auth.Name{"Ann", "Nobody"}}, []int64{7, 1}},
		"nobody":            {auth.BlockQuery{Names: []auth.Name{"Nobody"}}, nil},
		"ranges":            {auth.BlockQuery{Ranges: []netip.Prefix{prefix("192.0.2.0/24"), prefix("2001:db8::1/128")}}, []int64{3}},
		"names and ranges":  {auth.BlockQuery{Names: []auth.Name{"Ben"}, Ranges: []netip.Prefix{prefix("192.0.2.7/32")}}, []int64{5, 2}},
		"covering one":      {auth.BlockQuery{Covering: prefix("192.0.2.7/32")}, []int64{3, 2}},
		"covering part":     {auth.BlockQuery{Covering: prefix("192.0.2.0/25")}, []int64{3}},
		"covering all":      {auth.BlockQuery{Covering: prefix("192.0.0.0/16")}, nil},
		"covering IPv6":     {auth.BlockQuery{Covering: prefix("2001:db8:1::/48")}, []int64{4}},
		"accounts":          {auth.BlockQuery{Is: []auth.BlockTrait{auth.BlockOfAccount}}, []int64{5, 7, 1}},
		"no accounts":       {auth.BlockQuery{IsNot: []auth.BlockTrait{auth.BlockOfAccount}}, []int64{4, 3, 2}},
		"addresses":         {auth.BlockQuery{Is: []auth.BlockTrait{auth.BlockOfAddress}}, []int64{2}},
		"no addresses":      {auth.BlockQuery{IsNot: []auth.BlockTrait{auth.BlockOfAddress}}, []int64{5, 4, 3, 7, 1}},
		"several addresses": {auth.BlockQuery{Is: []auth.BlockTrait{auth.BlockOfRange}}, []int64{4, 3}},
		"with an end":       {auth.BlockQuery{Is: []auth.BlockTrait{auth.BlockWithEnd}}, []int64{5}},
		"for ever, ranges":  {auth.BlockQuery{Is: []auth.BlockTrait{auth.BlockOfRange}, IsNot: []auth.BlockTrait{auth.BlockWithEnd}}, []int64{4, 3}},
		"unheard of":        {auth.BlockQuery{Is: []auth.BlockTrait{"x"}}, nil},
		"from":              {auth.BlockQuery{From: at(3)}, []int64{5, 4}},
		"to":                {auth.BlockQuery{To: at(1)}, []int64{2, 1}},
		"from to":           {auth.BlockQuery{From: at(1), To: at(2), OldestFirst: true}, []int64{2, 7, 3}},
		"everything": {auth.BlockQuery{IDs: []int64{5, 1}, Names: []auth.Name{"Ben"}, From: start, To: at(60),
			Is: []auth.BlockTrait{auth.BlockOfAccount, auth.BlockWithEnd}}, []int64{5}},
	} {
		if c.q.Limit == 0 {
			c.q.Limit = 100
		}
		got, err := f.ListBlocks(ctx, c.q)
		f.try(name, err)
		f.want(name, blockIDs(got), append([]int64{}, c.want...))
	}
}

// testBlockPaging: pages put together give the whole, whatever the page size, though many blocks have one time.
func testBlockPaging(t *testing.T, f *fixture) {
	ctx := t.Context()
	var want []int64
	for i := range 11 {
		if i%4 == 3 {
			f.pass(300 * time.Millisecond)
		}
		b := rangeBlock("192.0.2.0/24")
		if i == 6 {
			b.Created = f.now.Add(-time.Hour)
		}
		b, err := f.AddBlock(ctx, b)
		f.try("add", err)
		if i == 6 {
			want = slices.Insert(want, 0, b.ID)
		} else {
			want = append(want, b.ID)
		}
	}
	for _, oldestFirst := range []bool{true, false} {
		for size := 1; size <= 12; size++ {
			f.want("pages", f.blockPages(auth.BlockQuery{OldestFirst: oldestFirst, Limit: size + 1}), want)
		}
		slices.Reverse(want)
	}
}

// blockPages reads one block more than a page has: that is where the next page begins.
func (f *fixture) blockPages(q auth.BlockQuery) []int64 {
	var ids []int64
	for {
		page, err := f.ListBlocks(f.Context(), q)
		f.try("page", err)
		if len(page) < q.Limit {
			return append(ids, blockIDs(page)...)
		}
		last := len(page) - 1
		ids = append(ids, blockIDs(page[:last])...)
		q.At = page[last].Position()
	}
}

func blockIDs(bs []auth.Block) []int64 {
	out := []int64{}
	for _, b := range bs {
		out = append(out, b.ID)
	}
	return out
}
