package actionapi

import (
	"io"

	"gatehouse/internal/actionapi/result"
)

// colours write a document into a page, its parts marked for the stylesheet. They judge by single bytes and keep what they
// need to know of those before, because a document comes in pieces; whatever they take a byte for, it is escaped. out is
// given what is ready.
type colours interface {
	io.Writer
	// rest is what was not given out yet.
	rest() []byte
}

// coloursOf chooses by what the document is written in.
func coloursOf(f *format, out io.Writer, b []byte) colours {
	e := escaper{out: out, buf: b}
	switch f.module {
	case "json", "raw":
		return &jsonColours{escaper: e}
	case "xml":
		return &xmlColours{escaper: e}
	}
	return &e
}

// The marks, as classes of the stylesheet.
const (
	markKey   = `<span class="key">`
	markText  = `<span class="text">`
	markValue = `<span class="value">`
	markEnd   = `</span>`
)

// jsonColours marks names, texts, and numbers and words.
type jsonColours struct {
	escaper
	// open are the objects and lists around the place, as their brackets.
	open []byte
	// name says that the next text is a member's name.
	name bool
	// in is what the place is in: '"' a text, '\\' an escape of one, 'v' a number or word, 0 none of them.
	in byte
}

// Write never fails.
func (j *jsonColours) Write(text []byte) (int, error) {
	start := 0
	for i, c := range text {
		switch j.in {
		case '\\':
			j.in = '"'
		case '"':
			if c == '\\' {
				j.in = '\\'
			}
			if c == '"' {
				start = j.closeMark(text, start, i+1)
			}
		case 'v':
			if !inJSONValue(c) {
				start = j.closeMark(text, start, i)
				start = j.outside(text, start, i)
			}
		default:
			start = j.outside(text, start, i)
		}
	}
	return j.escaper.Write(text[start:])
}

// outside looks at a byte between texts and values, and gives what is not written yet.
func (j *jsonColours) outside(text []byte, start, i int) int {
	switch c := text[i]; {
	case c == '{' || c == '[':
		j.open = append(j.open, c)
		j.name = c == '{'
	case c == '}' || c == ']':
		j.open = j.open[:max(0, len(j.open)-1)]
		j.name = false
	case c == ',':
		j.name = len(j.open) > 0 && j.open[len(j.open)-1] == '{'
	case c == ':':
		j.name = false
	case c == '"' && j.name:
		return j.openMark(text, start, i, markKey, '"')
	case c == '"':
		return j.openMark(text, start, i, markText, '"')
	case inJSONValue(c):
		return j.openMark(text, start, i, markValue, 'v')
	}
	return start
}

func (j *jsonColours) openMark(text []byte, start, i int, mark string, in byte) int {
	j.marked(text[start:i], mark)
	j.in = in
	return i
}

func (j *jsonColours) closeMark(text []byte, start, end int) int {
	j.marked(text[start:end], markEnd)
	j.in = 0
	return end
}

func inJSONValue(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '+' || c == '.'
}

// xmlColours marks tags, and in them the values of attributes.
type xmlColours struct {
	escaper
	inTag, inValue bool
}

// Write never fails.
func (x *xmlColours) Write(text []byte) (int, error) {
	start := 0
	for i, c := range text {
		switch {
		case x.inValue && c == '"':
			x.marked(text[start:i+1], markEnd)
			start, x.inValue = i+1, false
		case x.inValue:
		case x.inTag && c == '"':
			x.marked(text[start:i], markText)
			start, x.inValue = i, true
		case x.inTag && c == '>':
			x.marked(text[start:i+1], markEnd)
			start, x.inTag = i+1, false
		case !x.inTag && c == '<':
			x.marked(text[start:i], markKey)
			start, x.inTag = i, true
		}
	}
	return x.escaper.Write(text[start:])
}

// escaper makes HTML of the text that it is given, behind buf, and hands it on to out piece by piece.
type escaper struct {
	out io.Writer
	buf []byte
}

// Write never fails.
func (e *escaper) Write(text []byte) (int, error) {
	start := 0
	for i, c := range text {
		entity := htmlEntity(c)
		if entity == "" {
			continue
		}
		e.buf = append(append(e.buf, text[start:i]...), entity...)
		start = i + 1
		e.spill()
	}
	e.buf = append(e.buf, text[start:]...)
	e.spill()
	return len(text), nil
}

// marked writes text, then a mark.
func (e *escaper) marked(text []byte, mark string) {
	_, _ = e.Write(text)
	e.buf = append(e.buf, mark...)
}

func (e *escaper) rest() []byte { return e.buf }

func (e *escaper) spill() {
	if len(e.buf) >= result.PieceSize && e.out != nil {
		_, _ = e.out.Write(e.buf)
		e.buf = e.buf[:0]
	}
}

func htmlEntity(c byte) string {
	switch c {
	case '&':
		return "&amp;"
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	case '"':
		return "&#34;"
	case '\'':
		return "&#39;"
	}
	return ""
}
