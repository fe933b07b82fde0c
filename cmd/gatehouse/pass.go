package main

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"text/tabwriter"
	"time"

	"gatehouse"
	"gatehouse/auth"
)

type passCmd struct {
	Create   passCreateCmd   `cmd:"" help:"Make an event pass: a link and a code for the people at one event."`
	List     passListCmd     `cmd:"" help:"Print all event passes, the newest first."`
	Accounts passAccountsCmd `cmd:"" help:"Print the accounts that were made with a pass."`
	Revoke   passRevokeCmd   `cmd:"" help:"Take passes back."`
}

// Help is printed under the list of commands.
func (passCmd) Help() string {
	return "With an event pass a number of accounts can be made past the limits of the throttle, from one room for example. It lifts nothing else."
}

type passCreateCmd struct {
	Count   int64              `required:"" placeholder:"30" help:"How many accounts can be made with it."`
	For     gatehouse.Duration `required:"" placeholder:"6h" help:"How long it lasts, from now on: 90m, 6h, 2d."`
	Network string             `placeholder:"CIDR" help:"Where it can be used, for example 192.0.2.0/24; anywhere without this."`
	Note    string             `placeholder:"TEXT" help:"What it is for; operators read it."`
}

// Run makes the pass and prints what its holders need, which is never shown again.
func (c passCreateCmd) Run(ctx context.Context, s *surroundings, common *Common) error {
	n := gatehouse.NewPass{Count: c.Count, For: c.For.Duration(), Note: c.Note}
	if c.Network != "" {
		var err error
		if n.Network, err = netip.ParsePrefix(c.Network); err != nil {
			return &usageError{fmt.Errorf("--network: write a range such as 192.0.2.0/24: %w", err)}
		}
	}
	return common.withOperator(ctx, s, func(op *gatehouse.Operator) error {
		made, err := op.CreatePass(ctx, n)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(s.out, "pass %d: %s until %s\nlink: %s\ncode: %s\n", made.Pass.ID,
			count(int(made.Pass.Count), "account", "accounts"), when(made.Pass.Ends), made.Link, made.Code)
		return err
	})
}

type passListCmd struct{}

// Run prints the passes, a line each.
func (passListCmd) Run(ctx context.Context, s *surroundings, common *Common) error {
	return common.withOperator(ctx, s, func(op *gatehouse.Operator) error {
		passes, err := op.Passes(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
		for _, p := range passes {
			fmt.Fprintf(w, "%d\t%d of %d\t%s\t%s\t%s\n", p.ID, p.Used, p.Count, passState(p), passNetwork(p), orDash(shown(p.Note)))
		}
		return w.Flush()
	})
}

func passState(p auth.EventPass) string {
	switch {
	case !p.Revoked.IsZero():
		return "revoked " + when(p.Revoked)
	case !p.Open(time.Now()):
		return "ended " + when(p.Ends)
	case p.Used >= p.Count:
		return "used up, until " + when(p.Ends)
	}
	return "open until " + when(p.Ends)
}

func passNetwork(p auth.EventPass) string {
	if !p.Network.IsValid() {
		return "anywhere"
	}
	return p.Network.String()
}

type passAccountsCmd struct {
	ID int64 `arg:"" help:"The pass's number."`
}

// Help is printed under the command's flags.
func (passAccountsCmd) Help() string {
	return "A line has id, name and time, parted by tabs."
}

// Run prints the accounts, the oldest first.
func (c passAccountsCmd) Run(ctx context.Context, s *surroundings, common *Common) error {
	return common.withOperator(ctx, s, func(op *gatehouse.Operator) error {
		return op.PassAccounts(ctx, auth.PassID(c.ID), func(e auth.LogEntry) error {
			_, err := fmt.Fprintf(s.out, "%d\t%s\t%s\n", e.TargetID, e.Target, when(e.Time))
			return err
		})
	})
}

type passRevokeCmd struct {
	ID            []int64 `arg:"" optional:"" help:"The passes' numbers."`
	All           bool    `help:"Every pass that is open."`
	BlockAccounts bool    `help:"Block the accounts that were made with them, too."`
}

// Run takes the passes back, one after the other.
func (c passRevokeCmd) Run(ctx context.Context, s *surroundings, common *Common) error {
	if c.All == (len(c.ID) > 0) {
		return &usageError{fmt.Errorf("name the passes, or say --all")}
	}
	return common.withOperator(ctx, s, func(op *gatehouse.Operator) error {
		ids, err := c.passes(ctx, op)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := c.revoke(ctx, s, op, id); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c passRevokeCmd) passes(ctx context.Context, op *gatehouse.Operator) ([]auth.PassID, error) {
	var ids []auth.PassID
	for _, id := range c.ID {
		ids = append(ids, auth.PassID(id))
	}
	if !c.All {
		return ids, nil
	}
	passes, err := op.Passes(ctx)
	for _, p := range passes {
		if p.Open(time.Now()) {
			ids = append(ids, p.ID)
		}
	}
	return ids, err
}

func (c passRevokeCmd) revoke(ctx context.Context, s *surroundings, op *gatehouse.Operator, id auth.PassID) error {
	changed, err := op.RevokePass(ctx, id)
	if err != nil {
		return err
	}
	line := "revoked pass " + strconv.FormatInt(int64(id), 10)
	if !changed {
		line = "pass " + strconv.FormatInt(int64(id), 10) + " was revoked before"
	}
	if c.BlockAccounts {
		n, err := op.BlockPassAccounts(ctx, id, gatehouse.BlockOptions{Reason: "Made with a revoked event pass", PreventCreate: true})
		if err != nil {
			return err
		}
		line += ", blocked " + count(n, "account", "accounts")
	}
	_, err = fmt.Fprintln(s.out, line)
	return err
}
