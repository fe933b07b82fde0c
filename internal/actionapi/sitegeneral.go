package actionapi

import (
	"net/url"
	"strings"

	"gatehouse/internal/actionapi/result"
)

// siteGeneral has the keys that clients read, under the names that they read them by. What is about pages is told as a site
// without any has it.
func (c *call) siteGeneral() result.Node {
	s := &c.api.Site
	o := &result.Object{}
	o.Text("mainpage", s.MainPage)
	o.Text("base", s.Server+s.ArticlePath+url.PathEscape(strings.ReplaceAll(s.MainPage, " ", "_")))
	o.Text("sitename", s.Name)
	o.Flag("mainpageisdomainroot", false)
	o.Text("generator", s.Generator)
	o.Text("software", "gatehouse")
	c.addTextRules(o)
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
	o.Text("centralidlookupprovider", centralProvider)
	o.List("allcentralidlookupproviders", &result.List{Item: "provider", Items: []result.Node{result.Text(centralProvider)}})
	o.Flag("interwikimagic", false)
	magic := &result.Object{Assoc: true}
	for _, name := range []string{"ISBN", "PMID", "RFC"} {
		magic.Flag(name, false)
	}
	o.Child("magiclinks", magic)
	return result.Of(o)
}

// centralProvider is what knows the ids of accounts: this site, which shares its accounts with no other.
const centralProvider = "local"

// addTextRules says how titles and names are written, and what is done to text.
func (c *call) addTextRules(o *result.Object) {
	for _, name := range []string{"imagewhitelistenabled", "langconversion", "linkconversion", "titleconversion"} {
		o.Flag(name, false)
	}
	o.Text("linkprefixcharset", "")
	o.Text("linkprefix", "")
	o.Text("linktrail", "/^()(.*)$/sD")
	o.Text("legaltitlechars", ` %!"$&'()*,\-.\/0-9:;=?@A-Z\\^_`+"`"+`a-z~\x80-\xFF+`)
	o.Text("invalidusernamechars", "@:>=")
	for _, name := range []string{"allunicodefixes", "fixarabicunicode", "fixmalayalamunicode"} {
		o.Flag(name, false)
	}
	o.Text("case", "first-letter")
	o.Text("lang", c.api.Site.Language)
	o.Put("fallback", objects("lang", c.api.siteLanguage.Fallbacks(), func(o *result.Object, code string) { o.Text("code", code) }))
	o.Flag("rtl", c.api.siteLanguage.Direction() == "rtl")
	o.Text("fallback8bitEncoding", "windows-1252")
}

func hostName(server string) string {
	u, err := url.Parse(server)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
