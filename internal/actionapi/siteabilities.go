package actionapi

import (
	"fmt"
	"slices"

	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/wire"
)

// Extension is a part of the protocol that the reference has as an extension, and that is in force here.
type Extension struct {
	// Type is what it is for, as the reference sorts extensions: "antispam", "other".
	Type string
	// Name is the reference's.
	Name string
	// Description says what it does here.
	Description string
}

// RateLimit is a limit that callers are told of.
type RateLimit struct {
	// Action is what is limited, and Scope whose it is: "ip", "user".
	Action, Scope string
	Hits, Seconds int64
}

func (c *call) siteExtensions() result.Node {
	return objects("ext", c.api.Extensions, func(o *result.Object, e Extension) {
		o.Text("type", e.Type)
		o.Text("name", e.Name)
		if e.Description != "" {
			o.Text("description", e.Description)
		}
	})
}

// siteGroups lists the groups with what they grant. A group's number of members is counted if it is asked for.
func (c *call) siteGroups(args []value) (result.Node, error) {
	policy := c.api.Groups
	l := &result.List{Item: "group"}
	for _, name := range append([]string{auth.GroupEverybody, auth.GroupUser, auth.GroupAutoconfirmed}, explicitGroups(policy)...) {
		o := &result.Object{}
		o.Text("name", name)
		o.Put("rights", rightsNode("permission", grantedRights(policy[name])))
		if args[siteNumberInGroup].set {
			if err := c.addGroupSize(o, name); err != nil {
				return result.Node{}, err
			}
		}
		l.Append(result.Of(o))
	}
	return result.OfList(l), nil
}

// addGroupSize leaves out the number of groups that everybody is in, and of those that are too large to be counted.
func (c *call) addGroupSize(o *result.Object, group string) error {
	switch group {
	case auth.GroupEverybody, auth.GroupAutoconfirmed:
		return nil
	case auth.GroupUser:
		n, err := c.api.Accounts.AccountCount(c.ctx)
		o.Number("number", n)
		return err
	}
	n, exact, err := c.api.Accounts.GroupSize(c.ctx, group)
	if exact {
		o.Number("number", n)
	}
	return err
}

// grantedRights are what a group gives, less what it takes itself: who is in it never has that.
func grantedRights(g auth.Group) []auth.Right {
	rights := slices.DeleteFunc(slices.Clone(g.Grant), func(r auth.Right) bool { return slices.Contains(g.Revoke, r) })
	slices.Sort(rights)
	return slices.Compact(rights)
}

func rightsNode(item string, rights []auth.Right) result.Node {
	l := &result.List{Item: item}
	for _, r := range rights {
		l.Append(result.Text(string(r)))
	}
	return result.OfList(l)
}

// explicitGroups are the groups that accounts can be put into, sorted.
func explicitGroups(policy auth.GroupPolicy) []string {
	return slices.DeleteFunc(sortedKeys(policy), func(name string) bool {
		return name == auth.GroupEverybody || name == auth.GroupUser || name == auth.GroupAutoconfirmed
	})
}

// siteStatistics counts accounts; of everything else that wikis count there is nothing.
func (c *call) siteStatistics([]value) (result.Node, error) {
	users, err := c.api.Accounts.AccountCount(c.ctx)
	if err != nil {
		return result.Node{}, fmt.Errorf("tell statistics: %w", err)
	}
	admins, _, err := c.api.Accounts.GroupSize(c.ctx, auth.GroupSysop)
	if err != nil {
		return result.Node{}, fmt.Errorf("tell statistics: %w", err)
	}
	o := &result.Object{}
	for _, name := range []string{"pages", "articles", "edits", "images"} {
		o.Number(name, 0)
	}
	o.Number("users", users)
	o.Number("activeusers", 0)
	o.Number("admins", admins)
	o.Number("jobs", 0)
	return result.Of(o), nil
}

// siteLag is that of a site whose database has no replicas. Names of servers are told to nobody.
func (c *call) siteLag(args []value) (result.Node, error) {
	if args[siteShowAllDB].set {
		return result.Node{}, fail("query+siteinfo", wire.IncludeAllDenied)
	}
	o := &result.Object{}
	o.Text("host", "")
	o.Number("lag", databaseLag)
	return result.OfList(&result.List{Item: "db", Items: []result.Node{result.Of(o)}}), nil
}

// siteTemporaryUsers: nobody is given an account without asking.
func (c *call) siteTemporaryUsers() result.Node {
	o := &result.Object{}
	o.Flag("enabled", false)
	return result.Of(o)
}

func (c *call) siteLicence() result.Node {
	o := &result.Object{}
	o.Text("url", "")
	o.Text("text", "")
	return result.Of(o)
}

// siteRestrictions: there is nothing to protect.
func (c *call) siteRestrictions() result.Node {
	o := &result.Object{}
	for _, m := range []struct{ name, item string }{
		{"types", "type"}, {"levels", "level"}, {"cascadinglevels", "level"}, {"semiprotectedlevels", "level"},
	} {
		o.List(m.name, &result.List{Item: m.item})
	}
	return result.Of(o)
}

// siteDefaultOptions are the preferences that there are.
func (c *call) siteDefaultOptions() result.Node {
	o := &result.Object{Assoc: true}
	o.Text("language", c.api.Site.Language)
	return result.Of(o)
}
