package actionapi

import (
	"io"
	"maps"
	"slices"
	"strings"

	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/wire"
)

// defaultFormat is for people who look at the API in a browser.
const defaultFormat = "jsonfm"

// format is one way of writing documents.
type format struct {
	// module is what warnings about its parameters are filed under.
	module string
	params []param
	mime   string
	// disposition is what Content-Disposition has, written out: every answer has it.
	disposition string
	// page wraps what is written into a page for people.
	page bool
	// put writes a document behind b. What is ready of it it may give to out; it returns the rest.
	put func(b []byte, out io.Writer, c *call, root *result.Object) []byte
}

// formatArgs are the parsed parameters of a format.
type formatArgs struct {
	read   bool
	modern bool
	ascii  bool
	// call says that the document stands in a call of callback, whose name may be empty.
	call     bool
	callback string
	// pretty breaks lines, for pages.
	pretty bool
	// namespace puts XML into its namespace.
	namespace bool
	// wrapped asks for a page's middle only, as a part of a JSON document.
	wrapped bool
}

// The places of JSON's parameters.
const (
	jsonCallback = iota
	jsonUTF8
	jsonASCII
	jsonVersion
)

// phpVersion is the place of PHP's only parameter.
const phpVersion = 0

func formats() map[string]*format {
	version := param{name: "formatversion", typ: typeEnum, values: []string{"1", "2", "latest"}, preset: "1", described: true}
	jsonParams := []param{
		jsonCallback: {name: "callback"}, jsonUTF8: {name: "utf8", typ: typeFlag}, jsonASCII: {name: "ascii", typ: typeFlag},
		jsonVersion: version,
	}
	kinds := []*format{
		{module: "json", params: jsonParams, mime: "application/json; charset=utf-8", disposition: "inline; filename=api-result.json", put: putJSON},
		{module: "php", params: []param{phpVersion: version}, mime: "application/vnd.php.serialized; charset=utf-8",
			disposition: "inline; filename=api-result.php", put: putPHP},
		{module: "xml", params: xmlParams(), mime: "text/xml; charset=utf-8", disposition: "inline; filename=api-result.xml", put: putXML},
		{module: "none", mime: "text/plain; charset=utf-8", disposition: "inline; filename=api-result.txt",
			put: func(b []byte, _ io.Writer, _ *call, _ *result.Object) []byte { return b }},
		{module: "raw", put: putRaw},
	}
	all := map[string]*format{}
	for _, f := range kinds {
		if f.module != "raw" {
			all[f.module] = f
		}
		if f.module != "none" {
			all[f.module+"fm"] = f.asPage()
		}
	}
	return all
}

// asPage is the same format, shown to people.
func (f *format) asPage() *format {
	page := *f
	page.page, page.mime, page.disposition = true, "text/html; charset=UTF-8", "inline; filename=api-result.html"
	page.params = append([]param{{name: "wrappedhtml", typ: typeFlag, textsOf: "format"}}, f.params...)
	return &page
}

// formatModules are the formats as modules, which parameters name and manuals describe: sorted, for they are values too.
func formatModules(formats map[string]*format) []*module {
	var all []*module
	for _, name := range slices.Sorted(maps.Keys(formats)) {
		f := formats[name]
		all = append(all, &module{
			name: name, path: name, params: f.manualParams(),
			manual: manual{
				class: formatClass(f.module), group: groupFormat, pages: []string{"Data_formats"},
				examples: []example{{"apihelp-format-example-generic", "action=query&meta=siteinfo&siprop=namespaces&format=" + name}},
			},
		})
	}
	return all
}

// manualParams are the parameters with the texts of the format, whether or not it is shown to people.
func (f *format) manualParams() []param {
	table := slices.Clone(f.params)
	for i := range table {
		if table[i].textsOf == "" {
			table[i].textsOf = f.module
		}
	}
	return table
}

// formatClass is what the reference calls the class of a format.
func formatClass(name string) string {
	switch name {
	case "none":
		return "ApiFormatNone"
	case "xml":
		return "ApiFormatXml"
	case "php":
		return "ApiFormatPhp"
	}
	return "ApiFormatJson" // raw too
}

// chooseFormat is the format asked for, or the default where that is none.
func (c *call) chooseFormat() {
	name := c.in.text("format")
	if c.format = c.api.formats[name]; c.format == nil {
		c.format = c.api.formats[defaultFormat]
	}
}

