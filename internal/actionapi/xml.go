package actionapi

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"gatehouse/internal/message"
	"gatehouse/internal/wire"
)

// The places of XML's parameters.
const (
	xmlStylesheet = iota
	xmlNamespace
)

func xmlParams() []param {
	return []param{{name: "xslt"}, {name: "includexmlnamespace", typ: typeFlag}}
}

// warnStylesheet tells that answers name no stylesheet: it would run in the site's name.
func (c *call) warnStylesheet(args []value) {
	if args[xmlStylesheet].set {
		c.warn("xml", wire.DeprecatedParameter, message.Text("xslt"))
	}
}

func putXML(b []byte, c *call, root *object) []byte {
	w := xmlWriter{buf: append(b, `<?xml version="1.0"?>`...), pretty: c.formatArgs.pretty}
	w.newline(0)
	var extra string
	if c.in.has("includexmlnamespace") {
		extra = ` xmlns="http://www.mediawiki.org/xml/api/"`
	}
	w.object("api", extra, root, 0)
	return w.buf
}

// xmlWriter writes a result tree as XML: scalars of an object become attributes, objects and lists elements.
type xmlWriter struct {
	buf    []byte
	pretty bool
}

func (w *xmlWriter) newline(depth int) {
	if !w.pretty {
		return
	}
	w.buf = append(w.buf, '\n')
	for range depth {
		w.buf = append(w.buf, "  "...)
	}
}

// object writes o as an element; extra goes into its tag as it is.
func (w *xmlWriter) object(name, extra string, o *object, depth int) {
	w.open(name, extra)
	children := 0
	for i := range o.members {
		m := &o.members[i]
		switch {
		case o.item != "" || m.value.kind == kindObject || m.value.kind == kindList:
			children++
		case m.name != o.content:
			w.attribute(m.name, m.value)
		}
	}
	switch content, ok := o.textContent(); {
	case children == 0 && !ok:
		w.buf = append(w.buf, " />"...)
	case children == 0:
		w.buf = append(w.buf, ` xml:space="preserve">`...)
		w.buf = escapeXML(w.buf, content.text, false)
		w.end(name)
	default:
		w.buf = append(w.buf, '>')
		w.children(o, depth+1)
		w.newline(depth)
		w.end(name)
	}
}

// children writes the members of o that are elements. Text beside them becomes an element too.
func (w *xmlWriter) children(o *object, depth int) {
	for i := range o.members {
		m := &o.members[i]
		switch {
		case o.item != "":
			w.newline(depth)
			w.element(o.item, ` _idx="`+string(escapeXML(nil, m.name, true))+`"`, m.value, depth)
		case m.value.kind == kindObject || m.value.kind == kindList:
			w.newline(depth)
			w.element(elementName(m.name), "", m.value, depth)
		}
	}
	if v, ok := o.textContent(); ok {
		w.newline(depth)
		w.element(elementName(o.content), ` xml:space="preserve"`, v, depth)
	}
}

// element writes any value as an element.
func (w *xmlWriter) element(name, extra string, v node, depth int) {
	switch v.kind {
	case kindObject:
		w.object(name, extra, v.object, depth)
	case kindList:
		w.list(name, extra, v.list, depth)
	default:
		w.open(name, extra)
		text, ok := v.scalar()
		if !ok || text == "" {
			w.buf = append(w.buf, " />"...)
			return
		}
		w.buf = append(w.buf, '>')
		w.buf = escapeXML(w.buf, text, false)
		w.end(name)
	}
}

func (w *xmlWriter) list(name, extra string, l *list, depth int) {
	w.open(name, extra)
	if len(l.items) == 0 {
		w.buf = append(w.buf, " />"...)
		return
	}
	w.buf = append(w.buf, '>')
	item := l.item
	if item == "" {
		item = "_v"
	}
	for _, v := range l.items {
		w.newline(depth + 1)
		w.element(item, "", v, depth+1)
	}
	w.newline(depth)
	w.end(name)
}

func (w *xmlWriter) open(name, extra string) {
	w.buf = append(append(append(w.buf, '<'), name...), extra...)
}

func (w *xmlWriter) end(name string) {
	w.buf = append(append(append(w.buf, "</"...), name...), '>')
}

func (w *xmlWriter) attribute(name string, v node) {
	text, ok := v.scalar()
	if !ok {
		return
	}
	w.buf = append(append(append(w.buf, ' '), elementName(name)...), `="`...)
	w.buf = append(escapeXML(w.buf, text, true), '"')
}

// scalar is the text of a value; false for what XML leaves out.
func (n node) scalar() (string, bool) {
	switch n.kind {
	case kindText:
		return n.text, true
	case kindNumber:
		return strconv.FormatInt(n.number, 10), true
	case kindFlag, kindBoolean:
		return "", n.on
	}
	return "", false
}

func escapeXML(b []byte, s string, attribute bool) []byte {
	for _, r := range s {
		switch {
		case r == '&':
			b = append(b, "&amp;"...)
		case r == '<':
			b = append(b, "&lt;"...)
		case r == '>':
			b = append(b, "&gt;"...)
		case r == '"' && attribute:
			b = append(b, "&quot;"...)
		case r == '\r', attribute && (r == '\n' || r == '\t'):
			b = fmt.Appendf(b, "&#%d;", r)
		case r < ' ' && r != '\n' && r != '\t', r == 0xFFFE, r == 0xFFFF:
			b = utf8.AppendRune(b, utf8.RuneError)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return b
}

// elementName makes a valid XML name: one that is not gets an underscore in front, and its odd characters are spelled out.
func elementName(name string) string {
	if plainName(name) {
		return name
	}
	var b strings.Builder
	b.WriteByte('_')
	for _, r := range name {
		if nameRune(r) && r != '.' {
			b.WriteRune(r)
			continue
		}
		fmt.Fprintf(&b, ".%X.", r)
	}
	return b.String()
}

func plainName(name string) bool {
	for i, r := range name {
		if !nameRune(r) || i == 0 && (r < 'A' || r == '_') {
			return false
		}
	}
	return name != ""
}

// nameRune keeps to what every edition of XML allows in a name.
func nameRune(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_' || r == '-' || r == '.'
}
