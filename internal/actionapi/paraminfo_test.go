package actionapi

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
)

// modulesOf lists the paths that an answer of paraminfo describes under key.
func (a answer) modulesOf(key string) string {
	list, _ := a.at("paraminfo." + key).([]any)
	var paths []string
	for _, m := range list {
		paths = append(paths, m.(map[string]any)["path"].(string))
	}
	return strings.Join(paths, " ")
}

const aboutCreateAccount = `{"name":"createaccount","classname":"MediaWiki\\Api\\ApiAMCreateAccount","path":"createaccount",` +
	`"group":"action","prefix":"create","source":"MediaWiki","sourcename":"gatehouse","licensetag":"Apache-2.0",` +
	`"licenselink":"http://wiki.test/wiki/Special:Version/License/MediaWiki","writerights":true,"mustbeposted":true,` +
	`"helpurls":["https://www.mediawiki.org/wiki/Special:MyLanguage/API:Account_creation"],"parameters":[` +
	`{"index":1,"name":"requests","type":"string","required":false,"multi":true,"lowlimit":50,"highlimit":500,"limit":50},` +
	`{"index":2,"name":"messageformat","type":["html","none","raw","wikitext"],"required":false,"default":"wikitext","multi":false},` +
	`{"index":3,"name":"mergerequestfields","type":"boolean","required":false,"multi":false},` +
	`{"index":4,"name":"preservestate","type":"boolean","required":false,"multi":false},` +
	`{"index":5,"name":"returnurl","type":"string","required":false,"multi":false},` +
	`{"index":6,"name":"continue","type":"boolean","required":false,"multi":false},` +
	`{"index":7,"name":"token","type":"string","required":true,"sensitive":true,"multi":false,"tokentype":"createaccount"}],` +
	`"templatedparameters":[],"dynamicparameters":true}`

func TestParamInfo(t *testing.T) {
	s := newSite(t, change{})
	old := strings.NewReplacer(`,"required":false`, "", `,"multi":false`, "", `"multi":true`, `"multi":""`, `"required":true`, `"required":""`,
		`"sensitive":true`, `"sensitive":""`, `rights":true`, `rights":""`, `posted":true`, `posted":""`, `parameters":true`, `parameters":""`)
	for query, want := range map[string]string{
		"formatversion=2&modules=createaccount": `{"paraminfo":{"helpformat":"none","modules":[` + aboutCreateAccount + `]}}`,
		"formatversion=1&modules=createaccount": `{"paraminfo":{"helpformat":"none","modules":[` + old.Replace(aboutCreateAccount) + `]}}`,
		"formatversion=2":                       `{"paraminfo":{"helpformat":"none"}}`,
		"formatversion=2&modules=":              `{"paraminfo":{"helpformat":"none"}}`,
	} {
		if a := s.client(t).get("action=paraminfo&format=json&" + query); a.text != want {
			t.Errorf("%s:\n got %s\nwant %s", query, a.text, want)
		}
	}
}