// readFormat reads the format's own parameters. What there is to warn of is told behind everything else.
func (c *call) readFormat() error {
	if c.formatArgs.read {
		return nil
	}
	if c.format == nil {
		c.chooseFormat()
	}
	before := len(c.warnings)
	values, err := c.parse(c.format.module, c.format.params)
	if err != nil {
		return err
	}
	c.formatArgs.read = true
	c.format.readArgs(c, values)
	c.late = append(c.late, c.warnings[before:]...)
	c.warnings = c.warnings[:before]
	return nil
}

func (f *format) readArgs(c *call, values []value) {
	a := &c.formatArgs
	if f.page {
		a.pretty, a.wrapped = true, values[0].set
		values = values[1:]
	}
	switch f.module {
	case "json":
		a.modern = values[jsonVersion].text != "1"
		a.call, a.callback = values[jsonCallback].set, callbackName(values[jsonCallback].text)
		a.ascii = values[jsonASCII].set
		if !a.modern {
			a.ascii = !values[jsonUTF8].set
		}
	case "php":
		a.modern = values[phpVersion].text != "1"
	case "xml":
		if values[xmlStylesheet].set {
			c.warn("xml", wire.StylesheetsOff)
		}
		a.namespace = values[xmlNamespace].set
	}
}

// readErrorFormat makes sure that an error can be written: where the format's parameters are wrong, without them.
func (c *call) readErrorFormat() {
	err := c.readFormat()
	if err == nil {
		return
	}
	c.warn(mainModule, wire.ErrorPrinterFailed)
	c.warnings = append(c.warnings, c.usage(err).finding)
	c.formatArgs = formatArgs{read: true, ascii: true, pretty: c.format.page}
}

// write writes a document, or a page that shows it, behind b; out is given what is ready before the rest.
func (f *format) write(b []byte, out io.Writer, c *call, root *result.Object) []byte {
	if !f.page {
		return f.put(b, out, c, root)
	}
	return c.page(out, b, root)
}

func (f *format) contentType(c *call) string {
	switch {
	case f.page && c.formatArgs.wrapped:
		return "text/mediawiki-api-prettyprint-wrapped; charset=utf-8"
	case f.module == "json" && !f.page && c.formatArgs.call:
		return "text/javascript; charset=utf-8"
	}
	return f.mime
}

func (f *format) dispositionOf(c *call) string {
	switch {
	case f.page && c.formatArgs.wrapped:
		return "inline; filename=api-result-wrapped.json"
	case f.module == "json" && !f.page && c.formatArgs.call:
		return "inline; filename=api-result.js"
	}
	return f.disposition
}

// callbackName drops what could be more than the name of a function.
func callbackName(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'A' <= r && r <= 'Z', 'a' <= r && r <= 'z', '0' <= r && r <= '9', strings.ContainsRune(`_.[]'"`, r):
			return r
		}
		return -1
	}, s)
}

func putJSON(b []byte, out io.Writer, c *call, root *result.Object) []byte {
	a := &c.formatArgs
	if a.call {
		b = append(append(append(b, "/**/"...), a.callback...), '(')
	}
	b = result.JSON{Modern: a.modern, ASCII: a.ascii, Pretty: a.pretty}.Stream(out, b, root)
	if a.call {
		b = append(b, ')')
	}
	return b
}

func putPHP(b []byte, out io.Writer, c *call, root *result.Object) []byte {
	return result.PHP{Modern: c.formatArgs.modern}.Stream(out, b, root)
}

// The places of XML's parameters.
const (
	xmlStylesheet = iota
	xmlNamespace
)

// xmlParams has a stylesheet that answers never name: it would run in the site's name.
func xmlParams() []param {
	return []param{xmlStylesheet: {name: "xslt"}, xmlNamespace: {name: "includexmlnamespace", typ: typeFlag}}
}

// xmlDocumentNamespace is what includexmlnamespace asks for.
const xmlDocumentNamespace = "http://www.mediawiki.org/xml/api/"

func putXML(b []byte, out io.Writer, c *call, root *result.Object) []byte {
	if c.formatArgs.namespace {
		root.Text("xmlns", xmlDocumentNamespace)
	}
	return result.XML{Pretty: c.formatArgs.pretty}.Stream(out, b, root)
}
