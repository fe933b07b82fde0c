package actionapi

import (
	"io"

	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/actionapi/schema"
)

// The places of help's parameters.
const (
	helpModules = iota
	helpSubmodules
	helpRecursive
	helpWrap
	helpTOC
)

// help is action=help, and what a call without an action gets: manuals for people.
func help() *module {
	return &module{
		name: "help", path: "help", public: true, cache: cacheAnonymous, run: runHelp, answer: helpAnswer(),
		params: []param{
			helpModules:    {name: "modules", multi: true, preset: mainModule},
			helpSubmodules: {name: "submodules", typ: typeFlag},
			helpRecursive:  {name: "recursivesubmodules", typ: typeFlag},
			helpWrap:       {name: "wrap", typ: typeFlag},
			helpTOC:        {name: "toc", typ: typeFlag},
		},
		manual: manual{
			class: "ApiHelp", group: groupAction, pages: []string{"Main_page", "FAQ", "Quick_start_guide"},
			examples: []example{
				{"main", "action=help"},
				{"submodules", "action=help&modules=query&submodules=1"},
				{"recursive", "action=help&recursivesubmodules=1"},
				{"help", "action=help&modules=help"},
				{"query", "action=help&modules=query+authmanagerinfo|query+tokens"},
			},
		},
	}
}

// The help as a file.
const (
	helpType     = "text/html"
	helpFileName = "api-help.html"
)

func runHelp(c *call, args []value, out *result.Object) error {
	var shown []*module
	for _, path := range args[helpModules].list {
		m, e := c.api.moduleAt(path, "help")
		if e != nil {
			return e
		}
		shown = append(shown, m)
		if args[helpSubmodules].set || args[helpRecursive].set {
			shown = append(shown, below(m, args[helpRecursive].set)...)
		}
	}
	w := newManualWriter(c, shown)
	page := w.page()
	if args[helpTOC].set {
		page.Contents = w.contents(page.Modules)
	}
	if !args[helpWrap].set {
		return c.showManual(page)
	}
	fragment, err := c.api.manuals.render("content", page)
	if err != nil {
		return err
	}
	o := &result.Object{}
	o.Text("mime", helpType)
	o.Text("filename", helpFileName)
	o.Text("help", string(fragment))
	out.Child("help", o)
	return nil
}

// helpAnswer is the answer with wrap; without it there is a page and no document.
func helpAnswer() []schema.Member {
	return []schema.Member{schema.Must("help", schema.Object(
		schema.Must("mime", schema.Word(helpType)), schema.Must("filename", schema.Word(helpFileName)), schema.Must("help", schema.Text()),
	))}
}

// below lists the submodules of m, with theirs behind each if deep.
func below(m *module, deep bool) []*module {
	var all []*module
	for _, sub := range m.submodules() {
		all = append(all, sub)
		if deep {
			all = append(all, below(sub, true)...)
		}
	}
	return all
}

// showManual answers with a page, whatever format was asked for.
func (c *call) showManual(page *helpPage) error {
	html, err := c.api.manuals.render("page", page)
	if err != nil {
		return err
	}
	c.header.Set("Content-Security-Policy", c.api.manuals.policy)
	c.format = &format{
		module: "help", mime: helpType + "; charset=utf-8", disposition: "inline; filename=" + helpFileName,
		// In place of the buffer, which is empty: a copy would be as large as the page.
		put: func([]byte, io.Writer, *call, *result.Object) []byte { return html },
	}
	return nil
}
