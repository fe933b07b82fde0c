package actionapi

import (
	"maps"
	"slices"

	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/message"
	"gatehouse/internal/wire"
)

// The places of siteinfo's parameters.
const (
	siteProp = iota
	siteFilterInterwiki
	siteShowAllDB
	siteNumberInGroup
	siteInLanguage
)

// querySiteInfo is meta=siteinfo: what clients want to know of the site before anything else.
func querySiteInfo() *module {
	return &module{
		name: "siteinfo", path: "query+siteinfo", cache: cachePublic, run: runSiteInfo, answer: siteAnswer(),
		params: prefixed("si", []param{
			siteProp: {name: "prop", typ: typeEnum, multi: true, all: true, preset: "general", described: true,
				values: siteProps()},
			siteFilterInterwiki: {name: "filteriw", typ: typeEnum, values: []string{"local", "!local"}},
			siteShowAllDB:       {name: "showalldb", typ: typeFlag},
			siteNumberInGroup:   {name: "numberingroup", typ: typeFlag},
			siteInLanguage:      {name: "inlanguagecode"},
		}),
		manual: manual{class: "ApiQuerySiteinfo", group: groupMeta, prefix: "si", pages: []string{"Siteinfo"}, examples: []example{
			{"simple", "action=query&meta=siteinfo&siprop=general|namespaces|namespacealiases|statistics"},
			{"groups", "action=query&meta=siteinfo&siprop=usergroups|statistics&sinumberingroup="},
		}},
	}
}

// siteProps are the values of siprop, in the reference's order.
func siteProps() []string {
	return []string{
		"general", "namespaces", "namespacealiases", "specialpagealiases", "magicwords", "interwikimap", "dbrepllag", "statistics",
		"usergroups", "autocreatetempuser", "clientlibraries", "libraries", "extensions", "fileextensions", "rightsinfo",
		"restrictions", "languages", "languagevariants", "skins", "extensiontags", "functionhooks", "showhooks", "variables",
		"protocols", "defaultoptions", "uploaddialog", "autopromote", "autopromoteonce", "copyuploaddomains",
	}
}

// siteFact tells one thing about the site.
type siteFact func(c *call, args []value) (result.Node, error)

// siteFacts are the values of siprop with what tells them. What a wiki has and this site has not is told by its empty shape.
func siteFacts() map[string]siteFact {
	facts := map[string]siteFact{
		"general":            always((*call).siteGeneral),
		"namespaces":         always((*call).siteNamespaces),
		"namespacealiases":   always((*call).siteNamespaceAliases),
		"specialpagealiases": always((*call).siteSpecialPages),
		"dbrepllag":          (*call).siteLag,
		"statistics":         (*call).siteStatistics,
		"usergroups":         (*call).siteGroups,
		"autocreatetempuser": always((*call).siteTemporaryUsers),
		"extensions":         always((*call).siteExtensions),
		"rightsinfo":         always((*call).siteLicence),
		"restrictions":       always((*call).siteRestrictions),
		"languages":          always((*call).siteLanguages),
		"protocols":          always((*call).siteProtocols),
		"defaultoptions":     always((*call).siteDefaultOptions),
	}
	for name, item := range map[string]string{
		"magicwords": "magicword", "interwikimap": "iw", "clientlibraries": "library", "libraries": "library",
		"fileextensions": "fe", "skins": "skin", "extensiontags": "t", "functionhooks": "h", "showhooks": "hook", "variables": "v",
		"copyuploaddomains": "domain",
	} {
		facts[name] = always(func(*call) result.Node { return result.OfList(&result.List{Item: item}) })
	}
	for _, name := range []string{"languagevariants", "uploaddialog", "autopromote", "autopromoteonce"} {
		facts[name] = always(func(*call) result.Node { return result.Of(&result.Object{Assoc: true}) })
	}
	return facts
}

// always makes a siteFact of what cannot fail and has no parameters.
func always(tell func(*call) result.Node) siteFact {
	return func(c *call, _ []value) (result.Node, error) { return tell(c), nil }
}

func runSiteInfo(c *call, args []value, out *result.Object) error {
	if v := args[siteInLanguage]; v.set {
		if _, ok := c.languageNamed(v.text); !ok {
			return fail("query+siteinfo", wire.InvalidLanguage, message.Text("siinlanguagecode"))
		}
	}
	for _, prop := range args[siteProp].list {
		node, err := c.api.siteFacts[prop](c, args)
		if err != nil {
			return err
		}
		out.Put(prop, node)
	}
	return nil
}

// objects makes a list of one object for each of the things.
func objects[T any](item string, things []T, tell func(o *result.Object, thing T)) result.Node {
	l := &result.List{Item: item, Items: make([]result.Node, len(things))}
	for i, thing := range things {
		o := &result.Object{}
		tell(o, thing)
		l.Items[i] = result.Of(o)
	}
	return result.OfList(l)
}

// sortedKeys are the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
