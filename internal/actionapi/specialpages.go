package actionapi

import "strings"

// SpecialPage is a page of the site that is no page of a wiki: its name, and the names that lead to it, the best first.
type SpecialPage struct {
	Name    string
	Aliases []string
}

// specialPages are all of them, with what people type for them.
type specialPages struct {
	all   []SpecialPage
	typed map[string]bool
}

func newSpecialPages(all []SpecialPage) specialPages {
	s := specialPages{all: all, typed: map[string]bool{}}
	for _, p := range all {
		for _, alias := range p.Aliases {
			s.typed[specialKey(alias)] = true
		}
	}
	return s
}

// specialKey folds what people vary in the name of a special page.
func specialKey(name string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "-", "", "_", "").Replace(name))
}

// has reports whether t is a special page that exists, with or without something behind it.
func (s specialPages) has(t title) bool {
	name, _, _ := strings.Cut(t.text, "/")
	return t.space.id == spaceSpecial && s.typed[specialKey(name)]
}
