package actionapi

import (
	"slices"
	"strconv"

	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/i18n"
)

func (c *call) siteNamespaces() result.Node {
	all := &result.Object{Item: "ns"}
	for _, n := range c.api.spaces.all {
		o := &result.Object{Content: "name"}
		o.Number("id", int64(n.id))
		o.Text("case", "first-letter")
		o.Text("name", n.name)
		o.Flag("subpages", n.subpages)
		if n.id != spaceMain {
			o.Text("canonical", n.canonical)
		}
		o.Flag("content", n.id == spaceMain)
		o.Flag("nonincludable", false)
		all.Child(strconv.Itoa(n.id), o)
	}
	return result.Of(all)
}

func (c *call) siteNamespaceAliases() result.Node {
	l := &result.List{Item: "ns"}
	for _, n := range c.api.spaces.all {
		for _, alias := range n.aliases {
			o := &result.Object{Content: "alias"}
			o.Number("id", int64(n.id))
			o.Text("alias", alias)
			l.Append(result.Of(o))
		}
	}
	return result.OfList(l)
}

func (c *call) siteSpecialPages() result.Node {
	return objects("specialpage", c.api.specialPages.all, func(o *result.Object, p SpecialPage) {
		o.Text("realname", p.Name)
		aliases := &result.List{Item: "alias"}
		for _, a := range p.Aliases {
			aliases.Append(result.Text(a))
		}
		o.List("aliases", aliases)
	})
}

// siteLanguages are those that texts can be read in. Their names are their own, whatever language they are asked for in.
func (c *call) siteLanguages() result.Node {
	return objects("lang", c.api.Catalogue.Languages(), func(o *result.Object, l *i18n.Language) {
		o.Content = "name"
		o.Text("code", l.Code())
		o.Text("bcp47", l.Tag())
		o.Text("name", l.Name())
	})
}

// siteProtocols are what an address to come back to may begin with.
func (c *call) siteProtocols() result.Node {
	var all []string
	for _, scheme := range linkSchemes() {
		all = append(all, scheme+"://")
	}
	for _, scheme := range plainSchemes() {
		all = append(all, scheme+":")
	}
	slices.Sort(all)
	l := &result.List{Item: "p"}
	for _, p := range all {
		l.Append(result.Text(p))
	}
	return result.OfList(l)
}
