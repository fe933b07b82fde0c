package message

import (
	"html"
	"strings"
)

// plain takes the markup out of wikitext. Lines stay as they are, list markers included.
func plain(s string, pieces []marked, site Site) string {
	if nextSpecial(s) == len(s) {
		return s
	}
	var b strings.Builder
	p := inline{sink: plainSink{&b}, marked: pieces, site: site}
	p.run(s)
	return b.String()
}

// plainSink writes inline markup as bare text. Names of parameters and code, which HTML sets apart, stand in quotes;
// an external link is followed by its address.
type plainSink struct{ b *strings.Builder }

func (s plainSink) text(t string)   { s.b.WriteString(t) }
func (s plainSink) openLink(string) {}
func (s plainSink) lineBreak()      { s.b.WriteByte('\n') }

func (s plainSink) open(tag string) {
	if tag == isolate {
		s.b.WriteString(firstStrongIsolate)
	}
	s.quote(tag)
}

func (s plainSink) close(tag string) {
	if tag == isolate {
		s.b.WriteString(popDirectionalIsolate)
	}
	s.quote(tag)
}

func (s plainSink) quote(tag string) {
	switch tag {
	case "code", "var", "kbd":
		s.b.WriteByte('"')
	}
}

func (s plainSink) closeLink(href string, shown bool) {
	if !shown {
		s.b.WriteString(" (" + href + ")")
	}
}

func (s plainSink) piece(m marked) {
	if m.html {
		s.b.WriteString(html.UnescapeString(stripTags(m.text)))
		return
	}
	s.b.WriteString(m.text)
}

func stripTags(s string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, "<")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		_, s, found = strings.Cut(after, ">")
		if !found {
			return b.String()
		}
	}
}
