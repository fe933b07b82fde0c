package actionapi

import (
	"strconv"

	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/i18n"
)

// The places of userinfo's parameters.
const (
	userProp = iota
	userAttached
)

// queryUserInfo is meta=userinfo: who the caller is.
func queryUserInfo() *module {
	return &module{
		name: "userinfo", path: "query+userinfo", run: runUserInfo, answer: userInfoAnswer(),
		params: prefixed("ui", []param{
			userProp: {name: "prop", typ: typeEnum, multi: true, all: true, described: true, values: []string{
				"blockinfo", "hasmsg", "groups", "groupmemberships", "implicitgroups", "rights", "changeablegroups", "options",
				"editcount", "ratelimits", "theoreticalratelimits", "email", "realname", "acceptlang", "registrationdate", "unreadcount",
				"centralids", "latestcontrib", "cancreateaccount",
			}},
			userAttached: {name: "attachedwiki"},
		}),
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
	for _, prop := range args[userProp].list {
		if prop == "centralids" {
			c.addCentralIDs(o, a, args[userAttached].text)
			continue
		}
		if err := c.addUserProp(o, prop); err != nil {
			return err
		}
	}
	out.Child("userinfo", o)
	return nil
}

// addUserProp puts one thing about the caller into o. What needs pages is told as somebody without any has it.
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
		o.Child("changeablegroups", c.changeableGroups())
	case "options":
		o.Child("options", c.preferences())
	case "ratelimits":
		o.Child(prop, c.rateLimits(c.allows(auth.RightNoRateLimit)))
	case "theoreticalratelimits":
		o.Child(prop, c.rateLimits(false))
	case "email":
		o.Text("email", a.Email)
		if !a.EmailConfirmed.IsZero() {
			o.Put("emailauthenticated", result.Time(a.EmailConfirmed))
		}
	case "realname":
		o.Text("realname", a.RealName)
	case "acceptlang":
		o.Put("acceptlang", acceptedLanguages(c.r.Header.Get("Accept-Language")))
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

// changeableGroups are the groups that the caller may put others into or take them out of.
func (c *call) changeableGroups() *result.Object {
	var groups []string
	if c.allows(auth.RightUserRights) {
		groups = c.api.Groups.Explicit()
	}
	o := &result.Object{}
	for _, name := range []string{"add", "remove", "add-self", "remove-self"} {
		l := &result.List{Item: "n"}
		for _, g := range groups {
			l.Append(result.Text(g))
		}
		if name == "remove" {
			groups = nil // whoever may change others needs no rule about themselves
		}
		o.List(name, l)
	}
	return o
}

// preferences are those of the caller.
func (c *call) preferences() *result.Object {
	language := c.creator.Account.Language
	if language == "" {
		language = c.api.Site.Language
	}
	o := &result.Object{Assoc: true}
	o.Text("language", language)
	return o
}

// rateLimits tells how often the caller may do what; nothing limits those who are exempt.
func (c *call) rateLimits(exempt bool) *result.Object {
	all := &result.Object{Assoc: true}
	for _, l := range c.api.RateLimits {
		if exempt || l.Scope == "user" && c.creator.Anonymous() {
			continue
		}
		limit := &result.Object{}
		limit.Number("hits", l.Hits)
		limit.Number("seconds", l.Seconds)
		action, ok := all.Get(l.Action)
		if !ok {
			action = result.Of(&result.Object{Assoc: true})
			all.Put(l.Action, action)
		}
		action.Object().Child(l.Scope, limit)
	}
	return all
}

// acceptedLanguages tells what the header Accept-Language says, what is liked best first.
func acceptedLanguages(header string) result.Node {
	return objects("lang", i18n.ParseAccept(header), func(o *result.Object, a i18n.Accepted) {
		o.Content = "code"
		o.Put("q", result.Decimal(strconv.FormatFloat(a.Quality, 'f', -1, 64)))
		o.Text("code", a.Code)
	})
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
