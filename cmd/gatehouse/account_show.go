package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"gatehouse"
	"gatehouse/auth"
)

type showCmd struct {
	Name string `arg:"" help:"The account's name."`
}

// Run prints the account, a line for each fact. Secrets are not among them.
func (c showCmd) Run(ctx context.Context, s *surroundings, common *Common) error {
	return common.withOperator(ctx, s, func(op *gatehouse.Operator) error {
		d, err := op.Show(ctx, c.Name)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
		for _, fact := range facts(d) {
			fmt.Fprintf(w, "%s\t%s\n", fact[0], fact[1])
		}
		return w.Flush()
	})
}

func facts(d gatehouse.AccountDetails) [][2]string {
	a := d.Account
	out := [][2]string{
		{"name", string(a.Name)}, {"id", fmt.Sprint(a.ID)}, {"registered", when(a.Registered)}, {"real name", orDash(shown(a.RealName))},
		{"e-mail", orDash(a.Email)}, {"confirmed", orDash(when(a.EmailConfirmed))}, {"groups", groupList(memberships(a))},
		{"sign-in with", orDash(credentials(d))}, {"signed in at", count(d.Sessions, "place", "places")},
	}
	for _, f := range d.Factors {
		out = append(out, [2]string{"second factor", factorFacts(f)})
	}
	if len(d.Factors) > 0 {
		out = append(out, [2]string{"recovery codes", fmt.Sprintf("%d left", d.RecoveryCodes)})
	}
	if d.Created.ID != 0 {
		out = append(out, [2]string{"created by", fmt.Sprintf("%s (%s)", d.Created.Performer, d.Created.Action)})
	}
	for _, b := range d.Blocks {
		out = append(out, [2]string{"blocked", blockFacts(b.PreventCreate, b.AnonymousOnly, when(b.Expires)) + reasonOf(b.Reason)})
	}
	return out
}

// memberships are the groups, with their ends.
func memberships(a auth.Account) []string {
	out := slices.Clone(a.Groups)
	for i, g := range out {
		if end := a.GroupEnds[g]; !end.IsZero() {
			out[i] += " until " + when(end)
		}
	}
	return out
}

// credentials are all ways to prove who one is: kinds of what is stored, and accounts elsewhere.
func credentials(d gatehouse.AccountDetails) string {
	var out []string
	for _, c := range d.Credentials {
		out = append(out, string(c))
	}
	for _, i := range d.Identities {
		out = append(out, shown(i.Issuer+" "+i.Subject))
	}
	return strings.Join(out, ", ")
}

// factorFacts writes a second factor on one line: its kind, its name, since when, and when it was last used.
func factorFacts(f auth.Factor) string {
	used := "never used"
	if !f.Used.IsZero() {
		used = "used " + when(f.Used)
	}
	return fmt.Sprintf("%s (%s), added %s, %s", f.ID.Family(), shown(f.Name), when(f.Added), used)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func reasonOf(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + shown(reason)
}
