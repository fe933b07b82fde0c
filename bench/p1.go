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
		"argon2id is the server's default; it and the others that can be chosen come as an extra, each with its default settings.",
		"beside the hash: the processor time of the server for an account less that of the bare hash, as a share of the latter.",
	}}
	for i, e := range b.engines {
		hashes := []hash{reference()}
		if i == 0 {
			hashes = append(append(hashes, standard()), otherHashes()...)
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
	besideGoal         = 0.05 // of the hash's processor time
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
	beside := row{Engine: e, What: "processor time beside the hash, share of the hash's", Unit: "×"}
	for i, u := range made.Uses {
		hashing := bare.Uses[i].Server / bare.Values[i]
		beside.Values = append(beside.Values, u.Server/made.Values[i]/hashing-1)
	}
	pace := hashPace * median(made.Values)
	paced, err := b.paced(ctx, t, row{Engine: e, What: "at 80 % of that rate", Unit: "accounts/s", Offered: pace})
	if err != nil {
		return err
	}
	perCore := row{Engine: e, What: "accounts a second and core, " + h.name, Unit: "accounts/s"}
	for _, rate := range made.Values {
		perCore.Values = append(perCore.Values, rate/float64(runtime.NumCPU()))
	}
	f.Rows = append(f.Rows, bare.done(), made.done(), share, beside, perCore, paced)
	if h.name == reference().name {
		f.Verdicts = append(f.Verdicts, verdict{
			Engine: e, What: share.What, Unit: "×", Value: median(share.Values), Floor: hashFloor, Goal: hashGoal,
		}, verdict{
			Engine: e, What: beside.What, Unit: "×", Value: median(beside.Values), Floor: besideGoal, Goal: besideGoal, AtMost: true,
		})
	}
	return nil
}
