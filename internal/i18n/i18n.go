// Package i18n holds the texts of all messages in all languages, and what languages do with numbers, lists and times.
//
// The texts are the JSON files in messages/: en.json is complete, the others may leave keys out and fall back, and
// qqq.json explains every key to translators. messages/apihelp has the manual of the API apart from them. Nothing here
// knows HTTP, accounts or codes: message renders with a Language, the edges choose which one.
package i18n

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

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

// Catalogue is every language with its texts. It is immutable and may be used by many goroutines.
type Catalogue struct {
	texts     map[string]map[message.Key]string
	languages map[string]*Language
}

// Load reads the catalogues inside the binary, for a site called gatehouse; see WithSite. An error means that the binary
// was built with a broken catalogue.
func Load() (*Catalogue, error) {
	texts, err := loadTexts(files)
	if err != nil {
		return nil, err
	}
	c := &Catalogue{texts: texts}
	return c.WithSite(message.Site{Name: "gatehouse", ArticlePath: "/wiki/"}), nil
}

// WithSite gives the same catalogue for another site. c stays as it is.
func (c *Catalogue) WithSite(site message.Site) *Catalogue {
	out := &Catalogue{texts: c.texts, languages: map[string]*Language{}}
	rows := known()
	for _, row := range rows {
		out.languages[row.code] = newLanguage(row, site, c.texts[row.code])
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
	var out []*Language
	for _, code := range slices.Sorted(maps.Keys(c.languages)) {
		if len(c.texts[code]) > 0 {
			out = append(out, c.languages[code])
		}
	}
	return out
}

// Keys are all keys that have a text, sorted.
func (c *Catalogue) Keys() []message.Key { return slices.Sorted(maps.Keys(c.texts[source])) }

// loadTexts reads every catalogue but the notes and holds the others to the keys of the source. No key stands in two
// folders.
func loadTexts(files fs.FS) (map[string]map[message.Key]string, error) {
	out := map[string]map[message.Key]string{}
	for _, folder := range folders() {
		names, err := fs.Glob(files, folder+"/*.json")
		if err != nil {
			return nil, fmt.Errorf("list catalogues: %w", err)
		}
		for _, name := range names {
			code := strings.TrimSuffix(path.Base(name), ".json")
			if code == notes {
				continue
			}
			texts, err := readFile(files, name)
			if err != nil {
				return nil, err
			}
			if out[code], err = join(out[code], texts); err != nil {
				return nil, fmt.Errorf("read %s: %w", name, err)
			}
		}
	}
	return out, checkTexts(out)
}

// join adds texts to those of another file.
func join(all, texts map[message.Key]string) (map[message.Key]string, error) {
	if all == nil {
		return texts, nil
	}
	for key, text := range texts {
		if _, twice := all[key]; twice {
			return nil, fmt.Errorf("key %q stands in another file too", key)
		}
		all[key] = text
	}
	return all, nil
}

// checkTexts refuses catalogues of unknown languages and keys that the source does not have.
func checkTexts(texts map[string]map[message.Key]string) error {
	for code, own := range texts {
		if !slices.ContainsFunc(known(), func(row row) bool { return row.code == code }) {
			return fmt.Errorf("catalogue %s: no such language in the table", code)
		}
		for key := range own {
			if _, ok := texts[source][key]; !ok {
				return fmt.Errorf("catalogue %s: key %q is not in %s", code, key, source)
			}
		}
	}
	return nil
}
