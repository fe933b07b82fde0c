package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"gatehouse"
)

type importCmd struct {
	File   string `arg:"" help:"JSON Lines, one account a line; - is standard input."`
	DryRun bool   `help:"Judge every line and write nothing."`
	Groups bool   `help:"Put accounts into the groups that their records name."`
	Reason string `default:"Imported" placeholder:"R" help:"What the public log of new users says beside each account."`
}

// Help is printed under the command's flags.
func (importCmd) Help() string {
	return `A line is an object with name and, as far as there are: real_name, email, email_confirmed, registered, language, groups, group_ends,
password, identities. That is what export writes. Rows of MediaWiki's table of users (user_name, user_password …) are understood as well.

Passwords are hashes: MediaWiki's, PHC strings of argon2, crypt's bcrypt, passlib's or Django's PBKDF2. Sums of MD5 are wrapped in
PBKDF2 as they come in, which takes as long as a sign-in each. Every hash is renewed when its owner signs in.

Nobody's account is ever changed. It can be stopped and started again with the same file: what is there already is passed over.
Lines that are refused are told on standard error, and the exit status is 1 then.`
}

// Run makes the accounts.
func (c importCmd) Run(ctx context.Context, s *surroundings, common *Common) error {
	var in io.Reader = s.in
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	return common.withOperator(ctx, s, func(op *gatehouse.Operator) error {
		t := tally{s: s, out: bufio.NewWriter(s.out), dry: c.DryRun}
		opt := gatehouse.ImportOptions{DryRun: c.DryRun, Groups: c.Groups, Comment: c.Reason}
		err := errors.Join(op.ImportAccounts(ctx, in, opt, t.note), t.out.Flush())
		t.sum()
		if err == nil && t.refused > 0 {
			return refusal(count(t.refused, "line was", "lines were") + " refused")
		}
		return err
	})
}

// tally tells what became of each line, and counts.
type tally struct {
	s                                             *surroundings
	out                                           *bufio.Writer
	dry                                           bool
	made, again, refused, groupsLeft, factorsLeft int
}

func (t *tally) note(i gatehouse.Imported) error {
	switch {
	case i.Err != nil:
		t.refused++
		who := ""
		if i.Name != "" {
			who = shown(string(i.Name)) + ": "
		}
		_, err := fmt.Fprintf(t.s.err, "line %d: %s%s\n", i.Line, who, strings.ReplaceAll(shown(i.Err.Error()), "\n", " "))
		return err
	case i.Again:
		t.again++
		return nil
	}
	t.made++
	if i.GroupsLeftOut {
		t.groupsLeft++
	}
	if i.FactorsLeft {
		t.factorsLeft++
	}
	if t.dry {
		_, err := fmt.Fprintf(t.out, "would import %s (%s)\n", i.Name, groupList(i.Account.Groups))
		return err
	}
	_, err := fmt.Fprintf(t.out, "imported %s (id %d, %s)\n", i.Name, i.Account.ID, groupList(i.Account.Groups))
	return err
}

func (t *tally) sum() {
	verb := "imported"
	if t.dry {
		verb = "to import"
	}
	fmt.Fprintf(t.s.err, "%s %s, %d there already, %d refused\n", count(t.made, "account", "accounts"), verb, t.again, t.refused)
	if t.groupsLeft > 0 {
		warn(t.s, count(t.groupsLeft, "record names", "records name")+" groups that were left out; --groups takes them")
	}
	if t.factorsLeft > 0 {
		warn(t.s, count(t.factorsLeft, "account had a second factor, which stays", "accounts had second factors, which stay")+" behind; they sign in without one now")
	}
}
