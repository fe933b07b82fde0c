package actionapi

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/actionapi/schema"
	"gatehouse/internal/message"
)

// openAPIVersion is the version of the specification that the document keeps to.
const openAPIVersion = "3.1.1"

// component is a description that has a name in the document.
type component struct {
	name  string
	value schema.Schema
}

// openAPIWriter makes the document that describes the API to programs. Everything in it comes from the tables that the
// parser reads, from the manuals, and from the answers that modules declare; docs/implementation-choices.md says why it has
// the shape it has.
type openAPIWriter struct {
	api        *api
	components []component
}

// openAPI is the document.
func (a *api) openAPI() *result.Object {
	w := &openAPIWriter{api: a}
	root := &result.Object{}
	root.Text("openapi", openAPIVersion)
	root.Child("info", w.info())
	servers, server := &result.List{}, &result.Object{}
	server.Text("url", a.Site.Server+a.Site.ScriptPath)
	servers.Append(result.Of(server))
	root.List("servers", servers)
	path, entry := &result.Object{}, &result.Object{}
	entry.Child("get", w.get())
	entry.Child("post", w.post())
	path.Child("/api.php", entry)
	root.Child("paths", path)
	w.addAnswers()
	schemas, components := &result.Object{}, &result.Object{}
	slices.SortFunc(w.components, func(a, b component) int { return strings.Compare(a.name, b.name) })
	for _, c := range w.components {
		schemas.Put(c.name, c.value.Node())
	}
	components.Child("schemas", schemas)
	root.Child("components", components)
	outside := &result.Object{}
	outside.Text("description", "What the calls are for and how they belong together")
	outside.Text("url", documentation+"Account_creation")
	root.Child("externalDocs", outside)
	return root
}

func (w *openAPIWriter) info() *result.Object {
	o := &result.Object{}
	o.Text("title", w.api.Site.Name+": Action API")
	o.Text("version", strings.TrimPrefix(w.api.Site.Generator, "MediaWiki "))
	o.Text("description", "The Action API of this site, as programs should use it: `format=json` and `formatversion=2`. "+
		"One address answers every call; the parameter `action` says which one it is, and `action=query` runs the parts that "+
		"`meta`, `list` and `prop` name. Errors come with HTTP 200 and the header `MediaWiki-API-Error`. Keep the cookies that "+
		"answers set: tokens belong to them.\n\n"+
		"In `components`, `<action>.request` describes a call and `<action>.answer` what a call that succeeds is answered; "+
		"`query.<part>.<member>` is what a part of a query puts under `query`, and `parameter.<module>.<name>` one parameter.")
	return o
}

// define gives a description a name and refers to it.
func (w *openAPIWriter) define(name string, s schema.Schema) schema.Schema {
	w.components = append(w.components, component{name, s})
	return schema.Ref(name)
}

// componentName makes a name for components of words and paths.
func componentName(words ...string) string {
	return strings.ReplaceAll(strings.Join(words, "."), "+", ".")
}

// paramName is the name of the component of a module's parameter.
func paramName(m *module, name string) string { return componentName("parameter", m.path, name) }

// get is reading by GET: every parameter stands for itself, because that is how people and most tools see an address.
func (w *openAPIWriter) get() *result.Object {
	o := &result.Object{}
	o.Text("operationId", "read")
	o.Text("summary", "A call that changes nothing")
	o.Text("description", "Which parameters go together, `<action>.request` says.")
	var readers []string
	parameters := map[string][]*module{} // who takes a parameter
	var order []string
	take := func(m *module) {
		for i := range m.params {
			name := m.params[i].name
			if parameters[name] == nil {
				order = append(order, name)
			}
			parameters[name] = append(parameters[name], m)
		}
	}
	for _, m := range w.api.actions {
		if m.mustPost || m.wantsSecret() {
			continue
		}
		readers = append(readers, m.name)
		take(m)
		for _, sub := range m.submodules() {
			take(sub)
		}
	}
	l := &result.List{}
	l.Append(parameterNode("action", true, "", schema.Words(readers...)))
	for _, m := range w.mainMembers() {
		l.Append(parameterNode(m.Name, m.Always, "", m.Value))
	}
	for _, name := range order {
		l.Append(w.shared(name, parameters[name]))
	}
	o.List("parameters", l)
	o.Child("responses", w.responses())
	return o
}

