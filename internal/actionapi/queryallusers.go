package actionapi

import (
	"fmt"
	"strings"

	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
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
	allContinue
)

// queryAllUsers is list=allusers: accounts by name.
func queryAllUsers() *module {
	return &module{
		name: "allusers", path: "query+allusers", cache: cacheAnonymous, run: runAllUsers,
		params: prefixed("au", []param{
			allFrom:         {name: "from"},
			allTo:           {name: "to"},
			allPrefix:       {name: "prefix"},
			allDir:          {name: "dir", typ: typeEnum, values: []string{"ascending", "descending"}, preset: "ascending"},
			allGroup:        {name: "group", multi: true},
			allExcludeGroup: {name: "excludegroup", multi: true},
			allRights:       {name: "rights", multi: true},
			allProp: {name: "prop", typ: typeEnum, multi: true, all: true, described: true, values: []string{
				"blockinfo", "groups", "implicitgroups", "rights", "editcount", "registration", "centralids",
			}},
			allLimit:     {name: "limit", typ: typeLimit, preset: "10", min: 1, max: 500, high: 5000},
			allWithEdits: {name: "witheditsonly", typ: typeFlag},
			allActive:    {name: "activeusers", typ: typeFlag},
			allAttached:  {name: "attachedwiki"},
			allContinue:  {name: "continue", help: helpText{key: helpPaging}},
		}),
		manual: manual{class: "ApiQueryAllUsers", group: groupList, prefix: "au", pages: []string{"Allusers"}, examples: []example{
			{"y", "action=query&list=allusers&aufrom=Y"},
		}},
	}
}

func runAllUsers(c *call, args []value, out *result.Object) error {
	l := &result.List{Item: "u"}
	out.List("allusers", l)
	limit := c.query.rowLimit("allusers", args[allLimit])
	if args[allWithEdits].set || args[allActive].set {
		return nil // nobody edits here
	}
	accounts, err := c.api.Accounts.Accounts(c.ctx, c.accountQuery(args, limit+1))
	if err != nil {
		return fmt.Errorf("list accounts: %w", err)
	}
	for i, a := range accounts {
		if i == limit {
			c.query.continueWith("allusers", "aucontinue", string(a.Name))
			break
		}
		if !c.wanted(a, args) {
			continue
		}
		o := &result.Object{}
		if err := c.addUser(o, a, args[allProp].list); err != nil {
			return err
		}
		l.Append(result.Of(o))
	}
	return nil
}

func (c *call) accountQuery(args []value, limit int) auth.AccountQuery {
	q := auth.AccountQuery{
		Prefix: titleCase(args[allPrefix].text), From: auth.Name(titleCase(args[allFrom].text)),
		To: auth.Name(titleCase(args[allTo].text)), Descending: args[allDir].text == "descending", Limit: limit,
	}
	if len(args[allGroup].list) == 1 {
		q.Groups = args[allGroup].list
	}
	if from := args[allContinue].text; from != "" {
		q.From = auth.Name(from)
	}
	if q.Descending {
		q.From, q.To = q.To, q.From // the query's bounds are the lower and the upper one
	}
	return q
}

// titleCase spells the beginning of a name as names are spelled.
func titleCase(s string) string {
	s = strings.ReplaceAll(s, "_", " ")
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// wanted applies the filters that the store does not.
func (c *call) wanted(a auth.Account, args []value) bool {
	inAny := func(groups []string) bool {
		for _, g := range groups {
			if a.InGroup(g) {
				return true
			}
		}
		return false
	}
	if groups := args[allGroup].list; len(groups) > 0 && !inAny(groups) {
		return false
	}
	if inAny(args[allExcludeGroup].list) {
		return false
	}
	rights := args[allRights].list
	for _, r := range rights {
		if c.api.Groups.Allows(a, auth.Right(r)) {
			return true
		}
	}
	return len(rights) == 0
}
