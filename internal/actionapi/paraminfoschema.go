package actionapi

import (
	"gatehouse/internal/actionapi/schema"
	"gatehouse/internal/message"
)

// paramInfoAnswer is what action=paraminfo answers.
func paramInfoAnswer() []schema.Member {
	module := moduleSchema(
		schema.Must("name", schema.Text()), schema.Must("path", schema.Text()), schema.May("description", helpSchema()),
		schema.May("querytype", schema.Words(string(groupProp), string(groupList), string(groupMeta))),
	)
	modules := schema.List(module)
	return []schema.Member{schema.Must("paraminfo", schema.Object(
		schema.Must("helpformat", schema.Words(
			string(message.FormatHTML), string(message.FormatWikitext), string(message.FormatRaw), string(message.FormatNone),
		)),
		schema.May("modules", modules), schema.May("querymodules", modules), schema.May("formatmodules", modules),
		schema.May("mainmodule", module),
		schema.May("pagesetmodule", moduleSchema()),
	))}
}

// helpSchema describes texts of manuals: in one piece, or raw.
func helpSchema() schema.Schema {
	return schema.OneOf(schema.Text(), schema.List(schema.Object(
		schema.Must("key", schema.Text()), schema.Must("params", schema.List(schema.Ref("RawParameter"))), schema.May("forvalue", schema.Text()),
	)))
}

// moduleSchema describes a module; whole ones have more members.
func moduleSchema(more ...schema.Member) schema.Schema {
	flag := func(name string) schema.Member { return schema.May(name, schema.True()) }
	example := schema.Object(
		schema.Must("query", schema.Text()),
		schema.Must("description", schema.OneOf(schema.Text(), schema.Ref("RawMessage"))),
	)
	return schema.Object(append(more,
		schema.Must("classname", schema.Text()),
		schema.May("group", schema.Words(
			string(groupAction), string(groupFormat), string(groupList), string(groupMeta), string(groupProp),
		)),
		schema.Must("prefix", schema.Text()), schema.Must("source", schema.Text()), schema.Must("sourcename", schema.Text()),
		schema.Must("licensetag", schema.Text()), schema.Must("licenselink", schema.Text()),
		flag("deprecated"), flag("internal"), flag("readrights"), flag("writerights"), flag("mustbeposted"), flag("generator"),
		schema.Must("helpurls", schema.List(schema.Text())),
		schema.May("examples", schema.List(example)),
		schema.Must("parameters", schema.List(paramInfoSchema())),
		schema.Must("templatedparameters", schema.EmptyList()),
		schema.May("dynamicparameters", schema.OneOf(schema.True(), helpSchema())),
	)...)
}

// paramInfoSchema describes what is told of one parameter.
func paramInfoSchema() schema.Schema {
	texts := schema.List(schema.Text())
	return schema.Object(
		schema.Must("index", schema.AtLeast(1)),
		schema.Must("name", schema.Text().About("Without the module's prefix.")),
		schema.May("description", helpSchema()),
		schema.Must("type", schema.OneOf(
			schema.Words("boolean", "integer", "limit", "timestamp", "user", "password", "string"), texts.About("Its values."),
		)),
		schema.Must("required", schema.Flag()),
		schema.May("deprecated", schema.True()), schema.May("sensitive", schema.True()),
		schema.May("default", schema.OneOf(schema.Text(), schema.Integer())),
		schema.Must("multi", schema.Flag()),
		schema.May("lowlimit", schema.Integer()), schema.May("highlimit", schema.Integer()), schema.May("limit", schema.Integer()),
		schema.May("allowsduplicates", schema.True()), schema.May("allspecifier", schema.Word("*")),
		schema.May("subtypes", schema.List(schema.Words(everySubtype()...))),
		schema.May("min", schema.Integer()), schema.May("max", schema.Integer()), schema.May("highmax", schema.Integer()),
		schema.May("submodules", schema.Map(schema.Text()).About("Paths by value.")),
		schema.May("deprecatedvalues", texts), schema.May("internalvalues", texts),
		schema.May("tokentype", schema.Text()),
	)
}
