package throttle

import (
	"net/netip"
	"sync"
	"time"

	"gatehouse/auth"
)

// maxWindows is how many windows a Local holds at most: some megabytes. Who opens more than that pushes others out.
const maxWindows = 1 << 15

// Local counts in the memory of this process, for questions that cost less than writing down who asked them. Each server
// counts for itself, and forgets when it ends. It is safe for concurrent use.
type Local struct {
	rules Rules
	clock func() time.Time
	most  int

	mu      sync.Mutex
	windows map[place]window
}

// place is what a window counts for: a rule and a network.
type place struct {
	rule    int
	network netip.Prefix
}

type window struct {
	count int64
	ends  time.Time
}

// NewLocal counts by rules, for the networks that Rules.OfNetwork has.
func NewLocal(rules Rules, clock func() time.Time) *Local {
	return &Local{rules: rules, clock: clock, most: maxWindows, windows: map[place]window{}}
}

// Spend counts n for the networks of addr and gives 0. If one of them is full already it counts nothing and gives how long
// that lasts. The last that fits may go beyond the limit: many questions at once are answered whole or not at all. With
// n = 0 it only looks.
func (l *Local) Spend(addr netip.Addr, n int) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock()
	narrow, wide := auth.Network(addr), widePrefix(addr)
	for i, r := range l.rules {
		wait = max(wait, l.full(place{i, narrow}, r.Count, now))
		if wide.IsValid() {
			wait = max(wait, l.full(place{i, wide}, r.Count*r.NetworkFactor, now))
		}
	}
	if wait > 0 || n == 0 {
		return wait
	}
	for i, r := range l.rules {
		l.count(place{i, narrow}, n, now.Add(r.Per))
		if wide.IsValid() && r.NetworkFactor > 0 {
			l.count(place{i, wide}, n, now.Add(r.Per))
		}
	}
	return 0
}

// full gives how long there is no room at p; 0 = there is. A limit of 0 is none.
func (l *Local) full(p place, limit int64, now time.Time) time.Duration {
	w, ok := l.windows[p]
	if !ok {
		return 0
	}
	if !now.Before(w.ends) {
		delete(l.windows, p)
		return 0
	}
	if limit <= 0 || w.count < limit {
		return 0
	}
	return w.ends.Sub(now)
}

// count adds n to the window at p, which ends at ends if it is a new one. The old ones that had ended are gone: full was
// asked before.
func (l *Local) count(p place, n int, ends time.Time) {
	w, ok := l.windows[p]
	if !ok {
		l.makeRoom()
		w.ends = ends
	}
	w.count += int64(n)
	l.windows[p] = w
}

// makeRoom drops a window that has ended, if it comes by one soon, or else any. Maps are walked in no order, so nobody chooses
// whose.
func (l *Local) makeRoom() {
	if len(l.windows) < l.most {
		return
	}
	const looks = 8
	now, seen := l.clock(), 0
	var victim place
	for p, w := range l.windows {
		victim, seen = p, seen+1
		if !now.Before(w.ends) || seen == looks {
			break
		}
	}
	delete(l.windows, victim)
}

// widePrefix is the IPv6 /48 of an address; invalid for others.
func widePrefix(addr netip.Addr) netip.Prefix {
	addr = addr.Unmap()
	if !addr.Is6() {
		return netip.Prefix{}
	}
	p, err := addr.Prefix(wideBits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}
