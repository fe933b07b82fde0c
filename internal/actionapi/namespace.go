package actionapi

import (
	"strings"
)

// The numbers of the namespaces that something is known of here.
const (
	spaceMedia   = -2
	spaceSpecial = -1
	spaceMain    = 0
	spaceTalk    = 1
	spaceUser    = 2
)

// namespace is one of the spaces that titles are in.
type namespace struct {
	id int
	// canonical is its name on every site, name that on this one.
	canonical, name string
	// aliases are further names.
	aliases  []string
	subpages bool
}

// namespaces are those of an English site. Nothing but the names of users stands in them here, but titles name them.
type namespaces struct {
	all      []namespace
	byPrefix map[string]int // lower case, to the place in all
}

func newNamespaces(site string) namespaces {
	s := namespaces{byPrefix: map[string]int{}}
	for _, n := range []namespace{
		{id: spaceMedia, canonical: "Media"}, {id: spaceSpecial, canonical: "Special"},
		{id: spaceMain}, {id: spaceTalk, canonical: "Talk", subpages: true},
		{id: spaceUser, canonical: "User", subpages: true}, {id: 3, canonical: "User talk", subpages: true},
		{id: 4, canonical: "Project", subpages: true}, {id: 5, canonical: "Project talk", subpages: true},
		{id: 6, canonical: "File", aliases: []string{"Image"}},
		{id: 7, canonical: "File talk", aliases: []string{"Image talk"}, subpages: true},
		{id: 8, canonical: "MediaWiki", subpages: true}, {id: 9, canonical: "MediaWiki talk", subpages: true},
		{id: 10, canonical: "Template", subpages: true}, {id: 11, canonical: "Template talk", subpages: true},
		{id: 12, canonical: "Help", subpages: true}, {id: 13, canonical: "Help talk", subpages: true},
		{id: 14, canonical: "Category"}, {id: 15, canonical: "Category talk", subpages: true},
	} {
		n.name = strings.Replace(n.canonical, "Project", site, 1)
		s.all = append(s.all, n)
		for _, prefix := range append([]string{n.canonical, n.name}, n.aliases...) {
			if prefix != "" {
				s.byPrefix[strings.ToLower(prefix)] = len(s.all) - 1
			}
		}
	}
	return s
}

// find gives the namespace that a prefix names.
func (s namespaces) find(prefix string) (namespace, bool) {
	i, ok := s.byPrefix[strings.ToLower(strings.TrimSpace(prefix))]
	if !ok {
		return namespace{}, false
	}
	return s.all[i], true
}

// main is where titles without a prefix are.
func (s namespaces) main() namespace { return namespace{id: spaceMain} }
