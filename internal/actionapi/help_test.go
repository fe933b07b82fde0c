package actionapi

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"html"
	"io"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestManualListsTheTables wants a section for every module and a term for every parameter, in help and in paraminfo, and
// nothing else.
func TestManualListsTheTables(t *testing.T) {
	s := newSite(t, change{})
	a := s.Handler.(*api)
	var want []string
	for _, m := range everyModule(a) {
		want = append(want, m.path)
		for i := range m.params {
			want = append(want, m.path+":"+m.shortName(&m.params[i]))
		}
	}
	slices.Sort(want)
	var help []string
	page := s.client(t).get("action=help&recursivesubmodules=1").text
	for _, id := range regexp.MustCompile(`(?:<section class="module"|<dt) id="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		help = append(help, html.UnescapeString(id[1]))
	}
	slices.Sort(help)
	if !slices.Equal(help, want) {
		t.Errorf("help has %v", differences(help, want))
	}
	var info []string
	answer := s.client(t).get("action=paraminfo&modules=main|**&format=json&formatversion=2")
	for _, m := range answer.at("paraminfo.modules").([]any) {
		m := m.(map[string]any)
		path := m["path"].(string)
		info = append(info, path)
		for _, p := range m["parameters"].([]any) {
			info = append(info, path+":"+p.(map[string]any)["name"].(string))
		}
	}
	slices.Sort(info)
	if !slices.Equal(info, want) {
		t.Errorf("paraminfo has %v", differences(info, want))
	}
}

// differences marks what is in one list only.
func differences(got, want []string) (out []string) {
	for _, s := range got {
		if !slices.Contains(want, s) {
			out = append(out, "+"+s)
		}
	}
	for _, s := range want {
		if !slices.Contains(got, s) {
			out = append(out, "-"+s)
		}
	}
	return out
}

// TestExamplesRun sends every example of every manual, as the module wants it, and takes no error but that of the token,
// which no example can know.
func TestExamplesRun(t *testing.T) {
	s := newSite(t, change{})
	s.create(t, "Ann", "sysop")
	for _, m := range everyModule(s.Handler.(*api)) {
		for _, e := range m.manual.examples {
			for _, c := range []*client{s.client(t), s.signedIn(t, "Ann")} {
				code := runExample(c, m, e)
				if code == "permissiondenied" && m.manual.source == oathExtension && m.manual.group == groupMeta {
					continue // its examples are for those with a right that visitors do not have
				}
				if code != "" && code != "badtoken" {
					t.Errorf("%s: the example %s is the error %s", m.path, e.query, code)
				}
				if code == "badtoken" && !strings.Contains(e.query, exampleToken) {
					t.Errorf("%s: the example %s has no token", m.path, e.query)
				}
			}
		}
	}
}

func runExample(c *client, m *module, e example) string {
	if m.mustPost {
		r := httptest.NewRequest("POST", "/w/api.php", strings.NewReader(e.query))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return c.do(r).header.Get("MediaWiki-API-Error")
	}
	return c.do(httptest.NewRequest("GET", "/w/api.php?"+strings.ReplaceAll(e.query, "|", "%7C"), nil)).header.Get("MediaWiki-API-Error")
}

func TestHelp(t *testing.T) {
	s := newSite(t, change{})
	for query, want := range map[string][]string{
		"": {`<html lang="en" dir="ltr">`, `id="main"`, `href="/w/api.php?action=help&amp;modules=createaccount"`, "<title>Manual of the API – Testwiki</title>"},
		"action=help&modules=createaccount": {
			`<section class="module" id="createaccount">`, "It works by POST only.", `<dt id="createaccount:token">`,
			`href="/wiki/Special:ApiSandbox#action=createaccount&amp;username=Example`, "<strong>Required.</strong>",
			`href="https://www.mediawiki.org/wiki/Special:MyLanguage/API:Account_creation"`,
		},
		"action=help&modules=query+tokens": {
			`<h2><a href="#query&#43;tokens"><bdi>meta=tokens</bdi></a></h2>`, `href="/w/api.php?action=query&amp;meta=tokens"`,
			`href="/wiki/Special:ApiSandbox#action=query&amp;meta=tokens"`, "<kbd>*</kbd> stands for all",
		},
		"action=help&modules=query%2Btokens&toc=1":           {`<nav class="list"`, "<li><a href=\"#query&#43;tokens\">meta=tokens</a></li>"},
		"action=help&modules=query&submodules=":              {`id="query"`, `id="query&#43;users"`, `<a href="#query&#43;users">users</a>`},
		"action=help&modules=main|main&submodules=":          {`id="json"`, `id="query"`},
		"action=help&modules=createaccount&uselang=qqx":      {"(apihelp-createaccount-summary: create, createaccount, createaccount)", "modules=main&amp;uselang=qqx"},
		"action=help&modules=paraminfo&format=json":          {"<strong>Out of date.</strong>"},
		"action=help&modules=query+logevents&uselang=<b>&x=": {"uselang=%3Cb%3E", "1 to 500", "up to 5,000"},
	} {
		r := httptest.NewRequest("GET", "/w/api.php?"+strings.NewReplacer("<", "%3C", ">", "%3E", "|", "%7C").Replace(query), nil)
		a := s.client(t).do(r)
		if got := a.header.Get("Content-Type"); got != "text/html; charset=utf-8" {
			t.Errorf("%s: %s", query, got)
		}
		for _, part := range want {
			if !strings.Contains(a.text, part) {
				t.Errorf("%s: %s is not in\n%s", query, part, a.text)
			}
		}
		if strings.Contains(a.text, "<b>&") || strings.Count(a.text, `id="main"`) > 2 {
			t.Errorf("%s:\n%s", query, a.text)
		}
		checkMarkup(t, query, a.text)
	}
}

