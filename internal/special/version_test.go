package special

import (
	"net/http"
	"testing"
)

func TestVersion(t *testing.T) {
	b := newTestSite(t, change{pages: func(c *Config) { c.Version, c.Private = "1.2.3", true }}).browser(t)
	b.get("/wiki/Special:Version").want(t, http.StatusOK, "<h1>About this server</h1>", "gatehouse 1.2.3", "Apache License", "MediaWiki 1.43")
	b.get("/w/index.php?title=special:version").want(t, http.StatusOK, "gatehouse 1.2.3")
	b.get("/wiki/Special:Version/License/MediaWiki").want(t, http.StatusOK, "<h1>License</h1>", `href="https://www.apache.org/licenses/LICENSE-2.0"`)
	for _, path := range []string{"/wiki/Special:Version/x", "/wiki/Special:Version/License", "/wiki/Special:Version/License/Nosuch"} {
		b.get(path).want(t, http.StatusNotFound)
	}
}

// Descriptions of the API link to its manual by title.
func TestAPIHelp(t *testing.T) {
	b := newTestSite(t, change{}).browser(t)
	for path, want := range map[string]string{
		"/wiki/Special:ApiHelp":                          "/w/api.php?action=help",
		"/wiki/Special:ApiHelp/query%2Btokens":           "/w/api.php?action=help&modules=query%2Btokens",
		"/w/index.php?title=Special:ApiHelp/main":        "/w/api.php?action=help&modules=main",
		"/wiki/Special:ApiHelp/sub/query?uselang=qqx":    "/w/api.php?action=help&modules=query&submodules=1&uselang=qqx",
		"/wiki/Special:ApiHelp/rsub/main":                "/w/api.php?action=help&modules=main&recursivesubmodules=1",
		"/wiki/Special:ApiHelp/x&action=logout?uselang=": "/w/api.php?action=help&modules=x%26action%3Dlogout",
	} {
		p := b.get(path)
		if got := p.Header.Get("Location"); got != want || p.StatusCode != http.StatusSeeOther {
			t.Errorf("%s: %d, to %s", path, p.StatusCode, got)
		}
	}
}
