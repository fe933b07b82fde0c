package special

import (
	"net/url"
	"strings"
	"testing"
)

// Where a visitor is sent after a form. Whatever a link asks for, the visitor stays on the site.
func TestDestination(t *testing.T) {
	site := Site{Server: "https://wiki.example", ScriptPath: "/w", ArticlePath: "/wiki/"}
	for _, c := range []struct{ title, query, want string }{
		{"Main Page", "welcome=yes", "/w/index.php?title=Main_Page&welcome=yes"}, // what a photo app waits for
		{"Main_Page", "welcome=yes", "/w/index.php?title=Main_Page&welcome=yes"},
		{"Main Page", "", "/wiki/Main_Page"},
		{"Special:Log/newusers", "", "/wiki/Special:Log/newusers"},
		{"Special:Log/newusers", "limit=5&user=A%26B", "/w/index.php?title=Special:Log/newusers&limit=5&user=A%26B"},
		{"Caf\u00e9 & bar?", "", "/wiki/Caf%C3%A9_&_bar%3F"},
		{"Caf\u00e9 & bar?", "a=1", "/w/index.php?title=Caf%C3%A9_%26_bar%3F&a=1"},
		{"http://evil.example", "", ""},
		{"https:evil.example", "", "/wiki/https:evil.example"},
		{"javascript:alert(1)", "", "/wiki/javascript:alert%281%29"},
		{"Main Page", "title=Special:UserLogout&a=1", "/w/index.php?title=Main_Page&a=1"},
		{"Main Page", "%74itle=Special:UserLogout", "/wiki/Main_Page"},
		{"Main Page", "a=1#b", "/wiki/Main_Page"},
		{"Main Page", "a=1\r\nSet-Cookie: x=y", "/wiki/Main_Page"},
		{"Main Page", "a=%zz&b=2", "/w/index.php?title=Main_Page&b=2"},
		{"Main Page", "a=" + strings.Repeat("x", maxReturnQuery), "/wiki/Main_Page"},
		{"", "a=1", ""},
		{"//evil.example", "", ""},
		{"/evil.example", "", ""},
		{`/\evil.example`, "", ""},
		{`\\evil.example`, "", ""},
		{"..//evil.example", "", ""},
		{"../../evil", "", ""},
		{"%2F%2Fevil.example", "", "/wiki/%252F%252Fevil.example"},
		{"Main Page\r\nLocation: x", "", ""},
		{"Special:UserLogout", "", ""},
		{"special:user_login", "", ""},
		{"Special:CreateAccount/done", "", ""},
	} {
		got, ok := destination{c.title, c.query}.url(site)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%q, %q: %q, %v; want %q", c.title, c.query, got, ok, c.want)
		}
		stays(t, got)
	}
}

// stays fails unless a browser reads location as an address of the same site.
func stays(t *testing.T, location string) {
	t.Helper()
	base, _ := url.Parse("https://wiki.example/wiki/Special:UserLogin")
	u, err := base.Parse(location)
	if err != nil || u.Scheme != "https" || u.Host != "wiki.example" || strings.ContainsAny(location, "\\\r\n\t ") {
		t.Errorf("%q leaves the site: %v, %v", location, u, err)
	}
}

func FuzzDestination(f *testing.F) {
	for _, s := range []string{"Main Page", "//evil.example", `/\evil`, "a/../..", "Special:Log", "\u2028//x", "a\tb"} {
		f.Add(s, "a=1", "/wiki/")
		f.Add(s, "", "/")
	}
	f.Fuzz(func(t *testing.T, title, query, articlePath string) {
		if articlePath != "/" {
			articlePath = "/wiki/"
		}
		if location, ok := (destination{title, query}).url(Site{ScriptPath: "/w", ArticlePath: articlePath}); ok {
			stays(t, location)
		}
	})
}
