package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// measureGrowth is P4: what sign-ups cost in a large store, against a small one.
func measureGrowth(ctx context.Context, b *bench) (figureReport, error) {
	f := figureReport{Settings: append(unlimited(), weakPBKDF2(1)...), Notes: []string{
		"As P2, with 64 clients, on two servers that take turns of two seconds: one store holds few accounts when it begins, the other many. " +
			"Each grows by what is made in it.",
		"The accounts were put there in bulk (COPY, or large transactions; the indexes made afterwards), names in no order, with a hash and a log entry each.",
		"start is the time from the start of the program to its first answer.",
	}}
	for _, e := range b.engines {
		if err := b.growth(ctx, e, &f); err != nil {
			return f, fmt.Errorf("%s: %w", e, err)
		}
	}
	return f, nil
}

const (
	fewAccounts = 10_000
	growthGoal  = 0.85
)

// grown is a store with accounts in it and a server on it.
type grown struct {
	*store
	*server
	target
}

func (g *grown) end() error { return errors.Join(g.server.stop(), g.store.release()) }

func (b *bench) grow(ctx context.Context, e engine, n int64, settings []string) (*grown, error) {
	st, err := b.newStore(ctx, e)
	if err != nil {
		return nil, err
	}
	err = b.migrate(ctx, st)
	if err == nil {
		err = b.fill(ctx, st, n)
	}
	if err != nil {
		return nil, errors.Join(err, st.release())
	}
	srv, err := b.serve(ctx, st, settings)
	if err != nil {
		return nil, errors.Join(err, st.release())
	}
	return &grown{st, srv, against(&srv.process, durableClients, newCreation(srv.address, "Bench").create)}, nil
}

func (b *bench) growth(ctx context.Context, e engine, f *figureReport) (err error) {
	few, err := b.grow(ctx, e, fewAccounts, f.Settings)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, few.end()) }()
	many, err := b.grow(ctx, e, b.accounts, f.Settings)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, many.end()) }()
	b.warm(ctx, few.target)
	b.warm(ctx, many.target)

	in := func(n int64) *series {
		return newSeries(row{Engine: e, What: fmt.Sprintf("accounts, beside %d", n), Unit: "accounts/s", Clients: durableClients})
	}
	little, much := in(fewAccounts), in(b.accounts)
	share := row{Engine: e, What: "share of the rate beside few", Unit: "×"}
	if share.Values, err = b.compare(ctx, side{little, few.closed}, side{much, many.closed}); err != nil {
		return err
	}
	start := func(n int64, d time.Duration) row {
		return row{Engine: e, What: fmt.Sprintf("start, with %d accounts", n), Unit: "ms", Values: []float64{float64(d.Microseconds()) / 1000}}
	}
	f.Rows = append(f.Rows, little.done(), much.done(), share, start(fewAccounts, few.ready), start(b.accounts, many.ready))
	f.Verdicts = append(f.Verdicts, verdict{
		Engine: e, What: fmt.Sprintf("share at %d accounts of the rate at %d", b.accounts, int64(fewAccounts)), Unit: "×",
		Value: median(share.Values), Floor: growthGoal, Goal: growthGoal,
	})
	return nil
}
