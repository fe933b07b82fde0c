package actionapi

import (
	"gatehouse/auth"
	"gatehouse/internal/actionapi/schema"
	"gatehouse/internal/message"
	"gatehouse/internal/wire"
)

// messageComponents describe texts for people in the formats that a call may choose.
func messageComponents() []component {
	number := func(kind message.Kind) schema.Schema {
		return schema.Object(schema.Must(string(kind), schema.Integer()))
	}
	text := func(kind message.Kind) schema.Schema {
		return schema.Object(schema.Must(string(kind), schema.Text()))
	}
	return []component{
		{"Message", schema.OneOf(schema.Text(), schema.Ref("RawMessage")).
			About("A text for people: wikitext or HTML, or with the message format raw its key and parameters.")},
		{"RawMessage", schema.Object(
			schema.Must("key", schema.Text()), schema.Must("params", schema.List(schema.Ref("RawParameter"))),
		).About("A text that is to be put into words by whoever shows it.")},
		{"RawParameter", schema.OneOf(
			schema.Text(), schema.Integer(), schema.Null(), number(message.KindNum), number(message.KindDuration),
			text(message.KindExpiry), text(message.KindTime), text(message.KindRaw), text(message.KindPlaintext),
			schema.Object(
				schema.Must("list", schema.List(schema.Ref("RawParameter"))),
				schema.Must("type", schema.Words(string(message.ListText), string(message.ListComma), string(message.ListPipe))),
			),
			schema.Ref("RawMessage"),
		).About("A parameter of a message. Times in seconds are a duration.")},
	}
}

// flowComponents describe what the modules of authentication flows answer, and what they ask for.
func flowComponents() []component {
	status := func(s auth.Status, members ...schema.Member) schema.Schema {
		return schema.Object(append([]schema.Member{schema.Must("status", schema.Word(string(s)))}, members...)...)
	}
	requests := schema.Must("requests", schema.List(schema.Ref("AuthenticationRequest")))
	fields := schema.May("fields", schema.Ref("AuthenticationFields"))
	text := schema.May("message", schema.Ref("Message"))
	code := schema.Must("messagecode", schema.Ref("MessageCode"))
	preserve := schema.Must("canpreservestate", schema.Flag())
	return []component{
		{"AuthenticationResponse", schema.Cases("status",
			schema.Case{Word: string(auth.Pass), Component: "AuthenticationPass"},
			schema.Case{Word: string(auth.Fail), Component: "AuthenticationFail"},
			schema.Case{Word: string(auth.UI), Component: "AuthenticationUI"},
			schema.Case{Word: string(auth.Redirect), Component: "AuthenticationRedirect"},
			schema.Case{Word: string(auth.Restart), Component: "AuthenticationRestart"},
		).About("How far the flow has come.")},
		{"AuthenticationPass", status(auth.Pass, schema.May("username", schema.Text().About("The account, in canonical form."))).
			About("It is done.")},
		{"AuthenticationFail", status(auth.Fail, text, code, preserve).About("It was refused, and the flow has ended.")},
		{"AuthenticationUI", status(auth.UI, requests, fields, text, code).
			About("More is wanted: show the requests, and send what is filled in with the parameter that continues.")},
		{"AuthenticationRedirect", status(auth.Redirect,
			schema.Must("redirecttarget", schema.Text().About("Where to send the browser.")),
			schema.May("redirectdata", schema.Map(schema.Text()).About("For programs that can go on without a browser.")), requests, fields,
		).About("An outside service goes on. When the browser is back at the return address, send what it brought.")},
		{"AuthenticationRestart", status(auth.Restart, requests, fields, text, code, preserve).
			About("An outside service knows the person, and no account here belongs to them. At sign-in only.")},
		{"AuthenticationRequest", schema.Object(
			schema.Must("id", schema.Text()),
			schema.Must("metadata", schema.Map(schema.Text()).About("Hints for who shows the request.")),
			schema.Must("required", schema.Words(wire.RequiredOptional, wire.RequiredAlways, wire.RequiredPrimary).
				About("Of those that are primary-required, one complete set is needed.")),
			schema.May("provider", schema.Ref("Message")), schema.May("account", schema.Ref("Message")), fields,
		).About("A set of fields that belong together. Without `fields` they are merged beside the requests.")},
		{"AuthenticationFields", schema.Map(schema.Ref("AuthenticationField")).About("Fields by name, which is the name of their parameter.")},
		{"AuthenticationField", schema.Object(
			schema.Must("type", schema.Words(
				string(auth.FieldString), string(auth.FieldPassword), string(auth.FieldSelect), string(auth.FieldCheckbox),
				string(auth.FieldMultiselect), string(auth.FieldButton), string(auth.FieldHidden), string(auth.FieldNull),
			).About("A hidden one is sent back as it is; one of the type null is only shown.")),
			schema.May("value", schema.Text()),
			schema.May("options", schema.Map(schema.Text()).About("What a selection may be, and its text.")),
			schema.May("label", schema.Ref("Message")), schema.May("help", schema.Ref("Message")),
			schema.Must("optional", schema.Flag()),
			schema.Must("sensitive", schema.Flag().About("To be sent in the body only.")),
		)},
	}
}

// flowAnswer is what a module that runs a flow answers.
func flowAnswer(name string) []schema.Member {
	return []schema.Member{schema.Must(name, schema.Ref("AuthenticationResponse"))}
}

// requestMembers are a list of requests, and what the merge flag puts beside it.
func requestMembers() []schema.Member {
	return []schema.Member{
		schema.May("requests", schema.List(schema.Ref("AuthenticationRequest"))), schema.May("fields", schema.Ref("AuthenticationFields")),
	}
}
