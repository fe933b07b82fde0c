package actionapi

import (
	"slices"
	"strings"

	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/message"
	"gatehouse/internal/wire"
)

// The places of paraminfo's parameters.
const (
	paramInfoModules = iota
	paramInfoHelpFormat
	paramInfoQueryModules
	paramInfoMainModule
	paramInfoPageSet
	paramInfoFormatModules
)

// paramInfo is action=paraminfo: it describes modules and their parameters to programs.
func paramInfo(parts, formats []*module) *module {
	queries := names(parts)
	slices.Sort(queries)
	return &module{
		name: "paraminfo", path: "paraminfo", public: true, run: runParamInfo, answer: paramInfoAnswer(),
		params: []param{
			paramInfoModules: {name: "modules", multi: true},
			paramInfoHelpFormat: {name: "helpformat", typ: typeEnum, preset: string(message.FormatNone),
				values: []string{string(message.FormatHTML), string(message.FormatWikitext), string(message.FormatRaw), string(message.FormatNone)}},
			paramInfoQueryModules:  {name: "querymodules", typ: typeEnum, multi: true, deprecated: true, values: queries},
			paramInfoMainModule:    {name: "mainmodule", deprecated: true},
			paramInfoPageSet:       {name: "pagesetmodule", deprecated: true},
			paramInfoFormatModules: {name: "formatmodules", typ: typeEnum, multi: true, deprecated: true, values: names(formats)},
		},
		manual: manual{class: "ApiParamInfo", group: groupAction, pages: []string{"Parameter_information"}, examples: []example{
			{"1", "action=paraminfo&modules=createaccount|jsonfm|query%2Bauthmanagerinfo|query%2Btokens"},
			{"2", "action=paraminfo&modules=query%2B*"},
		}},
	}
}

func runParamInfo(c *call, args []value, out *result.Object) error {
	w := paramInfoWriter{
		helpWriter: helpWriter{lang: c.language(), format: message.Format(args[paramInfoHelpFormat].text)},
		api:        c.api, high: c.allows(auth.RightAPIHighLimits),
	}
	info := &result.Object{}
	info.Text("helpformat", args[paramInfoHelpFormat].text)
	lists := map[string]*result.List{}
	for _, path := range c.paramInfoPaths(args) {
		m, e := c.api.moduleAt(path, "paraminfo")
		if e != nil {
			c.warnings = append(c.warnings, e.finding)
			continue
		}
		key := paramInfoKey(m, args)
		if lists[key] == nil {
			lists[key] = &result.List{Item: "module"}
			info.List(key, lists[key])
		}
		o := w.module(m)
		if key == "querymodules" {
			o.Text("querytype", string(m.manual.group))
		}
		lists[key].Append(result.Of(o))
	}
	if args[paramInfoMainModule].set {
		info.Child("mainmodule", w.module(c.api.root))
	}
	if args[paramInfoPageSet].set {
		info.Child("pagesetmodule", w.pageSet(find(c.api.actions, "query")))
	}
	out.Child("paraminfo", info)
	return nil
}

// paramInfoPaths lists the paths that are asked for, each once.
func (c *call) paramInfoPaths(args []value) []string {
	var paths []string
	for _, path := range args[paramInfoModules].list {
		paths = append(paths, c.expand(path)...)
	}
	for _, name := range args[paramInfoQueryModules].list {
		paths = append(paths, "query+"+name)
	}
	return unique(append(paths, args[paramInfoFormatModules].list...))
}

// expand gives the submodules for a path that ends in a star, all their descendants for two stars.
func (c *call) expand(path string) []string {
	if path == "*" || path == "**" {
		path = mainModule + "+" + path
	}
	parent, deep := strings.CutSuffix(path, "+**")
	if !deep {
		var wide bool
		if parent, wide = strings.CutSuffix(path, "+*"); !wide {
			return []string{path}
		}
	}
	m, e := c.api.moduleAt(parent, "paraminfo")
	if e != nil {
		c.warnings = append(c.warnings, e.finding)
		return nil
	}
	subs := m.submodules()
	if len(subs) == 0 {
		c.warn("paraminfo", wire.NoSubmodules, message.Text(parent))
		return nil
	}
	var paths []string
	for _, sub := range subs {
		paths = append(paths, sub.path)
		if deep {
			for _, below := range sub.submodules() {
				paths = append(paths, below.path)
			}
		}
	}
	return paths
}

// paramInfoKey is the list that a module belongs into: the one of the parameter that asked for it.
func paramInfoKey(m *module, args []value) string {
	switch {
	case strings.HasPrefix(m.path, "query+") && slices.Contains(args[paramInfoQueryModules].list, m.name):
		return "querymodules"
	case slices.Contains(args[paramInfoFormatModules].list, m.name):
		return "formatmodules"
	}
	return "modules"
}

// paramInfoWriter describes modules as data.
type paramInfoWriter struct {
	helpWriter
	api *api
	// high says that the caller has the higher limits.
	high bool
}

