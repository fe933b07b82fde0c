package actionapi

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"gatehouse/auth"
)

// querySiteInfo is meta=siteinfo: what clients want to know of the site before anything else.
func querySiteInfo() *module {
	return &module{
		name: "siteinfo", path: "query+siteinfo", cache: cacheAnonymous, run: runSiteInfo,
		params: []param{{name: "siprop", typ: typeEnum, multi: true, all: true, preset: "general", values: []string{
			"general", "namespaces", "namespacealiases", "usergroups", "statistics", "extensions",
		}}},
	}
}

func runSiteInfo(c *call, args []value, out *object) error {
	for _, prop := range args[0].list {
		switch prop {
		case "general":
			out.child("general", c.siteGeneral())
		case "namespaces":
			out.child("namespaces", siteNamespaces(c.api.Site.Name))
		case "namespacealiases":
			out.put("namespacealiases", namespaceAliases())
		case "usergroups":
			out.put("usergroups", siteGroups(c.api.Groups))
		case "extensions":
			out.put("extensions", listNode(&list{item: "ext"}))
		case "statistics":
			o, err := c.siteStatistics()
			if err != nil {
				return err
			}
			out.child("statistics", o)
		}
	}
	return nil
}

// siteGeneral has the keys that clients read, under the names that they read them by.
func (c *call) siteGeneral() *object {
	s := &c.api.Site
	o := &object{}
	o.text("mainpage", s.MainPage)
	o.text("base", s.Server+s.ArticlePath+url.PathEscape(strings.ReplaceAll(s.MainPage, " ", "_")))
	o.text("sitename", s.Name)
	o.flag("mainpageisdomainroot", false)
	o.text("generator", s.Generator)
	o.text("legaltitlechars", ` %!"$&'()*,\-.\/0-9:;=?@A-Z\\^_`+"`"+`a-z~\x80-\xFF+`)
	o.text("invalidusernamechars", "@:>=")
	o.text("case", "first-letter")
	o.text("lang", s.Language)
	o.put("fallback", listNode(&list{item: "lang"}))
	o.flag("rtl", c.api.siteLanguage.Direction() == "rtl")
	o.text("fallback8bitEncoding", "windows-1252")
	o.flag("readonly", c.api.ReadOnly != "")
	if c.api.ReadOnly != "" {
		o.text("readonlyreason", c.api.ReadOnly)
	}
	o.flag("writeapi", true)
	o.number("maxarticlesize", 0)
	o.text("timezone", "UTC")
	o.number("timeoffset", 0)
	o.text("articlepath", s.ArticlePath+"$1")
	o.text("scriptpath", s.ScriptPath)
	o.text("script", s.ScriptPath+"/index.php")
	o.put("variantarticlepath", node{kind: kindBoolean})
	o.text("server", s.Server)
	o.text("servername", hostName(s.Server))
	o.text("wikiid", s.ID)
	o.put("time", timeNode(c.now()))
	o.flag("misermode", false)
	o.flag("uploadsenabled", false)
	o.text("centralidlookupprovider", "local")
	o.put("allcentralidlookupproviders", textsNode([]string{"local"}))
	o.text("software", "gatehouse")
	return o
}

func hostName(server string) string {
	u, err := url.Parse(server)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// siteNamespaces are the namespaces that titles may name. Nothing but user names stands in them here.
func siteNamespaces(site string) *object {
	o := &object{item: "ns"}
	for _, n := range []struct {
		id   int
		name string
	}{
		{-2, "Media"}, {-1, "Special"}, {0, ""}, {1, "Talk"}, {2, "User"}, {3, "User talk"}, {4, "Project"}, {5, "Project talk"},
		{6, "File"}, {7, "File talk"}, {8, "MediaWiki"}, {9, "MediaWiki talk"}, {10, "Template"}, {11, "Template talk"},
		{12, "Help"}, {13, "Help talk"}, {14, "Category"}, {15, "Category talk"},
	} {
		ns := &object{content: "name"}
		ns.number("id", int64(n.id))
		ns.text("case", "first-letter")
		name := n.name
		if n.id == 4 || n.id == 5 {
			name = strings.Replace(name, "Project", site, 1)
		}
		ns.text("name", name)
		ns.flag("subpages", n.id > 0 && n.id != 6 && n.id != 14)
		if n.id != 0 {
			ns.text("canonical", n.name)
		}
		ns.flag("content", n.id == 0)
		ns.flag("nonincludable", false)
		o.child(strconv.Itoa(n.id), ns)
	}
	return o
}

func namespaceAliases() node {
	l := &list{item: "ns"}
	for _, a := range []struct {
		id   int64
		name string
	}{{6, "Image"}, {7, "Image talk"}} {
		o := &object{content: "alias"}
		o.number("id", a.id)
		o.text("alias", a.name)
		l.append(objectNode(o))
	}
	return listNode(l)
}

func siteGroups(policy auth.GroupPolicy) node {
	l := &list{item: "group"}
	names := append([]string{auth.GroupEverybody, auth.GroupUser, auth.GroupAutoconfirmed}, explicitGroups(policy)...)
	for _, name := range names {
		rights := &list{item: "permission"}
		for _, r := range policy[name].Grant {
			rights.append(textNode(string(r)))
		}
		o := &object{}
		o.text("name", name)
		o.put("rights", listNode(rights))
		l.append(objectNode(o))
	}
	return listNode(l)
}

// explicitGroups are the groups that accounts can be put into, sorted.
func explicitGroups(policy auth.GroupPolicy) []string {
	var names []string
	for name := range policy {
		if name != auth.GroupEverybody && name != auth.GroupUser && name != auth.GroupAutoconfirmed {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (c *call) siteStatistics() (*object, error) {
	var accounts int64
	if count := c.api.AccountCount; count != nil {
		n, err := count(c.ctx)
		if err != nil {
			return nil, fmt.Errorf("count accounts: %w", err)
		}
		accounts = n
	}
	o := &object{}
	for _, name := range []string{"pages", "articles", "edits", "images"} {
		o.number(name, 0)
	}
	o.number("users", accounts)
	for _, name := range []string{"activeusers", "admins", "jobs"} {
		o.number(name, 0)
	}
	return o, nil
}
