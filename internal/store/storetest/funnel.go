package storetest

import (
	"sync"
	"testing"
	"time"

	"gatehouse/auth"
)

func sum(hour time.Time, step auth.FunnelStep, code string, n int64) auth.FunnelSum {
	return auth.FunnelSum{Hour: hour, Count: n, FunnelCell: auth.FunnelCell{Step: step, Code: code, Client: "page", Language: "en"}}
}

// totals are the sums by step and code.
func totals(sums []auth.FunnelSum) map[string]int64 {
	out := map[string]int64{}
	for _, s := range sums {
		out[string(s.Step)+s.Code] += s.Count
	}
	return out
}

// testFunnel: sums add up by the hour, old hours are left out, and in the end removed.
func testFunnel(t *testing.T, f *fixture) {
	ctx := t.Context()
	now := f.now.Truncate(time.Hour)
	before := now.Add(-time.Hour)
	f.try("nothing", f.AddFunnel(ctx, nil))
	f.try("add", f.AddFunnel(ctx, []auth.FunnelSum{sum(before, "shown", "", 5), sum(now, "shown", "", 2), sum(now, "refused", "badtoken", 1)}))
	f.try("add again", f.AddFunnel(ctx, []auth.FunnelSum{sum(now, "shown", "", 3), sum(now, "refused", "userexists", 4)}))

	all, err := f.Funnel(ctx, before)
	f.try("read", err)
	f.want("all", totals(all), map[string]int64{"shown": 10, "refusedbadtoken": 1, "refuseduserexists": 4})
	f.want("cells", len(all), 3)
	late, err := f.Funnel(ctx, now)
	f.try("read the last hour", err)
	f.want("of the last hour", totals(late), map[string]int64{"shown": 5, "refusedbadtoken": 1, "refuseduserexists": 4})

	f.now = before.Add(31 * 24 * time.Hour)
	f.try("purge", f.Purge(ctx))
	f.now = now
	all, err = f.Funnel(ctx, before)
	f.try("read what is left", err)
	f.want("what is left", totals(all), map[string]int64{"shown": 5, "refusedbadtoken": 1, "refuseduserexists": 4})
}

// testFunnelRace: of sums that are added at once none is lost, and more than one statement takes.
func testFunnelRace(t *testing.T, f *fixture) {
	const servers, hours = 4, 300
	start := f.now.Truncate(time.Hour)
	var all sync.WaitGroup
	for range servers {
		all.Go(func() {
			var sums []auth.FunnelSum
			for h := range hours {
				sums = append(sums, sum(start.Add(time.Duration(h)*time.Hour), "done", "", 1))
			}
			if err := f.AddFunnel(t.Context(), sums); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	got, err := f.Funnel(t.Context(), start)
	f.try("read", err)
	f.want("sums", totals(got), map[string]int64{"done": servers * hours})
}
