package actionapi

import (
	"slices"

	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/actionapi/schema"
	"gatehouse/internal/message"
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
	for _, end := range ends {
		if !endless(end) {
			return fail(c.module.path, wire.InvalidGroupExpiry, message.Text(message.EscapeWikitext(end)))
		}
	}
	t, err := c.blockTarget(args[rightsUser], args[rightsUserID])
	if err != nil {
		return err
	}
	if t.account.ID == 0 {
		return fail(c.module.path, wire.NoSuchTarget, message.Text(message.EscapeWikitext(args[rightsUser].text)))
	}
	before, after, err := c.api.Manager.EditGroups(c.ctx, c.creator, t.account, auth.GroupEdit{
		Add: add, Remove: without(args[rightsRemove].list, add), Log: auth.LogEntry{Comment: cutReason(args[rightsReason].text)},
	})
	if err != nil {
		return err
	}
	o := &result.Object{}
	o.Text("user", string(t.account.Name))
	o.Number("userid", int64(t.account.ID))
	o.List("added", groupNames(without(after.Groups, before.Groups)))
	o.List("removed", groupNames(without(before.Groups, after.Groups)))
	out.Child("userrights", o)
	return nil
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
