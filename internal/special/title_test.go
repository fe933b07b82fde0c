package special

import (
	"net/url"
	"strings"
	"testing"
)

func TestParseTitle(t *testing.T) {
	for raw, want := range map[string]struct {
		title    title
		key, sub string
	}{
		"Special:CreateAccount":         {"Special:CreateAccount", "createaccount", ""},
		"special:createaccount":         {"special:createaccount", "createaccount", ""},
		"SPECIAL:Create_Account":        {"SPECIAL:Create Account", "createaccount", ""},
		"Special:Create account":        {"Special:Create account", "createaccount", ""},
		" Special:_UserLogin_ ":         {"Special: UserLogin", "userlogin", ""},
		":Special:User-Login":           {"Special:User-Login", "userlogin", ""},
		"Special:Log/newusers":          {"Special:Log/newusers", "log", "newusers"},
		"Special:Log/newusers/x":        {"Special:Log/newusers/x", "log", "newusers/x"},
		"Main_Page":                     {"Main Page", "", ""},
		"Specialist:Log":                {"Specialist:Log", "", ""},
		"Special":                       {"Special", "", ""},
		strings.Repeat("x", 255):        {title(strings.Repeat("x", 255)), "", ""},
		"Benutzerin:\u00c9milie/\u4e2d": {"Benutzerin:\u00c9milie/\u4e2d", "", ""},
	} {
		got, ok := parseTitle(raw)
		key, sub, _ := got.specialPage()
		if !ok || got != want.title || key != want.key || sub != want.sub {
			t.Errorf("%q: %q, %v, page %q, subpage %q; want %+v", raw, got, ok, key, sub, want)
		}
	}
}

func TestTitlesThatAreNone(t *testing.T) {
	for _, raw := range []string{
		"", " ", "_", ":", "::", "::a", ": :a", "/", "/evil.example", "//evil.example", "a//b", `\\evil.example`, `a\b`, "..", "../x", "a/../b", "a/./b", "a/..",
		"a#b", "a<b", "a>b", "a[b", "a]b", "a|b", "a{b", "a}b", "a\x00b", "a\u0085b", "a\x7fb", "a\xff", strings.Repeat("x", 256),
	} {
		if got, ok := parseTitle(raw); ok {
			t.Errorf("%q is read as %q", raw, got)
		}
	}
}

// FuzzTitle holds that a title is read as itself again, and that its address stays on the site and leads back to it.
func FuzzTitle(f *testing.F) {
	for _, s := range []string{"Special:Log/newusers", ":Main_Page", "a/../b", "\u2028a", "_:_x_", "%2e%2e/x", "a?b=c", "é"} {
		f.Add(s)
	}
	site := Site{ScriptPath: "/w", ArticlePath: "/wiki/"}
	f.Fuzz(func(t *testing.T, raw string) {
		read, ok := parseTitle(raw)
		if !ok {
			return
		}
		if again, ok := parseTitle(string(read)); !ok || again != read {
			t.Errorf("%q is %q, and that is %q, %v", raw, read, again, ok)
		}
		read.specialPage()
		address := site.articleURL(read)
		stays(t, address)
		u, err := url.Parse(address)
		if err != nil {
			t.Fatalf("%q has the address %q: %v", raw, address, err)
		}
		if back, ok := parseTitle(strings.TrimPrefix(u.Path, "/wiki/")); !ok || back != read {
			t.Errorf("%q has the address %q, which leads to %q, %v", raw, address, back, ok)
		}
	})
}
