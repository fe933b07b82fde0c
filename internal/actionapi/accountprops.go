package actionapi

import (
	"time"

	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/actionapi/schema"
	"gatehouse/internal/message"
	"gatehouse/internal/wire"
)

// accountProps is what is told of accounts, whether of the caller or of others.
type accountProps struct {
	names []string
	// attached names a site that centralids tells of beside this one; empty = none.
	attached string
	// blocks are those of the accounts, where they are asked for.
	blocks blocksByAccount
}

// addAccountProp puts what meta=userinfo and the lists of users tell alike of an account.
func (c *call) addAccountProp(o *result.Object, a auth.Account, prop string) {
	switch prop {
	case "groups":
		o.Put("groups", groupsNode(effectiveGroups(a), "g"))
	case "groupmemberships":
		o.Put("groupmemberships", result.OfList(memberships("groupmembership", a.Groups, a.GroupEnds)))
	case "implicitgroups":
		o.Put("implicitgroups", groupsNode(implicitGroups(a), "g"))
	case "rights":
		o.Put("rights", rightsNode("r", c.api.Groups.Rights(a)))
	case "editcount":
		o.Number("editcount", 0)
	}
}

// memberships tells of groups when they end.
func memberships(item string, groups []string, ends map[string]time.Time) *result.List {
	l := &result.List{Item: item}
	for _, g := range groups {
		o := &result.Object{}
		o.Text("group", g)
		o.Put("expiry", expiryNode(ends[g].Truncate(time.Second), "infinity"))
		l.Append(result.Of(o))
	}
	return l
}

// membershipsSchema describes what memberships writes.
func membershipsSchema() schema.Schema {
	return schema.List(schema.Object(schema.Must("group", schema.Text()), schema.Must("expiry", expirySchema("infinity"))))
}

// addCentralIDs tells where the account is known by which id: here alone.
func (c *call) addCentralIDs(o *result.Object, a auth.Account, attached string) {
	ids, here := &result.Object{Assoc: true}, &result.Object{Assoc: true}
	ids.Number(centralProvider, int64(a.ID))
	here.Flag(centralProvider, a.ID != 0)
	o.Child("centralids", ids)
	o.Child("attachedlocal", here)
	if attached != "" {
		there := &result.Object{Assoc: true}
		there.Flag(centralProvider, a.ID != 0 && attached == c.api.Site.ID)
		o.Child("attachedwiki", there)
	}
}

// effectiveGroups are all groups of an account, those it was put into first.
func effectiveGroups(a auth.Account) []string {
	return append(append([]string(nil), a.Groups...), implicitGroups(a)...)
}

// implicitGroups are those that an account is in without being put there.
func implicitGroups(a auth.Account) []string { return auth.EffectiveGroups(auth.Account{ID: a.ID}) }

func groupsNode(groups []string, item string) result.Node {
	l := &result.List{Item: item}
	for _, g := range groups {
		l.Append(result.Text(g))
	}
	return result.OfList(l)
}

// addUser puts an account into o, as the lists of users tell of it.
func (c *call) addUser(o *result.Object, a auth.Account, props *accountProps) {
	o.Number("userid", int64(a.ID))
	o.Text("name", string(a.Name))
	for _, p := range props.names {
		switch p {
		case "blockinfo":
			c.addBlocks(o, props.blocks[a.ID])
		case "registration":
			o.Put("registration", result.Time(a.Registered))
		case "emailable":
			o.Flag("emailable", a.Email != "" && !a.EmailConfirmed.IsZero())
		case "gender":
			o.Text("gender", "unknown")
		case "centralids":
			c.addCentralIDs(o, a, props.attached)
		default:
			c.addAccountProp(o, a, p)
		}
	}
}

// findings lists reasons in the error format of the call.
func (c *call) findings(ms []message.Message) result.Node {
	format := c.errorFormat()
	return objects("error", ms, func(o *result.Object, m message.Message) {
		if format == errorFormatBC {
			o.Text("message", string(m.Key))
			o.Put("params", rawParams(m, "param"))
			o.Text("code", wire.Code(m))
			o.Text("type", "error")
			return
		}
		o.Text("code", wire.Code(m))
		c.addText(o, m, format)
	})
}
