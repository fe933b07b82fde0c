package actionapi

import (
	"gatehouse/auth"
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
		}}},
	}
}

func runUserInfo(c *call, args []value, out *object) error {
	a := c.creator.Account
	o := &object{}
	o.number("id", int64(a.ID))
	if a.ID != 0 {
		o.text("name", string(a.Name))
	} else {
		o.text("name", c.creator.Addr.String())
		o.flag("anon", true)
	}
	for _, prop := range args[0].list {
		if err := c.addUserProp(o, prop); err != nil {
			return err
		}
	}
	out.child("userinfo", o)
	return nil
}

// addUserProp puts one thing about the caller into o. What needs pages or preferences is told as somebody without any has it.
func (c *call) addUserProp(o *object, prop string) error {
	a := c.creator.Account
	switch prop {
	case "blockinfo":
		return c.addOwnBlock(o)
	case "cancreateaccount":
		return c.addCanCreate(o)
	case "hasmsg":
		o.flag("messages", false)
	case "changeablegroups":
		o.child("changeablegroups", changeableGroups(c.allows(auth.RightUserRights), c.api.Groups))
	case "options", "ratelimits", "theoreticalratelimits":
		o.child(prop, &object{})
	case "email":
		o.text("email", a.Email)
		if !a.EmailConfirmed.IsZero() {
			o.put("emailauthenticated", timeNode(a.EmailConfirmed))
		}
	case "realname":
		o.text("realname", a.RealName)
	case "acceptlang":
		o.put("acceptlang", listNode(&list{item: "lang"}))
	case "registrationdate":
		if a.ID != 0 {
			o.put("registrationdate", timeNode(a.Registered))
		}
	case "unreadcount":
		o.number("unreadcount", 0)
	case "latestcontrib":
	default:
		c.addAccountProp(o, a, prop)
	}
	return nil
}

// addAccountProp puts what meta=userinfo and list=users tell alike of an account.
func (c *call) addAccountProp(o *object, a auth.Account, prop string) {
	switch prop {
	case "groups":
		o.put("groups", groupsNode(effectiveGroups(a), "g"))
	case "groupmemberships":
		memberships := &list{item: "groupmembership"}
		for _, g := range a.Groups {
			m := &object{}
			m.text("group", g)
			m.text("expiry", "infinity")
			memberships.append(objectNode(m))
		}
		o.put("groupmemberships", listNode(memberships))
	case "implicitgroups":
		o.put("implicitgroups", groupsNode(auth.EffectiveGroups(auth.Account{ID: a.ID}), "g"))
	case "rights":
		rights := &list{item: "r"}
		for _, r := range c.api.Groups.Rights(a) {
			rights.append(textNode(string(r)))
		}
		o.put("rights", listNode(rights))
	case "editcount":
		o.number("editcount", 0)
	case "centralids":
		ids, attached := &object{}, &object{}
		ids.number("local", int64(a.ID))
		attached.flag("local", a.ID != 0)
		o.child("centralids", ids)
		o.child("attachedlocal", attached)
	}
}

// effectiveGroups are all groups of an account, those it was put into first.
func effectiveGroups(a auth.Account) []string {
	return append(append([]string(nil), a.Groups...), auth.EffectiveGroups(auth.Account{ID: a.ID})...)
}

func groupsNode(groups []string, item string) node {
	l := &list{item: item}
	for _, g := range groups {
		l.append(textNode(g))
	}
	return listNode(l)
}

func changeableGroups(any bool, policy auth.GroupPolicy) *object {
	groups := listNode(&list{item: "n"})
	if any {
		groups = groupsNode(explicitGroups(policy), "n")
	}
	o := &object{}
	o.put("add", groups)
	o.put("remove", groups)
	o.put("add-self", listNode(&list{item: "n"}))
	o.put("remove-self", listNode(&list{item: "n"}))
	return o
}

func (c *call) addOwnBlock(o *object) error {
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
func (c *call) addBlock(o *object, b *auth.Block) {
	o.number("blockid", b.ID)
	o.text("blockedby", string(b.By))
	o.number("blockedbyid", int64(b.ByID))
	o.text("blockreason", b.Reason)
	o.put("blockedtimestamp", timeNode(b.Created))
	if b.Expires.IsZero() {
		o.text("blockexpiry", "infinite")
	} else {
		o.put("blockexpiry", timeNode(b.Expires))
	}
	o.flag("blockpartial", false)
	o.flag("blocknocreate", b.PreventCreate)
	o.flag("blockanononly", b.AnonymousOnly)
	o.flag("blockemail", false)
	o.flag("blockowntalk", false)
	l := c.language()
	o.text("blockedtimestampformatted", l.Time(b.Created))
	if !b.Expires.IsZero() {
		o.text("blockexpiryformatted", l.Time(b.Expires))
		o.text("blockexpiryrelative", l.Duration(int64(b.Expires.Sub(c.now()).Seconds())))
	}
}

// addCanCreate tells whether the caller may make accounts, and if not, why.
func (c *call) addCanCreate(o *object) error {
	why, err := c.api.Manager.MayCreate(c.ctx, c.creator)
	if err != nil {
		return err
	}
	o.flag("cancreateaccount", why.OK())
	if !why.OK() {
		o.put("cancreateaccounterror", c.findings(why.Findings))
	}
	return nil
}

// findings lists reasons in the error format of the call.
func (c *call) findings(ms []message.Message) node {
	format := c.errorFormat()
	l := &list{item: "error"}
	for _, m := range ms {
		o := &object{}
		if format == errorFormatBC {
			o.text("message", string(m.Key))
			o.put("params", rawParams(m, "param"))
			o.text("code", wire.Code(m))
			o.text("type", "error")
		} else {
			o.text("code", wire.Code(m))
			c.addText(o, m, format)
		}
		l.append(objectNode(o))
	}
	return listNode(l)
}
