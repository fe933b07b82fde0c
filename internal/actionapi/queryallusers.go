package actionapi

import (
	"fmt"

	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/actionapi/schema"
	"gatehouse/internal/username"
	"gatehouse/internal/wire"
)

// The places of allusers' parameters.
const (
	allFrom = iota
	allTo
	allPrefix
	allDir
	allGroup
	allExcludeGroup
	allRights
	allProp
	allLimit
	allWithEdits
	allActive
	allAttached
	allExcludeNamed
	allExcludeTemporary
)

// queryAllUsers is list=allusers: accounts by name. Groups and rights are those of the policy.
func queryAllUsers(policy auth.GroupPolicy) *module {
	return &module{
		name: "allusers", path: "query+allusers", cache: cacheAnonymous, run: runAllUsers,
		answer: []schema.Member{schema.Must("allusers", schema.List(schema.Ref("Account")))},
		params: prefixed("au", []param{
			allFrom:         {name: "from"},
			allTo:           {name: "to"},
			allPrefix:       {name: "prefix"},
			allDir:          {name: "dir", typ: typeEnum, values: []string{"ascending", "descending"}, preset: "ascending"},
			allGroup:        {name: "group", typ: typeEnum, multi: true, values: explicitGroups(policy)},
			allExcludeGroup: {name: "excludegroup", typ: typeEnum, multi: true, values: explicitGroups(policy)},
			allRights:       {name: "rights", typ: typeEnum, multi: true, values: policyRights(policy)},
			allProp: {name: "prop", typ: typeEnum, multi: true, all: true, described: true, values: []string{
				"blockinfo", "groups", "implicitgroups", "rights", "editcount", "registration", "centralids",
			}},
			allLimit:            {name: "limit", typ: typeLimit, preset: "10", min: 1, max: 500, high: 5000},
			allWithEdits:        {name: "witheditsonly", typ: typeFlag},
			allActive:           {name: "activeusers", typ: typeFlag},
			allAttached:         {name: "attachedwiki"},
			allExcludeNamed:     {name: "excludenamed", typ: typeFlag},
			allExcludeTemporary: {name: "excludetemp", typ: typeFlag},
		}),
		manual: manual{class: "ApiQueryAllUsers", group: groupList, prefix: "au", pages: []string{"Allusers"}, examples: []example{
			{"y", "action=query&list=allusers&aufrom=Y"},
		}},
	}
}

// policyRights are all rights that some group gives or takes, sorted.
func policyRights(policy auth.GroupPolicy) []string {
	all := map[string]bool{}
	for _, g := range policy {
		for _, r := range append(append([]auth.Right(nil), g.Grant...), g.Revoke...) {
			all[string(r)] = true
		}
	}
	return sortedKeys(all)
}

func runAllUsers(c *call, args []value, out *result.Object) error {
	if len(args[allGroup].list) > 0 && len(args[allExcludeGroup].list) > 0 {
		return about("query+allusers", wire.InvalidParamMix, "augroup", "auexcludegroup")
	}
	l := &result.List{Item: "u"}
	out.List("allusers", l)
	limit := c.query.rowLimit("allusers", args[allLimit])
	q, some := c.accountQuery(args, limit+1)
	if !some {
		return nil
	}
	accounts, err := c.api.Accounts.Accounts(c.ctx, q)
	if err != nil {
		return fmt.Errorf("list accounts: %w", err)
	}
	if len(accounts) > limit {
		c.query.continueWith("allusers", "aufrom", string(accounts[limit].Name))
		accounts = accounts[:limit]
	}
	props, err := c.accountProps(args[allProp], args[allAttached], accounts)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		o := &result.Object{}
		c.addUser(o, a, props)
		l.Append(result.Of(o))
	}
	return nil
}

// accountQuery turns parameters into a query; some is false where nothing can match.
func (c *call) accountQuery(args []value, limit int) (q auth.AccountQuery, some bool) {
	q = auth.AccountQuery{
		Prefix: string(c.nameStart(args[allPrefix].text)), From: c.nameStart(args[allFrom].text), To: c.nameStart(args[allTo].text),
		Groups: args[allGroup].list, NotGroups: args[allExcludeGroup].list,
		Descending: args[allDir].text == "descending", Limit: limit,
	}
	if q.Descending {
		q.From, q.To = q.To, q.From // the query's bounds are the lower and the upper one
	}
	if rights := args[allRights].list; len(rights) > 0 {
		if q.Having = havingRights(c.api.Groups, rights); len(q.Having) == 0 {
			return q, false
		}
	}
	// Nobody edits here, and every account has a name that somebody chose.
	some = !args[allWithEdits].set && !args[allActive].set && !args[allExcludeNamed].set
	return q, some
}

// nameStart spells the beginning of a name as names are spelled.
func (c *call) nameStart(text string) auth.Name {
	name, _ := c.api.Names.Canonical(text, username.None)
	return name
}

// havingRights are the memberships that give one of the rights: in a group that grants it, and in none that takes it. Groups
// that everybody is in do not count.
func havingRights(policy auth.GroupPolicy, rights []string) []auth.Membership {
	var out []auth.Membership
	for _, r := range rights {
		var m auth.Membership
		for _, name := range explicitGroups(policy) {
			g := policy[name]
			switch {
			case contains(g.Revoke, r):
				m.NotIn = append(m.NotIn, name)
			case contains(g.Grant, r):
				m.In = append(m.In, name)
			}
		}
		if len(m.In) > 0 {
			out = append(out, m)
		}
	}
	return out
}

func contains(rights []auth.Right, name string) bool {
	for _, r := range rights {
		if string(r) == name {
			return true
		}
	}
	return false
}
