package storetest

import (
	"fmt"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/store/sqlstore"
)

// testMembers: accounts by their groups, in pages, whether few or many are in them.
func testMembers(t *testing.T, f *fixture) {
	ctx := t.Context()
	for i, groups := range [][]string{{"bot"}, {"sysop"}, nil, {"bot", "sysop"}, {"sysop", "muted"}, {"other"}, nil, {"muted"}} {
		d := draft(string(rune('A' + i)))
		d.Account.Groups = groups
		_, err := f.CreateAccount(ctx, d)
		f.try("create", err)
	}
	for name, c := range map[string]struct {
		q    auth.AccountQuery
		want string
	}{
		"one group":             {auth.AccountQuery{Groups: []string{"bot"}}, "AD"},
		"any of several":        {auth.AccountQuery{Groups: []string{"bot", "sysop", "unknown"}}, "ABDE"},
		"nobody":                {auth.AccountQuery{Groups: []string{"unknown"}}, ""},
		"not in":                {auth.AccountQuery{NotGroups: []string{"bot", "muted"}}, "BCFG"},
		"in and not in":         {auth.AccountQuery{Groups: []string{"sysop"}, NotGroups: []string{"bot"}}, "BE"},
		"having":                {auth.AccountQuery{Having: []auth.Membership{{In: []string{"sysop"}, NotIn: []string{"muted"}}}}, "BD"},
		"having one of several": {auth.AccountQuery{Having: []auth.Membership{{In: []string{"bot"}}, {In: []string{"other"}}}}, "ADF"},
		"having, open":          {auth.AccountQuery{Having: []auth.Membership{{NotIn: []string{"sysop"}}, {In: []string{"muted"}}}}, "ACEFGH"},
		"everything": {auth.AccountQuery{Groups: []string{"sysop"}, NotGroups: []string{"muted"}, From: "B", Prefix: "D",
			Having: []auth.Membership{{In: []string{"bot"}}}}, "D"},
	} {
		for _, descending := range []bool{false, true} {
			for size := 1; size <= 8; size += 3 {
				q := c.q
				q.Descending, q.Limit = descending, size+1
				want := []rune(c.want)
				if descending {
					for i, j := 0, len(want)-1; i < j; i, j = i+1, j-1 {
						want[i], want[j] = want[j], want[i]
					}
				}
				f.want(fmt.Sprintf("%s, %d a page", name, size), f.accountPages(q), string(want))
			}
		}
	}
	for group, want := range map[string]int64{"bot": 2, "sysop": 3, "unknown": 0, "'": 0} {
		n, exact, err := f.GroupSize(ctx, group)
		f.try("size", err)
		f.want("size of "+group, []any{n, exact}, []any{want, true})
	}
}

func (f *fixture) accountPages(q auth.AccountQuery) string {
	var all string
	for {
		page, err := f.Accounts(f.Context(), q)
		f.try("page", err)
		for i, a := range page {
			if i < q.Limit-1 {
				all += string(a.Name)
			}
		}
		if len(page) < q.Limit {
			return all
		}
		if next := page[q.Limit-1].Name; q.Descending {
			q.To = next
		} else {
			q.From = next
		}
	}
}

// testAccountCount: every account counts at once, also when most were counted before, and while many are made.
func testAccountCount(t *testing.T, f *fixture) {
	ctx := t.Context()
	count := func(what string, want int64) {
		t.Helper()
		n, err := f.AccountCount(ctx)
		f.try(what, err)
		f.want(what, n, want)
	}
	count("none", 0)
	f.make("Ann")
	count("one", 1)
	const many = 2300 // more than two of the blocks that are counted at a time
	for _, err := range together(many, func(i int) error {
		d := auth.Draft{Nonce: fmt.Sprint(i), Account: auth.Account{Name: auth.Name(scattered(int64(i)))}}
		_, err := f.CreateAccount(ctx, d)
		return err
	}) {
		f.try("create", err)
	}
	count("just made", many+1)
	f.pass(time.Hour)
	for range 3 {
		count("an hour later", many+1)
	}
	f.make("Zoe")
	count("one more", many+2)
	_, err := f.CreateAccount(ctx, draft("Zoe"))
	f.try("create again", err)
	if _, err := f.CreateAccount(ctx, auth.Draft{Nonce: "other", Account: auth.Account{Name: "Zoe"}}); err == nil {
		t.Error("a name was given twice")
	}
	refused := draft("Full")
	refused.Counters = []auth.Counter{{Key: "full", Limit: 0, Window: time.Hour}}
	if _, err := f.CreateAccount(ctx, refused); err == nil {
		t.Error("a full counter let an account pass")
	}
	count("after refusals", many+2)
	_, err = f.SetGroups(ctx, sqlstore.GroupChange{Account: 1, Add: []string{"bot"}})
	f.try("set groups", err)
	count("after a change", many+2)
}
