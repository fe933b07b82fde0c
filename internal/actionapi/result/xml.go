package result

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// XML writes documents as XML: scalars of an object become attributes, objects and lists elements.
type XML struct {
	// Pretty breaks lines, for people.
	Pretty bool
}

// Append writes root behind b.
func (f XML) Append(b []byte, root *Object) []byte {
	return f.Stream(nil, b, root)
}

// Stream writes root behind b, gives out what is ready of it from time to time, and returns the rest.
func (f XML) Stream(out io.Writer, b []byte, root *Object) []byte {
	w := xmlWriter{XML: f, pieces: pieces{buf: append(b, `<?xml version="1.0"?>`...), out: out}}
	w.newline(0)
	w.object("api", "", root, 0)
	return w.buf
}

type xmlWriter struct {
	XML
	pieces
}

func (w *xmlWriter) newline(depth int) {
	if !w.Pretty {
		return
	}
	w.buf = append(w.buf, '\n')
	for range depth {
		w.buf = append(w.buf, "  "...)
	}
}

// object writes o as an element; extra goes into its tag as it is.
func (w *xmlWriter) object(name, extra string, o *Object, depth int) {
	w.open(name, extra)
	children := 0
	for i := range o.Members {
		m := &o.Members[i]
		switch {
		case o.Item != "" || m.Value.kind == kindObject || m.Value.kind == kindList:
			children++
		case m.Name != o.Content:
			w.attribute(m.Name, m.Value)
		}
	}
	content, ok := o.textContent()
	switch {
	case children == 0 && ok:
		w.buf = append(w.buf, ` xml:space="preserve"`...)
		w.scalarElement(name, content)
	case children == 0:
		w.buf = append(w.buf, " />"...)
	default:
		w.buf = append(w.buf, '>')
		w.children(o, depth+1)
		w.newline(depth)
		w.end(name)
	}
}

// children writes the members of o that are elements. Text beside them becomes an element too.
func (w *xmlWriter) children(o *Object, depth int) {
	for i := range o.Members {
		m := &o.Members[i]
		switch {
		case o.Item != "":
			w.newline(depth)
			w.element(o.Item, ` _idx="`+string(escapeXML(nil, m.Name, true))+`"`, m.Value, depth)
		case m.Value.kind == kindObject || m.Value.kind == kindList:
			w.newline(depth)
			w.element(elementName(m.Name), "", m.Value, depth)
		}
		w.spill()
	}
	if v, ok := o.textContent(); ok {
		w.newline(depth)
		w.element(elementName(o.Content), ` xml:space="preserve"`, v, depth)
	}
}

// element writes any value as an element.
func (w *xmlWriter) element(name, extra string, v Node, depth int) {
	switch v.kind {
	case kindObject:
		w.object(name, extra, v.object, depth)
	case kindList:
		w.list(name, extra, v.list, depth)
	default:
		w.open(name, extra)
		w.scalarElement(name, v)
	}
}

// scalarElement writes the rest of an element whose tag is open.
func (w *xmlWriter) scalarElement(name string, v Node) {
	text, ok := v.scalar()
	if !ok || text == "" {
		w.buf = append(w.buf, " />"...)
		return
	}
	w.buf = append(w.buf, '>')
	w.buf = escapeXML(w.buf, text, false)
	w.end(name)
}

func (w *xmlWriter) list(name, extra string, l *List, depth int) {
	w.open(name, extra)
	if len(l.Items) == 0 {
		w.buf = append(w.buf, " />"...)
		return
	}
	w.buf = append(w.buf, '>')
	item := l.Item
	if item == "" {
		item = "_v"
	}
	for _, v := range l.Items {
		w.newline(depth + 1)
		w.element(item, "", v, depth+1)
		w.spill()
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

func (w *xmlWriter) attribute(name string, v Node) {
	text, ok := v.scalar()
	if !ok {
		return
	}
	w.buf = append(append(append(w.buf, ' '), elementName(name)...), `="`...)
	w.buf = append(escapeXML(w.buf, text, true), '"')
	w.spill()
}

// scalar is the text of a value; false for what XML leaves out.
func (n Node) scalar() (string, bool) {
	switch n.kind {
	case kindText, kindDecimal:
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
