package main

import (
	"context"
	"fmt"

	"gatehouse"
)

type setEmailCmd struct {
	Name      string `arg:"" help:"The account's name."`
	Address   string `arg:"" help:"The address; '' for none."`
	Confirmed bool   `help:"Take the address as confirmed."`
}

// Help is printed under the command's flags.
func (setEmailCmd) Help() string {
	return "For people who mistyped theirs and are held back. Links and passwords that were mailed before are good for nothing then. An address that is not taken as confirmed is confirmed as usual: who signs in is mailed a link."
}

// Run gives the account the address.
func (c setEmailCmd) Run(ctx context.Context, s *surroundings, common *Common) error {
	return common.withOperator(ctx, s, func(op *gatehouse.Operator) error {
		a, err := op.SetEmail(ctx, c.Name, c.Address, c.Confirmed)
		if err != nil {
			return err
		}
		state := "not confirmed"
		switch {
		case a.Email == "":
			state = "nobody is mailed"
		case !a.EmailConfirmed.IsZero():
			state = "confirmed"
		}
		_, err = fmt.Fprintf(s.out, "set the e-mail address of %s to %s (%s)\n", a.Name, orDash(a.Email), state)
		return err
	})
}
