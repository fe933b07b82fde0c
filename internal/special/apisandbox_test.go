package special

import (
	"encoding/json"
	"html"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gatehouse/auth"
)

const sandboxPath = "/wiki/Special:ApiSandbox"

func TestSandboxPage(t *testing.T) {
	s := newTestSite(t, change{})
	b := s.browser(t)
	p := b.get(sandboxPath).want(t, http.StatusOK,
		`data-api="/w/api.php"`, `data-return="/wiki/Special:ApiSandbox"`, `<noscript>`, `href="/w/api.php?action=help"`,
		`<script type="module" src="/w/static/sandbox.`, `<h1>API sandbox</h1>`)
	if p.Header.Get("Set-Cookie") != "" {
		t.Error("the page sets a cookie")
	}
	b.get(sandboxPath+"?uselang=qqx").want(t, http.StatusOK,
		`data-return="/wiki/Special:ApiSandbox?uselang=qqx"`, `href="/w/api.php?action=help&amp;uselang=qqx"`, "(gatehouse-sandbox-intro)")
	for _, spelling := range []string{"/w/index.php?title=Special:ApiSandbox", "/wiki/special:api_sandbox", "/wiki/Special:APISandbox/x"} {
		b.get(spelling).want(t, http.StatusOK, `<h1>API sandbox</h1>`)
	}
	b.get("/").want(t, http.StatusOK, `href="`+sandboxPath+`"`)
}

// Whoever may not read here may still make an account, and look up how.
func TestSandboxOnPrivateSite(t *testing.T) {
	s := newTestSite(t, change{pages: func(c *Config) { c.Private = true }, auth: func(c *auth.Config) {}})
	s.browser(t).get(sandboxPath).want(t, http.StatusOK, `<h1>API sandbox</h1>`)
}

// The page hands the script its words, as many as it says, and leaves open what the script knows.
func TestSandboxWords(t *testing.T) {
	s := newTestSite(t, change{})
	p := s.browser(t).get(sandboxPath)
	attribute := regexp.MustCompile(`data-words="([^"]*)"`).FindStringSubmatch(p.body)
	if attribute == nil {
		t.Fatal("there are no words")
	}
	var words map[string]string
	check(t, json.Unmarshal([]byte(html.UnescapeString(attribute[1])), &words))
	if len(words) != len(sandboxKeys()) || words["limit"] != "$1 to $2, or max" {
		t.Errorf("%d words; limit: %q", len(words), words["limit"])
	}
	scripts := sandboxScripts(t)
	for _, m := range regexp.MustCompile(`\bsay\("([a-z-]+)"`).FindAllStringSubmatch(scripts, -1) {
		if words[m[1]] == "" {
			t.Errorf("the script says %q, and the page does not have it", m[1])
		}
	}
	for short := range words {
		if !strings.HasPrefix(short, "next-") && !strings.Contains(scripts, `"`+short+`"`) {
			t.Errorf("the script does not say %q", short)
		}
	}
}

func sandboxScripts(t *testing.T) string {
	t.Helper()
	names, err := filepath.Glob("static/sandbox*.js")
	check(t, err)
	var all strings.Builder
	for _, name := range names {
		content, err := os.ReadFile(name)
		check(t, err)
		if lines := strings.Count(string(content), "\n"); lines >= 400 {
			t.Errorf("%s has %d lines", name, lines)
		}
		all.Write(content)
	}
	return all.String()
}

// Scripts import each other by addresses with a digest, and the page names all of them.
func TestImportsOfScripts(t *testing.T) {
	s := newTestSite(t, change{})
	b := s.browser(t)
	page := b.get(sandboxPath)
	assets := s.handler.(*handler).assets
	for _, name := range append(slices.Clone(assets.imports["sandbox.js"]), "sandbox.js") {
		address := assets.url(name)
		if !strings.Contains(page.body, `"`+address+`"`) {
			t.Errorf("the page does not name %s", name)
		}
		script := b.get(address).want(t, http.StatusOK)
		for _, m := range regexp.MustCompile(`from "\./([^"]+)"`).FindAllStringSubmatch(script.body, -1) {
			if b.get("/w/static/"+m[1]).StatusCode != http.StatusOK {
				t.Errorf("%s imports %s, which is not there", name, m[1])
			}
		}
	}
	if n := len(assets.imports["sandbox.js"]); n < 6 {
		t.Errorf("%d imports are known", n)
	}
}

// What the script must never do: read markup where text is meant, or run text.
func TestScriptsBuildNoMarkup(t *testing.T) {
	forbidden := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setTimeout\("|\.style\b`)
	names, err := filepath.Glob("static/*.js")
	check(t, err)
	for _, name := range names {
		content, err := os.ReadFile(name)
		check(t, err)
		if found := forbidden.Find(content); found != nil {
			t.Errorf("%s: %s", name, found)
		}
	}
	if n := strings.Count(sandboxScripts(t), "parseFromString"); n != 1 {
		t.Errorf("%d places read markup, want one", n)
	}
}
