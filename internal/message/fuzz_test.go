package message

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzRender renders any text with any parameters: no panic, valid UTF-8, bounded size, and well-formed HTML in which
// no tag or attribute stands that messages may not have.
func FuzzRender(f *testing.F) {
	for _, s := range []string{
		"{{PLURAL:$1|one|5=five|$2}} [[a|''b'']] <strong>$2", "* a\n** ''b\n# c\n\n$1", "[https://x.example/?a&b $2]",
		"<nowiki>$1</nowiki>&lt;&#60;", "\xff0\xff", "'''''a'' b'''", "[[User:$2|$1]]", "<br><code></b>",
	} {
		f.Add(s, "<script>", "x'''")
		f.Add(s, hebrew, "</bdi>"+arabic)
	}
	f.Fuzz(func(t *testing.T, text, one, two string) {
		l, rtl := english(map[Key]string{"k": text}), prepare(Site{}, map[Key]string{"k": text})
		rtl.code = "ar"
		params := []Param{Text(one), Plaintext(two), List(ListComma, Text(two), Plaintext(one))}
		for _, m := range []Message{New("k", params...), Literal(one), Several([]Message{New("k", params...), Literal(two)}, l)} {
			for _, s := range []string{Wikitext(m, l), HTML(m, l), Plain(m, l), Isolated(m, l), Isolated(m, rtl)} {
				if !utf8.ValidString(s) {
					t.Fatalf("not UTF-8: %q", s)
				}
			}
			for _, s := range []string{HTML(m, l), HTML(m, rtl)} {
				if err := harmless(s); err != nil {
					t.Fatalf("%v in %q", err, s)
				}
			}
		}
	})
}

// harmless reads s as XML and looks at every element.
func harmless(s string) error {
	d := xml.NewDecoder(strings.NewReader("<div>" + s + "</div>"))
	for depth := 0; ; {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch e := tok.(type) {
		case xml.StartElement:
			depth++
			if err := harmlessElement(e, depth); err != nil {
				return err
			}
		case xml.EndElement:
			depth--
		case xml.CharData:
		default:
			return errors.New("something that is neither an element nor text")
		}
	}
}

func harmlessElement(e xml.StartElement, depth int) error {
	switch name := e.Name.Local; {
	case name == "div" && depth == 1, name == "p", name == "ul", name == "ol", name == "li", name == "br", name == isolate, allowedTag(name):
		if len(e.Attr) == 0 {
			return nil
		}
	case name == "a" && len(e.Attr) == 1 && e.Attr[0].Name.Local == "href":
		for _, start := range []string{"/wiki/", "http://", "https://", "mailto:"} {
			if strings.HasPrefix(strings.ToLower(e.Attr[0].Value), start) {
				return nil
			}
		}
	}
	return errors.New("an element that messages may not have: " + e.Name.Local)
}

// FuzzEscapeWikitext: what is escaped shows as it was.
func FuzzEscapeWikitext(f *testing.F) {
	f.Add("<b>[[x]]\n* ''y'' &amp; {{z}}")
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "\uFFFD")
		if len(s) > maxText/8 {
			return
		}
		if got := Plain(Literal(EscapeWikitext(s)), english(nil)); got != s {
			t.Fatalf("%q became %q", s, got)
		}
	})
}
