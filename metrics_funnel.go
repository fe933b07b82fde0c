package gatehouse

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"gatehouse/auth"
	"gatehouse/internal/funnel"
)

// funnelMetrics shows how far people came since this server started.
type funnelMetrics struct {
	counters        *funnel.Counters
	steps, refusals *prometheus.Desc
}

func newFunnelMetrics(c *funnel.Counters) funnelMetrics {
	return funnelMetrics{
		counters: c,
		steps: prometheus.NewDesc("gatehouse_funnel_steps_total",
			"Steps of making an account that were reached, by kind of client and language.", []string{"step", "client", "language"}, nil),
		refusals: prometheus.NewDesc("gatehouse_funnel_refusals_total",
			"Submissions of account creations that were refused, by code, kind of client and language.", []string{"code", "client", "language"}, nil),
	}
}

// Describe implements prometheus.Collector.
func (m funnelMetrics) Describe(to chan<- *prometheus.Desc) {
	to <- m.steps
	to <- m.refusals
}

// Collect implements prometheus.Collector. What was never reached is not told.
func (m funnelMetrics) Collect(to chan<- prometheus.Metric) {
	m.counters.Each(func(c auth.FunnelCell, n int64) {
		desc, label := m.steps, string(c.Step)
		if c.Step == auth.FunnelRefused {
			desc, label = m.refusals, c.Code
		}
		to <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(n), label, c.Client, c.Language)
	})
}

// ended counts how a submission ended.
func (s *Server) ended(o auth.Outcome) {
	s.metrics.outcome(o)
	s.funnel.Outcome(o)
}

// writeFunnel brings the sums of the funnel to the store. With all it is the last time.
func (s *Server) writeFunnel(ctx context.Context, all bool) {
	if s.cfg.Site.ReadOnly != "" {
		return
	}
	if err := s.ledger.Flush(ctx, all); err != nil && ctx.Err() == nil {
		s.log.Error("write the funnel", "error", err)
	}
}
