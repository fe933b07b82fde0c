package actionapi

import (
	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/message"
	"gatehouse/internal/wire"
)

// queryUserInfo is meta=userinfo: who the caller is.
func queryUserInfo() *module {
	return &module{
		name: "userinfo", path: "query+userinfo", run: runUserInfo,
		params: []param{{name: "uiprop", typ: typeEnum, multi: true, all: true, values: []string{
			"blockinfo", "hasmsg", "groups", "groupmemberships", "implicitgroups", "rights", "changeablegroups", "options",
			"editcount", "ratelimits", "theoreticalratelimits", "email", "realname", "acceptlang", "registrationdate", "unreadcount",
			"centralids", "latestcontrib", "cancreateaccount",
		}, described: true}},
		manual: manual{class: "ApiQueryUserInfo", group: groupMeta, prefix: "ui", pages: []string{"Userinfo"}, examples: []example{
			{"simple", "action=query&meta=userinfo"},
			{"data", "action=query&meta=userinfo&uiprop=blockinfo|groups|rights|hasmsg"},
		}},
	}
}

func runUserInfo(c *call, args []value, out *result.Object) error {
	a := c.creator.Account
	o := &result.Object{}
	o.Number("id", int64(a.ID))
	if a.ID != 0 {
		o.Text("name", string(a.Name))
	} else {
		o.Text("name", c.creator.Addr.String())
		o.Flag("anon", true)
	}
	for _, prop := range args[0].list {
		if err := c.addUserProp(o, prop); err != nil {
			return err
		}
	}
	out.Child("userinfo", o)
	return nil
}

// addUserProp puts one thing about the caller into o. What needs pages or preferences is told as somebody without any has it.
func (c *call) addUserProp(o *result.Object, prop string) error {
	a := c.creator.Account
	switch prop {
	case "blockinfo":
		return c.addOwnBlock(o)
	case "cancreateaccount":
		return c.addCanCreate(o)
	case "hasmsg":
		o.Flag("messages", false)
	case "changeablegroups":
		o.Child("changeablegroups", changeableGroups(c.allows(auth.RightUserRights), c.api.Groups))
	case "options", "ratelimits", "theoreticalratelimits":
		o.Child(prop, &result.Object{})
	case "email":
		o.Text("email", a.Email)
		if !a.EmailConfirmed.IsZero() {
			o.Put("emailauthenticated", result.Time(a.EmailConfirmed))
		}
	case "realname":
		o.Text("realname", a.RealName)
	case "acceptlang":
		o.List("acceptlang", &result.List{Item: "lang"})
	case "registrationdate":
		if a.ID != 0 {
			o.Put("registrationdate", result.Time(a.Registered))
		}
	case "unreadcount":
		o.Number("unreadcount", 0)
	case "latestcontrib":
	default:
		c.addAccountProp(o, a, prop)
	}
	return nil
}

// addAccountProp puts what meta=userinfo and list=users tell alike of an account.
func (c *call) addAccountProp(o *result.Object, a auth.Account, prop string) {
	switch prop {
	case "groups":
		o.Put("groups", groupsNode(effectiveGroups(a), "g"))
	case "groupmemberships":
		memberships := &result.List{Item: "groupmembership"}
		for _, g := range a.Groups {
			m := &result.Object{}
			m.Text("group", g)
			m.Text("expiry", "infinity")
			memberships.Append(result.Of(m))
		}
		o.List("groupmemberships", memberships)
	case "implicitgroups":
		o.Put("implicitgroups", groupsNode(auth.EffectiveGroups(auth.Account{ID: a.ID}), "g"))
	case "rights":
		rights := &result.List{Item: "r"}
		for _, r := range c.api.Groups.Rights(a) {
			rights.Append(result.Text(string(r)))
		}
		o.List("rights", rights)
	case "editcount":
		o.Number("editcount", 0)
	case "centralids":
		ids, attached := &result.Object{}, &result.Object{}
		ids.Number("local", int64(a.ID))
		attached.Flag("local", a.ID != 0)
		o.Child("centralids", ids)
		o.Child("attachedlocal", attached)
	}
}

// effectiveGroups are all groups of an account, those it was put into first.
func effectiveGroups(a auth.Account) []string {
	return append(append([]string(nil), a.Groups...), auth.EffectiveGroups(auth.Account{ID: a.ID})...)
}

func groupsNode(groups []string, item string) result.Node {
	l := &result.List{Item: item}
	for _, g := range groups {
		l.Append(result.Text(g))
	}
	return result.OfList(l)
}

func changeableGroups(any bool, policy auth.GroupPolicy) *result.Object {
	groups := result.OfList(&result.List{Item: "n"})
	if any {
		groups = groupsNode(explicitGroups(policy), "n")
	}
	o := &result.Object{}
	o.Put("add", groups)
	o.Put("remove", groups)
	o.List("add-self", &result.List{Item: "n"})
	o.List("remove-self", &result.List{Item: "n"})
	return o
}

func (c *call) addOwnBlock(o *result.Object) error {
	blocks, err := c.api.Blocks.BlocksOn(c.ctx, c.creator)
	if err != nil {
		return err
	}
	for i := range blocks {
		if blocks[i].AnonymousOnly && !c.creator.Anonymous() && blocks[i].Account == 0 {
			continue
		}
		c.addBlock(o, &blocks[i])
		return nil
	}
	return nil
}

// addBlock puts what is public of a block into o.
func (c *call) addBlock(o *result.Object, b *auth.Block) {
	o.Number("blockid", b.ID)
	o.Text("blockedby", string(b.By))
	o.Number("blockedbyid", int64(b.ByID))
	o.Text("blockreason", b.Reason)
	o.Put("blockedtimestamp", result.Time(b.Created))
	if b.Expires.IsZero() {
		o.Text("blockexpiry", "infinite")
	} else {
		o.Put("blockexpiry", result.Time(b.Expires))
	}
	o.Flag("blockpartial", false)
	o.Flag("blocknocreate", b.PreventCreate)
	o.Flag("blockanononly", b.AnonymousOnly)
	o.Flag("blockemail", false)
	o.Flag("blockowntalk", false)
	l := c.language()
	o.Text("blockedtimestampformatted", l.Time(b.Created))
	if !b.Expires.IsZero() {
		o.Text("blockexpiryformatted", l.Time(b.Expires))
		o.Text("blockexpiryrelative", l.Duration(int64(b.Expires.Sub(c.now()).Seconds())))
	}
}

// addCanCreate tells whether the caller may make accounts, and if not, why.
func (c *call) addCanCreate(o *result.Object) error {
	why, err := c.api.Manager.MayCreate(c.ctx, c.creator)
	if err != nil {
		return err
	}
	o.Flag("cancreateaccount", why.OK())
	if !why.OK() {
		o.Put("cancreateaccounterror", c.findings(why.Findings))
	}
	return nil
}

// findings lists reasons in the error format of the call.
func (c *call) findings(ms []message.Message) result.Node {
	format := c.errorFormat()
	l := &result.List{Item: "error"}
	for _, m := range ms {
		o := &result.Object{}
		if format == errorFormatBC {
			o.Text("message", string(m.Key))
			o.Put("params", rawParams(m, "param"))
			o.Text("code", wire.Code(m))
			o.Text("type", "error")
		} else {
			o.Text("code", wire.Code(m))
			c.addText(o, m, format)
		}
		l.Append(result.Of(o))
	}
	return result.OfList(l)
}
