package actionapi

import (
	"html/template"
	"net/url"
	"slices"
	"strings"

	"gatehouse/internal/i18n"
	"gatehouse/internal/message"
)

// manualWriter writes manuals as people read them.
type manualWriter struct {
	api  *api
	lang *i18n.Language
	// uselang is kept in links; empty = none was asked for.
	uselang string
	modules []*module
}

// newManualWriter writes the manuals of modules, each once.
func newManualWriter(c *call, modules []*module) manualWriter {
	w := manualWriter{api: c.api, lang: c.language(), uselang: c.in.text("uselang")}
	for _, m := range modules {
		if !slices.Contains(w.modules, m) {
			w.modules = append(w.modules, m)
		}
	}
	return w
}

func (w manualWriter) page() *helpPage {
	page := &helpPage{
		words: words{w.lang}, Dir: w.lang.Direction(), Site: w.api.Site.Name, Style: w.api.manuals.style,
		Title: w.plain("api-help-title"), Sandbox: w.sandbox(""),
		OpenAPI: w.api.Site.ScriptPath + openAPIFile,
	}
	for _, m := range w.modules {
		page.Modules = append(page.Modules, w.module(m.told()))
	}
	return page
}

// contents links to the modules of a page.
func (w manualWriter) contents(modules []helpModule) []helpLink {
	var all []helpLink
	for _, m := range modules {
		all = append(all, helpLink{m.Title, m.Address})
	}
	return all
}

func (w manualWriter) module(m *module) helpModule {
	h := helpModule{
		words: words{w.lang}, ID: m.path, Address: "#" + m.path, Title: w.title(m), Way: w.way(m), Description: w.join(m.description()),
		Links: w.links(m),
	}
	for _, flag := range m.flags() {
		if m.path == mainModule {
			break // some modules work without the right that the API as a whole is said to need
		}
		h.Flags = append(h.Flags, w.plain(message.Key("api-help-flag-"+flag)))
	}
	for i := range m.params {
		h.Params = append(h.Params, w.param(m, &m.params[i]))
	}
	if !m.manual.dynamic.isZero() {
		h.Dynamic = w.join(m.dynamicText())
	}
	for _, e := range m.manual.examples {
		h.Examples = append(h.Examples, w.example(m, e))
	}
	return h
}

// title is how a call names the module: "action=query", "meta=tokens".
func (w manualWriter) title(m *module) string {
	if m.manual.group == "" {
		return w.plain("api-help-main-header")
	}
	return string(m.manual.group) + "=" + m.name
}

// way leads to the module from the top.
func (w manualWriter) way(m *module) []helpLink {
	if m.path == mainModule {
		return nil
	}
	steps := []helpLink{{mainModule, w.address(mainModule)}}
	parts := strings.Split(m.path, "+")
	for i, name := range parts {
		steps = append(steps, helpLink{name, w.address(strings.Join(parts[:i+1], "+"))})
	}
	return steps
}

func (w manualWriter) links(m *module) []helpLink {
	var all []helpLink
	for i, address := range m.manual.urls() {
		title := strings.ReplaceAll(m.manual.pages[i], "_", " ")
		all = append(all, helpLink{w.plain("api-help-documentation", message.Plaintext(title)), address})
	}
	if m.manual.group != "" && m.manual.group != groupFormat && !m.disabled {
		all = append(all, helpLink{w.plain("api-help-open-in-apisandbox"), w.sandbox(m.begin())})
	}
	return all
}

// begin is the beginning of a call of the module.
func (m *module) begin() string {
	own := string(m.manual.group) + "=" + m.name
	if strings.Contains(m.path, "+") {
		return "action=query&" + own
	}
	return own
}

func (w manualWriter) param(m *module, p *param) helpParam {
	h := helpParam{ID: m.path + ":" + m.shortName(p), Name: p.name, Facts: w.facts(p)}
	var text []helpMessage
	for _, msg := range m.paramHelp(p) {
		if msg.value == "" {
			text = append(text, msg)
		}
	}
	h.Text = w.join(text)
	for _, sub := range p.sortedSubmodules() {
		h.Values = append(h.Values, helpValue{
			Name: sub.name, Address: w.address(sub.path), Warning: w.warning(&sub.manual), Text: w.html(sub.told().summary()),
		})
	}
	if p.described {
		for _, v := range p.sortedValues() {
			h.Values = append(h.Values, helpValue{Name: v, Text: w.html(m.valueText(p, v))})
		}
	}
	return h
}

