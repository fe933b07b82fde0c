package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// measureCrowd is P6: very many sign-ups at the same moment, in little memory.
func measureCrowd(ctx context.Context, b *bench) (figureReport, error) {
	f := figureReport{Settings: unlimited(), Notes: []string{
		fmt.Sprintf("%d visitors come at the same moment, each with a connection of their own, fetch a token and post a creation. The hash is the "+
			"server's default, argon2id with 19 MiB, and so is the queue before it. The network's limits are off: all come from one address.", crowd),
		"The server runs in a memory cgroup of 512 MiB without swap: what needs more is killed. What the cgroup counts includes the kernel's " +
			"buffers for 2 000 connections and the pages of the store's file.",
		"Latencies run from the first request of a visitor to the last answer, PASS or refusal.",
	}}
	for _, e := range b.engines {
		if err := b.crowded(ctx, e, &f); err != nil {
			return f, fmt.Errorf("%s: %w", e, err)
		}
	}
	return f, nil
}

const (
	crowd      = 2000
	crowdLimit = 512 << 20
	// A place in the queue is waited for 10 seconds at most; then there is the hash itself.
	crowdP99 = 12_000
	// overload is the code of an honest refusal.
	overload = "ratelimited"
)

func (b *bench) crowded(ctx context.Context, e engine, f *figureReport) (err error) {
	c, err := newCage(crowdLimit)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.remove()) }()
	st, err := b.newStore(ctx, e)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.release()) }()
	srv, err := b.serveIn(ctx, st, f.Settings, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	t := against(&srv.process, crowd, newCreation(srv.address, "Bench").create)

	passed := newSeries(row{Engine: e, What: "answered PASS", Unit: "accounts/s", Clients: crowd})
	turnedAway := row{Engine: e, What: "refused", Unit: "of 2000"}
	peak := row{Engine: e, What: "the most memory of the cgroup", Unit: "MB"}
	strange, broken := 0.0, 0.0
	for range b.repeats {
		p, err := t.metered(func() *sample { return t.first(ctx, crowd) })
		if err != nil {
			return err
		}
		passed.add(p)
		turnedAway.Values = append(turnedAway.Values, float64(p.refused))
		turnedAway.Latency = latencyOf(p.refusals)
		broken += float64(p.broken)
		strange += float64(p.refused - p.codes[overload])
		f.Notes = append(f.Notes, fmt.Sprintf("%s: %d of %d answered PASS, refused: %s.", e, p.latency.TotalCount(), crowd, p.codes))
		used, err := c.peak()
		if err != nil {
			return err
		}
		peak.Values = append(peak.Values, float64(used)/megabyte)
	}
	if s := t.with(1).first(ctx, 1); s.latency.TotalCount() != 1 {
		return fmt.Errorf("nobody can sign up afterwards: %w", s.why)
	}
	done := passed.done()
	f.Rows = append(f.Rows, done, turnedAway, peak)
	atMost := func(what, unit string, value, limit float64) verdict {
		return verdict{Engine: e, What: what, Unit: unit, Value: value, Floor: limit, Goal: limit, AtMost: true}
	}
	f.Verdicts = append(f.Verdicts, atMost("answers that broke off", "", broken, 0),
		atMost("refusals that are not "+overload, "", strange, 0),
		atMost("p99 of those who got an account", "ms", done.Latency.P99, crowdP99),
		atMost("the most memory", "MB", slices.Max(peak.Values), crowdLimit/megabyte))
	return nil
}

// codes counts refusals by their code.
type codes map[string]int64

func (c codes) String() string {
	if len(c) == 0 {
		return "none"
	}
	var out []string
	for code, n := range c {
		out = append(out, fmt.Sprintf("%d with %s", n, code))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}
