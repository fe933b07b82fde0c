package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gatehouse"
)

type blockCmd struct {
	Target        string `arg:"" help:"A name, an address, or a range such as 192.0.2.0/24."`
	Reason        string `placeholder:"R" help:"Why; whoever is blocked reads it."`
	Expiry        expiry `default:"infinite" placeholder:"24h" help:"How long: 90m, 24h, 7d or infinite."`
	PreventCreate bool   `default:"true" help:"Bar the creation of accounts. --prevent-create=false does not."`
	AnonymousOnly bool   `default:"false" help:"Leave those alone who are signed in, but for the creation of accounts."`
	Autoblock     bool   `default:"false" help:"Let the block of an account follow it to the addresses it acts from, for a day each."`
}

// Run blocks the target from now on.
func (c blockCmd) Run(ctx context.Context, s *surroundings, common *Common) error {
	return common.withOperator(ctx, s, func(op *gatehouse.Operator) error {
		b, err := op.Block(ctx, c.Target, gatehouse.BlockOptions{
			Reason: c.Reason, Expiry: time.Duration(c.Expiry), PreventCreate: c.PreventCreate, AnonymousOnly: c.AnonymousOnly, Autoblock: c.Autoblock,
		})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(s.out, "blocked %s %s\n", b.Target(), blockFacts(b.PreventCreate, b.AnonymousOnly, when(b.Expires)))
		return err
	})
}

// blockFacts says what a block does and how long; no end is for ever.
func blockFacts(preventCreate, anonymousOnly bool, end string) string {
	out := "for ever"
	if end != "" {
		out = "until " + end
	}
	if preventCreate {
		out += ", may not create accounts"
	} else {
		out += ", may create accounts"
	}
	if anonymousOnly {
		out += ", visitors only"
	}
	return out
}

// expiry is how long a block or a membership holds; 0 = until somebody ends it.
type expiry time.Duration

// UnmarshalText reads a length of time or "infinite".
func (e *expiry) UnmarshalText(text []byte) error {
	switch strings.ToLower(string(text)) {
	case "infinite", "infinity", "indefinite", "never":
		*e = 0
		return nil
	}
	var d gatehouse.Duration
	if err := d.UnmarshalText(text); err != nil {
		return fmt.Errorf("%w, or infinite", err)
	}
	if d == 0 {
		return errors.New("no time is none; write one such as 24h, or infinite")
	}
	*e = expiry(d)
	return nil
}

type unblockCmd struct {
	Target string `arg:"" help:"A name, an address or a range, exactly as it was blocked."`
}

// Run lifts the blocks of exactly this target.
func (c unblockCmd) Run(ctx context.Context, s *surroundings, common *Common) error {
	return common.withOperator(ctx, s, func(op *gatehouse.Operator) error {
		n, err := op.Unblock(ctx, c.Target)
		if err != nil {
			return err
		}
		if n == 0 {
			return refusal(c.Target + " is not blocked; a range around it may be")
		}
		_, err = fmt.Fprintf(s.out, "unblocked %s (%s)\n", c.Target, count(n, "block", "blocks"))
		return err
	})
}
