package actionapi

import (
	"html"
	"io"
	"strings"

	"gatehouse/internal/actionapi/result"
)

// help is action=help, and what a call without an action gets: a short page that leads on.
func help() *module {
	return &module{
		name: "help", path: "help", public: true, params: helpParams(), manual: helpManual(),
		run: func(c *call, _ []value, _ *result.Object) error {
			c.format = &format{
				module: "help", mime: "text/html; charset=utf-8", file: "api-help.html",
				put: func(b []byte, _ io.Writer, c *call, _ *result.Object) []byte { return c.helpPage(b) },
			}
			return nil
		},
	}
}

// The places of help's parameters.
const (
	helpModules = iota
	helpSubmodules
	helpRecursive
	helpWrap
	helpTOC
)

func helpParams() []param {
	return []param{
		helpModules:    {name: "modules", multi: true, preset: mainModule},
		helpSubmodules: {name: "submodules", typ: typeFlag},
		helpRecursive:  {name: "recursivesubmodules", typ: typeFlag},
		helpWrap:       {name: "wrap", typ: typeFlag},
		helpTOC:        {name: "toc", typ: typeFlag},
	}
}

func helpManual() manual {
	return manual{
		class: "ApiHelp", group: groupAction, pages: []string{"Main_page", "FAQ", "Quick_start_guide"},
		examples: []example{
			{"main", "action=help"},
			{"submodules", "action=help&modules=query&submodules=1"},
			{"recursive", "action=help&recursivesubmodules=1"},
			{"help", "action=help&modules=help"},
			{"query", "action=help&modules=query+authmanagerinfo|query+tokens"},
		},
	}
}

func (c *call) helpPage(b []byte) []byte {
	c.header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	var s strings.Builder
	s.WriteString("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"UTF-8\">\n<title>")
	s.WriteString(html.EscapeString(c.api.Site.Name) + " – api.php</title>\n</head>\n<body>\n<h1>api.php</h1>\n<ul>\n")
	for _, m := range c.api.actions {
		s.WriteString("<li><code>action=" + html.EscapeString(m.name) + "</code>: ")
		for i, p := range m.params {
			if i > 0 {
				s.WriteString(", ")
			}
			s.WriteString("<code>" + html.EscapeString(p.name) + "</code>")
		}
		s.WriteString("</li>\n")
	}
	s.WriteString("</ul>\n</body>\n</html>\n")
	return append(b, s.String()...)
}