// wantsSecret reports whether a call needs something that does not belong into an address.
func (m *module) wantsSecret() bool {
	return slices.ContainsFunc(m.params, func(p param) bool { return p.required && p.secret() })
}

// shared is a parameter of one module, or of several.
func (w *openAPIWriter) shared(name string, takers []*module) result.Node {
	var calls []string
	all := make([]schema.Schema, len(takers))
	for i, m := range takers {
		calls = append(calls, "`"+m.call()+"`")
		all[i] = schema.Ref(paramName(m, name))
	}
	s := all[0]
	if len(all) > 1 {
		s = schema.AnyOf(all...)
	}
	return parameterNode(name, false, "With "+strings.Join(calls, ", ")+".", s)
}

// call is how a module is asked for: "list=users".
func (m *module) call() string { return cmp.Or(string(m.manual.group), "action") + "=" + m.name }

func parameterNode(name string, required bool, about string, s schema.Schema) result.Node {
	o := &result.Object{}
	o.Text("name", name)
	o.Text("in", "query")
	if about != "" {
		o.Text("description", about)
	}
	o.Flag("required", required)
	o.Put("schema", s.Node())
	return result.Of(o)
}

// post is any call by POST, told apart by its action.
func (w *openAPIWriter) post() *result.Object {
	o := &result.Object{}
	o.Text("operationId", "call")
	o.Text("summary", "Any call")
	o.Text("description", "Tokens and passwords have to stand in the body.")
	var cases []schema.Case
	examples := &result.Object{}
	for _, m := range w.api.actions {
		name := componentName(m.path, "request")
		w.define(name, w.request(m))
		cases = append(cases, schema.Case{Word: m.name, Component: name})
		w.addExamples(examples, m)
		for _, sub := range m.submodules() {
			w.addExamples(examples, sub)
		}
	}
	body := schema.Cases("action", cases...)
	content := &result.Object{}
	for _, kind := range []string{"application/x-www-form-urlencoded", "multipart/form-data"} {
		media := &result.Object{}
		media.Put("schema", body.Node())
		if len(content.Members) == 0 {
			media.Child("examples", examples)
		}
		content.Child(kind, media)
	}
	request := &result.Object{}
	request.Flag("required", true)
	request.Child("content", content)
	l := &result.List{}
	l.Append(parameterNode("origin", false, "Browsers see it only here, and not in the body.", schema.Ref(paramName(w.api.root, "origin"))))
	o.List("parameters", l)
	o.Child("requestBody", request)
	o.Child("responses", w.responses())
	return o
}

// addExamples shows what the manual shows, as a program sends it.
func (w *openAPIWriter) addExamples(out *result.Object, m *module) {
	for _, e := range m.manual.examples {
		values, err := url.ParseQuery(strings.ReplaceAll(e.query, "|", "%7C"))
		if err != nil || m.disabled {
			continue
		}
		sent := &result.Object{}
		for _, pair := range strings.Split(e.query, "&") {
			name, _, _ := strings.Cut(pair, "=")
			sent.Put(name, w.exampleValue(values.Get("action"), name, values.Get(name)))
		}
		sent.Text("format", "json")
		sent.Text("formatversion", "2")
		shown := &result.Object{}
		shown.Text("summary", message.Plain(m.exampleText(e), w.api.english))
		shown.Child("value", sent)
		out.Child(componentName(m.path, strings.TrimPrefix(e.word, "apihelp-")), shown)
	}
}

// exampleValue is a value as the parameter's type has it.
func (w *openAPIWriter) exampleValue(action, name, text string) result.Node {
	p := w.param(find(w.api.actions, action), name)
	switch {
	case p == nil:
	case p.typ == typeFlag:
		return result.Boolean(true)
	case p.typ == typeInteger && !p.multi, p.typ == typeLimit:
		if n, ok := parseInteger(text); ok {
			return result.Number(n)
		}
	}
	return result.Text(text)
}

// param finds a parameter of an action, its parts, or the API as a whole; nil is a field of a form.
func (w *openAPIWriter) param(m *module, name string) *param {
	if m == nil {
		return nil
	}
	for _, m := range append([]*module{w.api.root, m}, m.submodules()...) {
		for i := range m.params {
			if m.params[i].name == name {
				return &m.params[i]
			}
		}
	}
	return nil
}