func TestParamInfoPaths(t *testing.T) {
	s := newSite(t, change{})
	actions := strings.Join(names(s.Handler.(*api).root.submodules()), " ")
	tests := []struct{ query, key, want, warning string }{
		{"modules=query%2Bauthmanagerinfo|main|jsonfm|main", "modules", "query+authmanagerinfo main jsonfm", ""},
		{"modules=query+tokens", "modules", "query+tokens", ""},
		{"modules=*", "modules", actions, ""},
		{"modules=main%2B*", "modules", actions, ""},
		{"modules=nosuch|createaccount", "modules", "createaccount", `"main" has no part called "nosuch".`},
		{"modules=query%2Bno<such", "modules", "", `"query" has no part called "no<such".`},
		{"modules=main%2Bquery", "modules", "", `"main" has no part called "main".`},
		{"modules=logout%2Bx", "modules", "", `"logout" has no parts.`},
		{"modules=logout%2B*|nosuch%2B**", "modules", "", "\"logout\" has no parts.\n\"main\" has no part called \"nosuch\"."},
		{"querymodules=tokens|users&modules=query%2Btokens|logout", "querymodules", "query+tokens query+users", "querymodules is out of date."},
		{"formatmodules=json|xmlfm", "formatmodules", "json xmlfm", "formatmodules is out of date."},
	}
	for _, tt := range tests {
		r := httptest.NewRequest("GET", "/w/api.php?action=paraminfo&format=json&formatversion=2&"+
			strings.NewReplacer("|", "%7C", "<", "%3C").Replace(tt.query), nil)
		a := s.client(t).do(r)
		if got := a.modulesOf(tt.key); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.query, got, tt.want)
		}
		warning, _ := a.at("warnings.paraminfo.warnings").(string)
		if strings.ReplaceAll(warning, `"`+tt.key+`" is`, tt.key+" is") != tt.warning {
			t.Errorf("%s: warning %q", tt.query, warning)
		}
	}
	all := s.client(t).get("action=paraminfo&format=json&modules=**").modulesOf("modules")
	if !strings.Contains(all, "query query+all") || !strings.Contains(all, "xml xmlfm") {
		t.Errorf("**: %s", all)
	}
	a := s.client(t).get("action=paraminfo&format=json&errorformat=raw&modules=query%2Bx", "modules", "query+x")
	if a.at("warnings.0.code") != "badmodule" || a.at("warnings.0.key") != "apierror-badmodule-badsubmodule" {
		t.Errorf("raw: %s", a.text)
	}
}

func TestParamInfoDeprecated(t *testing.T) {
	s := newSite(t, change{})
	a := s.client(t).get("action=paraminfo&format=json&formatversion=2&errorformat=none&mainmodule=&pagesetmodule=&querymodules=tokens")
	if a.at("paraminfo.mainmodule.classname") != `MediaWiki\Api\ApiMain` || a.at("paraminfo.mainmodule.group") != nil {
		t.Errorf("mainmodule: %s", a.text)
	}
	set := a.at("paraminfo.pagesetmodule").(map[string]any)
	if set["classname"] != `MediaWiki\Api\ApiPageSet` || set["name"] != nil || set["path"] != nil || set["group"] != nil ||
		a.at("paraminfo.pagesetmodule.parameters.0.name") != "titles" {
		t.Errorf("pagesetmodule: %v", set)
	}
	if a.at("paraminfo.querymodules.0.querytype") != "meta" {
		t.Errorf("querymodules: %s", a.text)
	}
	if a.at("warnings.0.code") != "deprecation" || a.at("warnings.0.data.feature") != "action=paraminfo&querymodules" ||
		a.at("warnings.1.code") != "deprecation-help" {
		t.Errorf("warnings: %s", a.text)
	}
}

