package storetest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/store/sqlstore"
)

func testAccounts(t *testing.T, f *fixture) {
	ctx := t.Context()
	made := f.make("Ann")
	f.make("Ben")
	f.want("id", made.ID, auth.AccountID(1))
	f.want("registered", made.Registered, f.now)

	byName, err := f.AccountByName(ctx, "Ann")
	f.try("by name", err)
	f.want("by name", byName, made)
	byID, err := f.AccountByID(ctx, made.ID)
	f.try("by id", err)
	f.want("by id", byID, made)

	for _, name := range []auth.Name{"", "ann", "ANN", "Ann ", "An", "Änn", "A%"} {
		_, err := f.AccountByName(ctx, name)
		f.refused("name "+string(name), err, auth.ErrNotFound)
	}
	for _, id := range []auth.AccountID{0, -1, 3} {
		_, err := f.AccountByID(ctx, id)
		f.refused("id", err, auth.ErrNotFound)
	}

	d := draft("Confirmed")
	d.Account.EmailConfirmed = f.now.Add(-time.Hour)
	d.Account.Groups = []string{"sysop", "bot"}
	_, err = f.CreateAccount(ctx, d)
	f.try("create", err)
	a, err := f.AccountByName(ctx, "Confirmed")
	f.try("read", err)
	f.want("confirmed", a.EmailConfirmed, f.now.Add(-time.Hour))
	f.want("groups", a.Groups, []string{"bot", "sysop"})
}

func testAccountLists(t *testing.T, f *fixture) {
	ctx := t.Context()
	// In the order of their bytes, which no language has.
	all := []auth.Name{"A", "A b", "Aa", "Ab", "B", "Zoe", "a", "Äpfel", "Ärger", "Ω", "𝔄"}
	shuffled := slices.Clone(all)
	slices.Reverse(shuffled)
	for _, n := range shuffled {
		f.make(string(n))
	}
	for name, c := range map[string]struct {
		q    auth.AccountQuery
		want []auth.Name
	}{
		"all":          {auth.AccountQuery{Limit: 100}, all},
		"limit":        {auth.AccountQuery{Limit: 3}, all[:3]},
		"limit 0":      {auth.AccountQuery{}, nil},
		"descending":   {auth.AccountQuery{Limit: 100, Descending: true}, reversed(all)},
		"prefix":       {auth.AccountQuery{Prefix: "A", Limit: 100}, all[:4]},
		"prefix Ä":     {auth.AccountQuery{Prefix: "Ä", Limit: 100}, []auth.Name{"Äpfel", "Ärger"}},
		"prefix high":  {auth.AccountQuery{Prefix: "\U0010FFFF", Limit: 100}, nil},
		"prefix %":     {auth.AccountQuery{Prefix: "%", Limit: 100}, nil},
		"from":         {auth.AccountQuery{From: "Zoe", Limit: 100}, all[5:]},
		"from between": {auth.AccountQuery{From: "C", Limit: 100}, all[5:]},
		"to":           {auth.AccountQuery{To: "Aa", Limit: 100}, all[:3]},
		"from to":      {auth.AccountQuery{From: "Aa", To: "Aa", Limit: 100}, all[2:3]},
		"from desc":    {auth.AccountQuery{From: "Ab", To: "Zoe", Limit: 2, Descending: true}, []auth.Name{"Zoe", "B"}},
		"group nobody": {auth.AccountQuery{Groups: []string{"bot"}, Limit: 100}, nil},
	} {
		got, err := f.Accounts(ctx, c.q)
		f.try(name, err)
		f.want(name, names(got), append([]auth.Name{}, c.want...))
	}

	got, err := f.AccountsByName(ctx, []auth.Name{"Zoe", "nobody", "A", "A"})
	f.try("by names", err)
	f.want("by names", sorted(got), []auth.Name{"A", "Zoe"})
	got, err = f.AccountsByID(ctx, []auth.AccountID{1, 2, 99, 1})
	f.try("by ids", err)
	f.want("by ids", sorted(got), []auth.Name{"Ω", "𝔄"})
	got, err = f.AccountsByName(ctx, nil)
	f.want("no names", len(got), 0)
	f.try("no names", err)
}

