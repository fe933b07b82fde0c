package actionapi

import (
	"fmt"
	"strconv"

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
		name: "users", path: "query+users", cache: cacheAnonymous, run: runUsers,
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
	for _, id := range ids {
		o := &result.Object{}
		l.Append(result.Of(o))
		if a, ok := byID[id]; ok {
			if err := c.addUser(o, a, args[usersProp].list); err != nil {
				return err
			}
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
		if name, ok := c.api.Names.Canonical(raw, username.Valid); ok {
			names = append(names, name)
			continue
		}
		o := &result.Object{}
		o.Text("name", raw)
		o.Flag("invalid", true)
		l.Append(result.Of(o))
	}
	found, err := c.accountsByName(names)
	if err != nil {
		return err
	}
	told := map[auth.Name]bool{}
	for _, name := range names {
		if told[name] {
			continue
		}
		told[name] = true
		o := &result.Object{}
		l.Append(result.Of(o))
		a, ok := found[name]
		if !ok {
			err = c.addMissing(o, name, args[usersProp].list)
		} else {
			err = c.addUser(o, a, args[usersProp].list)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *call) accountsByName(names []auth.Name) (map[auth.Name]auth.Account, error) {
	if len(names) == 0 {
		return nil, nil
	}
	found, err := c.api.Accounts.AccountsByName(c.ctx, names)
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	byName := make(map[auth.Name]auth.Account, len(found))
	for _, a := range found {
		byName[a.Name] = a
	}
	return byName, nil
}

func (c *call) addMissing(o *result.Object, name auth.Name, props []string) error {
	o.Text("name", string(name))
	o.Flag("missing", true)
	for _, p := range props {
		if p != "cancreate" {
			continue
		}
		_, check, err := c.api.Manager.CheckName(c.ctx, string(name), false)
		if err != nil {
			return err
		}
		o.Flag("cancreate", check.OK())
		if !check.OK() {
			o.Put("cancreateerror", c.findings(check.Findings))
		}
	}
	return nil
}

func (c *call) addUser(o *result.Object, a auth.Account, props []string) error {
	o.Number("userid", int64(a.ID))
	o.Text("name", string(a.Name))
	for _, p := range props {
		switch p {
		case "blockinfo":
			if err := c.addAccountBlock(o, a); err != nil {
				return err
			}
		case "registration":
			o.Put("registration", result.Time(a.Registered))
		case "emailable":
			o.Flag("emailable", a.Email != "" && !a.EmailConfirmed.IsZero())
		case "gender":
			o.Text("gender", "unknown")
		default:
			c.addAccountProp(o, a, p)
		}
	}
	return nil
}

func (c *call) addAccountBlock(o *result.Object, a auth.Account) error {
	blocks, err := c.api.Blocks.BlocksOn(c.ctx, auth.Creator{Account: a})
	if err != nil {
		return fmt.Errorf("read blocks of account %s: %w", strconv.FormatInt(int64(a.ID), 10), err)
	}
	if len(blocks) > 0 {
		c.addBlock(o, &blocks[0])
	}
	return nil
}
