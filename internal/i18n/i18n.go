// Package i18n holds the texts of all messages in all languages, and what languages do with numbers, lists and times.
//
// The texts are the JSON files in messages/: en.json is complete, the others may leave keys out and fall back, and
// qqq.json explains every key to translators. messages/apihelp has the manual of the API apart from them. Nothing here
// knows HTTP, accounts or codes: message renders with a Language, the edges choose which one.
package i18n

import (
	"embed"
	"io/fs"
	"maps"
	"slices"

	"gatehouse/internal/message"
)

//go:embed messages/*.json messages/apihelp/*.json
var files embed.FS

// folders are where catalogues stand: what everybody reads, and the manual of the API. The manual's keys say themselves
// what a text is for ("apihelp-<module>-param-<name>"), and its readers are programmers; so it has no notes for
// translators, and may stay in English where a language has everything else.
func folders() []string { return []string{"messages", "messages/apihelp"} }

// The codes that are not languages: explanations for translators, which nobody reads on a page, and keys for texts.
const (
	notes = "qqq"
	qqx   = message.QQX
)

// source is the language that is complete and that every chain of fallbacks ends in.
const source = "en"

// Catalogue is every language with its texts. Those of a language are read from the binary when somebody first wants one of
// them, and each is parsed when it is first shown, so that what nobody reads costs no memory. It is immutable otherwise, and
// may be used by many goroutines.
type Catalogue struct {
	books     map[string]book
	languages map[string]*Language
}

// Load gives the catalogues inside the binary, for a site called gatehouse; see WithSite. An error means that the binary
// was built with a broken English catalogue, or with one of an unknown language; tests hold the others.
func Load() (*Catalogue, error) { return loadFrom(files) }

func loadFrom(files fs.FS) (*Catalogue, error) {
	books, err := openBooks(files)
	if err != nil {
		return nil, err
	}
	if f := books[source][0](); f.err != nil {
		return nil, f.err
	}
	c := &Catalogue{books: books}
	return c.WithSite(message.Site{Name: "gatehouse", ArticlePath: "/wiki/"}), nil
}

// WithSite gives the same catalogue for another site. c stays as it is.
func (c *Catalogue) WithSite(site message.Site) *Catalogue {
	out := &Catalogue{books: c.books, languages: map[string]*Language{}}
	rows := known()
	for _, row := range rows {
		out.languages[row.code] = newLanguage(row, site, c.books[row.code])
	}
	for _, row := range rows {
		if row.code != source {
			out.languages[row.code].fallback = out.languages[row.fallback]
		}
	}
	return out
}

// Language gives the language of code; false where code is unknown. A known language without texts of its own shows
// those it falls back to. "qqx" shows keys: "(key)", or "(key: p1, p2)".
func (c *Catalogue) Language(code string) (*Language, bool) {
	l, ok := c.languages[code]
	return l, ok
}

// Languages are those that have texts of their own, by code: what a reader may choose from.
func (c *Catalogue) Languages() []*Language {
	codes := slices.Sorted(maps.Keys(c.books))
	out := make([]*Language, len(codes))
	for i, code := range codes {
		out[i] = c.languages[code]
	}
	return out
}

// Keys are all keys that have a text, sorted.
func (c *Catalogue) Keys() []message.Key {
	var keys []message.Key
	for _, read := range c.books[source] {
		keys = slices.AppendSeq(keys, maps.Keys(read().index))
	}
	slices.Sort(keys)
	return keys
}
