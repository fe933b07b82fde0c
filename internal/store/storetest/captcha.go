package storetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// testMarks: a mark is set once, by one of all who try at once, and forgotten after its end.
func testMarks(t *testing.T, f *fixture) {
	ctx := t.Context()
	spend := func(mark string, life time.Duration, want bool) {
		t.Helper()
		first, err := f.SpendMark(ctx, mark, f.now.Add(life))
		f.try("spend "+mark, err)
		f.want("first to spend "+mark, first, want)
	}
	spend("a", time.Hour, true)
	spend("a", time.Hour, false)
	spend("a", 2*time.Hour, false)
	spend("b", 2*time.Hour, true)

	f.try("release", f.ReleaseMark(ctx, "b"))
	f.try("release an unknown one", f.ReleaseMark(ctx, "c"))
	spend("a", time.Hour, false)
	spend("b", 2*time.Hour, true)

	before := f.Writes()
	f.try("purge", f.Purge(ctx))
	f.want("writes of a purge with nothing to do", f.Writes(), before)
	spend("a", time.Hour, false)
	f.pass(2*time.Hour - time.Microsecond) // it has expired, but the clock may have been ahead
	f.try("purge", f.Purge(ctx))
	spend("a", time.Hour, false)
	f.pass(time.Microsecond)
	f.try("purge", f.Purge(ctx))
	spend("a", time.Hour, true)
	spend("b", time.Hour, false)
}

// testMarkRace: of many callers at once one is the first, for each mark.
func testMarkRace(t *testing.T, f *fixture) {
	var all sync.WaitGroup
	var firsts [4]atomic.Int64
	for i := range 80 {
		all.Go(func() {
			first, err := f.SpendMark(t.Context(), fmt.Sprint("mark ", i%4), f.now.Add(time.Hour))
			if err != nil {
				t.Error(err)
			}
			if first {
				firsts[i%4].Add(1)
			}
		})
	}
	all.Wait()
	for i := range firsts {
		f.want(fmt.Sprint("firsts of mark ", i), firsts[i].Load(), int64(1))
	}
}
