package actionapi

import (
	"regexp"
	"strings"

	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/actionapi/schema"
	"gatehouse/internal/message"
)

// request describes what is sent to an action: its own parameters, those of the parts that it runs, and the main ones.
func (w *openAPIWriter) request(m *module) schema.Schema {
	members := []schema.Member{schema.Must("action", schema.Word(m.name))}
	members = append(members, w.mainMembers()...)
	members = append(members, w.paramMembers(m)...)
	for _, sub := range m.submodules() {
		members = append(members, w.paramMembers(sub)...)
	}
	about := w.about(m.told().description())
	s := schema.Object(members...)
	if !m.manual.dynamic.isZero() {
		s = schema.Open(schema.Text().About("A field of an authentication request."), members...)
		about += "\n\n" + w.about(m.dynamicText())
	}
	if len(m.needs) > 0 {
		s = s.NeedsOneOf(paramNames(m, m.needs)...)
	}
	return s.About(about)
}

func paramNames(m *module, places []int) []string {
	names := make([]string, len(places))
	for i, place := range places {
		names[i] = m.params[place].name
	}
	return names
}

// about joins the paragraphs of a manual as plain text.
func (w *openAPIWriter) about(all []helpMessage) string {
	texts := helpWriter{lang: w.api.english}
	var paragraphs []string
	for _, m := range all {
		text := message.Plain(texts.shown(m), w.api.english)
		if m.value != "" {
			text = "- " + message.Plain(message.Literal(m.value), w.api.english) + ": " + text
		}
		if text != "" {
			paragraphs = append(paragraphs, commonMark(text))
		}
	}
	return strings.Join(paragraphs, "\n\n")
}

// commonMark writes the lists of a text as descriptions have them: "# first" would be a heading there.
func commonMark(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		rest := strings.TrimLeft(line, "#*")
		depth := len(line) - len(rest)
		switch {
		case depth == 0:
		case line[depth-1] == '#':
			lines[i] = strings.Repeat("   ", depth-1) + "1." + rest
		default:
			lines[i] = strings.Repeat("   ", depth-1) + "-" + rest
		}
	}
	return strings.Join(lines, "\n")
}

// mainMembers are the main parameters but the action, each a component. The format is the one that the document is about.
func (w *openAPIWriter) mainMembers() []schema.Member {
	members := []schema.Member{
		schema.Must("format", schema.Word("json")), schema.Must("formatversion", schema.Words("2", "latest")),
	}
	for i := range w.api.main {
		p := &w.api.main[i]
		if i != mainAction && i != mainFormat {
			members = append(members, schema.May(p.name, w.paramRef(w.api.root, p)))
		}
	}
	return members
}

// paramMembers are the parameters of a module, each a component.
func (w *openAPIWriter) paramMembers(m *module) []schema.Member {
	members := make([]schema.Member, len(m.params))
	for i := range m.params {
		p := &m.params[i]
		members[i] = schema.Member{Name: p.name, Value: w.paramRef(m, p), Always: p.required}
	}
	return members
}

// paramRef refers to the description of a parameter, which is made when it is first referred to.
func (w *openAPIWriter) paramRef(m *module, p *param) schema.Schema {
	name := paramName(m, p.name)
	for _, c := range w.components {
		if c.name == name {
			return schema.Ref(name)
		}
	}
	s := p.schema().About(w.about(m.paramHelp(p)))
	if p.preset != "" {
		s = s.Default(p.presetNode())
	}
	if p.deprecated {
		s = s.Deprecated()
	}
	return w.define(name, s)
}

// The lists of values of one type, separated by bars; or, by the separator that they begin with, whatever it holds.
const (
	listOfIntegers = `^[+-]?[0-9]+(\|[+-]?[0-9]+)*$`
	listOfOthers   = `^\x1f`
)

// schema describes the values of a parameter.
func (p *param) schema() schema.Schema {
	switch p.typ {
	case typeFlag:
		return schema.True() // to leave it out is the only way to say no
	case typeEnum:
		return p.enumSchema()
	case typeInteger:
		return p.integerSchema()
	case typeLimit:
		return schema.AnyOf(schema.Between(p.min, p.high), schema.Word("max"))
	case typeSecret, typePassword:
		return schema.Secret()
	}
	return schema.Text()
}

func (p *param) enumSchema() schema.Schema {
	if len(p.values) == 0 {
		return schema.Text()
	}
	if !p.multi {
		return schema.Words(p.values...)
	}
	words := make([]string, len(p.values))
	for i, v := range p.values {
		words[i] = regexp.QuoteMeta(v)
	}
	one := "(" + strings.Join(words, "|") + ")"
	values := p.values
	if p.all {
		values = append(values[:len(values):len(values)], "*")
	}
	return schema.AnyOf(schema.Words(values...), schema.Pattern(`^(`+one+`(\|`+one+`)*)?$`), schema.Pattern(listOfOthers))
}

func (p *param) integerSchema() schema.Schema {
	switch {
	case p.multi:
		return schema.AnyOf(schema.Integer(), schema.Pattern(listOfIntegers), schema.Pattern(listOfOthers))
	case p.bounded:
		return schema.AtLeast(p.min)
	}
	return schema.Integer()
}

// responses are what comes back, whatever was called.
func (w *openAPIWriter) responses() *result.Object {
	o := &result.Object{}
	o.Child("200", w.jsonResponse("What the call is answered; an error too, which the header MediaWiki-API-Error names.", "Answer"))
	o.Child("400", textResponse("The body broke off. Nothing was done."))
	o.Child("403", textResponse("The parameter `origin` is not what the header `Origin` says. Nothing was done."))
	o.Child("408", textResponse("The body came too slowly. Nothing was done."))
	o.Child("413", w.jsonResponse("The request is larger than the server takes. Nothing was done.", "Error"))
	return o
}

func (w *openAPIWriter) jsonResponse(about, component string) *result.Object {
	o := &result.Object{}
	o.Text("description", about)
	headers := &result.Object{}
	for _, h := range []struct{ name, about string }{
		{"MediaWiki-API-Error", "The code of the error; of several, all of them. Not there where there is none."},
		{"Retry-After", "Seconds after which to try again, with the errors `ratelimited` and `maxlag`."},
		{"MediaWiki-Login-Suppressed", "There where other sites can read the answer, so that nobody counts as signed in."},
		{"X-Request-Id", "What the operator finds the call by in the log."},
	} {
		header := &result.Object{}
		header.Text("description", h.about)
		header.Put("schema", schema.Text().Node())
		headers.Child(h.name, header)
	}
	o.Child("headers", headers)
	content, media := &result.Object{}, &result.Object{}
	media.Put("schema", schema.Ref(component).Node())
	content.Child("application/json", media)
	o.Child("content", content)
	return o
}

func textResponse(about string) *result.Object {
	o := &result.Object{}
	o.Text("description", about)
	return o
}