func (w paramInfoWriter) module(m *module) *result.Object {
	m = m.told()
	o := &result.Object{Members: make([]result.Member, 0, 24)}
	o.Text("name", m.name)
	o.Text("classname", m.manual.className())
	o.Text("path", m.path)
	if m.manual.group != "" {
		o.Text("group", string(m.manual.group))
	}
	o.Text("prefix", m.manual.prefix)
	o.Text("source", m.manual.sourceName())
	o.Text("sourcename", productName)
	o.Text("licensetag", productLicense)
	o.Text("licenselink", w.api.licenseLink(m))
	w.put(o, "description", m.description())
	for _, flag := range m.flags() {
		o.Flag(flag, true)
	}
	urls := &result.List{Item: "helpurl"}
	for _, u := range m.manual.urls() {
		urls.Append(result.Text(u))
	}
	o.List("helpurls", urls)
	if w.format != message.FormatNone {
		o.List("examples", w.examples(m))
	}
	params := &result.List{Item: "param"}
	for i := range m.params {
		params.Append(result.Of(w.param(m, i)))
	}
	o.List("parameters", params)
	o.List("templatedparameters", &result.List{Item: "param"})
	if !m.manual.dynamic.isZero() {
		if w.format == message.FormatNone {
			o.Flag("dynamicparameters", true)
		}
		w.put(o, "dynamicparameters", m.dynamicText())
	}
	return o
}

// pageSet describes the part of action=query that names pages, as if it were a module.
func (w paramInfoWriter) pageSet(query *module) *result.Object {
	set := *query
	set.params, set.token = query.params[queryTitles:], ""
	set.manual = manual{class: "ApiPageSet", reads: true}
	o := w.module(&set)
	o.Members = slices.DeleteFunc(o.Members, func(m result.Member) bool {
		return m.Name == "name" || m.Name == "path" || m.Name == "description"
	})
	return o
}

func (w paramInfoWriter) examples(m *module) *result.List {
	l := &result.List{Item: "example"}
	for _, e := range m.manual.examples {
		o := &result.Object{}
		o.Text("query", e.query)
		text := helpMessage{Message: m.exampleText(e)}
		if w.format == message.FormatRaw {
			o.Put("description", text.raw())
		} else {
			w.put(o, "description", []helpMessage{text})
		}
		l.Append(result.Of(o))
	}
	return l
}

func (w paramInfoWriter) param(m *module, i int) *result.Object {
	p := &m.params[i]
	o := &result.Object{Members: make([]result.Member, 0, 12)}
	o.Number("index", int64(i)+1)
	o.Text("name", m.shortName(p))
	w.put(o, "description", m.paramHelp(p))
	o.Put("type", p.typeNode())
	o.Flag("required", p.required)
	if p.deprecated {
		o.Flag("deprecated", true)
	}
	if p.secret() {
		o.Flag("sensitive", true)
	}
	if p.preset != "" || p.blank {
		o.Put("default", p.presetNode())
	}
	o.Flag("multi", p.multi)
	if p.multi {
		w.limits(o, p)
	}
	p.addBounds(o)
	if m.needsToken(p) {
		o.Text("tokentype", string(m.token))
	}
	return o
}

// limits tells how many values a list takes.
func (w paramInfoWriter) limits(o *result.Object, p *param) {
	limit := int64(multiLimit)
	if w.high {
		limit = multiHighLimit
	}
	o.Number("lowlimit", multiLimit)
	o.Number("highlimit", multiHighLimit)
	o.Number("limit", limit)
	if p.repeats {
		o.Flag("allowsduplicates", true)
	}
	if p.all {
		o.Text("allspecifier", "*")
	}
}

// typeNode is the name of the parameter's type, or its values.
func (p *param) typeNode() result.Node {
	if p.typ != typeEnum {
		return result.Text(p.typeName())
	}
	l := &result.List{Item: "t"}
	for _, v := range p.sortedValues() {
		l.Append(result.Text(v))
	}
	return result.OfList(l)
}

func (p *param) typeName() string {
	switch p.typ {
	case typeFlag:
		return "boolean"
	case typeInteger:
		return "integer"
	case typeLimit:
		return "limit"
	case typeTimestamp:
		return "timestamp"
	case typeUser:
		return "user"
	case typePassword:
		return "password"
	}
	return "string"
}

func (p *param) presetNode() result.Node {
	if p.typ == typeInteger || p.typ == typeLimit {
		n, _ := parseInteger(p.preset)
		return result.Number(n)
	}
	return result.Text(p.preset)
}

// addBounds tells what a value may be, beyond its type.
func (p *param) addBounds(o *result.Object) {
	switch {
	case p.typ == typeUser:
		types := []string{"name", "ip"}
		if p.namesOnly {
			types = types[:1]
		}
		if p.subtypes != nil {
			types = p.subtypes
		}
		o.Put("subtypes", result.Texts(types))
	case p.typ == typeLimit:
		o.Number("min", p.min)
		o.Number("max", p.max)
		o.Number("highmax", p.high)
	case p.typ == typeInteger && p.bounded:
		o.Number("min", p.min)
	case p.submodules != nil:
		p.addSubmodules(o)
	}
}

// addSubmodules tells which modules the values name, and which of them nobody should begin to use.
func (p *param) addSubmodules(o *result.Object) {
	paths := &result.Object{Item: "submodule", Assoc: true}
	old, inner := &result.List{}, &result.List{}
	for _, m := range p.sortedSubmodules() {
		paths.Text(m.name, m.path)
		if m.manual.deprecated {
			old.Append(result.Text(m.name))
		}
		if m.manual.internal {
			inner.Append(result.Text(m.name))
		}
	}
	o.Child("submodules", paths)
	if len(old.Items) > 0 {
		o.List("deprecatedvalues", old)
	}
	if len(inner.Items) > 0 {
		o.List("internalvalues", inner)
	}
}