// warning is about a module that nobody should begin to use.
func (w manualWriter) warning(d *manual) string {
	switch {
	case d.deprecated:
		return w.plain(helpValueOutdated)
	case d.internal:
		return w.plain(helpValueInternal)
	}
	return ""
}

// example links to a call: to its answer where that is a GET, else to the sandbox with the call filled in.
func (w manualWriter) example(m *module, e example) helpExample {
	h := helpExample{Text: w.html(m.exampleText(e)), Shown: "api.php?" + e.query, Address: w.api.path + "?" + e.query}
	if m.mustPost {
		h.Address, h.Note = w.sandbox(e.query), w.plain("api-help-example-post")
	}
	return h
}

// sandbox is where a call can be tried.
func (w manualWriter) sandbox(query string) string {
	address := w.api.Site.ArticlePath + "Special:ApiSandbox"
	if w.uselang != "" {
		address += "?" + url.Values{"uselang": {w.uselang}}.Encode()
	}
	if query != "" {
		address += "#" + query
	}
	return address
}

// address is where the manual of a module stands: on this page, or on its own.
func (w manualWriter) address(path string) string {
	if slices.ContainsFunc(w.modules, func(m *module) bool { return m.path == path }) {
		return "#" + path
	}
	query := url.Values{"action": {"help"}, "modules": {path}}
	if w.uselang != "" {
		query.Set("uselang", w.uselang)
	}
	return w.api.path + "?" + query.Encode()
}

func (w manualWriter) plain(key message.Key, params ...message.Param) string {
	return message.Plain(message.New(key, params...), w.lang)
}

func (w manualWriter) html(m message.Message) template.HTML {
	return template.HTML(message.HTML(m, w.lang))
}

func (w manualWriter) join(all []helpMessage) template.HTML {
	return template.HTML(joinBlocks(helpWriter{lang: w.lang}.blocks(all)))
}

// facts are what a parameter may be.
func (w manualWriter) facts(p *param) []template.HTML {
	var all []template.HTML
	say := func(key message.Key, params ...message.Param) {
		all = append(all, w.html(message.New(key, params...)))
	}
	if p.deprecated {
		say("api-help-param-deprecated")
	}
	if p.required {
		say("api-help-param-required")
	}
	w.sayType(p, say)
	if p.multi {
		say("api-help-param-multi", message.Num(multiLimit), message.Num(multiHighLimit))
	}
	if p.all {
		say("api-help-param-multi-all")
	}
	if p.secret() {
		say("api-help-param-sensitive")
	}
	if p.preset != "" {
		say("api-help-param-default", message.Plaintext(p.preset))
	}
	return all
}

func (w manualWriter) sayType(p *param, say func(message.Key, ...message.Param)) {
	switch p.typ {
	case typeEnum:
		if len(p.values) == 0 || p.described || p.submodules != nil {
			return
		}
		values := p.sortedValues()
		for i, v := range values {
			if v == "" {
				values[i] = w.plain("api-help-param-list-empty")
				continue
			}
			values[i] = "<kbd>" + message.EscapeWikitext(v) + "</kbd>"
		}
		say("api-help-param-list", message.List(message.ListComma, message.Texts(values...)...))
	case typeInteger:
		if p.bounded {
			say("api-help-param-integer-min", message.Num(p.min))
			return
		}
		say("api-help-param-type-integer")
	case typeLimit:
		say("api-help-param-limit", message.Num(p.min), message.Num(p.max), message.Num(p.high))
	case typeUser:
		if p.namesOnly {
			say("api-help-param-type-username")
			return
		}
		say("api-help-param-type-user")
	case typeFlag, typeTimestamp:
		say(message.Key("api-help-param-type-" + p.typeName()))
	}
}
