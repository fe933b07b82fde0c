package actionapi

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

func TestCrossOrigin(t *testing.T) {
	s := newSite(t, change{api: func(c *Config) {
		c.CORS = CORS{Allow: []string{"trusted.test", "*.trusted.test", "https://only.test"}, Except: []string{"evil.trusted.test"}}
	}})
	const (
		mismatch = "Origin mismatch"
		headers  = "Unsupported header requested in preflight"
	)
	tests := []struct {
		about, method, origin, param string
		ask                          string // Access-Control-Request-Headers, with a method
		status                       int
		allow, reject                string
	}{
		{about: "no parameter", method: "GET", origin: "https://trusted.test"},
		{about: "no header", method: "GET", param: "https://trusted.test", status: 403},
		{about: "another header", method: "GET", origin: "https://evil.test", param: "https://trusted.test", status: 403},
		{about: "empty", method: "GET", origin: "https://trusted.test", param: "EMPTY", status: 403},
		{about: "allowed", method: "GET", origin: "https://trusted.test", param: "https://trusted.test", allow: "https://trusted.test"},
		{about: "allowed below", method: "POST", origin: "http://a.trusted.test", param: "http://a.trusted.test", allow: "http://a.trusted.test"},
		{about: "with a scheme", method: "GET", origin: "https://only.test", param: "https://only.test", allow: "https://only.test"},
		{about: "another scheme", method: "GET", origin: "http://only.test", param: "http://only.test", reject: mismatch},
		{about: "excepted", method: "GET", origin: "https://evil.trusted.test", param: "https://evil.trusted.test", reject: mismatch},
		{about: "port", method: "GET", origin: "https://trusted.test:8443", param: "https://trusted.test:8443", reject: mismatch},
		{about: "null", method: "GET", origin: "null", param: "null", reject: mismatch},
		{about: "everybody", method: "GET", origin: "https://evil.test", param: "*", allow: "*"},
		{about: "preflight", method: "OPTIONS", origin: "https://trusted.test", param: "https://trusted.test", ask: "Content-Type, api-user-agent", allow: "https://trusted.test"},
		{about: "preflight for another header", method: "OPTIONS", origin: "https://trusted.test", param: "https://trusted.test", ask: "x-requested-with", reject: headers},
		{about: "preflight refused", method: "OPTIONS", origin: "https://evil.test", param: "https://evil.test", ask: "content-type", reject: mismatch},
		{about: "preflight for everybody", method: "OPTIONS", origin: "https://evil.test", param: "*", ask: "content-type", allow: "*"},
	}
	for _, tt := range tests {
		query := "action=query&meta=tokens&format=json"
		if tt.param != "" {
			query += "&origin=" + strings.TrimPrefix(tt.param, "EMPTY")
		}
		r := httptest.NewRequest(tt.method, "/w/api.php?"+form(query).Encode(), nil)
		if tt.origin != "" {
			r.Header.Set("Origin", tt.origin)
		}
		if tt.ask != "" {
			r.Header.Set("Access-Control-Request-Method", "POST")
			r.Header.Set("Access-Control-Request-Headers", tt.ask)
		}
		a := s.client(t).do(r)
		got := func(name string) string { return a.header.Get(name) }
		if a.status != max(tt.status, 200) || got("Access-Control-Allow-Origin") != tt.allow || got("MediaWiki-CORS-Rejection") != tt.reject {
			t.Errorf("%s: %d %v", tt.about, a.status, a.header)
		}
		credentials := map[bool]string{true: "true", false: ""}[tt.allow != ""]
		if tt.allow == "*" {
			credentials = "false"
		}
		if got("Access-Control-Allow-Credentials") != credentials {
			t.Errorf("%s: credentials %q", tt.about, got("Access-Control-Allow-Credentials"))
		}
		if tt.method == http.MethodOptions && (a.text != "" || (got("Access-Control-Allow-Headers") == tt.ask) != (tt.reject == "")) {
			t.Errorf("%s: %q %v", tt.about, a.text, a.header)
		}
		if (got("MediaWiki-Login-Suppressed") == "true") != (tt.allow == "*" && tt.method != http.MethodOptions) {
			t.Errorf("%s: suppressed %q", tt.about, got("MediaWiki-Login-Suppressed"))
		}
	}
}

