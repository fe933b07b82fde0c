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

// TestPreflight: what is answered before a call, and what is said about reading only with the call itself.
func TestPreflight(t *testing.T) {
	s := newSite(t, change{api: func(c *Config) { c.CORS.Allow = []string{"trusted.test"} }})
	const methods = "POST, GET, HEAD"
	for _, tt := range []struct {
		about, query, origin, method, headers string
		allowMethods, allowHeaders, expose    string
	}{
		{about: "no question at all"},
		{about: "no method", query: "origin=*", expose: exposedHeaders},
		{about: "everybody", query: "origin=*", method: "POST", allowMethods: methods},
		{about: "everybody, with headers", query: "origin=*", method: "PUT", headers: "content-type, DNT", allowMethods: methods, allowHeaders: "content-type, DNT"},
		{about: "allowed", query: "origin=https://trusted.test", origin: "https://trusted.test", method: "GET", headers: "Authorization,Api-User-Agent", allowMethods: methods, allowHeaders: "Authorization,Api-User-Agent"},
		{about: "allowed, without a method", query: "origin=https://trusted.test", origin: "https://trusted.test", expose: exposedHeaders},
		{about: "another header", query: "origin=https://trusted.test", origin: "https://trusted.test", method: "POST", headers: "content-type, x-requested-with"},
		{about: "not allowed", query: "origin=https://evil.test", origin: "https://evil.test", method: "POST"},
		{about: "without the parameter", origin: "https://trusted.test", method: "POST"},
	} {
		r := httptest.NewRequest("OPTIONS", "/w/api.php?"+form("action=query&format=json&"+tt.query).Encode(), nil)
		for name, value := range map[string]string{"Origin": tt.origin, "Access-Control-Request-Method": tt.method, "Access-Control-Request-Headers": tt.headers} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		a := s.client(t).do(r)
		for name, want := range map[string]string{
			"Access-Control-Allow-Methods": tt.allowMethods, "Access-Control-Allow-Headers": tt.allowHeaders,
			"Access-Control-Expose-Headers": tt.expose, "Content-Type": "text/html; charset=UTF-8", "X-Content-Type-Options": "nosniff",
			"Set-Cookie": "", "Access-Control-Max-Age": "",
		} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s: %s: %q", tt.about, name, got)
			}
		}
		if a.status != 200 || a.text != "" {
			t.Errorf("%s: %d %q", tt.about, a.status, a.text)
		}
	}
}

// TestForeignPagesChangeNothing: a page of a site that is not allowed may ask, and its browser keeps the answer to itself;
// what changes something is refused, token or not (security row 48).
func TestForeignPagesChangeNothing(t *testing.T) {
	s := newSite(t, change{api: func(c *Config) { c.CORS = CORS{Allow: []string{"trusted.test"}, Except: []string{"evil.test"}} }})
	s.create(t, "Ann")
	for _, origin := range []string{"https://evil.test", "null", "https://trusted.test:8443"} {
		ann := s.signedIn(t, "Ann")
		send := func(body string, more ...string) answer {
			r := httptest.NewRequest("POST", "/w/api.php?"+form("origin="+origin).Encode(), strings.NewReader(form(body, more...).Encode()))
			r.Header.Set("Content-Type", formType)
			r.Header.Set("Origin", origin)
			return ann.do(r)
		}
		for body, token := range map[string][]string{
			"action=createaccount&createreturnurl=http://x/": {"createtoken", ann.token("createaccount")},
			"action=clientlogin&loginreturnurl=http://x/":    {"logintoken", ann.token("login")},
			"action=login&lgname=Ann&lgpassword=x":           {"lgtoken", ann.token("login")},
			"action=logout":                                  {"token", ann.token("csrf")},
		} {
			a := send(body+"&format=json&errorformat=none", token...)
			if a.code() != "writeapidenied" || a.at("errors.0.module") != "main" || a.status != 200 || a.header.Get("MediaWiki-CORS-Rejection") != "Origin mismatch" ||
				a.header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s: %s: %d %s", origin, body, a.status, a.text)
			}
		}
		a := send("action=query&meta=userinfo&format=json")
		if a.at("query.userinfo.name") != "Ann" {
			t.Errorf("%s: reading: %s", origin, a.text)
		}
	}
	ann := s.signedIn(t, "Ann")
	a := ann.postTo("origin=*", "action=clientlogin&format=json&loginreturnurl=http://x/&username=Ann&password="+testPassword, "logintoken", ann.token("login"))
	if a.at("clientlogin.status") != "PASS" || a.header.Get("MediaWiki-Login-Suppressed") != "true" {
		t.Errorf("whoever has the cookie and its token signs in, whatever origin says: %s", a.text)
	}
}

// TestAnswersVaryOnTheOrigin: where caches are told of headers they are told of this one, unless everybody may read.
func TestAnswersVaryOnTheOrigin(t *testing.T) {
	s := newSite(t, change{api: func(c *Config) { c.CORS.Allow = []string{"trusted.test"} }})
	for origin, want := range map[string]bool{"*": false, "https://trusted.test": true, "https://evil.test": true} {
		r := httptest.NewRequest("GET", "/w/api.php?"+form("action=query&meta=siteinfo&smaxage=9&format=json&origin="+origin).Encode(), nil)
		r.Header.Set("Origin", origin)
		if got := s.client(t).do(r).header.Get("Vary"); strings.HasSuffix(got, ", Origin") != want {
			t.Errorf("%s: %q", origin, got)
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
	if a := ann.post("action=query&meta=userinfo&format=json&origin=*"); strings.Contains(a.text, "Ann") || a.header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("origin in the body: %s", a.text)
	}
	if a := ann.get("action=query&assert=user&format=json&callback=f"); a.header.Get("MediaWiki-API-Error") != "assertuserfailed" {
		t.Errorf("nobody is a user: %s", a.text)
	}
	c := s.client(t)
	a := c.postTo("origin=*", "action=createaccount&format=json&createreturnurl=http://x/&username=Star&password="+testPassword+"&retype="+testPassword,
		"createtoken", c.token("createaccount"))
	if a.at("createaccount.status") != "PASS" {
		t.Errorf("creation with a token of its own: %s", a.text)
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