// testStrangeTexts: what one of the engines could not keep becomes U+FFFD in both, and never a fault.
func testStrangeTexts(t *testing.T, f *fixture) {
	ctx := t.Context()
	d := draft("Odd")
	d.Account.RealName = "a\x00b\xffc' OR 1=1; -- $1 ?"
	_, err := f.CreateAccount(ctx, d)
	f.try("create", err)
	a, err := f.AccountByName(ctx, "Odd")
	f.try("read", err)
	f.want("real name", a.RealName, "a\uFFFDb\uFFFDc' OR 1=1; -- $1 ?")

	for _, s := range []string{"\x00", "\xff", "Odd\x00", "'", "\uFFFF"} {
		_, err := f.AccountByName(ctx, auth.Name(s))
		f.refused("name", err, auth.ErrNotFound)
		_, err = f.Accounts(ctx, auth.AccountQuery{Prefix: s, From: auth.Name(s), To: auth.Name(s), Groups: []string{s}, NotGroups: []string{s}, Limit: 1})
		f.try("accounts", err)
		_, err = f.LogEntries(ctx, auth.LogQuery{Type: s, Action: s, Performer: auth.Name(s), Target: auth.Name(s), TargetPrefix: s, Limit: 1})
		f.try("log", err)
	}
}

func testGroups(t *testing.T, f *fixture) {
	ctx := t.Context()
	a := f.make("Ann")
	f.make("Ben")
	for _, c := range []struct{ add, remove, want []string }{
		{[]string{"sysop", "bot"}, nil, []string{"bot", "sysop"}},
		{[]string{"bot"}, nil, []string{"bot", "sysop"}},
		{nil, []string{"sysop", "unknown"}, []string{"bot"}},
		{[]string{"zeta"}, []string{"bot"}, []string{"zeta"}},
		{nil, []string{"zeta"}, nil},
	} {
		got, err := f.SetGroups(ctx, sqlstore.GroupChange{Account: a.ID, Add: c.add, Remove: c.remove})
		f.try("set groups", err)
		f.want("groups", got.Groups, c.want)
		read, err := f.AccountByID(ctx, a.ID)
		f.try("read", err)
		f.want("groups read", read, got)
	}
	_, err := f.SetGroups(ctx, sqlstore.GroupChange{Account: 99, Add: []string{"bot"}})
	f.refused("nobody", err, auth.ErrNotFound)
	for _, bad := range []string{"", "a|b"} {
		if _, err := f.SetGroups(ctx, sqlstore.GroupChange{Account: a.ID, Add: []string{"good", bad}}); err == nil {
			t.Errorf("a group was named %q", bad)
		}
	}
	read, err := f.AccountByID(ctx, a.ID)
	f.try("read", err)
	f.want("groups after refusals", read.Groups, []string(nil))
}

func testCredentials(t *testing.T, f *fixture) {
	ctx := t.Context()
	a, b := f.make("Ann"), f.make("Ben")
	got, err := f.Credential(ctx, a.ID, auth.CredentialPassword)
	f.try("read", err)
	f.want("credential", got, "hash of Ann")

	f.try("replace", f.ReplaceCredential(ctx, a.ID, auth.CredentialPassword, "hash of Ann", "new"))
	f.refused("replace again", f.ReplaceCredential(ctx, a.ID, auth.CredentialPassword, "hash of Ann", "newer"), auth.ErrNotFound)
	f.refused("other kind", f.ReplaceCredential(ctx, a.ID, "totp", "new", "x"), auth.ErrNotFound)
	f.refused("nobody", f.ReplaceCredential(ctx, 99, auth.CredentialPassword, "new", "x"), auth.ErrNotFound)
	got, err = f.Credential(ctx, a.ID, auth.CredentialPassword)
	f.try("read", err)
	f.want("replaced", got, "new")
	got, err = f.Credential(ctx, b.ID, auth.CredentialPassword)
	f.try("read", err)
	f.want("the other's", got, "hash of Ben")
	_, err = f.Credential(ctx, a.ID, "totp")
	f.refused("no such kind", err, auth.ErrNotFound)

	app := auth.CredentialTOTP.One("7")
	f.try("another", f.ChangeAccount(ctx, auth.Change{Account: a.ID, Credentials: []auth.CredentialChange{{Kind: app, New: "sealed"}}}))
	all, err := f.Credentials(ctx, a.ID)
	f.try("read all", err)
	slices.SortFunc(all, func(a, b auth.Credential) int { return strings.Compare(string(a.Kind), string(b.Kind)) })
	f.want("all", all, []auth.Credential{{Kind: auth.CredentialPassword, Value: "new"}, {Kind: app, Value: "sealed"}})
	all, err = f.Credentials(ctx, 99)
	f.try("read nobody's", err)
	f.want("nobody's", len(all), 0)

	errs := together(20, func(int) error { return f.ReplaceCredential(ctx, a.ID, auth.CredentialPassword, "new", "last") })
	good, refused, other := count(errs, auth.ErrNotFound)
	f.want("race", []any{good, refused, other}, []any{1, 19, nil})
}

func reversed(ns []auth.Name) []auth.Name {
	out := slices.Clone(ns)
	slices.Reverse(out)
	return out
}

func sorted(as []auth.Account) []auth.Name {
	out := names(as)
	slices.Sort(out)
	return out
}
