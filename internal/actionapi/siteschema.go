package actionapi

import (
	"gatehouse/internal/actionapi/schema"
)

// siteAnswer is what meta=siteinfo gives, one member for each value of siprop. What a wiki has and this site has not is empty
// and stays so.
func siteAnswer() []schema.Member {
	known := map[string]schema.Schema{
		"general":          siteGeneralSchema(),
		"namespaces":       schema.MapOf("^-?[0-9]+$", namespaceSchema()).About("By number."),
		"namespacealiases": schema.List(schema.Object(schema.Must("id", schema.Integer()), schema.Must("alias", schema.Text()))),
		"specialpagealiases": schema.List(schema.Object(
			schema.Must("realname", schema.Text()), schema.Must("aliases", schema.List(schema.Text())),
		)),
		"dbrepllag":          schema.List(schema.Object(schema.Must("host", schema.Text()), schema.Must("lag", schema.Integer()))),
		"statistics":         countSchema("pages", "articles", "edits", "images", "users", "activeusers", "admins", "jobs"),
		"usergroups":         schema.List(groupSchema()),
		"autocreatetempuser": schema.Object(schema.Must("enabled", schema.False())),
		"extensions": schema.List(schema.Object(
			schema.Must("type", schema.Text()), schema.Must("name", schema.Text()), schema.May("description", schema.Text()),
		)),
		"rightsinfo":   schema.Object(schema.Must("url", schema.Text()), schema.Must("text", schema.Text())),
		"restrictions": emptyLists("types", "levels", "cascadinglevels", "semiprotectedlevels"),
		"languages": schema.List(schema.Object(
			schema.Must("code", schema.Text()), schema.Must("bcp47", schema.Text()), schema.Must("name", schema.Text()),
		)),
		"protocols":      schema.List(schema.Text()),
		"defaultoptions": schema.Object(schema.Must("language", schema.Text())),
	}
	for _, name := range []string{"languagevariants", "uploaddialog", "autopromote", "autopromoteonce"} {
		known[name] = schema.Object()
	}
	var members []schema.Member
	for _, prop := range siteProps() {
		value, ok := known[prop]
		if !ok {
			value = schema.EmptyList()
		}
		members = append(members, schema.May(prop, value))
	}
	return members
}

func siteGeneralSchema() schema.Schema {
	flags := []string{
		"mainpageisdomainroot", "imagewhitelistenabled", "langconversion", "linkconversion", "titleconversion", "allunicodefixes",
		"fixarabicunicode", "fixmalayalamunicode", "rtl", "readonly", "writeapi", "misermode", "uploadsenabled", "interwikimagic",
	}
	texts := []string{
		"mainpage", "base", "sitename", "software", "linkprefixcharset", "linkprefix", "linktrail", "legaltitlechars",
		"invalidusernamechars", "lang", "fallback8bitEncoding", "timezone", "articlepath", "scriptpath", "script", "server",
		"servername", "wikiid", "centralidlookupprovider",
	}
	var members []schema.Member
	for _, name := range flags {
		members = append(members, schema.Must(name, schema.Flag()))
	}
	for _, name := range texts {
		members = append(members, schema.Must(name, schema.Text()))
	}
	return schema.Object(append(members,
		schema.Must("generator", schema.Pattern("^MediaWiki 1\\.").About("The version of the protocol.")),
		schema.Must("case", schema.Word("first-letter")),
		schema.Must("fallback", schema.List(schema.Object(schema.Must("code", schema.Text())))),
		schema.May("readonlyreason", schema.Text()),
		schema.Must("maxarticlesize", schema.Integer()), schema.Must("timeoffset", schema.Integer()),
		schema.Must("variantarticlepath", schema.False()),
		schema.Must("time", schema.Time()),
		schema.Must("allcentralidlookupproviders", schema.List(schema.Text())),
		schema.Must("magiclinks", schema.Map(schema.Flag())),
	)...)
}

func namespaceSchema() schema.Schema {
	return schema.Object(
		schema.Must("id", schema.Integer()), schema.Must("case", schema.Word("first-letter")), schema.Must("name", schema.Text()),
		schema.Must("subpages", schema.Flag()), schema.May("canonical", schema.Text()), schema.Must("content", schema.Flag()),
		schema.Must("nonincludable", schema.Flag()),
	)
}

func groupSchema() schema.Schema {
	return schema.Object(
		schema.Must("name", schema.Text()), schema.Must("rights", schema.List(schema.Text())), schema.May("number", schema.AtLeast(0)),
	)
}

func countSchema(names ...string) schema.Schema {
	members := make([]schema.Member, len(names))
	for i, name := range names {
		members[i] = schema.Must(name, schema.AtLeast(0))
	}
	return schema.Object(members...)
}

func emptyLists(names ...string) schema.Schema {
	members := make([]schema.Member, len(names))
	for i, name := range names {
		members[i] = schema.Must(name, schema.EmptyList())
	}
	return schema.Object(members...)
}
