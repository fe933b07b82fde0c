package actionapi

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"

	"gatehouse/internal/message"
)

//go:embed helppage
var helpFiles embed.FS

// manualPages makes pages of manuals.
type manualPages struct {
	templates *template.Template
	// style stands inside the page, so that a page that was saved looks the same; policy allows it and nothing else.
	style  template.CSS
	policy string
}

func newManualPages() (manualPages, error) {
	style, err := helpFiles.ReadFile("helppage/help.css")
	if err != nil {
		return manualPages{}, fmt.Errorf("read the style of manuals: %w", err)
	}
	templates, err := template.ParseFS(helpFiles, "helppage/help.html")
	if err != nil {
		return manualPages{}, fmt.Errorf("read the template of manuals: %w", err)
	}
	return manualPages{templates: templates, style: template.CSS(style), policy: stylePolicy(string(style))}, nil
}

// helpPage is what a page of manuals shows.
type helpPage struct {
	words
	Dir, Title, Site, Sandbox, OpenAPI string
	Style                              template.CSS
	// Contents lists the modules in front, if that was asked for.
	Contents []helpLink
	Modules  []helpModule
}

// helpModule is the manual of one module.
type helpModule struct {
	words
	ID, Title string
	// Address is where it stands on this page.
	Address     string
	Way         []helpLink
	Description template.HTML
	Flags       []string
	Links       []helpLink
	Params      []helpParam
	Dynamic     template.HTML
	Examples    []helpExample
}

// helpParam tells of a parameter: what it is for, what it may be, and what its values mean.
type helpParam struct {
	ID, Name string
	Text     template.HTML
	Facts    []template.HTML
	Values   []helpValue
}

type helpValue struct {
	Name, Address, Warning string
	Text                   template.HTML
}

type helpExample struct {
	Text                 template.HTML
	Address, Shown, Note string
}

type helpLink struct{ Title, Address string }

// words says texts to templates.
type words struct{ lang message.Language }

// T gives a text.
func (w words) T(key message.Key) string { return message.Plain(message.New(key), w.lang) }

// Lang is the language's code.
func (w words) Lang() string { return w.lang.Code() }

// render writes one of the templates.
func (p manualPages) render(name string, page *helpPage) ([]byte, error) {
	var b bytes.Buffer
	if err := p.templates.ExecuteTemplate(&b, name, page); err != nil {
		return nil, fmt.Errorf("write manual: %w", err)
	}
	return b.Bytes(), nil
}
