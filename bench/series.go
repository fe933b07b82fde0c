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

func (s *series) add(m *sample, u usage) {
	s.Values = append(s.Values, m.rate())
	s.Uses = append(s.Uses, u)
	s.Refused += m.refused
	s.Broken += m.broken
	if m.why != nil && s.Why == "" {
		s.Why = m.why.Error()
	}
	s.latency.Merge(m.latency)
}

// done is the finished row.
func (s *series) done() row {
	s.row.Latency = latencyOf(s.latency)
	return s.row
}

// target is a process under load.
type target struct {
	load
	pid int
}

// against is the load of clients doing the task at the process, numbered from 1.
func against(p *process, clients int, t task) target {
	return target{load{address: p.address, clients: clients, task: t, number: new(atomic.Int64)}, p.command.Process.Pid}
}

// with is the same target with another number of clients.
func (t target) with(clients int) target {
	t.clients = clients
	return t
}

// metered runs one measurement and adds it to s.
func (t target) metered(s *series, measure func() *sample) error {
	m, err := startMeter(t.pid)
	if err != nil {
		return err
	}
	got := measure()
	u, err := m.read()
	if err != nil {
		return err
	}
	if got.latency.TotalCount() == 0 {
		return fmt.Errorf("%s: nothing succeeded; %d were refused, %d broke; the first: %w", s.What, got.refused, got.broken, got.why)
	}
	s.add(got, u)
	return nil
}

// saturated adds one closed-loop measurement to s.
func (b *bench) saturated(ctx context.Context, t target, s *series) error {
	s.Clients = t.clients
	err := t.metered(s, func() *sample { return t.saturate(ctx, b.duration) })
	if err == nil {
		b.say("  %s %s: %.4g %s", s.Engine, s.What, s.Values[len(s.Values)-1], s.Unit)
	}
	return err
}

// paced measures the open loop at a rate, all repetitions, as a row.
func (b *bench) paced(ctx context.Context, t target, r row) (row, error) {
	s := newSeries(r)
	s.Clients = t.clients
	for range b.repeats {
		if err := t.metered(s, func() *sample { return t.arrivals(ctx, r.Offered, b.duration) }); err != nil {
			return row{}, err
		}
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
