package gatehouse

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"gatehouse/auth"
)

// ErrNoSuchPass: there is no event pass of that number.
var ErrNoSuchPass = errors.New("there is no event pass of that number")

// NewPass is an event pass that an operator makes.
type NewPass struct {
	// Count is how many accounts can be made with it, For how long it lasts.
	Count int64
	For   time.Duration
	// Network bounds where it can be used; the zero value = anywhere.
	Network netip.Prefix
	// Note tells other operators what it is for.
	Note string
}

// PassMade is an event pass with what its holders need. Neither is told again.
type PassMade struct {
	Pass auth.EventPass
	// Code is what they type, Link the address that has typed it already. The code stands behind the link's "#", which
	// browsers keep to themselves.
	Code, Link string
}

// CreatePass makes an event pass that is good from now on. Its error is auth.ErrBadPass, or a fault.
func (o *Operator) CreatePass(ctx context.Context, n NewPass) (PassMade, error) {
	order := auth.PassOrder{Count: n.Count, For: n.For, Network: n.Network, Note: n.Note, By: operatorName}
	pass, code, err := auth.NewEventPass(order, o.clock(), o.random)
	if err != nil {
		return PassMade{}, err
	}
	if pass, err = o.store.AddPass(ctx, pass); err != nil {
		return PassMade{}, err
	}
	form := o.cfg.PublicURL() + o.cfg.Server.ArticlePath + "Special:CreateAccount"
	return PassMade{Pass: pass, Code: code, Link: form + "#eventpass=" + code}, nil
}

// Passes lists every event pass, the newest first.
func (o *Operator) Passes(ctx context.Context) ([]auth.EventPass, error) { return o.store.Passes(ctx) }

// PassAccounts calls each for the log entry of every account made with the pass, oldest first, until it fails.
func (o *Operator) PassAccounts(ctx context.Context, id auth.PassID, each func(auth.LogEntry) error) error {
	if err := o.knownPass(ctx, id); err != nil {
		return err
	}
	q := auth.LogQuery{Tag: id.Tag(), OldestFirst: true, Limit: listPage}
	for {
		entries, err := o.store.LogEntries(ctx, q)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := each(e); err != nil {
				return err
			}
		}
		if len(entries) < listPage {
			return nil
		}
		last := entries[len(entries)-1]
		q.After = auth.LogPosition{Time: last.Time, ID: last.ID}
	}
}

func (o *Operator) knownPass(ctx context.Context, id auth.PassID) error {
	all, err := o.store.Passes(ctx)
	if err != nil {
		return err
	}
	for _, p := range all {
		if p.ID == id {
			return nil
		}
	}
	return fmt.Errorf("%w: %d", ErrNoSuchPass, id)
}

// RevokePass takes the pass back: nobody makes an account with it any more. It reports whether anything changed.
func (o *Operator) RevokePass(ctx context.Context, id auth.PassID) (bool, error) {
	if err := o.knownPass(ctx, id); err != nil {
		return false, err
	}
	return o.store.RevokePass(ctx, id)
}

// BlockPassAccounts blocks every account that was made with the pass and is not blocked yet, and gives their number.
func (o *Operator) BlockPassAccounts(ctx context.Context, id auth.PassID, b BlockOptions) (int, error) {
	blocked := 0
	err := o.PassAccounts(ctx, id, func(e auth.LogEntry) error {
		target := auth.Creator{Account: auth.Account{ID: e.TargetID, Name: e.Target}}
		if held, err := o.store.BlocksOn(ctx, target); err != nil || len(held) > 0 {
			return err
		}
		_, err := o.Block(ctx, string(e.Target), b)
		if err == nil {
			blocked++
		}
		return err
	})
	return blocked, err
}