// TestParamInfoOfParameters looks at every kind of parameter.
func TestParamInfoOfParameters(t *testing.T) {
	s := newSite(t, change{})
	s.create(t, "Ann", "bot")
	for _, tt := range []struct{ path, name, want string }{
		{"main", "smaxage", `"type":"integer","required":false,"default":0,"multi":false,"min":0`},
		{"main", "maxlag", `"type":"integer","required":false,"multi":false`},
		{"main", "assertuser", `"type":"user","required":false,"multi":false,"subtypes":["name"]`},
		{"main", "uselang", `"type":"string","required":false,"default":"user","multi":false`},
		{"login", "password", `"type":"password","required":false,"sensitive":true,"multi":false`},
		{"login", "token", `"type":"string","required":false,"sensitive":true,"multi":false`},
		{"logout", "token", `"type":"string","required":true,"sensitive":true,"multi":false,"tokentype":"csrf"`},
		{"query+tokens", "type", `"type":["createaccount","csrf","login","patrol","rollback","userrights","watch"],"required":false,` +
			`"default":"csrf","multi":true,"lowlimit":50,"highlimit":500,"limit":50,"allspecifier":"*"`},
		{"query+logevents", "limit", `"type":"limit","required":false,"default":10,"multi":false,"min":1,"max":500,"highmax":5000`},
		{"query+logevents", "start", `"type":"timestamp","required":false,"multi":false`},
		{"query+logevents", "user", `"type":"user","required":false,"multi":false,"subtypes":["name","ip"]`},
		{"query+users", "userids", `"type":"integer","required":false,"multi":true,"lowlimit":50,"highlimit":500,"limit":50`},
		{"query+allmessages", "args", `"type":"string","required":false,"multi":true,"lowlimit":50,"highlimit":500,"limit":50,"allowsduplicates":true`},
		{"query", "prop", `"type":[],"required":false,"multi":true,"lowlimit":50,"highlimit":500,"limit":50,"submodules":{}`},
		{"xml", "xslt", `"type":"string","required":false,"multi":false`},
		{"xmlfm", "wrappedhtml", `"type":"boolean","required":false,"multi":false`},
		{"json", "formatversion", `"type":["1","2","latest"],"required":false,"default":"1","multi":false`},
	} {
		text := s.client(t).get("action=paraminfo&format=json&formatversion=2", "modules", tt.path).text
		if !strings.Contains(text, `"name":"`+tt.name+`",`+tt.want+"}") {
			t.Errorf("%s of %s is not {%s}: %s", tt.name, tt.path, tt.want, text)
		}
	}
	for _, tt := range []struct{ path, want string }{
		{"query", `"readrights":true`}, {"main", `"path":"main","prefix":""`}, {"query+users", `"group":"list","prefix":"us"`},
		{"query", `"authmanagerinfo":"query+authmanagerinfo",`}, {"main", `"json":"json","jsonfm":"jsonfm"`},
		{"json", `"group":"format"`}, {"xmlfm", `MediaWiki\\Api\\ApiFormatXml`}, {"phpfm", `ApiFormatPhp`}, {"none", `ApiFormatNone`},
		{"rawfm", `ApiFormatJson`},
	} {
		if text := s.client(t).get("action=paraminfo&format=json&formatversion=2", "modules", tt.path).text; !strings.Contains(text, tt.want) {
			t.Errorf("%s has no %s: %s", tt.path, tt.want, text)
		}
	}
	if text := s.signedIn(t, "Ann").get("action=paraminfo&modules=createaccount&format=json").text; !strings.Contains(text, `"highlimit":500,"limit":500`) {
		t.Errorf("a bot: %s", text)
	}
}

func TestParamInfoOfADisabledModule(t *testing.T) {
	s := newSite(t, change{api: func(c *Config) { c.CreateAccountDisabled = true }})
	const want = `{"name":"createaccount","classname":"MediaWiki\\Api\\ApiDisabled","path":"createaccount","group":"action","prefix":"",` +
		`"source":"MediaWiki","sourcename":"gatehouse","licensetag":"Apache-2.0",` +
		`"licenselink":"http://wiki.test/wiki/Special:Version/License/MediaWiki","helpurls":[],"parameters":[],"templatedparameters":[]}`
	a := s.client(t).get("action=paraminfo&modules=createaccount&format=json&formatversion=2")
	if a.text != `{"paraminfo":{"helpformat":"none","modules":[`+want+`]}}` {
		t.Errorf("disabled: %s", a.text)
	}
	a = s.client(t).get("action=paraminfo&modules=createaccount&helpformat=raw&format=json&formatversion=2")
	if a.at("paraminfo.modules.0.description.0.key") != string(helpDisabled) {
		t.Errorf("disabled, raw: %s", a.text)
	}
}

