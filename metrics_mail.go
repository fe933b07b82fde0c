package gatehouse

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"gatehouse/auth"
	"gatehouse/internal/store/sqlstore"
)

// mailMetrics shows what waits in the outbox, read from the store when somebody asks.
type mailMetrics struct {
	store                 *sqlstore.Store
	waiting, dead, oldest *prometheus.Desc
}

func newMailMetrics(s *sqlstore.Store) mailMetrics {
	desc := func(name, help string) *prometheus.Desc { return prometheus.NewDesc(name, help, nil, nil) }
	return mailMetrics{
		store:   s,
		waiting: desc("gatehouse_outbox_waiting", "Mail in the store that waits or is being sent, for all servers together."),
		dead:    desc("gatehouse_outbox_dead", "Mail in the store that was refused for good and has not expired."),
		oldest:  desc("gatehouse_outbox_oldest_seconds", "Age of the oldest mail that waits; 0 if none does."),
	}
}

// Describe implements prometheus.Collector.
func (m mailMetrics) Describe(to chan<- *prometheus.Desc) {
	to <- m.waiting
	to <- m.dead
	to <- m.oldest
}

// Collect implements prometheus.Collector. Without an answer of the store the figures are missing rather than wrong.
func (m mailMetrics) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), readyTimeout)
	defer cancel()
	c, err := m.store.MailCount(ctx)
	if err != nil {
		return
	}
	age := 0.0
	if !c.Oldest.IsZero() {
		age = max(0, time.Since(c.Oldest).Seconds())
	}
	gauge := func(d *prometheus.Desc, v float64) { to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v) }
	gauge(m.waiting, float64(c.Waiting))
	gauge(m.dead, float64(c.Dead))
	gauge(m.oldest, age)
}

// mailTried counts how a try to send a mail ended.
func (m *metrics) mailTried(s auth.MailState) {
	outcome := map[auth.MailState]string{auth.MailSent: "sent", auth.MailDead: "refused", auth.MailQueued: "postponed"}[s]
	m.mails.WithLabelValues(outcome).Inc()
}
