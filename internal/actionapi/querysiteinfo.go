package actionapi

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
)

// querySiteInfo is meta=siteinfo: what clients want to know of the site before anything else.
func querySiteInfo() *module {
	return &module{
		name: "siteinfo", path: "query+siteinfo", cache: cacheAnonymous, run: runSiteInfo,
		params: []param{{name: "siprop", typ: typeEnum, multi: true, all: true, preset: "general", values: []string{
			"general", "namespaces", "namespacealiases", "usergroups", "statistics", "extensions",
		}, described: true}},
		manual: manual{class: "ApiQuerySiteinfo", group: groupMeta, prefix: "si", pages: []string{"Siteinfo"}, examples: []example{
			{"simple", "action=query&meta=siteinfo&siprop=general|namespaces|namespacealiases|statistics"},
		}},
	}
}

func runSiteInfo(c *call, args []value, out *result.Object) error {
	for _, prop := range args[0].list {
		switch prop {
		case "general":
			out.Child("general", c.siteGeneral())
		case "namespaces":
			out.Child("namespaces", siteNamespaces(c.api.Site.Name))
		case "namespacealiases":
			out.Put("namespacealiases", namespaceAliases())
		case "usergroups":
			out.Put("usergroups", siteGroups(c.api.Groups))
		case "extensions":
			out.List("extensions", &result.List{Item: "ext"})
		case "statistics":
			o, err := c.siteStatistics()
			if err != nil {
				return err
			}
			out.Child("statistics", o)
		}
	}
	return nil
}

// siteGeneral has the keys that clients read, under the names that they read them by.
func (c *call) siteGeneral() *result.Object {
	s := &c.api.Site
	o := &result.Object{}
	o.Text("mainpage", s.MainPage)
	o.Text("base", s.Server+s.ArticlePath+url.PathEscape(strings.ReplaceAll(s.MainPage, " ", "_")))
	o.Text("sitename", s.Name)
	o.Flag("mainpageisdomainroot", false)
	o.Text("generator", s.Generator)
	o.Text("legaltitlechars", ` %!"$&'()*,\-.\/0-9:;=?@A-Z\\^_`+"`"+`a-z~\x80-\xFF+`)
	o.Text("invalidusernamechars", "@:>=")
	o.Text("case", "first-letter")
	o.Text("lang", s.Language)
	o.List("fallback", &result.List{Item: "lang"})
	o.Flag("rtl", c.api.siteLanguage.Direction() == "rtl")
	o.Text("fallback8bitEncoding", "windows-1252")
	o.Flag("readonly", c.api.ReadOnly != "")
	if c.api.ReadOnly != "" {
		o.Text("readonlyreason", c.api.ReadOnly)
	}
	o.Flag("writeapi", true)
	o.Number("maxarticlesize", 0)
	o.Text("timezone", "UTC")
	o.Number("timeoffset", 0)
	o.Text("articlepath", s.ArticlePath+"$1")
	o.Text("scriptpath", s.ScriptPath)
	o.Text("script", s.ScriptPath+"/index.php")
	o.Put("variantarticlepath", result.Boolean(false))
	o.Text("server", s.Server)
	o.Text("servername", hostName(s.Server))
	o.Text("wikiid", s.ID)
	o.Put("time", result.Time(c.now()))
	o.Flag("misermode", false)
	o.Flag("uploadsenabled", false)
	o.Text("centralidlookupprovider", "local")
	o.Put("allcentralidlookupproviders", result.Texts([]string{"local"}))
	o.Text("software", "gatehouse")
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
func siteNamespaces(site string) *result.Object {
	o := &result.Object{Item: "ns"}
	for _, n := range []struct {
		id   int
		name string
	}{
		{-2, "Media"}, {-1, "Special"}, {0, ""}, {1, "Talk"}, {2, "User"}, {3, "User talk"}, {4, "Project"}, {5, "Project talk"},
		{6, "File"}, {7, "File talk"}, {8, "MediaWiki"}, {9, "MediaWiki talk"}, {10, "Template"}, {11, "Template talk"},
		{12, "Help"}, {13, "Help talk"}, {14, "Category"}, {15, "Category talk"},
	} {
		ns := &result.Object{Content: "name"}
		ns.Number("id", int64(n.id))
		ns.Text("case", "first-letter")
		name := n.name
		if n.id == 4 || n.id == 5 {
			name = strings.Replace(name, "Project", site, 1)
		}
		ns.Text("name", name)
		ns.Flag("subpages", n.id > 0 && n.id != 6 && n.id != 14)
		if n.id != 0 {
			ns.Text("canonical", n.name)
		}
		ns.Flag("content", n.id == 0)
		ns.Flag("nonincludable", false)
		o.Child(strconv.Itoa(n.id), ns)
	}
	return o
}

func namespaceAliases() result.Node {
	l := &result.List{Item: "ns"}
	for _, a := range []struct {
		id   int64
		name string
	}{{6, "Image"}, {7, "Image talk"}} {
		o := &result.Object{Content: "alias"}
		o.Number("id", a.id)
		o.Text("alias", a.name)
		l.Append(result.Of(o))
	}
	return result.OfList(l)
}

func siteGroups(policy auth.GroupPolicy) result.Node {
	l := &result.List{Item: "group"}
	names := append([]string{auth.GroupEverybody, auth.GroupUser, auth.GroupAutoconfirmed}, explicitGroups(policy)...)
	for _, name := range names {
		rights := &result.List{Item: "permission"}
		for _, r := range policy[name].Grant {
			rights.Append(result.Text(string(r)))
		}
		o := &result.Object{}
		o.Text("name", name)
		o.List("rights", rights)
		l.Append(result.Of(o))
	}
	return result.OfList(l)
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

func (c *call) siteStatistics() (*result.Object, error) {
	var accounts int64
	if count := c.api.AccountCount; count != nil {
		n, err := count(c.ctx)
		if err != nil {
			return nil, fmt.Errorf("count accounts: %w", err)
		}
		accounts = n
	}
	o := &result.Object{}
	for _, name := range []string{"pages", "articles", "edits", "images"} {
		o.Number(name, 0)
	}
	o.Number("users", accounts)
	for _, name := range []string{"activeusers", "admins", "jobs"} {
		o.Number(name, 0)
	}
	return o, nil
}
