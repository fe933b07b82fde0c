package result

import (
	"io"
	"strconv"
	"unicode/utf8"
)

// JSON writes documents as JSON.
type JSON struct {
	// Modern is format version 2.
	Modern bool
	// ASCII escapes everything beyond ASCII.
	ASCII bool
	// Pretty breaks lines, for people.
	Pretty bool
	// Notes adds what other formats only act on: "_content", "_element" and "_type". A list whose items have a name is then
	// an object, as it is where such notes come from.
	Notes bool
}

// Append writes root behind b.
func (f JSON) Append(b []byte, root *Object) []byte {
	return f.Stream(nil, b, root)
}

// Stream writes root behind b, gives out what is ready of it from time to time, and returns the rest.
func (f JSON) Stream(out io.Writer, b []byte, root *Object) []byte {
	w := jsonWriter{JSON: f, pieces: pieces{buf: b, out: out}}
	w.object(root)
	return w.buf
}

// jsonWriter is one document on its way.
type jsonWriter struct {
	JSON
	pieces
	depth int
}

func (w *jsonWriter) node(n Node) {
	switch n.kind {
	case kindText:
		w.text(n.text)
	case kindNumber:
		w.buf = strconv.AppendInt(w.buf, n.number, 10)
	case kindDecimal:
		w.buf = append(w.buf, n.text...)
	case kindFlag:
		w.flag(n.on)
	case kindBoolean:
		w.buf = strconv.AppendBool(w.buf, n.on)
	case kindNull:
		w.buf = append(w.buf, "null"...)
	case kindObject:
		if n.object.memo != nil {
			w.memoized(n.object.memo, func() { w.object(n.object) })
			return
		}
		w.object(n.object)
	case kindList:
		if n.list.memo != nil {
			w.memoized(n.list.memo, func() { w.list(n.list) })
			return
		}
		w.list(n.list)
	}
}

func (w *jsonWriter) flag(on bool) {
	switch {
	case w.Modern:
		w.buf = strconv.AppendBool(w.buf, on)
	case on:
		w.buf = append(w.buf, `""`...)
	default:
		w.buf = append(w.buf, "false"...) // an item of a list cannot be left out
	}
}

func (w *jsonWriter) object(o *Object) {
	if o.Listed && w.Modern && !w.Notes {
		w.list(o.values())
		return
	}
	w.buf = append(w.buf, '{')
	w.depth++
	first := true
	for i := range o.Members {
		m := &o.Members[i]
		if !w.Modern && (m.Name == o.Content || !m.Value.shown()) {
			continue
		}
		first = w.member(m.Name, m.Value, first)
	}
	if v, ok := o.textContent(); ok && !w.Modern {
		first = w.member("*", v, first)
	}
	if w.Notes {
		first = w.annotate(o, first)
	}
	w.close('}', first)
}

func (w *jsonWriter) annotate(o *Object, first bool) bool {
	if o.Content != "" {
		first = w.member("_content", Text(o.Content), first)
	}
	if o.Item != "" {
		first = w.member("_element", Text(o.Item), first)
	}
	if o.Assoc || o.Item != "" {
		first = w.member("_type", Text("assoc"), first)
	}
	return first
}

func (w *jsonWriter) member(name string, v Node, first bool) bool {
	w.separate(first)
	w.text(name)
	w.buf = append(w.buf, ':')
	if w.Pretty {
		w.buf = append(w.buf, ' ')
	}
	w.node(v)
	w.spill()
	return false
}

func (w *jsonWriter) list(l *List) {
	if w.Notes && l.Item != "" {
		w.object(l.numbered())
		return
	}
	w.buf = append(w.buf, '[')
	w.depth++
	for i, v := range l.Items {
		w.separate(i == 0)
		w.node(v)
		w.spill()
	}
	w.close(']', len(l.Items) == 0)
}

// numbered is the list as an object, with the name of its items at the end.
func (l *List) numbered() *Object {
	o := &Object{Members: make([]Member, 0, len(l.Items)+1)}
	for i, v := range l.Items {
		o.Put(strconv.Itoa(i), v)
	}
	o.Text("_element", l.Item)
	return o
}

func (w *jsonWriter) separate(first bool) {
	if !first {
		w.buf = append(w.buf, ',')
	}
	w.newline()
}

func (w *jsonWriter) close(bracket byte, empty bool) {
	w.depth--
	if !empty {
		w.newline()
	}
	w.buf = append(w.buf, bracket)
}

func (w *jsonWriter) newline() {
	if !w.Pretty {
		return
	}
	w.buf = append(w.buf, '\n')
	for range w.depth {
		w.buf = append(w.buf, "    "...)
	}
}

const hexDigits = "0123456789abcdef"

// text writes s as a JSON string. The runs that need no escape are copied as they are.
func (w *jsonWriter) text(s string) {
	w.buf = append(w.buf, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\' {
			i++
			continue
		}
		w.add(s[start:i])
		if c < utf8.RuneSelf {
			w.escape(c)
			i++
		} else {
			r, size := utf8.DecodeRuneInString(s[i:])
			w.rune(r)
			i += size
		}
		start = i
	}
	w.add(s[start:])
	w.buf = append(w.buf, '"')
}

func (w *jsonWriter) escape(c byte) {
	switch c {
	case '"', '\\':
		w.buf = append(w.buf, '\\', c)
	case '\n':
		w.buf = append(w.buf, `\n`...)
	case '\r':
		w.buf = append(w.buf, `\r`...)
	case '\t':
		w.buf = append(w.buf, `\t`...)
	default:
		w.unicode(uint16(c))
	}
}

func (w *jsonWriter) rune(r rune) {
	switch {
	case !w.ASCII && r != '\u2028' && r != '\u2029': // these two break scripts that read JSON as JavaScript
		w.buf = utf8.AppendRune(w.buf, r)
	case r > 0xFFFF:
		r -= 0x10000
		w.unicode(uint16(0xD800 + r>>10))
		w.unicode(uint16(0xDC00 + r&0x3FF))
	default:
		w.unicode(uint16(r))
	}
}

func (w *jsonWriter) unicode(u uint16) {
	w.buf = append(w.buf, '\\', 'u', hexDigits[u>>12], hexDigits[u>>8&15], hexDigits[u>>4&15], hexDigits[u&15])
}