// checkMarkup wants tags that are closed, and ids that are there once.
func checkMarkup(t *testing.T, query, page string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	ids := map[string]int{}
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Errorf("%s: %v", query, err)
			return
		}
		if e, ok := token.(xml.StartElement); ok {
			for _, at := range e.Attr {
				if at.Name.Local == "id" && at.Value != mainModule {
					ids[at.Value]++
				}
				if strings.HasPrefix(at.Name.Local, "on") || at.Name.Local == "style" || e.Name.Local == "script" {
					t.Errorf("%s: <%s %s>", query, e.Name.Local, at.Name.Local)
				}
			}
		}
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("%s: id %q stands there %d times", query, id, n)
		}
	}
}

// The page allows its own style and nothing else.
func TestHelpPolicy(t *testing.T) {
	a := newSite(t, change{}).client(t).get("action=help")
	_, rest, _ := strings.Cut(a.text, "<style>")
	style, _, _ := strings.Cut(rest, "</style>")
	sum := sha256.Sum256([]byte(style))
	want := "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src 'sha256-" +
		base64.StdEncoding.EncodeToString(sum[:]) + "'"
	if got := a.header.Get("Content-Security-Policy"); got != want || style == "" {
		t.Errorf("policy %s, want %s", got, want)
	}
}

func TestHelpWrapped(t *testing.T) {
	a := newSite(t, change{}).client(t).get("action=help&modules=logout&wrap=&format=json")
	text, _ := a.at("help.help").(string)
	if a.at("help.mime") != "text/html" || a.at("help.filename") != "api-help.html" || !strings.Contains(text, `id="logout"`) ||
		strings.Contains(text, "<html") || strings.Contains(text, "<style") {
		t.Errorf("wrapped: %s", a.text)
	}
}

func TestHelpOfWhatIsNot(t *testing.T) {
	s := newSite(t, change{api: func(c *Config) { c.CreateAccountDisabled = true }})
	for query, want := range map[string]string{
		"modules=nosuch": "badmodule", "modules=query%2Bnosuch": "badmodule", "modules=logout%2Bx": "badmodule", "modules=": "",
	} {
		r := httptest.NewRequest("GET", "/w/api.php?action=help&format=json&"+query, nil)
		if a := s.client(t).do(r); a.header.Get("MediaWiki-API-Error") != want {
			t.Errorf("%s: %s", query, a.text)
		}
	}
	a := s.client(t).get("action=help&modules=createaccount")
	if !strings.Contains(a.text, "switched off") || strings.Contains(a.text, "createtoken") || strings.Contains(a.text, "Special:ApiSandbox#") {
		t.Errorf("a module that is switched off: %s", a.text)
	}
}

// A private site explains itself too.
func TestHelpOnAPrivateSite(t *testing.T) {
	s := newSite(t, change{api: func(c *Config) { c.Private = true }})
	for _, query := range []string{"action=help", "action=paraminfo&modules=main"} {
		if a := s.client(t).get(query + "&format=json"); a.code() != "" {
			t.Errorf("%s: %s", query, a.text)
		}
	}
}
