package main

import (
	"context"
	"fmt"
	"time"

	"gatehouse"
)

type grantCmd struct {
	Name   string `arg:"" help:"The account's name."`
	Group  string `arg:"" help:"The group."`
	Expiry expiry `default:"infinite" placeholder:"24h" help:"How long the account is in it: 90m, 24h, 7d or infinite."`
}

// Run puts the account into the group.
func (c grantCmd) Run(ctx context.Context, s *surroundings, common *Common) error {
	return common.withOperator(ctx, s, func(op *gatehouse.Operator) error {
		a, changed, err := op.GrantFor(ctx, c.Name, c.Group, time.Duration(c.Expiry))
		if err != nil {
			return err
		}
		if !changed {
			_, err = fmt.Fprintf(s.out, "%s is in %s already\n", a.Name, c.Group)
			return err
		}
		until := ""
		if end := a.GroupEnds[c.Group]; !end.IsZero() {
			until = " until " + when(end)
		}
		_, err = fmt.Fprintf(s.out, "granted %s to %s%s (%s)\n", c.Group, a.Name, until, groupList(a.Groups))
		return err
	})
}

type revokeCmd struct {
	Name  string `arg:"" help:"The account's name."`
	Group string `arg:"" help:"The group."`
}

// Run takes the account out of the group.
func (c revokeCmd) Run(ctx context.Context, s *surroundings, common *Common) error {
	return common.withOperator(ctx, s, func(op *gatehouse.Operator) error {
		a, changed, err := op.Revoke(ctx, c.Name, c.Group)
		if err != nil {
			return err
		}
		if !changed {
			_, err = fmt.Fprintf(s.out, "%s is not in %s\n", a.Name, c.Group)
			return err
		}
		_, err = fmt.Fprintf(s.out, "revoked %s from %s (%s)\n", c.Group, a.Name, groupList(a.Groups))
		return err
	})
}
