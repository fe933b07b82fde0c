package funnel

import (
	"context"
	"sync"
	"time"

	"gatehouse/auth"
)

// Kept is how long sums are kept.
const Kept = 31 * 24 * time.Hour

// Store keeps sums by the hour, those of all servers together.
type Store interface {
	// AddFunnel adds to the sums, all of it once or nothing.
	AddFunnel(ctx context.Context, sums []auth.FunnelSum) error
	// Funnel gives the sums of the hours since from, each cell once and without the hour.
	Funnel(ctx context.Context, from time.Time) ([]auth.FunnelSum, error)
}

// Ledger brings what was counted to a Store. It is safe for concurrent use.
type Ledger struct {
	counters *Counters
	store    Store
	clock    func() time.Time

	// mu is held while sums are read or written, so that nobody sees them twice or not at all.
	mu      sync.Mutex
	seen    map[index]int64 // what was taken out of the counters
	pending map[entry]int64
	due     bool // something of what is pending is more than a look
}

type entry struct {
	hour int64 // seconds since 1970
	cell auth.FunnelCell
}

// NewLedger gives a Ledger that reads c.
func NewLedger(c *Counters, s Store, clock func() time.Time) *Ledger {
	return &Ledger{counters: c, store: s, clock: clock, seen: map[index]int64{}, pending: map[entry]int64{}}
}

// Flush writes the sums if a form was sent in since the last time, and does nothing else but to note the hour of what was
// looked at. With all it also writes what was only looked at: for the end of the server. What could not be written is written
// the next time.
func (l *Ledger) Flush(ctx context.Context, all bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.collect()
	if len(l.pending) == 0 || !l.due && !all {
		return nil
	}
	if err := l.store.AddFunnel(ctx, l.rows()); err != nil {
		return err
	}
	clear(l.pending)
	l.due = false
	return nil
}

// Sums gives the sums since from: the store's, and what this server has not yet written.
func (l *Ledger) Sums(ctx context.Context, from time.Time) ([]auth.FunnelSum, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.collect()
	out, err := l.store.Funnel(ctx, from)
	if err != nil {
		return nil, err
	}
	for _, s := range l.rows() {
		if !s.Hour.Before(from) {
			out = append(out, s)
		}
	}
	return out, nil
}

// collect moves what was counted since the last time to the hour that it is, and forgets what nobody asks for any more.
func (l *Ledger) collect() {
	now := l.clock()
	hour := now.Truncate(time.Hour).Unix()
	l.counters.visit(func(at index, cell auth.FunnelCell) {
		n := l.counters.cells[at.client][at.language][at.cell].Load()
		if n == l.seen[at] {
			return
		}
		l.pending[entry{hour, cell}] += n - l.seen[at]
		l.seen[at] = n
		l.due = l.due || cell.Step != auth.FunnelShown && cell.Step != auth.FunnelClosed
	})
	oldest := now.Add(-Kept).Unix()
	for e := range l.pending {
		if e.hour < oldest {
			delete(l.pending, e)
		}
	}
}

func (l *Ledger) rows() []auth.FunnelSum {
	out := make([]auth.FunnelSum, 0, len(l.pending))
	for e, n := range l.pending {
		out = append(out, auth.FunnelSum{Hour: time.Unix(e.hour, 0).UTC(), FunnelCell: e.cell, Count: n})
	}
	return out
}
