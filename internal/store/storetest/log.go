package storetest

import (
	"slices"
	"testing"
	"time"

	"gatehouse/auth"
)

// testLog: every filter, alone and together, on a log with several kinds of entry.
func testLog(t *testing.T, f *fixture) {
	ctx := t.Context()
	start := f.now.Truncate(time.Second)
	ann := f.make("Ann") // 1
	f.pass(time.Minute)
	d := draft("Ben") // 2
	d.Log = auth.LogEntry{Type: auth.LogNewUsers, Action: auth.LogCreate2, PerformerID: ann.ID, Performer: "Ann", Target: "Ben"}
	_, err := f.CreateAccount(ctx, d)
	f.try("create", err)
	f.pass(time.Minute)
	f.make("Änne") // 3
	f.pass(time.Minute)
	blocked, err := f.WriteLog(ctx, auth.LogEntry{Type: "block", Action: "block", PerformerID: ann.ID, Performer: "Ann",
		Target: "192.0.2.0/24", Comment: "why"}) // 4
	f.try("write", err)
	f.want("written", []any{blocked.ID, blocked.Time}, []any{4, start.Add(3 * time.Minute)})
	_, err = f.WriteLog(ctx, auth.LogEntry{Type: "block", Action: "unblock", Performer: "gatehouse", Target: "Ann", TargetID: ann.ID,
		Time: start.Add(10*time.Minute + 900*time.Millisecond)}) // 5
	f.try("write", err)

	at := func(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }
	for name, c := range map[string]struct {
		q    auth.LogQuery
		want []int64
	}{
		"all":               {auth.LogQuery{}, []int64{5, 4, 3, 2, 1}},
		"oldest first":      {auth.LogQuery{OldestFirst: true}, []int64{1, 2, 3, 4, 5}},
		"limit":             {auth.LogQuery{Limit: 2}, []int64{5, 4}},
		"type newusers":     {auth.LogQuery{Type: auth.LogNewUsers}, []int64{3, 2, 1}},
		"type block":        {auth.LogQuery{Type: "block"}, []int64{5, 4}},
		"type unknown":      {auth.LogQuery{Type: "x"}, nil},
		"action create":     {auth.LogQuery{Type: auth.LogNewUsers, Action: auth.LogCreate}, []int64{3, 1}},
		"action create2":    {auth.LogQuery{Type: auth.LogNewUsers, Action: auth.LogCreate2}, []int64{2}},
		"action alone":      {auth.LogQuery{Action: "unblock"}, []int64{5}},
		"performer":         {auth.LogQuery{Performer: "Ann"}, []int64{4, 2, 1}},
		"performer, type":   {auth.LogQuery{Performer: "Ann", Type: auth.LogNewUsers}, []int64{2, 1}},
		"performer no one":  {auth.LogQuery{Performer: "Nobody"}, nil},
		"performer outside": {auth.LogQuery{Performer: "gatehouse"}, []int64{5}},
		"target":            {auth.LogQuery{Target: "Ann"}, []int64{5, 1}},
		"target range":      {auth.LogQuery{Target: "192.0.2.0/24"}, []int64{4}},
		"target no one":     {auth.LogQuery{Target: "Nobody"}, nil},
		"prefix":            {auth.LogQuery{TargetPrefix: "A"}, []int64{5, 1}},
		"prefix Ä":          {auth.LogQuery{TargetPrefix: "Ä"}, []int64{3}},
		"prefix none":       {auth.LogQuery{TargetPrefix: "ann"}, nil},
		"from":              {auth.LogQuery{From: at(2)}, []int64{5, 4, 3}},
		"to":                {auth.LogQuery{To: at(2)}, []int64{3, 2, 1}},
		"from to":           {auth.LogQuery{From: at(1), To: at(2), OldestFirst: true}, []int64{2, 3}},
		"from after to":     {auth.LogQuery{From: at(2), To: at(1)}, nil},
		"everything": {auth.LogQuery{Type: auth.LogNewUsers, Action: auth.LogCreate2, Performer: "Ann", Target: "Ben",
			TargetPrefix: "B", From: start, To: at(60)}, []int64{2}},
	} {
		if c.q.Limit == 0 {
			c.q.Limit = 100
		}
		got, err := f.LogEntries(ctx, c.q)
		f.try(name, err)
		f.want(name, entryIDs(got), append([]int64{}, c.want...))
	}
}

// testLogPaging: pages put together give the whole, whatever the page size, though many entries have one time.
func testLogPaging(t *testing.T, f *fixture) {
	ctx := t.Context()
	var want []int64
	for i := range 23 {
		if i%5 == 4 {
			f.pass(300 * time.Millisecond)
		}
		at := time.Time{}
		if i == 11 {
			at = f.now.Add(-time.Hour) // an entry that is older than its id
		}
		e, err := f.WriteLog(ctx, auth.LogEntry{Type: auth.LogNewUsers, Action: auth.LogCreate, Performer: "Ann", Target: "Ann", Time: at})
		f.try("write", err)
		if i != 11 {
			want = append(want, e.ID)
		} else {
			want = slices.Insert(want, 0, e.ID)
		}
	}
	for _, oldestFirst := range []bool{true, false} {
		for size := 1; size <= 24; size++ {
			q := auth.LogQuery{Type: auth.LogNewUsers, OldestFirst: oldestFirst, Limit: size}
			f.want("pages", f.pages(q), want)
		}
		slices.Reverse(want)
	}
}

func (f *fixture) pages(q auth.LogQuery) []int64 {
	var ids []int64
	for {
		page, err := f.LogEntries(f.Context(), q)
		f.try("page", err)
		ids = append(ids, entryIDs(page)...)
		if len(page) < q.Limit {
			return ids
		}
		last := page[len(page)-1]
		q.After = auth.LogPosition{Time: last.Time, ID: last.ID}
	}
}

func entryIDs(es []auth.LogEntry) []int64 {
	out := []int64{}
	for _, e := range es {
		out = append(out, e.ID)
	}
	return out
}
