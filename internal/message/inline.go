package message

import (
	"html"
	"slices"
	"strconv"
	"strings"
)

// maxOpenTags bounds how deep inline markup nests; what is deeper shows as text.
const maxOpenTags = 16

// sink is what inline markup is written to. Calls are balanced: every open has its close, in the right order.
type sink interface {
	text(s string)
	open(tag string)
	close(tag string)
	openLink(href string)
	// closeLink ends the link to href; shown tells that its text is the address itself, or the title it leads to.
	closeLink(href string, shown bool)
	lineBreak()
	piece(m marked)
}

// inline reads the markup of one block. Its tags are closed at its end, whatever the text does.
type inline struct {
	sink   sink
	marked []marked
	site   Site
	inLink bool
	open   []string
}

func (p *inline) run(s string) {
	for s != "" {
		if i := nextSpecial(s); i > 0 {
			p.sink.text(s[:i])
			s = s[i:]
			continue
		}
		s = s[p.special(s):]
	}
	for len(p.open) > 0 {
		p.pop()
	}
}

// nextSpecial is where the next byte stands that may begin markup, or the end.
func nextSpecial(s string) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case mark, '\'', '<', '[', '&':
			return i
		}
	}
	return len(s)
}

// head is the part of s that is searched for an end, so that unclosed markup costs no more than its length.
func head(s string, n int) string { return s[:min(n, len(s))] }

// special reads what begins at the start of s and tells how many bytes that took, at least one.
func (p *inline) special(s string) int {
	size := 0
	switch s[0] {
	case mark:
		return p.mark(s)
	case '\'':
		return p.quotes(s)
	case '<':
		size = p.tag(s)
	case '[':
		size = p.link(s)
	case '&':
		size = p.entity(s)
	}
	if size == 0 {
		p.sink.text(s[:1])
		size = 1
	}
	return size
}

func (p *inline) mark(s string) int {
	m, size, ok := readMark(s, p.marked)
	switch {
	case !ok:
	case m.edge == begins:
		if !slices.ContainsFunc(p.open, oneWord) {
			p.push(isolate)
		}
	case m.edge == ends:
		p.popTo(isolate)
	default:
		p.sink.piece(m)
	}
	return size
}

// readMark reads the mark at the start of s. One that was cut off is skipped.
func readMark(s string, all []marked) (marked, int, bool) {
	end := strings.IndexByte(head(s[1:], 12), mark)
	if end < 0 {
		return marked{}, 1, false
	}
	i, err := strconv.Atoi(s[1 : 1+end])
	if err != nil || i < 0 || i >= len(all) {
		return marked{}, 1, false
	}
	return all[i], end + 2, true
}

// unmark puts plain pieces into an address or title. HTML has no place there.
func (p *inline) unmark(s string) (string, bool) {
	var b strings.Builder
	for {
		i := strings.IndexByte(s, mark)
		if i < 0 {
			b.WriteString(s)
			return b.String(), true
		}
		b.WriteString(s[:i])
		m, size, ok := readMark(s[i:], p.marked)
		if !ok || m.html {
			return "", false
		}
		b.WriteString(m.text)
		s = s[i+size:]
	}
}

// quotes reads a run of apostrophes: two are italic, three bold, five both; others are text.
func (p *inline) quotes(s string) int {
	n := len(s) - len(strings.TrimLeft(s, "'"))
	extra := 0
	switch {
	case n == 1:
		extra = 1
	case n == 4:
		extra = 1
	case n > 5:
		extra = n - 5
	}
	if extra > 0 {
		p.sink.text(s[:extra])
	}
	switch n - extra {
	case 2:
		p.toggle("i")
	case 3:
		p.toggle("b")
	case 5:
		p.toggleBoth()
	}
	return n
}

func (p *inline) toggle(tag string) {
	if !p.popTo(tag) {
		p.push(tag)
	}
}

// toggleBoth closes what is open of the two, the inner one first, and opens the rest.
func (p *inline) toggleBoth() {
	first, second := "i", "b"
	if slices.Index(p.open, "b") > slices.Index(p.open, "i") {
		first, second = "b", "i"
	}
	p.toggle(first)
	p.toggle(second)
}

func (p *inline) push(tag string) bool {
	if len(p.open) >= maxOpenTags {
		return false
	}
	p.open = append(p.open, tag)
	p.sink.open(tag)
	return true
}

func (p *inline) pop() {
	last := len(p.open) - 1
	p.sink.close(p.open[last])
	p.open = p.open[:last]
}

// popTo closes tag and what is open inside it; false if tag is not open.
func (p *inline) popTo(tag string) bool {
	i := slices.Index(p.open, tag)
	if i < 0 {
		return false
	}
	for len(p.open) > i {
		p.pop()
	}
	return true
}

// tag reads one of the few tags that messages may have, always without attributes. 0 = none.
func (p *inline) tag(s string) int {
	end := strings.IndexByte(head(s, len("</strong >")+1), '>')
	if end < 0 {
		return 0
	}
	name := strings.ToLower(strings.TrimSpace(s[1:end]))
	size := end + 1
	switch name {
	case "br", "br/", "br /":
		p.sink.lineBreak()
		return size
	case "nowiki":
		return size + p.literal(s[size:])
	}
	if closing, ok := strings.CutPrefix(name, "/"); ok {
		if allowedTag(closing) && p.popTo(closing) {
			return size
		}
		return 0
	}
	if allowedTag(name) && p.push(name) {
		return size
	}
	return 0
}

// literal shows what stands before </nowiki> as it is.
func (p *inline) literal(s string) int {
	const closing = "</nowiki>"
	end := strings.Index(head(s, maxSpan), closing)
	if end < 0 {
		p.sink.text("<nowiki>")
		return 0
	}
	for rest := s[:end]; rest != ""; {
		i := strings.IndexByte(rest, mark)
		if i != 0 {
			if i < 0 {
				i = len(rest)
			}
			p.sink.text(rest[:i])
			rest = rest[i:]
			continue
		}
		rest = rest[p.mark(rest):]
	}
	return end + len(closing)
}

func allowedTag(name string) bool {
	switch name {
	case "b", "i", "strong", "em", "code", "var", "kbd":
		return true
	}
	return false
}

// oneWord tells of tags whose content is read as one word of a program, whatever parameters it is put together from.
func oneWord(tag string) bool { return tag == "code" || tag == "var" || tag == "kbd" }

// entity reads a character reference. 0 = none.
func (p *inline) entity(s string) int {
	end := strings.IndexByte(head(s, 33), ';')
	if end < 2 || strings.ContainsFunc(s[1:end], notInReference) {
		return 0
	}
	decoded := html.UnescapeString(s[:end+1])
	if len(decoded) > 1 && strings.HasSuffix(decoded, ";") || decoded == "\uFFFD" { // not known, or only its beginning
		return 0
	}
	p.sink.text(decoded)
	return end + 1
}

func notInReference(r rune) bool {
	return r != '#' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}
