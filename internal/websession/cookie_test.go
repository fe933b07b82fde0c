package websession

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"gatehouse/auth"
)

func requestWith(cookies ...string) *http.Request {
	return &http.Request{Header: http.Header{"Cookie": cookies}}
}

// lines shows what an answer set, the random parts and the times left out.
func lines(cookies []*http.Cookie) []string {
	var out []string
	for _, c := range cookies {
		if strings.HasSuffix(c.Name, "_session") || strings.HasSuffix(c.Name, "Token") {
			if c.Value != deletedValue {
				c.Value = "…"
			}
		}
		var parts []string
		for part := range strings.SplitSeq(c.Raw, "; ") {
			if !strings.HasPrefix(part, "Expires=") || strings.Contains(part, "1970") {
				parts = append(parts, part)
			}
		}
		parts[0] = c.Name + "=" + c.Value
		out = append(out, strings.Join(parts, "; "))
	}
	return out
}

const (
	plainEnd = "; Path=/; HttpOnly"
	lasting  = "; Path=/; Max-Age="
)

func TestCookieLines(t *testing.T) {
	const gone = "deleted; Path=/; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0; HttpOnly"
	tests := []struct {
		name string
		act  func(b *browser)
		want []string
	}{
		{"visitor", func(b *browser) { b.token(TokenLogin) }, []string{"wiki_session=…" + plainEnd}},
		{"sign-in", func(b *browser) { b.signIn(norm, SignIn{}) }, []string{
			"wiki_session=…" + plainEnd, "wikiUserID=3" + lasting + "2592000; HttpOnly", "wikiUserName=Norm" + lasting + "2592000; HttpOnly"}},
		{"remembered", func(b *browser) { b.signIn(norm, SignIn{Remember: true}) }, []string{
			"wiki_session=…" + plainEnd, "wikiUserID=3" + lasting + "15552000; HttpOnly",
			"wikiUserName=Norm" + lasting + "15552000; HttpOnly", "wikiToken=…" + lasting + "15552000; HttpOnly"}},
		{"long term", func(b *browser) { b.signIn(norm, SignIn{LongTerm: true}) }, []string{
			"wiki_session=…" + plainEnd, "wikiUserID=3" + lasting + "15552000; HttpOnly",
			"wikiUserName=Norm" + lasting + "15552000; HttpOnly"}},
		{"sign-out", func(b *browser) { b.signIn(norm, SignIn{}); b.signOut() }, []string{
			"wiki_session=" + gone, "wikiUserID=" + gone}},
		{"sign-out, remembered", func(b *browser) { b.signIn(norm, SignIn{Remember: true}); b.signOut() }, []string{
			"wiki_session=" + gone, "wikiUserID=" + gone, "wikiToken=" + gone}},
		{"not remembered any more", func(b *browser) {
			b.signIn(norm, SignIn{Remember: true})
			b.signIn(norm, SignIn{})
		}, []string{
			"wiki_session=…" + plainEnd, "wikiUserID=3" + lasting + "2592000; HttpOnly",
			"wikiUserName=Norm" + lasting + "2592000; HttpOnly", "wikiToken=" + gone}},
		{"sign-out of nobody", func(b *browser) { b.signOut() }, nil},
		{"a name with all sorts", func(b *browser) { b.signIn(admin, SignIn{}) }, []string{
			"wiki_session=…" + plainEnd, "wikiUserID=4" + lasting + "2592000; HttpOnly",
			"wikiUserName=Ad%20min%2F%C3%A9" + lasting + "2592000; HttpOnly"}},
		{"left over from an expired session", func(b *browser) {
			b.jar = map[string]string{"wikiUserID": "3", "wikiToken": "x", "wiki_session": strings.Repeat("v", 32)}
			b.token(TokenLogin)
		}, []string{"wikiUserID=" + gone, "wikiToken=" + gone, "wiki_session=…" + plainEnd}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newSite(t, nil, norm, admin).browser()
			tt.act(b)
			if got := lines(b.last); !slices.Equal(got, tt.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

func TestCookieAttributes(t *testing.T) {
	tests := []struct {
		url       string
		crossSite bool
		prefix    string
		secure    bool
		sameSite  http.SameSite
	}{
		{"http://wiki.example", false, "wiki", false, 0},
		{"http://wiki.example", true, "wiki", false, 0},
		{"", false, "wiki", false, 0},
		{"https://wiki.example", false, "__Host-wiki", true, http.SameSiteLaxMode},
		{"HTTPS://wiki.example", false, "__Host-wiki", true, http.SameSiteLaxMode},
		{"https://wiki.example", true, "__Host-wiki", true, http.SameSiteNoneMode},
	}
	for _, tt := range tests {
		b := newSite(t, func(c *Config) { c.PublicURL, c.CrossSite = tt.url, tt.crossSite }, norm).browser()
		b.signIn(norm, SignIn{Remember: true})
		if len(b.last) != 4 {
			t.Fatalf("%v", b.last)
		}
		for _, c := range b.last {
			if !strings.HasPrefix(c.Name, tt.prefix) || c.Secure != tt.secure || c.SameSite != tt.sameSite ||
				!c.HttpOnly || c.Path != "/" || c.Domain != "" || len(c.Raw) > 4096 {
				t.Errorf("%s, cross-site %v: %s", tt.url, tt.crossSite, c.Raw)
			}
		}
		if b.account().ID != norm.ID {
			t.Errorf("%s: its own cookies do not hold", tt.url)
		}
	}
}

func TestPlainCookiesDoNotHoldOnHTTPS(t *testing.T) {
	b := newSite(t, func(c *Config) { c.PublicURL = "https://wiki.example" }, norm).browser()
	b.signIn(norm, SignIn{})
	b.jar = map[string]string{"wiki_session": b.jar["__Host-wiki_session"], "wikiUserID": "3"}
	if b.account().ID != 0 {
		t.Error("a cookie that anybody on a neighbouring host could set holds")
	}
}

func TestReadCookies(t *testing.T) {
	style, err := newCookieStyle(Config{Site: "wiki"})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name  string
		lines []string
		want  sentCookies
	}{
		{"none", nil, sentCookies{}},
		{"one", []string{"wiki_session=a"}, sentCookies{session: "a"}},
		{"all", []string{"wiki_session=a; wikiUserID=b; wikiUserName=n; wikiToken=c"}, sentCookies{"a", "b", "c"}},
		{"several lines", []string{"wiki_session=a", "wikiUserID=b"}, sentCookies{session: "a", userID: "b"}},
		{"no blanks", []string{"x=y;wiki_session=a;;"}, sentCookies{session: "a"}},
		{"twice", []string{"wiki_session=a; wiki_session=b"}, sentCookies{session: "a"}},
		{"deleted, then one", []string{"wiki_session=deleted; wiki_session=b"}, sentCookies{session: "b"}},
		{"with an equals sign", []string{"wikiToken=a=b"}, sentCookies{token: "a=b"}},
		{"other letter case", []string{"Wiki_session=a; wikiuserid=3"}, sentCookies{}},
	}
	for _, tt := range tests {
		if got := style.read(http.Header{"Cookie": tt.lines}); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	site := newSite(t, nil)
	for _, c := range []Config{
		{}, {Store: site.store, Site: "wiki"}, {Keys: site.keys, Site: "wiki"},
		{Store: site.store, Keys: site.keys}, {Store: site.store, Keys: site.keys, Site: "my wiki"},
		{Store: site.store, Keys: site.keys, Site: "a=b"}, {Store: site.store, Keys: site.keys, Site: "é"},
	} {
		if _, err := New(c); err == nil {
			t.Errorf("site %q: no error", c.Site)
		}
	}
}

func TestSessionIDs(t *testing.T) {
	for id, want := range map[string]bool{
		strings.Repeat("0", 32): true, strings.Repeat("v", 32): true, sessionIDText(make([]byte, 20)): true,
		strings.Repeat("w", 32): false, strings.Repeat("A", 32): false, strings.Repeat("0", 31): false, strings.Repeat("0", 33): false, "": false,
	} {
		if isSessionID(id) != want {
			t.Errorf("%q: %v", id, !want)
		}
	}
	if digest("a") == digest("b") || len(digest("a")) != 64 || digest("a") == auth.SessionID("a") {
		t.Error("digest")
	}
}
