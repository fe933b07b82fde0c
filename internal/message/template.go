package message

import (
	"strconv"
	"strings"
)

// The bounds of texts: how long one may be, and how deep its {{…}} may nest. What is beyond them stays as it is written.
const (
	maxTemplate = 8 << 10
	maxNesting  = 8
)

// Template is a parsed text. It is immutable.
//
// The language of texts: $1, $2 … are parameters; {{PLURAL:$1|one|other}} picks a form by the grammar of the text's
// language, a form "5=…" being for exactly that number; {{GENDER:$1|he|she|they}} always takes the neutral form for now;
// {{SITENAME}} and {{SERVER}} tell of the site. Anything else stays as it is written. Wiki markup is not the template's
// matter: it is read, if at all, after the parameters were put in.
type Template struct {
	// text and html are the renderings of a text without parameters and calls.
	text, html string
	// parts is nil for such a text.
	parts  []part
	plural PluralRule
}

// PluralRule tells which form n takes, from 0, in the order in which the grammar has its forms. Where a text has fewer, the
// last is taken.
type PluralRule func(n int64) int

// part is a stretch of text, a parameter, or a call.
type part struct {
	text  string
	param int // from 1; 0 = none
	call  callKind
	arg   []part
	forms []form
}

type callKind int

const (
	noCall callKind = iota
	callPlural
	callGender
)

// form is one choice of a call; exact ones hold for the number only.
type form struct {
	exact  bool
	number int64
	parts  []part
}

// ParseTemplate reads a text of a catalogue. plural is the rule of the language the text is written in; nil takes the
// reader's.
func ParseTemplate(text string, site Site, plural PluralRule) *Template {
	p := templateParser{site: site}
	parts := p.parts(text, 0)
	t := &Template{plural: plural}
	switch {
	case len(parts) == 0:
	case len(parts) == 1 && parts[0].param == 0 && parts[0].call == noCall:
		t.text = parts[0].text
	default:
		t.parts = parts
		return t
	}
	if t.html = blockHTML(t.text, nil, site); t.html == t.text {
		t.html = t.text // most labels: kept once
	}
	return t
}

type templateParser struct{ site Site }

func (p templateParser) parts(s string, depth int) []part {
	if depth > maxNesting || len(s) > maxTemplate {
		return appendText(nil, s)
	}
	var out []part
	for s != "" {
		i := strings.IndexAny(s, "${")
		if i < 0 {
			return appendText(out, s)
		}
		out = appendText(out, s[:i])
		s = s[i:]
		one, size := p.next(s, depth)
		if one.param == 0 && one.call == noCall {
			out = appendText(out, one.text)
		} else {
			out = append(out, one)
		}
		s = s[size:]
	}
	return out
}

// next reads what begins with the $ or { at the start of s and tells how many bytes that took.
func (p templateParser) next(s string, depth int) (part, int) {
	if s[0] == '$' {
		if n, size := leadingNumber(s[1:], 2); size > 0 && n > 0 {
			return part{param: int(n)}, 1 + size
		}
		return part{text: s[:1]}, 1
	}
	if body, ok := braced(s); ok {
		if one, ok := p.call(body, depth); ok {
			return one, len(body) + 4
		}
	}
	return part{text: s[:1]}, 1
}

func (p templateParser) call(body string, depth int) (part, bool) {
	name, rest, hasArg := strings.Cut(body, ":")
	switch name = strings.ToUpper(strings.TrimSpace(name)); {
	case name == "SITENAME" && !hasArg:
		return part{text: p.site.Name}, true
	case name == "SERVER" && !hasArg:
		return part{text: p.site.Server}, true
	case name == "PLURAL" && hasArg:
		return p.choice(callPlural, rest, depth), true
	case name == "GENDER" && hasArg:
		return p.choice(callGender, rest, depth), true
	}
	return part{}, false
}

func (p templateParser) choice(kind callKind, body string, depth int) part {
	args := splitTop(body)
	one := part{call: kind, arg: p.parts(strings.TrimSpace(args[0]), depth+1)}
	for _, a := range args[1:] {
		f := form{}
		if n, size := leadingNumber(a, 18); kind == callPlural && size > 0 && strings.HasPrefix(a[size:], "=") {
			f.exact, f.number, a = true, n, a[size+1:]
		}
		f.parts = p.parts(a, depth+1)
		one.forms = append(one.forms, f)
	}
	return one
}

// braced gives what stands between the {{ at the start of s and the }} that belongs to it.
func braced(s string) (string, bool) {
	depth := 0
	for i := 0; i+1 < len(s); i++ {
		switch s[i : i+2] {
		case "{{":
			depth++
		case "}}":
			depth--
			if depth == 0 {
				return s[2:i], true
			}
		default:
			if depth == 0 {
				return "", false
			}
			continue
		}
		i++
	}
	return "", false
}

// splitTop splits s at the bars that stand in no {{…}} and no [[…]]. There is at least one piece.
func splitTop(s string) []string {
	var out []string
	depth, start := 0, 0
	for i := 0; i < len(s); i++ {
		if s[i] == '|' && depth == 0 {
			out, start = append(out, s[start:i]), i+1
			continue
		}
		if i+1 == len(s) {
			break
		}
		switch s[i : i+2] {
		case "{{", "[[":
			depth++
			i++
		case "}}", "]]":
			depth = max(0, depth-1)
			i++
		}
	}
	return append(out, s[start:])
}

// leadingNumber reads at most maxDigits ASCII digits.
func leadingNumber(s string, maxDigits int) (n int64, size int) {
	for size < len(s) && size < maxDigits && '0' <= s[size] && s[size] <= '9' {
		size++
	}
	n, err := strconv.ParseInt(s[:size], 10, 64)
	if err != nil {
		return 0, 0
	}
	return n, size
}

// appendText adds text, joined to a stretch of text before it.
func appendText(out []part, text string) []part {
	if text == "" {
		return out
	}
	if n := len(out); n > 0 && out[n-1].param == 0 && out[n-1].call == noCall {
		out[n-1].text += text
		return out
	}
	return append(out, part{text: text})
}