// TestInsecureOrigins: who can change a page on its way must not use a site on https through it.
func TestInsecureOrigins(t *testing.T) {
	for server, want := range map[string][]string{
		"http://wiki.test":  {"https://app.test", "http://app.test", "http://localhost:3000", "http://127.0.0.1:3000"},
		"https://wiki.test": {"https://app.test", "http://localhost:3000", "http://127.0.0.1:3000"},
	} {
		s := newSite(t, change{api: func(c *Config) {
			c.Site.Server, c.CORS.Allow = server, []string{"app.test", "localhost:3000", "127.0.0.1:3000"}
		}})
		var got []string
		for _, origin := range []string{"https://app.test", "http://app.test", "http://localhost:3000", "http://127.0.0.1:3000"} {
			r := httptest.NewRequest("GET", "/w/api.php?"+form("action=query&meta=tokens&origin="+origin).Encode(), nil)
			r.Header.Set("Origin", origin)
			a := s.client(t).do(r)
			if a.header.Get("Access-Control-Allow-Credentials") == "true" {
				got = append(got, a.header.Get("Access-Control-Allow-Origin"))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s lets %v in, want %v", server, got, want)
		}
	}
}

// TestWithoutSameOrigin: whoever else may read the answer, the caller is nobody and gets no tokens.
func TestWithoutSameOrigin(t *testing.T) {
	s := newSite(t, change{})
	s.create(t, "Ann")
	ann := s.signedIn(t, "Ann")
	for _, how := range []string{"origin=*", "callback=f", "HEADER"} {
		r := httptest.NewRequest("GET", "/w/api.php?"+form("action=query&meta=tokens|userinfo&type=csrf|login&errorformat=none&format=json&"+how).Encode(), nil)
		if how == "HEADER" {
			r.Header.Set("Treat-as-Untrusted", "1")
		}
		a := ann.do(r)
		if strings.Contains(a.text, "Ann") || strings.Contains(a.text, `+\`) || !strings.Contains(a.text, `"tokens-origin"`) ||
			a.header.Get("MediaWiki-Login-Suppressed") != "true" {
			t.Errorf("%s: %s", how, a.text)
		}
	}
	c := s.client(t)
	a := c.postTo("origin=*", "action=createaccount&format=json&createreturnurl=http://x/&username=Star&password="+testPassword+"&retype="+testPassword,
		"createtoken", c.token("createaccount"))
	if a.at("createaccount.status") != "PASS" {
		t.Errorf("creation with a token of its own: %s", a.text)
	}
}

func TestCaching(t *testing.T) {
	s := newSite(t, change{})
	s.create(t, "Ann")
	const none = "private, must-revalidate, max-age=0"
	ann := s.signedIn(t, "Ann")
	for _, tt := range []struct{ who, query, want string }{
		{"", "meta=siteinfo", none},
		{"", "meta=siteinfo&maxage=5&smaxage=7", "s-maxage=7, max-age=5, public"},
		{"", "meta=siteinfo&smaxage=7", "s-maxage=7, max-age=0, public"},
		{"", "meta=siteinfo&maxage=-5&smaxage=-7", none},
		{"Ann", "meta=siteinfo&maxage=5&smaxage=7", "private, must-revalidate, max-age=5"},
		{"", "meta=siteinfo|userinfo&maxage=5&smaxage=7", "private, must-revalidate, max-age=5"},
		{"", "meta=tokens&type=createaccount&smaxage=7", none},
		{"", "meta=nosuch&maxage=5", "s-maxage=0, max-age=5, public"},
		{"", "meta=siteinfo&assert=user&maxage=5&smaxage=7", none},
	} {
		c := s.client(t)
		if tt.who != "" {
			c = ann
		}
		a := c.get("action=query&format=json&" + tt.query)
		if got := a.header.Get("Cache-Control"); got != tt.want {
			t.Errorf("%q %s: %q, want %q", tt.who, tt.query, got, tt.want)
		}
		if public := strings.HasSuffix(tt.want, "public"); public && !strings.Contains(a.header.Get("Vary"), "Cookie") {
			t.Errorf("%s: Vary %q", tt.query, a.header.Get("Vary"))
		}
	}
	if a := s.client(t).get("action=query&meta=siteinfo&format=json&maxage=5&smaxage=7"); a.header.Get("Expires") != s.clock.now().Add(5e9).Format(http.TimeFormat) {
		t.Errorf("Expires %q", a.header.Get("Expires"))
	}
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	s := newSite(t, change{})
	for _, method := range []string{"GET", "HEAD", "POST"} {
		r := httptest.NewRequest(method, "/w/api.php?action=query&meta=tokens&type=login&format=json", nil)
		a := s.client(t).do(r)
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Content-Type": "application/json; charset=utf-8",
			"Content-Disposition": "inline; filename=api-result.json", "Mediawiki-Api-Error": "",
		} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s: %s: %q", method, name, got)
			}
		}
		if len(a.header.Get("X-Request-Id")) != 24 || a.header.Get("Set-Cookie") == "" {
			t.Errorf("%s: %v", method, a.header)
		}
	}
}

func TestBehindTheEntry(t *testing.T) {
	s := newSite(t, change{})
	a := s.client(t).do(httptest.NewRequest("GET", "/w/api.php/x?action=query&a=b", nil))
	if a.status != 301 || a.header.Get("Location") != testServer+"/w/api.php?action=query&a=b" {
		t.Errorf("%d %v", a.status, a.header)
	}
}

func TestWildcards(t *testing.T) {
	for _, tt := range []struct {
		pattern, s string
		want       bool
	}{
		{"a", "a", true}, {"a", "ab", false}, {"*", "", true}, {"*.x", "a.b.x", true}, {"*.x", "x", false}, {"?.x", "a.x", true},
		{"?.x", ".x", false}, {"", "", true}, {"", "a", false}, {"a*b*c", "a1b2c", true}, {"a*b*c", "a1c2b", false},
		{"*ab", "aab", true}, {"a**b", "ab", true}, {"a?*", "a", false}, {"*?", "a", true}, {"a*", "b", false}, {"*a?c*", "xabacadc", true},
		{strings.Repeat("*a", 20) + "b", strings.Repeat("a", 30000), false}, // would not end if every * tried everything
	} {
		if got := wildcard(tt.pattern, tt.s); got != tt.want {
			t.Errorf("%q %q: %v", tt.pattern, tt.s, got)
		}
	}
}
