package actionapi

import (
	"strings"
	"testing"
)

func TestSiteInfo(t *testing.T) {
	s := newSite(t, change{})
	a := s.client(t).get("action=query&meta=siteinfo&siprop=*&format=json")
	for path, want := range map[string]any{
		"general.generator": "MediaWiki 1.43.0", "general.writeapi": "", "general.case": "first-letter", "general.articlepath": "/wiki/$1",
		"general.server": testServer, "general.servername": "wiki.test", "general.scriptpath": "/w", "general.wikiid": "wiki",
		"general.readonly": nil, "general.base": testServer + "/wiki/Main_Page", "general.lang": "en", "general.timeoffset": 0.0,
		"general.centralidlookupprovider": "local", "general.variantarticlepath": false, "general.timezone": "UTC",
		"namespaces.2.*": "User", "namespaces.4.*": "Testwiki", "namespaces.4.canonical": "Project", "namespaces.0.*": "",
		"namespaces.0.content": "", "namespaces.0.canonical": nil, "namespaces.-1.id": -1.0,
		"namespacealiases.0.*": "Image", "usergroups.0.name": "*", "usergroups.0.number": nil, "statistics.users": 0.0, "statistics.edits": 0.0,
		"dbrepllag.0.lag": -1.0, "rightsinfo.url": "", "languages.0.code": "ar", "languages.0.*": "العربية", "protocols.0": "bitcoin:",
		"defaultoptions.language": "en",
	} {
		if got := a.at("query." + path); got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
	if a.at("warnings") != nil {
		t.Errorf("warnings: %s", a.text)
	}
}

// TestSiteInfoShapes: what there is not has the shape that it has on a wiki without any.
func TestSiteInfoShapes(t *testing.T) {
	s := newSite(t, change{})
	for prop, want := range map[string]string{
		"magicwords": "[]", "interwikimap": "[]", "clientlibraries": "[]", "libraries": "[]", "extensions": "[]", "fileextensions": "[]",
		"skins": "[]", "extensiontags": "[]", "functionhooks": "[]", "showhooks": "[]", "variables": "[]", "copyuploaddomains": "[]",
		"specialpagealiases": "[]", "languagevariants": "{}", "uploaddialog": "{}", "autopromote": "{}", "autopromoteonce": "{}",
		"autocreatetempuser": `{"enabled":false}`, "restrictions": `{"types":[],"levels":[],"cascadinglevels":[],"semiprotectedlevels":[]}`,
	} {
		a := s.client(t).get("action=query&meta=siteinfo&format=json&formatversion=2&siprop=" + prop)
		if a.text != `{"batchcomplete":true,"query":{"`+prop+`":`+want+`}}` {
			t.Errorf("%s: %s", prop, a.text)
		}
	}
	for _, prop := range siteProps() {
		if siteFacts()[prop] == nil {
			t.Errorf("nothing tells %s", prop)
		}
	}
}

func TestSiteInfoTellsWhatIsThere(t *testing.T) {
	s := newSite(t, change{api: func(c *Config) {
		c.ReadOnly, c.Site.Generator, c.Site.Language = "moving", "MediaWiki 1.44.1", "de"
		c.SpecialPages = []SpecialPage{{"Userlogin", []string{"UserLogin", "Login"}}}
		c.Extensions = []Extension{{Type: "antispam", Name: "ConfirmEdit"}}
	}})
	a := s.client(t).get("action=query&meta=siteinfo&siprop=general|specialpagealiases|extensions&format=json&formatversion=2")
	for path, want := range map[string]any{
		"general.readonly": true, "general.readonlyreason": "moving", "general.generator": "MediaWiki 1.44.1", "general.fallback.0.code": "en",
		"specialpagealiases.0.realname": "Userlogin", "specialpagealiases.0.aliases.1": "Login", "extensions.0.name": "ConfirmEdit",
	} {
		if got := a.at("query." + path); got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
}

// TestCounts: accounts and members count at once.
func TestCounts(t *testing.T) {
	s := newSite(t, change{})
	s.create(t, "Ann", "sysop")
	s.create(t, "Bob", "sysop", "bot")
	s.create(t, "Cid")
	a := s.client(t).get("action=query&meta=siteinfo&siprop=statistics|usergroups&sinumberingroup=&format=json&formatversion=2")
	for path, want := range map[string]any{
		"statistics.users": 3.0, "statistics.admins": 2.0, "statistics.activeusers": 0.0,
		"usergroups.0.number": nil, "usergroups.1.name": "user", "usergroups.1.number": 3.0, "usergroups.2.number": nil,
		"usergroups.3.name": "bot", "usergroups.3.number": 1.0, "usergroups.4.number": 0.0, "usergroups.5.number": 2.0,
	} {
		if got := a.at("query." + path); got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
}

func TestSiteInfoParameters(t *testing.T) {
	s := newSite(t, change{})
	for query, code := range map[string]string{
		"siprop=dbrepllag&sishowalldb=": "includeAllDenied", "sifilteriw=x": "badvalue", "siinlanguagecode=no/code": "invalidlang", "siinlanguagecode=pt": "",
		"siprop=interwikimap&sifilteriw=!local": "", "siprop=languages&siinlanguagecode=de": "", "sishowalldb=": "",
	} {
		if a := s.client(t).get("action=query&meta=siteinfo&format=json&" + query); a.code() != code {
			t.Errorf("%s: %s", query, a.text)
		}
	}
	a := s.client(t).get("action=query&meta=siteinfo&siprop=nosuch|rightsinfo&format=json&errorformat=none")
	if a.at("warnings.0.code") != "unrecognizedvalues" || !strings.Contains(a.text, `"query":{"rightsinfo":{"url":"","text":""}}`) {
		t.Errorf("unknown: %s", a.text)
	}
}
