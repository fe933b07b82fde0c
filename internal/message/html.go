package message

import (
	"html"
	"strings"
)

// maxListDepth bounds nested lists; deeper items stand at this depth.
const maxListDepth = 8

// blockHTML turns wikitext into paragraphs and lists.
func blockHTML(s string, pieces []marked, site Site) string {
	b := blocks{pieces: pieces, site: site}
	for line := range strings.SplitSeq(s, "\n") {
		b.line(line)
	}
	b.endParagraph()
	b.endLists(0)
	if b.count == 1 && b.paragraphs == 1 {
		out := strings.TrimPrefix(b.out.String(), "<p>")
		return strings.TrimSuffix(out, "</p>")
	}
	return b.out.String()
}

type blocks struct {
	out               strings.Builder
	pieces            []marked
	site              Site
	paragraph         []string
	lists             []byte // the open lists, outermost first: '*' or '#'
	count, paragraphs int
}

func (b *blocks) line(line string) {
	marker := line[:len(line)-len(strings.TrimLeft(line, "*#"))]
	switch {
	case marker != "":
		b.endParagraph()
		b.item(marker[:min(len(marker), maxListDepth)], strings.TrimSpace(line[len(marker):]))
	case strings.TrimSpace(line) == "":
		b.endParagraph()
		b.endLists(0)
	default:
		b.endLists(0)
		b.paragraph = append(b.paragraph, line)
	}
}

func (b *blocks) endParagraph() {
	if len(b.paragraph) == 0 {
		return
	}
	b.start()
	b.paragraphs++
	b.out.WriteString("<p>")
	b.inline(strings.Join(b.paragraph, "\n"))
	b.out.WriteString("</p>")
	b.paragraph = b.paragraph[:0]
}

func (b *blocks) item(marker, text string) {
	common := 0
	for common < len(marker) && common < len(b.lists) && marker[common] == b.lists[common] {
		common++
	}
	b.endLists(common)
	switch {
	case common == 0:
		b.start()
	case len(marker) == common:
		b.out.WriteString("</li>\n<li>")
	}
	for _, kind := range []byte(marker[common:]) {
		b.lists = append(b.lists, kind)
		b.out.WriteString("<" + listTag(kind) + "><li>")
	}
	b.inline(text)
}

func (b *blocks) endLists(keep int) {
	for len(b.lists) > keep {
		last := len(b.lists) - 1
		b.out.WriteString("</li></" + listTag(b.lists[last]) + ">")
		b.lists = b.lists[:last]
	}
}

func (b *blocks) start() {
	if b.count > 0 {
		b.out.WriteByte('\n')
	}
	b.count++
}

func (b *blocks) inline(s string) {
	p := inline{sink: htmlSink{&b.out}, marked: b.pieces, site: b.site}
	p.run(s)
}

func listTag(kind byte) string {
	if kind == '#' {
		return "ol"
	}
	return "ul"
}

// htmlSink writes inline markup as HTML.
type htmlSink struct{ b *strings.Builder }

func (s htmlSink) text(t string)          { s.b.WriteString(escapeHTML(t)) }
func (s htmlSink) open(tag string)        { s.b.WriteString("<" + tag + ">") }
func (s htmlSink) close(tag string)       { s.b.WriteString("</" + tag + ">") }
func (s htmlSink) closeLink(string, bool) { s.b.WriteString("</a>") }
func (s htmlSink) lineBreak()             { s.b.WriteString("<br />") }

func (s htmlSink) openLink(href string) {
	s.b.WriteString(`<a href="` + escapeHTML(href) + `">`)
}

func (s htmlSink) piece(m marked) {
	if m.html {
		s.b.WriteString(m.text)
		return
	}
	s.text(m.text)
}

// escapeHTML makes s text: what has a meaning in HTML is written as an entity, what may not stand in XML is mended.
func escapeHTML(s string) string {
	return html.EscapeString(strings.Map(printable, strings.ToValidUTF8(s, "\uFFFD")))
}

func printable(r rune) rune {
	switch {
	case r == '\r':
		return -1
	case r < ' ' && r != '\t' && r != '\n', r == 0xFFFE, r == 0xFFFF:
		return '\uFFFD'
	}
	return r
}