func TestParamInfoTexts(t *testing.T) {
	s := newSite(t, change{})
	describe := func(path, format, lang string) answer {
		return s.client(t).get("action=paraminfo&format=json&formatversion=2&helpformat="+format+"&uselang="+lang, "modules", path)
	}
	raw := describe("createaccount", "raw", "en")
	for at, want := range map[string]string{
		"description.0":              "map[key:apihelp-createaccount-summary params:[create createaccount createaccount]]",
		"description.1":              "map[key:apihelp-createaccount-extended-description params:[create createaccount createaccount]]",
		"description.2":              "map[key:api-help-authmanager-general-usage params:[create createaccount createaccount create createaccount]]",
		"examples.0.description":     "map[key:apihelp-createaccount-example-create params:[create createaccount createaccount]]",
		"parameters.0.description.0": "map[key:api-help-authmanagerhelper-requests params:[create create requests createaccount createaccount]]",
		"parameters.3.description.1": "map[key:apihelp-createaccount-param-preservestate params:[create preservestate createaccount createaccount]]",
		"parameters.6.description.0": "map[key:api-help-param-token params:[createaccount create token createaccount createaccount]]",
		"dynamicparameters.0":        "map[key:api-help-authmanagerhelper-additional-params params:[create create createaccount createaccount]]",
	} {
		if got := fmt.Sprint(raw.at("paraminfo.modules.0." + at)); got != want {
			t.Errorf("%s: %s", at, got)
		}
	}
	tests := []struct{ path, format, lang, at, want string }{
		{"logout", "wikitext", "qqx", "description", "(apihelp-logout-summary: , logout, logout)\n\n(apihelp-logout-extended-description / api-help-no-extended-description: , logout, logout)"},
		{"logout", "wikitext", "en", "description", "Signs out, and ends the session of this client."},
		{"logout", "html", "en", "description", "Signs out, and ends the session of this client."},
		{"login", "html", "en", "description", "<p>Signs in with a name and a password alone.</p>\n<p>It is the older way, and it ends where an account needs more than a password. " +
			"New programs use <kbd><a href=\"/wiki/Special:ApiHelp/clientlogin\">action=clientlogin</a></kbd>.</p>"},
		{"logout", "html", "en", "examples.0.description", "Sign out."},
		{"php", "wikitext", "en", "parameters.0.description", "How the document looks.\n\n" +
			";<span dir=\"ltr\" lang=\"en\">1</span>:As it always was: what is true is an empty text, what is false is left out, and texts of elements have the key <code>*</code>.\n" +
			";<span dir=\"ltr\" lang=\"en\">2</span>:With true and false. New programs use this.\n" +
			";<span dir=\"ltr\" lang=\"en\">latest</span>:The newest version, which is 2. It may be another one some day."},
	}
	for _, tt := range tests {
		if got := describe(tt.path, tt.format, tt.lang).at("paraminfo.modules.0." + tt.at); got != tt.want {
			t.Errorf("%s of %s in %s, %s:\n got %q\nwant %q", tt.at, tt.path, tt.lang, tt.format, got, tt.want)
		}
	}
	values := describe("php", "html", "en").at("paraminfo.modules.0.parameters.0.description").(string)
	if !strings.HasPrefix(values, "<p>How the document looks.</p>\n<dl><dt><span dir=\"ltr\" lang=\"en\">1</span></dt>\n<dd>As") || !strings.HasSuffix(values, "</dd></dl>") {
		t.Errorf("values as HTML: %s", values)
	}
	if a := describe("main", "raw", "en"); !strings.Contains(a.text, `"forvalue":"[[Special:ApiHelp/createaccount|createaccount]]"`) {
		t.Errorf("modules as values: %s", a.text)
	}
}

// Labels stand in front of values that nobody should begin to use, and those come last.
func TestValuesToLeaveAlone(t *testing.T) {
	old := &module{name: "a", path: "a", manual: manual{deprecated: true, group: groupAction}}
	inner := &module{name: "b", path: "b", manual: manual{internal: true, group: groupAction}}
	fine := &module{name: "c", path: "c", manual: manual{group: groupAction}}
	all := []*module{old, inner, fine}
	p := param{name: "action", typ: typeEnum, submodules: all, values: names(all)}
	m := &module{name: "main", path: "main", params: []param{p}}
	a := apiOf(t)
	w := paramInfoWriter{helpWriter: helpWriter{lang: a.english, format: "wikitext"}, api: a}
	if got := strings.Join(p.sortedValues(), " "); got != "c a b" {
		t.Errorf("order: %s", got)
	}
	text := w.wikitext(m.paramHelp(&m.params[0]))
	for _, want := range []string{`<span class="apihelp-deprecated">Out of date.</span> `, `<span class="apihelp-internal">Internal.</span> `} {
		if strings.Count(text, want) != 1 {
			t.Errorf("%s is not in %s", want, text)
		}
	}
}
