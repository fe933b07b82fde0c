package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// measureMemory is P5: what a server holds when nothing happens, and after many visitors who only looked.
func measureMemory(ctx context.Context, b *bench) (figureReport, error) {
	f := figureReport{Settings: []string{"(defaults)"}, Notes: []string{
		"Resident memory (VmRSS) as Linux counts it: the process's own pages and the pages of the program file in use. In MB of 10^6 bytes.",
		fmt.Sprintf("A visitor is one token fetched without a cookie. %d came over %d connections, as fast as they were answered.", b.visitors, readClients),
	}}
	for _, e := range b.engines {
		if err := b.memory(ctx, e, &f); err != nil {
			return f, fmt.Errorf("%s: %w", e, err)
		}
	}
	return f, nil
}

const (
	idleGoal  = 40.0 // MB
	megabyte  = 1e6
	coolsDown = 30 * time.Second
)

func (b *bench) memory(ctx context.Context, e engine, f *figureReport) error {
	idle := row{Engine: e, What: "idle", Unit: "MB"}
	own := row{Engine: e, What: "idle, of it the process's own", Unit: "MB"}
	start := row{Engine: e, What: "start to first answer, with making the tables", Unit: "ms"}
	for range b.repeats {
		if err := b.idle(ctx, e, &idle, &own, &start); err != nil {
			return err
		}
	}
	f.Rows = append(f.Rows, idle, own, start)
	f.Verdicts = append(f.Verdicts, verdict{
		Engine: e, What: "idle", Unit: "MB", Value: median(idle.Values), Floor: idleGoal, Goal: idleGoal, AtMost: true,
	})
	return b.visited(ctx, e, f)
}

func (b *bench) idle(ctx context.Context, e engine, idle, own, start *row) (err error) {
	srv, err := b.start(ctx, e, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	start.Values = append(start.Values, float64(srv.ready.Microseconds())/1000)
	pause(ctx, settle)
	m, err := memoryOf(srv.command.Process.Pid)
	idle.Values = append(idle.Values, float64(m.Resident)/megabyte)
	own.Values = append(own.Values, float64(m.Anonymous)/megabyte)
	b.say("  %s idle: %.1f MB", e, float64(m.Resident)/megabyte)
	return err
}

func (b *bench) visited(ctx context.Context, e engine, f *figureReport) (err error) {
	srv, err := b.start(ctx, e, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	writesBefore, err := srv.writes()
	if err != nil {
		return err
	}
	t := against(&srv.process, readClients, fetch(get(srv.address, tokenQuery, ""), `"createaccounttoken"`))
	s := t.first(ctx, b.visitors)
	if s.refused+s.broken > 0 {
		return fmt.Errorf("%d visitors were refused, %d broke; the first: %w", s.refused, s.broken, s.why)
	}
	after, err := memoryOf(t.pid)
	if err != nil {
		return err
	}
	pause(ctx, coolsDown)
	later, err := memoryOf(t.pid)
	if err != nil {
		return err
	}
	writesAfter, err := srv.writes()
	if err != nil {
		return err
	}
	b.say("  %s after %d visitors: %.1f MB, the most %.1f MB", e, b.visitors, float64(after.Resident)/megabyte, float64(after.Peak)/megabyte)
	in := func(what string, bytes int64) row {
		return row{Engine: e, What: what, Unit: "MB", Values: []float64{float64(bytes) / megabyte}}
	}
	f.Rows = append(f.Rows,
		in(fmt.Sprintf("after %d visitors", b.visitors), after.Resident), in("the most while they came", after.Peak),
		in("30 s later", later.Resident),
		row{Engine: e, What: "store writes meanwhile", Values: []float64{writesAfter - writesBefore}})
	f.Verdicts = append(f.Verdicts, verdict{
		Engine: e, What: fmt.Sprintf("after %d visitors", b.visitors), Unit: "MB", Value: float64(after.Resident) / megabyte,
		Floor: idleGoal, Goal: idleGoal, AtMost: true,
	})
	return nil
}
