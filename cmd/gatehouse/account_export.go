package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"

	"gatehouse"
)

type exportCmd struct {
	Name        []string `arg:"" optional:"" help:"Only these accounts."`
	Credentials bool     `help:"Password hashes and linked identities too. Whoever has them can try to guess passwords: keep the file like one."`
}

// Help is printed under the command's flags.
func (exportCmd) Help() string {
	return `It writes JSON Lines to standard output, one account a line, in the order of their names; import reads them. With a name it is what
there is to give a person who asks for their data. Second factors stay behind: they are bound to the store's keys.`
}

// Run prints the accounts.
func (c exportCmd) Run(ctx context.Context, s *surroundings, common *Common) error {
	return common.withOperator(ctx, s, func(op *gatehouse.Operator) error {
		w, factors := bufio.NewWriter(s.out), 0
		lines := json.NewEncoder(w)
		lines.SetEscapeHTML(false)
		err := op.ExportAccounts(ctx, c.Name, c.Credentials, func(r gatehouse.AccountRecord) error {
			if r.SecondFactors {
				factors++
			}
			return lines.Encode(r)
		})
		if factors > 0 {
			warn(s, count(factors, "account has a second factor, which stays", "accounts have second factors, which stay")+" behind")
		}
		return errors.Join(err, w.Flush())
	})
}
