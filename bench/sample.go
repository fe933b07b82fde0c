package main

import (
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// sample is one measurement. It may be added to from many goroutines.
type sample struct {
	elapsed time.Duration

	mu      sync.Mutex
	latency *hdrhistogram.Histogram // microseconds, of what succeeded
	refused int64
	// refusals are their latencies, codes how often each was told.
	refusals *hdrhistogram.Histogram
	codes    codes
	broken   int64
	why      error // of the first that did not succeed
}

const (
	longestLatency = 5 * time.Minute
	latencyDigits  = 3
)

func newSample() *sample {
	fresh := func() *hdrhistogram.Histogram {
		return hdrhistogram.New(1, longestLatency.Microseconds(), latencyDigits)
	}
	return &sample{latency: fresh(), refusals: fresh(), codes: codes{}}
}

func (s *sample) add(took time.Duration, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	us := min(max(took.Microseconds(), 1), longestLatency.Microseconds())
	if err == nil {
		_ = s.latency.RecordValue(us) // within the bounds, so it cannot fail
		return
	}
	if s.why == nil {
		s.why = err
	}
	if r, ok := errors.AsType[*refusal](err); ok {
		s.refused++
		s.codes[r.code]++
		_ = s.refusals.RecordValue(us)
	} else {
		s.broken++
	}
}

// merge adds what was measured in another piece of time.
func (s *sample) merge(o *sample) {
	s.elapsed += o.elapsed
	s.latency.Merge(o.latency)
	s.refused += o.refused
	s.refusals.Merge(o.refusals)
	for code, n := range o.codes {
		s.codes[code] += n
	}
	s.broken += o.broken
	if s.why == nil {
		s.why = o.why
	}
}

// rate is how many succeeded in a second.
func (s *sample) rate() float64 { return float64(s.latency.TotalCount()) / s.elapsed.Seconds() }

// latency is the shape of the response times, in milliseconds.
type latency struct {
	P50  float64 `json:"p50_ms"`
	P90  float64 `json:"p90_ms"`
	P99  float64 `json:"p99_ms"`
	P999 float64 `json:"p99_9_ms"`
	Max  float64 `json:"max_ms"`
}

func latencyOf(h *hdrhistogram.Histogram) *latency {
	if h.TotalCount() == 0 {
		return nil
	}
	ms := func(us int64) float64 { return float64(us) / 1000 }
	return &latency{
		P50: ms(h.ValueAtPercentile(50)), P90: ms(h.ValueAtPercentile(90)), P99: ms(h.ValueAtPercentile(99)),
		P999: ms(h.ValueAtPercentile(99.9)), Max: ms(h.Max()),
	}
}

// median of values, which must not be empty; of an even number the mean of the middle two.
func median(values []float64) float64 {
	v := slices.Sorted(slices.Values(values))
	m := len(v) / 2
	if len(v)%2 == 0 {
		return (v[m-1] + v[m]) / 2
	}
	return v[m]
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
