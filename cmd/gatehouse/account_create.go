package main

import (
	"context"
	"fmt"

	"gatehouse"
)

type createCmd struct {
	Name           string   `arg:"" help:"The account's name."`
	Password       *string  `placeholder:"P" xor:"password" help:"The password, or file:PATH. On the command line others can read it."`
	PasswordStdin  bool     `xor:"password" help:"Read the password from standard input."`
	Email          string   `placeholder:"E" help:"The e-mail address."`
	EmailConfirmed bool     `help:"Take the address as confirmed."`
	RealName       string   `placeholder:"R" help:"The real name."`
	Group          []string `placeholder:"G" sep:"none" help:"Put the account into this group. May be repeated."`
}

// Help is printed under the command's flags.
func (createCmd) Help() string {
	return "Without a password nobody can sign in with one. The password is not held against the rules for visitors."
}

// Run creates the account with its entry in the log of new users.
func (c createCmd) Run(ctx context.Context, s *surroundings, common *Common) error {
	password, err := c.password(s)
	if err != nil {
		return err
	}
	if c.EmailConfirmed && c.Email == "" {
		return &usageError{fmt.Errorf("--email-confirmed needs --email")}
	}
	return common.withOperator(ctx, s, func(op *gatehouse.Operator) error {
		a, err := op.CreateAccount(ctx, gatehouse.NewAccount{
			Name: c.Name, Password: password, Email: c.Email, EmailConfirmed: c.EmailConfirmed, RealName: c.RealName, Groups: c.Group,
		})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(s.out, "created %s (id %d, %s)\n", a.Name, a.ID, groupList(a.Groups))
		return err
	})
}

func (c createCmd) password(s *surroundings) (string, error) {
	switch {
	case c.PasswordStdin:
		return secretFrom(s.in)
	case c.Password == nil:
		return "", nil
	case *c.Password == "":
		return "", &usageError{fmt.Errorf("--password is empty; leave it out for an account without a password")}
	}
	return secretArgument(s, "--password", *c.Password)
}
