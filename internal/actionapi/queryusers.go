package actionapi

import (
	"fmt"
	"slices"

	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/username"
	"gatehouse/internal/wire"
)

// The places of users' parameters.
const (
	usersProp = iota
	usersAttached
	usersNames
	usersIDs
)

// queryUsers is list=users: what is known of the accounts that are named, and whether the others could be made.
func queryUsers() *module {
	return &module{
		name: "users", path: "query+users", cache: cacheAnonymous, run: runUsers, answer: usersAnswer(),
		params: prefixed("us", []param{
			usersProp: {name: "prop", typ: typeEnum, multi: true, all: true, described: true, values: []string{
				"blockinfo", "groups", "groupmemberships", "implicitgroups", "rights", "editcount", "registration", "emailable",
				"gender", "centralids", "cancreate",
			}},
			usersAttached: {name: "attachedwiki"},
			usersNames:    {name: "users", multi: true},
			usersIDs:      {name: "userids", typ: typeInteger, multi: true},
		}),
		manual: manual{class: "ApiQueryUsers", group: groupList, prefix: "us", pages: []string{"Users"}, examples: []example{
			{"simple", "action=query&list=users&ususers=Example&usprop=groups|editcount|gender"},
		}},
	}
}

func runUsers(c *call, args []value, out *result.Object) error {
	if args[usersNames].set && args[usersIDs].set {
		return about("query+users", wire.InvalidParamMix, "ususers", "ususerids")
	}
	l := &result.List{Item: "user"}
	out.List("users", l)
	if args[usersIDs].set {
		return c.usersByID(args, l)
	}
	return c.usersByName(args, l)
}

// accountProps reads what the props need of all accounts at once.
func (c *call) accountProps(names value, attached value, accounts []auth.Account) (*accountProps, error) {
	p := &accountProps{names: names.list, attached: attached.text}
	if !slices.Contains(p.names, "blockinfo") {
		return p, nil
	}
	var err error
	p.blocks, err = c.blocksOf(accounts)
	return p, err
}

func (c *call) usersByID(args []value, l *result.List) error {
	var ids []auth.AccountID
	for _, s := range args[usersIDs].list {
		id, _ := parseInteger(s) // every one was read before
		ids = append(ids, auth.AccountID(id))
	}
	found, err := c.api.Accounts.AccountsByID(c.ctx, ids)
	if err != nil {
		return fmt.Errorf("read accounts: %w", err)
	}
	byID := map[auth.AccountID]auth.Account{}
	for _, a := range found {
		byID[a.ID] = a
	}
	props, err := c.accountProps(args[usersProp], args[usersAttached], found)
	if err != nil {
		return err
	}
	for _, id := range ids {
		o := &result.Object{}
		l.Append(result.Of(o))
		if a, ok := byID[id]; ok {
			c.addUser(o, a, props)
			continue
		}
		o.Number("userid", int64(id))
		o.Flag("missing", true)
	}
	return nil
}

// usersByName tells of impossible names first, then of the others in the order asked for.
func (c *call) usersByName(args []value, l *result.List) error {
	var names []auth.Name
	for _, raw := range args[usersNames].list {
		name, ok := c.api.Names.Canonical(raw, username.Valid)
		switch {
		case !ok:
			o := &result.Object{}
			o.Text("name", raw)
			o.Flag("invalid", true)
			l.Append(result.Of(o))
		case !slices.Contains(names, name):
			names = append(names, name)
		}
	}
	found, err := c.api.Accounts.AccountsByName(c.ctx, names)
	if err != nil {
		return fmt.Errorf("read accounts: %w", err)
	}
	byName := make(map[auth.Name]auth.Account, len(found))
	for _, a := range found {
		byName[a.Name] = a
	}
	return c.addNamed(args, l, names, byName)
}

func (c *call) addNamed(args []value, l *result.List, names []auth.Name, byName map[auth.Name]auth.Account) error {
	var accounts []auth.Account
	var free []auth.Name
	for _, name := range names {
		if a, ok := byName[name]; ok {
			accounts = append(accounts, a)
		} else {
			free = append(free, name)
		}
	}
	props, err := c.accountProps(args[usersProp], args[usersAttached], accounts)
	if err != nil {
		return err
	}
	verdicts, err := c.lookAhead(props, free)
	if err != nil {
		return err
	}
	for _, name := range names {
		o := &result.Object{}
		l.Append(result.Of(o))
		if a, ok := byName[name]; ok {
			c.addUser(o, a, props)
			continue
		}
		o.Text("name", string(name))
		o.Flag("missing", true)
		if check, ok := verdicts[name]; ok {
			o.Flag("cancreate", check.OK())
			if !check.OK() {
				o.Put("cancreateerror", c.findings(check.Findings))
			}
		}
	}
	return nil
}

// lookAhead asks whether accounts of the names could be made, if that is asked for.
func (c *call) lookAhead(props *accountProps, names []auth.Name) (map[auth.Name]auth.Check, error) {
	if !slices.Contains(props.names, "cancreate") || len(names) == 0 {
		return nil, nil
	}
	raws := make([]string, len(names))
	for i, n := range names {
		raws[i] = string(n)
	}
	verdicts, err := c.api.Manager.LookAhead(c.ctx, c.creator, raws)
	if err != nil {
		return nil, c.tooOften("query+users", err)
	}
	checks := make(map[auth.Name]auth.Check, len(names))
	for i, v := range verdicts {
		checks[names[i]] = v.Check
	}
	return checks, nil
}
