package main

import (
	"context"
	"errors"
	"fmt"
)

// measureDurable is P2: sign-ups whose hash costs nothing, so that what is left is the protocol and the durable store.
func measureDurable(ctx context.Context, b *bench) (figureReport, error) {
	f := figureReport{Settings: append(unlimited(), weakPBKDF2(1)...), Notes: []string{
		"One completed account is a token fetched without a cookie and a creation posted in that session, answered PASS: two requests.",
		"PASS is answered after the commit. SQLite commits with synchronous=FULL to a file.",
		"The bare engine is this program inserting the same rows with the same indexes and settings into an empty store, in turns of two " +
			"seconds with the server; nothing else runs in its turn.",
	}}
	for _, e := range b.engines {
		if e == postgres {
			said, durable, err := describePostgres(ctx, b.postgres)
			if err != nil {
				return f, err
			}
			if !durable {
				said += ": NOT DURABLE, so these figures say nothing (GATEHOUSE_TEST_FSYNC=on)"
			}
			f.Notes = append(f.Notes, said+".")
		}
		if err := b.durable(ctx, e, &f); err != nil {
			return f, fmt.Errorf("%s: %w", e, err)
		}
	}
	return f, nil
}

const (
	durableClients = 64 // the row that counts
	durablePace    = 0.7
)

func (b *bench) durable(ctx context.Context, e engine, f *figureReport) (err error) {
	srv, err := b.start(ctx, e, f.Settings)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	t := against(&srv.process, durableClients, newCreation(srv.address, "Bench").create)
	b.warm(ctx, t)

	var top float64
	for _, clients := range []int{1, 8} {
		s := newSeries(row{Engine: e, What: "accounts", Unit: "accounts/s"})
		for range b.repeats {
			if err := b.saturated(ctx, t.with(clients), s); err != nil {
				return err
			}
		}
		f.Rows = append(f.Rows, s.done())
	}
	if top, err = b.besideBare(ctx, srv, t, f); err != nil {
		return err
	}
	paced, err := b.paced(ctx, t, row{
		Engine: e, What: "at 70 % of that rate", Unit: "accounts/s", Offered: durablePace * top,
	})
	if err != nil {
		return err
	}
	f.Rows = append(f.Rows, paced)
	limits := map[engine][2]float64{sqlite: {2500, 5000}, postgres: {1500, 4000}}[e]
	f.Verdicts = append(f.Verdicts, verdict{
		Engine: e, What: "accounts", Unit: "accounts/s", Value: top, Floor: limits[0], Goal: limits[1],
	})
	return nil
}

// besideBare measures the row that counts in turns with the bare engine, and gives the rate.
func (b *bench) besideBare(ctx context.Context, srv *server, t target, f *figureReport) (top float64, err error) {
	e := srv.own.engine
	st, err := b.newStore(ctx, e)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, st.release()) }()
	if err := b.migrate(ctx, st); err != nil {
		return 0, err
	}
	bare, err := openBare(st)
	if err != nil {
		return 0, fmt.Errorf("open the bare engine: %w", err)
	}
	defer func() { err = errors.Join(err, bare.db.Close()) }()
	theirs := newSeries(row{Engine: e, What: bare.describe(), Unit: "accounts/s"})
	ours := newSeries(row{Engine: e, What: "accounts", Unit: "accounts/s", Clients: t.clients})
	b.profile(srv, "p2-"+string(e), 2*b.duration) // the turns are its and the other's
	share := row{Engine: e, What: "share of the bare engine", Unit: "×"}
	if share.Values, err = b.compare(ctx, side{theirs, bare.run}, side{ours, t.closed}); err != nil {
		return 0, err
	}
	m, err := memoryOf(srv.command.Process.Pid)
	if err != nil {
		return 0, err
	}
	f.Rows = append(f.Rows, ours.done(), theirs.done(), share,
		row{Engine: e, What: "the server's most memory", Unit: "MB", Values: []float64{float64(m.Peak) / megabyte}})
	return median(ours.Values), nil
}
