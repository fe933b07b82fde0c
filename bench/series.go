package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// series is one measurement and its repetitions, on their way to become a row.
type series struct {
	row
	latency *hdrhistogram.Histogram
}

func newSeries(r row) *series { return &series{row: r, latency: newSample().latency} }

// part is a piece of a repetition.
type part struct {
	*sample
	usage
}

// add adds a repetition, in one piece or several of equal length.
func (s *series) add(pieces ...part) {
	whole := newSample()
	var u usage
	for _, p := range pieces {
		whole.merge(p.sample)
		u.Server += p.Server / float64(len(pieces))
		u.Generator += p.Generator / float64(len(pieces))
		u.Database += p.Database / float64(len(pieces))
	}
	s.Values = append(s.Values, whole.rate())
	if u.Server > 0 {
		s.Uses = append(s.Uses, u)
	}
	s.Refused += whole.refused
	s.Broken += whole.broken
	if whole.why != nil && s.Why == "" {
		s.Why = whole.why.Error()
	}
	s.latency.Merge(whole.latency)
}

// done is the finished row.
func (s *series) done() row {
	s.row.Latency = latencyOf(s.latency)
	return s.row
}

// target is a process under load.
type target struct {
	load
	pid, database int
}

// against is the load of clients doing the task at the process, numbered from 1.
func against(p *process, clients int, t task) target {
	l := load{address: p.address, clients: clients, task: t, number: new(atomic.Int64)}
	return target{load: l, pid: p.command.Process.Pid, database: p.database}
}

// with is the same target with another number of clients.
func (t target) with(clients int) target {
	t.clients = clients
	return t
}

// metered runs one measurement with an eye on the processors.
func (t target) metered(measure func() *sample) (part, error) {
	m, err := startMeter(t.pid, t.database)
	if err != nil {
		return part{}, err
	}
	got := measure()
	u, err := m.read()
	if err != nil {
		return part{}, err
	}
	if got.latency.TotalCount() == 0 {
		return part{}, fmt.Errorf("nothing succeeded; %d were refused, %d broke; the first: %w", got.refused, got.broken, got.why)
	}
	return part{got, u}, nil
}

// turn measures something for a while.
type turn func(context.Context, time.Duration) (part, error)

// closed is the turn of the closed loop.
func (t target) closed(ctx context.Context, d time.Duration) (part, error) {
	return t.metered(func() *sample { return t.saturate(ctx, d) })
}

// saturated adds one closed-loop repetition to s.
func (b *bench) saturated(ctx context.Context, t target, s *series) error {
	s.Clients = t.clients
	p, err := t.closed(ctx, b.duration)
	if err != nil {
		return fmt.Errorf("%s: %w", s.What, err)
	}
	s.add(p)
	b.tell(s)
	return nil
}

func (b *bench) tell(s *series) {
	b.say("  %s %s: %.4g %s", s.Engine, s.What, s.Values[len(s.Values)-1], s.Unit)
}

// side is one side of a comparison.
type side struct {
	*series
	turn turn
}

// turnLength is how long one side measures before it is the other's turn: what else the machine does in the meantime then
// hits both alike.
const turnLength = 2 * time.Second

// compare measures both sides in turns, all repetitions, and gives ours as a share of theirs for each repetition.
func (b *bench) compare(ctx context.Context, theirs, ours side) (shares []float64, err error) {
	turns := max(1, int(b.duration/turnLength))
	each := b.duration / time.Duration(turns)
	for range b.repeats {
		var parts [2][]part
		for range turns {
			for i, s := range []side{theirs, ours} {
				p, err := s.turn(ctx, each)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", s.What, err)
				}
				parts[i] = append(parts[i], p)
			}
		}
		theirs.add(parts[0]...)
		ours.add(parts[1]...)
		b.tell(theirs.series)
		b.tell(ours.series)
		last := len(ours.Values) - 1
		shares = append(shares, ours.Values[last]/theirs.Values[last])
	}
	return shares, nil
}

// paced measures the open loop at a rate, all repetitions, as a row.
func (b *bench) paced(ctx context.Context, t target, r row) (row, error) {
	s := newSeries(r)
	s.Clients = t.clients
	for range b.repeats {
		p, err := t.metered(func() *sample { return t.arrivals(ctx, r.Offered, b.duration) })
		if err != nil {
			return row{}, fmt.Errorf("%s: %w", s.What, err)
		}
		s.add(p)
	}
	done := s.done()
	b.say("  %s %s: p50 %.2f ms, p99 %.2f ms", done.Engine, done.What, done.Latency.P50, done.Latency.P99)
	return done, nil
}

// warm lets a server get into its stride.
func (b *bench) warm(ctx context.Context, t target) { t.saturate(ctx, b.warmUp) }

// settle is how long a server is left alone before its memory is read.
const settle = 5 * time.Second

// pause waits unless ctx ends first.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
