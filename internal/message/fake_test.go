package message

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

// words is a language with the texts of one test. It writes what a parameter was, so that tests see who wrote it.
type words struct {
	code  string
	texts map[Key]string
}

func english(texts map[Key]string) words { return words{"en", texts} }

func (w words) Code() string { return w.code }

func (w words) Text(k Key) (string, bool) { s, ok := w.texts[k]; return s, ok }

func (w words) Plural(n int64) int {
	if n == 1 {
		return 0
	}
	return 1
}

func (w words) Number(n int64) string { return "N" + strconv.FormatInt(n, 10) }

func (w words) Duration(n int64) string { return strconv.FormatInt(n, 10) + "s" }

func (w words) Join(t ListType, items []string) string {
	return strings.Join(items, map[ListType]string{ListComma: ", ", ListPipe: "|", ListText: " and "}[t])
}

func (w words) Time(t time.Time) string { return t.UTC().Format("15:04") }

// prepared is words with its texts parsed.
type prepared struct {
	words
	site      Site
	templates map[Key]*Template
}

func prepare(site Site, texts map[Key]string) prepared {
	p := prepared{words: english(texts), site: site, templates: map[Key]*Template{}}
	for k, s := range texts {
		p.templates[k] = ParseTemplate(s, site, nil)
	}
	return p
}

func (p prepared) Template(k Key) (*Template, bool) { t, ok := p.templates[k]; return t, ok }

func (p prepared) Direction() string {
	if p.code == "ar" {
		return "rtl"
	}
	return "ltr"
}

func (p prepared) Site() Site { return p.site }

// wikitext, htmlOf and plainOf render the text of a catalogue with params.
func wikitext(text string, params ...Param) string {
	return Wikitext(New("k", params...), english(map[Key]string{"k": text}))
}

func htmlOf(text string, params ...Param) string {
	return HTML(New("k", params...), english(map[Key]string{"k": text}))
}

func plainOf(text string, params ...Param) string {
	return Plain(New("k", params...), english(map[Key]string{"k": text}))
}

func check(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}
