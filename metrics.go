package gatehouse

import (
	"maps"
	"strconv"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"gatehouse/auth"
	"gatehouse/internal/actionapi"
	"gatehouse/internal/captcha"
	"gatehouse/internal/password"
)

// metrics counts what happens. Labels come from small closed sets only: module names, codes, message keys of ours.
type metrics struct {
	registry *prometheus.Registry
	outcomes *prometheus.CounterVec
	calls    *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	mails    *prometheus.CounterVec
	captchas *prometheus.CounterVec
	draining atomic.Bool
	// known are the counters of calls by their labels, which few calls have first: a call finds its own without making texts of
	// them. It is replaced, never changed.
	known atomic.Pointer[map[callLabels]callCounters]
}

// callLabels are the labels of a call of api.php.
type callLabels struct {
	module, code string
	status       int
}

type callCounters struct {
	calls   prometheus.Counter
	seconds prometheus.Observer
}

func newMetrics(s *Server) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		outcomes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatehouse_flow_submissions_total",
			Help: "Submissions of account creations and sign-ins, by the phase that decided, status and first message key.",
		}, []string{"flow", "phase", "status", "reason"}),
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatehouse_api_requests_total",
			Help: "Finished calls of api.php, by module, code and HTTP status.",
		}, []string{"module", "code", "http_status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "gatehouse_api_request_seconds", Help: "Time to answer a call of api.php.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 4, 9),
		}, []string{"module"}),
	}
	m.mails = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "gatehouse_mail_tries_total", Help: "Tries of this server to send a mail, by outcome: sent, postponed, refused.",
	}, []string{"outcome"})
	m.captchas = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "gatehouse_captchas_total",
		Help: "Captchas handed out (shown; a form that is sent in makes one too, unseen), and answers that were right (solved) or not (failed).",
	}, []string{"what", "kind", "trigger"})
	m.registry.MustRegister(m.mails, newMailMetrics(s.store), m.captchas, newFunnelMetrics(s.funnel))
	m.registry.MustRegister(m.outcomes, m.calls, m.seconds,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "gatehouse_store_writes_total", Help: "Committed write transactions.",
		}, func() float64 { return float64(s.store.Writes()) }))
	m.registerBudget(s.budget)
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "gatehouse_build_info", Help: "Always 1.", ConstLabels: prometheus.Labels{"version": Version},
	}, func() float64 { return 1 }))
	return m
}

// registerBudget shows the hash budget: how full it is, and what it has refused.
func (m *metrics) registerBudget(b *password.Budget) {
	gauge := func(name, help string, value func(password.Stats) float64) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help},
			func() float64 { return value(b.Stats()) }))
	}
	gauge("gatehouse_hashes_in_flight", "Passwords being hashed.",
		func(s password.Stats) float64 { return float64(s.InFlight) })
	gauge("gatehouse_hash_queue_places", "Places taken in the queue before the hashes.",
		func(s password.Stats) float64 { return float64(s.Places) })
	refused := func(work string, w password.Work) {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "gatehouse_hashes_refused_total", Help: "Hashes refused for want of room or time.",
			ConstLabels: prometheus.Labels{"work": work},
		}, func() float64 {
			s := b.Stats()
			return float64(s.RefusedFull[w] + s.RefusedNetwork[w] + s.Expired[w])
		}))
	}
	refused("sign-in", password.SignIn)
	refused("sign-up", password.SignUp)
}

func (m *metrics) outcome(o auth.Outcome) {
	m.outcomes.WithLabelValues(o.Flow, o.Phase, string(o.Status), string(o.Reason)).Inc()
}

func (m *metrics) captcha(e captcha.Event) {
	m.captchas.WithLabelValues(e.What, e.Kind, e.Trigger).Inc()
}

func (m *metrics) call(o actionapi.Observation) {
	c := m.counters(callLabels{o.Module, o.Code, o.Status})
	c.calls.Inc()
	c.seconds.Observe(o.Duration.Seconds())
}

func (m *metrics) counters(l callLabels) callCounters {
	known := m.known.Load()
	if known != nil {
		if c, ok := (*known)[l]; ok {
			return c
		}
	}
	c := callCounters{m.calls.WithLabelValues(l.module, l.code, strconv.Itoa(l.status)), m.seconds.WithLabelValues(l.module)}
	more := map[callLabels]callCounters{l: c}
	if known != nil {
		maps.Copy(more, *known)
	}
	m.known.CompareAndSwap(known, &more) // who comes second finds it the next time
	return c
}
