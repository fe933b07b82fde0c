package message

import (
	"strconv"
	"strings"
	"time"
)

// Format is how a message is written out. FormatRaw and FormatNone are the edge's business: there a message is
// written as its key and parameters, or not at all.
type Format string

// The formats of the wire. FormatPlaintext is one of errors only.
const (
	FormatWikitext  Format = "wikitext"
	FormatHTML      Format = "html"
	FormatRaw       Format = "raw"
	FormatNone      Format = "none"
	FormatPlaintext Format = "plaintext"
)

// QQX is the code of the language in which every message shows its key: "(key)" or "(key: p1, p2)".
const QQX = "qqx"

// Language puts messages into words. An implementation is immutable and may be used by many goroutines.
type Language interface {
	// Code is the language's code, for example "en", or QQX.
	Code() string
	// Text is the text of key in this language or the nearest one that has it; false where nobody has.
	Text(Key) (string, bool)
	// Plural is a PluralRule.
	Plural(n int64) int
	// Number writes n with the language's separators.
	Number(n int64) string
	// Duration writes a length of time in words.
	Duration(seconds int64) string
	// Join writes a list.
	Join(t ListType, items []string) string
	// Time writes a point in time, in UTC.
	Time(t time.Time) string
}

// Prepared is a Language that keeps its texts parsed, and knows the site and which way it is written. Without it texts are
// parsed at each rendering, and taken as written from left to right.
type Prepared interface {
	Language
	Template(Key) (*Template, bool)
	Site() Site
	// Direction is "ltr" or "rtl".
	Direction() string
}

// Site is what texts know of the place they are shown at.
type Site struct {
	// Name replaces {{SITENAME}}.
	Name string
	// Server replaces {{SERVER}}: the public address without a path.
	Server string
	// ArticlePath comes before the titles that [[…]] leads to, for example "/wiki/".
	ArticlePath string
}

// Wikitext gives the text of m with its parameters put in and wiki markup left alone. It allocates nothing for a
// message without parameters in a Prepared language.
func Wikitext(m Message, l Language) string {
	if t := literal(m, l); t != nil {
		return t.text
	}
	w := writer{l: l}
	w.message(m)
	return w.buf.String()
}

// HTML gives m as block HTML: paragraphs and lists, a single paragraph around the whole taken off. The result is
// well-formed. Markup in text parameters counts, but only the little that messages may have: no attributes, and links
// to http, https and mailto alone. Everything else is escaped; KindRaw alone comes through as it is. A parameter that is
// written the other way than the language stands in <bdi>.
func HTML(m Message, l Language) string {
	if t := literal(m, l); t != nil {
		return t.html
	}
	w := writer{l: l, marks: true, side: sideOf(l)}
	w.message(m)
	return blockHTML(w.buf.String(), w.marked, siteOf(l))
}

// Plain gives m without any markup, for logs, mail and clients that show text as it is.
func Plain(m Message, l Language) string {
	w := writer{l: l, marks: true}
	w.message(m)
	return plain(w.buf.String(), w.marked, siteOf(l))
}

// Isolated is Plain for text that people read and no program compares, as in mail and on pages: a parameter that is written
// the other way than the language stands between U+2068 and U+2069, so that it does not turn round what stands beside it. One
// that has a line for itself does not need them and is left as it is.
func Isolated(m Message, l Language) string {
	w := writer{l: l, marks: true, side: sideOf(l)}
	w.message(m)
	return bareLines(plain(w.buf.String(), w.marked, siteOf(l)))
}

// Several makes one message of ms: the only one as it is, several as a list put into l's words, with the code that
// clients know such lists by: "___1____2", "___1____2____3" … None gives the zero Message.
func Several(ms []Message, l Language) Message {
	switch len(ms) {
	case 0:
		return Message{}
	case 1:
		return ms[0]
	}
	var text, code strings.Builder
	for i, m := range ms {
		if i > 0 {
			text.WriteByte('\n')
			code.WriteByte('_')
		}
		w := writer{l: l, escape: true}
		w.message(m)
		text.WriteString("* " + w.buf.String())
		code.WriteString("___" + strconv.Itoa(i+1))
	}
	one := Literal(text.String())
	one.Code = code.String()
	return one
}

// literal gives m's template if rendering m is the same whatever its parameters are.
func literal(m Message, l Language) *Template {
	if p, ok := l.(Prepared); ok && m.Key != RawKey {
		if t, ok := p.Template(m.Key); ok && t.parts == nil {
			return t
		}
	}
	return nil
}

func siteOf(l Language) Site {
	if p, ok := l.(Prepared); ok {
		return p.Site()
	}
	return Site{}
}
