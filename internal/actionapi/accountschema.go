package actionapi

import (
	"gatehouse/internal/actionapi/schema"
)

// accountComponents describe accounts, and the blocks that are told with them.
func accountComponents() []component {
	return []component{
		{"Account", schema.Object(accountMembers(schema.Must("userid", schema.AtLeast(1)), schema.Must("name", schema.Text()))...)},
		{"Block", schema.Object(blockMembers()...)},
	}
}

// accountMembers are what addUser, addAccountProp and addCentralIDs may put into an object, behind those that are always
// there.
func accountMembers(always ...schema.Member) []schema.Member {
	texts := schema.List(schema.Text())
	here := schema.Object(schema.Must(centralProvider, schema.Flag()))
	return append(append(always, schema.Optional(blockMembers())...),
		schema.May("groups", texts), schema.May("implicitgroups", texts), schema.May("rights", texts),
		schema.May("groupmemberships", membershipsSchema()),
		schema.May("editcount", schema.Integer()),
		schema.May("registration", schema.Time()), schema.May("emailable", schema.Flag()), schema.May("gender", schema.Word("unknown")),
		schema.May("centralids", schema.Object(schema.Must(centralProvider, schema.AtLeast(0)))),
		schema.May("attachedlocal", here), schema.May("attachedwiki", here),
	)
}

// usersAnswer tells of names that are none, then of accounts and of names without one.
func usersAnswer() []schema.Member {
	invalid := schema.Object(schema.Must("name", schema.Text()), schema.Must("invalid", schema.True()))
	missing := schema.Object(
		schema.Must("name", schema.Text()), schema.Must("missing", schema.True()), schema.May("cancreate", schema.Flag()),
		schema.May("cancreateerror", schema.List(schema.Ref("Reason"))),
	)
	missingID := schema.Object(schema.Must("userid", schema.Integer()), schema.Must("missing", schema.True()))
	return []schema.Member{schema.Must("users", schema.List(schema.OneOf(schema.Ref("Account"), missing, missingID, invalid)))}
}

// userInfoAnswer tells of the caller.
func userInfoAnswer() []schema.Member {
	limit := schema.Object(schema.Must("hits", schema.Integer()), schema.Must("seconds", schema.Integer()))
	limits := schema.Map(schema.Map(limit)).About("By action, then by whose limit it is.")
	groups := schema.List(schema.Text())
	return []schema.Member{schema.Must("userinfo", schema.Object(append(accountMembers(
		schema.Must("id", schema.AtLeast(0).About("0 where nobody is signed in.")),
		schema.Must("name", schema.Text().About("An address where nobody is signed in.")),
		schema.May("anon", schema.True()),
	),
		schema.May("messages", schema.Flag()), schema.May("unreadcount", schema.Integer()),
		schema.May("changeablegroups", schema.Object(
			schema.Must("add", groups), schema.Must("remove", groups), schema.Must("add-self", groups), schema.Must("remove-self", groups),
		)),
		schema.May("options", schema.Object(schema.Must("language", schema.Text()))),
		schema.May("ratelimits", limits), schema.May("theoreticalratelimits", limits),
		schema.May("email", schema.Text()), schema.May("emailauthenticated", schema.Time()), schema.May("realname", schema.Text()),
		schema.May("acceptlang", schema.List(schema.Object(schema.Must("q", schema.Decimal()), schema.Must("code", schema.Text())))),
		schema.May("registrationdate", schema.Time()),
		schema.May("cancreateaccount", schema.Flag()), schema.May("cancreateaccounterror", schema.List(schema.Ref("Reason"))),
	)...))}
}
