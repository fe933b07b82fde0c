package message

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// maxText bounds what one message becomes, in bytes, before markup is read; the rest is cut off.
const maxText = 64 << 10

// mark stands around the index of a piece that is put in after markup was read. The byte occurs in no UTF-8 text, and
// what is not UTF-8 is mended before it is written, so no parameter can forge one.
const mark = '\xff'

// marked is such a piece: a KindRaw or KindPlaintext parameter, or an edge of one that is kept apart from the text around it.
type marked struct {
	text string
	html bool // text is HTML
	edge edge
}

// writer puts a message's parameters into its text.
type writer struct {
	l      Language
	buf    strings.Builder
	marks  bool // KindRaw and KindPlaintext become marks
	escape bool // KindPlaintext is written so that markup does not read it
	marked []marked
	side   side
	depth  int
	full   bool // the bound was met; nothing more is written
}

func (w *writer) message(m Message) {
	w.depth++
	defer func() { w.depth-- }()
	if w.depth > maxNesting || m.Key == "" {
		return
	}
	switch {
	case m.Key == RawKey:
		if len(m.Params) > 0 {
			around := w.side
			w.side = noSide // it is no part of a sentence
			w.param(m.Params[0])
			w.side = around
		}
	case w.l.Code() == QQX:
		w.key(m)
	default:
		t, ok := templateOf(m.Key, w.l)
		if !ok {
			w.text("⧼" + string(m.Key) + "⧽")
			return
		}
		if t.parts == nil {
			w.text(t.text)
			return
		}
		w.parts(t, t.parts, m.Params)
	}
}

func templateOf(key Key, l Language) (*Template, bool) {
	if p, ok := l.(Prepared); ok {
		return p.Template(key)
	}
	text, ok := l.Text(key)
	if !ok {
		return nil, false
	}
	return ParseTemplate(text, Site{}, nil), true
}

// key shows a message as uselang=qqx does.
func (w *writer) key(m Message) {
	w.text("(" + string(m.Key))
	separator := ": "
	for _, p := range m.Params {
		w.text(separator)
		w.param(p)
		separator = ", "
	}
	w.text(")")
}

func (w *writer) parts(t *Template, ps []part, params []Param) {
	for _, p := range ps {
		switch {
		case p.call != noCall:
			if f := w.choose(t, p, params); f != nil {
				w.parts(t, f.parts, params)
			}
		case p.param == 0:
			w.text(p.text)
		case p.param <= len(params):
			w.param(params[p.param-1])
		default:
			w.text("$" + strconv.Itoa(p.param))
		}
	}
}

// choose picks the form of a call, nil if it has none.
func (w *writer) choose(t *Template, p part, params []Param) *form {
	if p.call == callGender {
		return neutral(p.forms)
	}
	n := w.number(t, p.arg, params)
	rule := t.plural
	if rule == nil {
		rule = w.l.Plural
	}
	return pick(p.forms, n, rule)
}

// pick takes the form for exactly n, else the one that the rule says, among those that are for no number exactly; the last
// of them where there are fewer.
func pick(forms []form, n int64, rule PluralRule) *form {
	var last *form
	left := rule(n)
	for i := range forms {
		f := &forms[i]
		switch {
		case f.exact && f.number == n:
			return f
		case !f.exact && left >= 0:
			last = f
			left--
		}
	}
	return last
}

func neutral(forms []form) *form {
	switch {
	case len(forms) == 0:
		return nil
	case len(forms) >= 3:
		return &forms[2]
	}
	return &forms[0]
}

// number is what a PLURAL counts; what is no number counts as 0.
func (w *writer) number(t *Template, arg []part, params []Param) int64 {
	if len(arg) == 1 && arg[0].param > 0 && arg[0].param <= len(params) {
		switch p := params[arg[0].param-1]; p.Kind {
		case KindInt, KindNum, KindDuration:
			return p.Number
		}
	}
	sub := writer{l: w.l, depth: w.depth}
	sub.parts(t, arg, params)
	n, err := strconv.ParseInt(strings.TrimSpace(sub.buf.String()), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (w *writer) param(p Param) {
	switch p.Kind {
	case KindNull:
	case KindInt:
		w.text(strconv.FormatInt(p.Number, 10))
	case KindNum:
		w.text(w.l.Number(p.Number))
	case KindDuration:
		w.text(w.l.Duration(p.Number))
	case KindExpiry, KindTime:
		w.time(p.Text)
	case KindList:
		w.list(p)
	case KindRaw:
		w.piece(marked{text: p.Text, html: true})
	case KindPlaintext:
		w.apart(p.Text, w.plaintext)
	case KindMessage:
		if p.Message != nil {
			w.message(*p.Message)
		}
	default:
		w.apart(p.Text, w.text)
	}
}

// KeyNever is the text for an end that never comes.
const KeyNever Key = "infiniteblock"

func (w *writer) time(s string) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		w.text(w.l.Time(t))
		return
	}
	w.message(New(KeyNever))
}

func (w *writer) list(p Param) {
	w.depth++
	defer func() { w.depth-- }()
	if w.depth > maxNesting || len(p.List) == 0 {
		return
	}
	items := make([]string, len(p.List))
	for i, item := range p.List {
		sub := writer{l: w.l, marks: w.marks, escape: w.escape, marked: w.marked, side: w.side, depth: w.depth}
		sub.param(item)
		items[i], w.marked = sub.buf.String(), sub.marked
	}
	w.write(w.l.Join(p.ListType, items))
}

func (w *writer) plaintext(s string) { w.piece(marked{text: s}) }

func (w *writer) piece(m marked) {
	m.text = strings.ToValidUTF8(m.text, "\uFFFD")
	switch {
	case w.marks:
		w.mark(m)
	case w.escape && !m.html:
		w.text(EscapeWikitext(m.text))
	default:
		w.text(m.text)
	}
}

func (w *writer) mark(m marked) {
	w.marked = append(w.marked, m)
	w.write(string([]byte{mark}) + strconv.Itoa(len(w.marked)-1) + string([]byte{mark}))
}

// text writes what is not ours to trust: a mark in it is mended away.
func (w *writer) text(s string) { w.write(strings.ToValidUTF8(s, "\uFFFD")) }

func (w *writer) write(s string) {
	if w.full {
		return
	}
	if room := maxText - w.buf.Len(); len(s) > room {
		s, w.full = cut(s, room), true
	}
	w.buf.WriteString(s)
}

// cut shortens s to at most n bytes without splitting a character.
func cut(s string, n int) string {
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:max(n, 0)]
}

// EscapeWikitext writes s so that it shows as it is where markup is read. Use it for what visitors sent when the
// protocol wants it in a text parameter; where the kind is ours to choose, take Plaintext.
func EscapeWikitext(s string) string {
	var b strings.Builder
	lineStart := true
	for _, r := range s {
		if strings.ContainsRune("&<>\"'[]{}|=", r) || lineStart && strings.ContainsRune("*#", r) {
			b.WriteString("&#" + strconv.Itoa(int(r)) + ";")
		} else {
			b.WriteRune(r)
		}
		lineStart = r == '\n'
	}
	return b.String()
}
