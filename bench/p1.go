package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
)

// measureHashed is P1: sign-ups whose cost is the password hash, against the hash alone on the same cores.
func measureHashed(ctx context.Context, b *bench) (figureReport, error) {
	f := figureReport{Settings: append(unlimited(), reference().settings...), Notes: []string{
		"One completed account is a token fetched without a cookie and a creation posted in that session, answered PASS.",
		"The bare hash is the same Go function in a loop on every core, measured in turns of two seconds with the server.",
		"argon2id is the server's default and comes as an extra, with the default settings but for the limits.",
	}}
	for i, e := range b.engines {
		hashes := []hash{reference()}
		if i == 0 {
			hashes = append(hashes, standard())
		}
		for _, h := range hashes {
			if err := b.hashed(ctx, e, h, &f); err != nil {
				return f, fmt.Errorf("%s, %s: %w", e, h.name, err)
			}
		}
	}
	return f, nil
}

const (
	hashClientsPerCore = 4    // enough that no core waits for a visitor
	hashPace           = 0.8  // of the highest rate, for the latencies
	hashFloor          = 0.85 // of the bare hash
	hashGoal           = 0.9
)

func (b *bench) hashed(ctx context.Context, e engine, h hash, f *figureReport) (err error) {
	srv, err := b.start(ctx, e, append(unlimited(), h.settings...))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	t := against(&srv.process, hashClientsPerCore*runtime.NumCPU(), newCreation(srv.address, "Bench").create)
	b.warm(ctx, t)

	bare := newSeries(row{Engine: e, What: "bare hash, " + h.name, Unit: "hashes/s"})
	made := newSeries(row{Engine: e, What: "accounts, " + h.name, Unit: "accounts/s", Clients: t.clients})
	share := row{Engine: e, What: "share of the bare hash", Unit: "×"}
	if share.Values, err = b.compare(ctx, side{bare, h.bare}, side{made, t.closed}); err != nil {
		return err
	}
	pace := hashPace * median(made.Values)
	paced, err := b.paced(ctx, t, row{Engine: e, What: "at 80 % of that rate", Unit: "accounts/s", Offered: pace})
	if err != nil {
		return err
	}
	f.Rows = append(f.Rows, bare.done(), made.done(), share, paced)
	if len(h.settings) > 0 { // the reference's hash
		f.Verdicts = append(f.Verdicts, verdict{
			Engine: e, What: share.What, Unit: "×", Value: median(share.Values), Floor: hashFloor, Goal: hashGoal,
		})
	}
	return nil
}
