package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"gatehouse"
)

type totpCmd struct {
	Name         string   `arg:"" help:"The account's name."`
	Secret       *string  `placeholder:"BASE32" xor:"what" help:"The secret that the authenticator app has, or file:PATH. On the command line others can read it."`
	SecretStdin  bool     `xor:"what" help:"Read the secret from standard input."`
	RecoveryCode []string `placeholder:"C" sep:"none" help:"A code that stands in for a lost app, once; file:PATH has one on each line. May be repeated."`
	Remove       bool     `xor:"what" help:"Take every second factor and recovery code away."`
}

// Help is printed under the command's flags.
func (totpCmd) Help() string {
	return "The new factor takes the place of all that the account has, recovery codes included. The account is signed out everywhere."
}

// Run sets or removes the factor.
func (c totpCmd) Run(ctx context.Context, s *surroundings, common *Common) error {
	if c.Remove {
		return c.remove(ctx, s, common)
	}
	f, err := c.factor(s)
	if err != nil {
		return err
	}
	return common.withOperator(ctx, s, func(op *gatehouse.Operator) error {
		a, err := op.SetSecondFactor(ctx, c.Name, f)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(s.out, "%s has a second factor (%s)\n", a.Name, count(len(f.RecoveryCodes), "recovery code", "recovery codes"))
		return err
	})
}

func (c totpCmd) remove(ctx context.Context, s *surroundings, common *Common) error {
	if len(c.RecoveryCode) > 0 {
		return &usageError{errors.New("--remove takes no --recovery-code")}
	}
	return common.withOperator(ctx, s, func(op *gatehouse.Operator) error {
		a, n, err := op.RemoveSecondFactors(ctx, c.Name)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(s.out, "removed %s of %s\n", count(n, "second factor", "second factors"), a.Name)
		return err
	})
}

func (c totpCmd) factor(s *surroundings) (f gatehouse.SecondFactor, err error) {
	switch {
	case c.SecretStdin:
		f.Secret, err = secretFrom(s.in)
	case c.Secret == nil || *c.Secret == "":
		err = &usageError{errors.New("give --secret, --secret-stdin or --remove")}
	default:
		f.Secret, err = secretArgument(s, "--secret", *c.Secret)
	}
	if err != nil {
		return f, err
	}
	f.RecoveryCodes, err = c.codes(s)
	return f, err
}

func (c totpCmd) codes(s *surroundings) ([]string, error) {
	var out []string
	warned := false
	for _, given := range c.RecoveryCode {
		path, isFile := strings.CutPrefix(given, "file:")
		if !isFile {
			if !warned {
				warn(s, "--recovery-code: the codes stand on the command line, where other users of this machine can read them; write file:PATH")
			}
			out, warned = append(out, given), true
			continue
		}
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		text, err := secretFrom(f)
		f.Close()
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line != "" {
				out = append(out, line)
			}
		}
	}
	return out, nil
}
