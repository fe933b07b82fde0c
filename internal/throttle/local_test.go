package throttle

import (
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"
)

// watch is a clock that a test moves.
type watch struct{ now time.Time }

func (w *watch) time() time.Time { return w.now }

func TestLocal(t *testing.T) {
	hour := Rule{Count: 3, Per: time.Hour, NetworkFactor: 2}
	type ask struct {
		after time.Duration // since the first
		addr  string
		n     int
		wait  time.Duration
	}
	for name, c := range map[string]struct {
		rules Rules
		asks  []ask
	}{
		"no rule":   {nil, []ask{{0, "192.0.2.1", 1000, 0}, {0, "192.0.2.1", 1000, 0}}},
		"one place": {Rules{hour}, []ask{{0, "192.0.2.1", 1, 0}, {0, "192.0.2.1", 2, 0}, {0, "192.0.2.1", 1, time.Hour}, {0, "192.0.2.2", 1, 0}}},
		"the window ends": {Rules{hour}, []ask{{0, "192.0.2.1", 3, 0}, {time.Hour - time.Second, "192.0.2.1", 1, time.Second},
			{time.Hour, "192.0.2.1", 3, 0}, {time.Hour, "192.0.2.1", 1, time.Hour}}},
		"looking":      {Rules{hour}, []ask{{0, "192.0.2.1", 0, 0}, {0, "192.0.2.1", 3, 0}, {0, "192.0.2.1", 0, time.Hour}}},
		"many at once": {Rules{hour}, []ask{{0, "192.0.2.1", 50, 0}, {0, "192.0.2.1", 1, time.Hour}}},
		"refused, uncounted": {Rules{{Count: 2, Per: time.Minute}, {Count: 3, Per: time.Hour}}, []ask{{0, "192.0.2.1", 2, 0},
			{0, "192.0.2.1", 9, time.Minute}, {time.Minute, "192.0.2.1", 1, 0}, {time.Minute, "192.0.2.1", 1, 59 * time.Minute}}},
		"neighbours": {Rules{hour}, []ask{{0, "2001:db8:1:2::1", 3, 0}, {0, "2001:db8:1:2::2", 1, time.Hour}, {0, "2001:db8:1:3::1", 2, 0}}},
		"wide": {Rules{hour}, []ask{{0, "2001:db8:1:2::1", 3, 0}, {0, "2001:db8:1:3::1", 3, 0}, {0, "2001:db8:1:4::1", 1, time.Hour},
			{0, "2001:db8:2::1", 1, 0}}},
		"no factor": {Rules{{Count: 1, Per: time.Hour}}, []ask{{0, "2001:db8:1:2::1", 1, 0}, {0, "2001:db8:1:3::1", 1, 0}, {0, "2001:db8:1:3::1", 1, time.Hour}}},
		"wrapped":   {Rules{hour}, []ask{{0, "192.0.2.1", 3, 0}, {0, "::ffff:192.0.2.1", 1, time.Hour}}},
		"unknown":   {Rules{hour}, []ask{{0, "", 3, 0}, {0, "", 1, time.Hour}}},
	} {
		w := &watch{now: time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)}
		l, start := NewLocal(c.rules, w.time), w.now
		for i, a := range c.asks {
			w.now = start.Add(a.after)
			addr, _ := netip.ParseAddr(a.addr)
			if wait := l.Spend(addr, a.n); wait != a.wait {
				t.Errorf("%s, question %d: wait %s, want %s", name, i, wait, a.wait)
			}
		}
	}
}

// TestLocalIsBounded: however many ask, so many windows are held; those that have ended go first.
func TestLocalIsBounded(t *testing.T) {
	w := &watch{now: time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)}
	l := NewLocal(Rules{{Count: 3, Per: time.Hour, NetworkFactor: 2}}, w.time)
	l.most = 100
	for i := range 1000 {
		l.Spend(netip.MustParseAddr(fmt.Sprintf("2001:db8:%x::1", i)), 1)
		if len(l.windows) > l.most {
			t.Fatalf("%d windows", len(l.windows))
		}
	}
	if len(l.windows) != l.most {
		t.Errorf("%d windows, room for %d", len(l.windows), l.most)
	}
}

// TestLocalTogether: askers at once never get more answers than there are.
func TestLocalTogether(t *testing.T) {
	l := NewLocal(Rules{{Count: 100, Per: time.Hour}}, (&watch{}).time)
	var wg sync.WaitGroup
	var mu sync.Mutex
	answered := 0
	for range 300 {
		wg.Go(func() {
			if l.Spend(netip.MustParseAddr("192.0.2.1"), 1) == 0 {
				mu.Lock()
				answered++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if answered != 100 {
		t.Errorf("%d answers", answered)
	}
}
