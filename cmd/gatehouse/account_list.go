package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"gatehouse"
	"gatehouse/auth"
)

type listCmd struct {
	Prefix string `placeholder:"P" help:"Only names that begin so."`
}

// Help is printed under the command's flags.
func (listCmd) Help() string {
	return "A line has id, name, time of registration and groups (by commas), parted by tabs."
}

// Run prints the accounts in the order of their names.
func (c listCmd) Run(ctx context.Context, s *surroundings, common *Common) error {
	return common.withOperator(ctx, s, func(op *gatehouse.Operator) error {
		w := bufio.NewWriter(s.out)
		err := op.List(ctx, c.Prefix, func(a auth.Account) error {
			_, err := fmt.Fprintf(w, "%d\t%s\t%s\t%s\n", a.ID, a.Name, when(a.Registered), strings.Join(a.Groups, ","))
			return err
		})
		if flushErr := w.Flush(); err == nil {
			err = flushErr
		}
		return err
	})
}
