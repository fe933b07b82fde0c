package actionapi

import (
	"slices"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/actionapi/schema"
	"gatehouse/internal/message"
	"gatehouse/internal/usertext"
	"gatehouse/internal/websession"
	"gatehouse/internal/wire"
)

// The places of userrights' parameters.
const (
	rightsUser = iota
	rightsUserID
	rightsAdd
	rightsExpiry
	rightsRemove
	rightsReason
	rightsToken
)

// userRights is action=userrights: a bureaucrat puts accounts into groups and takes them out.
func userRights(groups auth.GroupPolicy) *module {
	explicit := groups.Explicit()
	return &module{
		name: "userrights", path: "userrights", writes: true, mustPost: true, run: runUserRights, answer: userRightsAnswer(),
		token: websession.TokenUserRights, tokenParam: rightsToken,
		params: []param{
			rightsUser:   {name: "user"},
			rightsUserID: {name: "userid", typ: typeInteger, deprecated: true},
			rightsAdd:    {name: "add", typ: typeEnum, multi: true, values: explicit},
			rightsExpiry: {name: "expiry", multi: true, repeats: true, preset: "infinite"},
			rightsRemove: {name: "remove", typ: typeEnum, multi: true, values: explicit},
			rightsReason: {name: "reason"},
			rightsToken:  {name: "token", typ: typeSecret, required: true, sensitive: true},
		},
		manual: manual{class: "ApiUserrights", group: groupAction, pages: []string{"User_group_membership"}, examples: []example{
			{"user", "action=userrights&user=FooBot&add=bot&remove=sysop|bureaucrat&token=" + exampleToken},
			{"userid", "action=userrights&userid=123&add=bot&remove=sysop|bureaucrat&token=" + exampleToken},
		}},
	}
}

func runUserRights(c *call, args []value, out *result.Object) error {
	add, ends := args[rightsAdd].list, args[rightsExpiry].list
	if len(ends) != 1 && len(ends) != len(add) {
		return fail(c.module.path, wire.TooFewExpiries, message.Int(int64(len(ends))), message.Int(int64(len(add))))
	}
	until, err := c.membershipEnds(add, ends)
	if err != nil {
		return err
	}
	t, err := c.blockTarget(args[rightsUser], args[rightsUserID])
	if err != nil {
		return err
	}
	if t.account.ID == 0 {
		return fail(c.module.path, wire.NoSuchTarget, message.Text(message.EscapeWikitext(args[rightsUser].text)))
	}
	before, after, err := c.api.Manager.EditGroups(c.ctx, c.creator, t.account, auth.GroupEdit{
		Add: add, Ends: until, Remove: without(args[rightsRemove].list, add), Log: auth.LogEntry{Comment: usertext.Reason(args[rightsReason].text)},
	})
	if err != nil {
		return err
	}
	o := &result.Object{}
	o.Text("user", string(t.account.Name))
	o.Number("userid", int64(t.account.ID))
	o.List("added", groupNames(joined(before, after)))
	o.List("removed", groupNames(without(before.Groups, after.Groups)))
	out.Child("userrights", o)
	return nil
}

// membershipEnds reads when the memberships of groups end: one end for all, or one for each.
func (c *call) membershipEnds(groups, ends []string) (map[string]time.Time, error) {
	out := map[string]time.Time{}
	for i, group := range groups {
		asked := ends[min(i, len(ends)-1)]
		end, ok := usertext.Expiry(asked, c.now())
		switch {
		case !ok:
			return nil, fail(c.module.path, wire.InvalidGroupExpiry, message.Text(message.EscapeWikitext(asked)))
		case end.IsZero():
		case end.Before(c.now()):
			return nil, fail(c.module.path, wire.PastGroupExpiry, message.Text(message.EscapeWikitext(asked)))
		default:
			out[group] = end.Truncate(time.Second)
		}
	}
	return out, nil
}

// joined are the groups that the account came into, or whose membership has another end.
func joined(before, after auth.Account) []string {
	var out []string
	for _, g := range after.Groups {
		if !before.InGroup(g) || !before.GroupEnds[g].Equal(after.GroupEnds[g]) {
			out = append(out, g)
		}
	}
	return out
}

// without gives what is in all and not in less.
func without(all, less []string) []string {
	var out []string
	for _, s := range all {
		if !slices.Contains(less, s) {
			out = append(out, s)
		}
	}
	return out
}

func groupNames(groups []string) *result.List {
	l := &result.List{Item: "group"}
	for _, g := range groups {
		l.Append(result.Text(g))
	}
	return l
}

func userRightsAnswer() []schema.Member {
	return []schema.Member{schema.Must("userrights", schema.Object(
		schema.Must("user", schema.Text()), schema.Must("userid", schema.AtLeast(1)),
		schema.Must("added", schema.List(schema.Text())), schema.Must("removed", schema.List(schema.Text())),
	))}
}
