package actionapi

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestOrderOfChecks breaks one rule more in every row, read from the last check to the first: the earlier check must win.
func TestOrderOfChecks(t *testing.T) {
	open := newSite(t, change{})
	locked := newSite(t, change{api: func(c *Config) { c.ReadOnly = "moving house" }})
	closed := newSite(t, change{api: func(c *Config) { c.ReadOnly = "moving house"; c.CreateAccountDisabled = true }})
	const good = "action=createaccount&format=json"
	tests := []struct {
		about       string
		site        *site
		query, body string
		header      string // name of a header set to "true"
		noToken     bool
		code        string
	}{
		{about: "17 password in the URL", site: open, query: "password=x", body: good + "&createreturnurl=http://x/", code: "mustpostparams"},
		{about: "15 return URL", site: open, query: "password=x", body: good + "&createreturnurl=x", code: "badurl_createreturnurl"},
		{about: "15 return URL with continue", site: open, body: good + "&createcontinue=&createreturnurl=", code: "badurl_createreturnurl"},
		{about: "14 neither return URL nor continue", site: open, query: "password=x", body: good, code: "missingparam"},
		{about: "11 lag", site: open, body: good + "&maxlag=-2", code: "maxlag"},
		{about: "10 read-only", site: locked, body: good + "&maxlag=-2", code: "readonly"},
		{about: "10 promise", site: locked, body: good + "&maxlag=-2", header: "Promise-Non-Write-API-Action", code: "promised-nonwrite-api"},
		{about: "9 token", site: locked, body: good + "&createtoken=x", header: "Promise-Non-Write-API-Action", noToken: true, code: "badtoken"},
		{about: "8 token in the URL", site: locked, query: "createtoken=x", body: good + "&createtoken=x", noToken: true, code: "mustpostparams"},
		{about: "6 no token", site: locked, body: good, noToken: true, code: "notoken"},
		{about: "6 empty token, even in the URL", site: locked, query: "createtoken=", body: good, noToken: true, code: "notoken"},
		{about: "7 value, declared before the token", site: locked, query: "createtoken=x", body: good + "&createmessageformat=x", noToken: true, code: "badvalue"},
		{about: "7 too many values, declared before the format", site: locked,
			body: good + "&createmessageformat=x&createrequests=" + strings.Repeat("a|", 50) + "a", noToken: true, code: "toomanyvalues"},
		{about: "5 disabled", site: closed, body: good + "&createmessageformat=x", noToken: true, code: "moduledisabled"},
		{about: "4 assertuser", site: closed, body: good + "&assertuser=Ann", noToken: true, code: "assertnameduserfailed"},
		{about: "4 assert", site: closed, body: good + "&assertuser=Ann&assert=user", noToken: true, code: "assertuserfailed"},
		{about: "4 assertuser that is no name, with the main parameters", site: closed, body: good + "&assertuser=1.2.3.4&assert=user", noToken: true, code: "baduser"},
		{about: "3 main parameter", site: closed, body: good + "&assert=user&maxlag=x", noToken: true, code: "badinteger"},
		{about: "3 action", site: closed, body: "format=json&action=nosuch&maxlag=x", noToken: true, code: "badvalue"},
	}
	for _, tt := range tests {
		c := tt.site.client(t)
		body := form(tt.body)
		if !tt.noToken {
			body.Set("createtoken", c.token("createaccount"))
		}
		r := httptest.NewRequest("POST", "/w/api.php?"+form(tt.query).Encode(), strings.NewReader(body.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if tt.header != "" {
			r.Header.Set(tt.header, "true")
		}
		a := c.do(r)
		if a.code() != tt.code || a.status != http.StatusOK || a.header.Get("MediaWiki-API-Error") != tt.code {
			t.Errorf("%s: got %q (%d), want %q: %s", tt.about, a.code(), a.status, tt.code, a.text)
		}
		if got := a.header.Get("Cache-Control"); got != "private, must-revalidate, max-age=0" {
			t.Errorf("%s: Cache-Control %q", tt.about, got)
		}
	}
}

// TestMethodAndToken is which answer each method gets with the token in each place (security row 26).
func TestMethodAndToken(t *testing.T) {
	s := newSite(t, change{})
	other := s.client(t).token("createaccount")
	tests := []struct {
		about, method, query, body string
		contentType                string
		token                      string // replaces TOKEN in query and body; "" = a good one
		fresh                      bool   // the client has no session
		code                       string
		status                     int
	}{
		{about: "GET without", method: "GET", query: "action=createaccount", code: "notoken"},
		{about: "GET with", method: "GET", query: "action=createaccount&createtoken=TOKEN", code: "mustpostparams"},
		{about: "POST in the URL", method: "POST", query: "createtoken=TOKEN", body: "action=createaccount", code: "mustpostparams"},
		{about: "POST without", method: "POST", body: "action=createaccount", code: "notoken"},
		{about: "POST empty", method: "POST", body: "action=createaccount&createtoken=", code: "notoken"},
		{about: "POST as array", method: "POST", body: "action=createaccount&createtoken[]=TOKEN", code: "notoken"},
		{about: "POST nobody's csrf", method: "POST", body: "action=createaccount&createtoken=TOKEN", token: `+\`, code: "badtoken"},
		{about: "POST login token", method: "POST", body: "action=createaccount&createtoken=TOKEN", token: "login", code: "badtoken"},
		{about: "POST foreign", method: "POST", body: "action=createaccount&createtoken=TOKEN", token: other, code: "badtoken"},
		{about: "POST altered", method: "POST", body: "action=createaccount&createtoken=0TOKEN", code: "badtoken"},
		{about: "POST without session", method: "POST", body: "action=createaccount&createtoken=TOKEN", token: other, fresh: true, code: "badtoken"},
		{about: "POST in both", method: "POST", query: "createtoken=TOKEN", body: "action=createaccount&createtoken=TOKEN", code: "mustpostparams"},
		{about: "POST good", method: "POST", body: "action=createaccount&createtoken=TOKEN", code: "missingparam"},
		{about: "POST JSON", method: "POST", query: "action=createaccount", body: `{"createtoken":"x"}`, contentType: "application/json", code: "notoken"},
		{about: "POST without type", method: "POST", query: "action=createaccount", body: "createtoken=TOKEN", contentType: "none", code: "notoken"},
		{about: "PUT without", method: "PUT", query: "action=createaccount", code: "notoken"},
		{about: "PUT with", method: "PUT", query: "action=createaccount&createtoken=TOKEN", code: "mustpostparams"},
		{about: "DELETE of a module without token", method: "DELETE", query: "action=query&meta=userinfo", code: "invalidmethod", status: 405},
		{about: "PUT with a body that is not read", method: "PUT", query: "action=createaccount", body: "createtoken=TOKEN", code: "notoken"},
		{about: "GET login", method: "GET", query: "action=login", code: "mustbeposted"},
		{about: "GET logout", method: "GET", query: "action=logout", code: "missingparam"},
		{about: "GET clientlogin", method: "GET", query: "action=clientlogin", code: "missingparam"},
	}
	for _, tt := range tests {
		c := s.client(t)
		token := tt.token
		if !tt.fresh {
			good := c.token("createaccount")
			if token == "" {
				token = good
			}
			if token == "login" {
				token = c.token("login")
			}
		}
		put := func(v string) string {
			return strings.ReplaceAll(v, "TOKEN", strings.NewReplacer("+", "%2B", `\`, "%5C").Replace(token))
		}
		r := httptest.NewRequest(tt.method, "/w/api.php?format=json&"+put(tt.query), strings.NewReader(put(tt.body)))
		switch tt.contentType {
		case "":
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
		case "none":
		default:
			r.Header.Set("Content-Type", tt.contentType)
		}
		a := c.do(r)
		if want := max(tt.status, 200); a.code() != tt.code || a.status != want {
			t.Errorf("%s: got %q (%d), want %q (%d)", tt.about, a.code(), a.status, tt.code, want)
		}
		if tt.fresh && c.cookies["wiki_session"] == "" {
			t.Errorf("%s: no session was given", tt.about)
		}
	}
}

func TestAsserts(t *testing.T) {
	s := newSite(t, change{})
	s.create(t, "Ann")
	s.create(t, "Botty", "bot")
	clients := map[string]*client{"": s.client(t), "Ann": s.signedIn(t, "Ann"), "Botty": s.signedIn(t, "Botty")}
	for _, tt := range []struct{ who, assert, code string }{
		{"", "assert=anon", ""}, {"", "assert=user", "assertuserfailed"}, {"", "assert=bot", "assertbotfailed"},
		{"", "assertuser=Ann", "assertnameduserfailed"}, {"", "assert=named", "badvalue"}, {"", "assert=", "badvalue"},
		{"Ann", "assert=anon", "assertanonfailed"}, {"Ann", "assert=user", ""}, {"Ann", "assert=bot", "assertbotfailed"},
		{"Ann", "assertuser=ann", ""}, {"Ann", "assertuser=Botty", "assertnameduserfailed"}, {"Ann", "assertuser=#", "baduser"},
		{"Botty", "assert=bot", ""}, {"Botty", "assert=user&assertuser=Botty", ""},
	} {
		if got := clients[tt.who].get("action=query&format=json&" + tt.assert).code(); got != tt.code {
			t.Errorf("%q %s: got %q, want %q", tt.who, tt.assert, got, tt.code)
		}
	}
}

func TestPrivateSite(t *testing.T) {
	s := newSite(t, change{api: func(c *Config) { c.Private = true }})
	s.create(t, "Ann")
	for query, code := range map[string]string{
		"":                                   "",
		"meta=tokens":                        "",
		"meta=authmanagerinfo|tokens":        "",
		"meta=userinfo":                      "readapidenied",
		"meta=tokens|siteinfo":               "readapidenied",
		"meta=tokens&list=users&ususers=Ann": "readapidenied",
		"list=logevents":                     "readapidenied",
		"list=allusers":                      "readapidenied",
	} {
		a := s.client(t).get("action=query&format=json&errorformat=none&" + query)
		if a.code() != code || code != "" && a.at("errors.0.module") != "main" {
			t.Errorf("%s: got %s, want %q", query, a.text, code)
		}
	}
	ann := s.signedIn(t, "Ann") // signing in works without the right
	if a := ann.get("action=query&meta=userinfo&format=json"); a.at("query.userinfo.name") != "Ann" {
		t.Errorf("signed in: %s", a.text)
	}
}

func TestReadOnlySite(t *testing.T) {
	s := newSite(t, change{api: func(c *Config) { c.ReadOnly = "moving house" }})
	c := s.client(t)
	token := c.token("login") // reading works
	a := c.post("action=clientlogin&format=json&loginreturnurl=http://x/", "logintoken", token)
	if a.code() != "readonly" || a.at("error.readonlyreason") != "moving house" {
		t.Errorf("clientlogin: %s", a.text)
	}
	a = c.post("action=logout&format=json&errorformat=plaintext", "token", `+\`)
	if a.code() != "readonly" || a.at("errors.0.data.readonlyreason") != "moving house" || a.at("errors.0.module") != "main" {
		t.Errorf("logout: %s", a.text)
	}
}

// TestLag: a site without replicas is one second ahead of everybody, so only who asks for less than that waits.
func TestLag(t *testing.T) {
	s := newSite(t, change{})
	for limit, code := range map[string]string{
		"5": "", "0": "", "-1": "", "99999999999999999999": "", "-2": "maxlag", "-99999999999999999999": "maxlag", "": "badinteger", "x": "badinteger",
	} {
		a := s.client(t).get("action=query&format=json&formatversion=2&maxlag=" + limit)
		retry, lag := "", ""
		if code == "maxlag" {
			retry, lag = "5", "-1"
			if a.at("error.host") != "" || a.at("error.lag") != -1.0 || a.at("error.type") != "db" {
				t.Errorf("%q: %s", limit, a.text)
			}
		}
		if a.code() != code || a.status != 200 || a.header.Get("Retry-After") != retry || a.header.Get("X-Database-Lag") != lag {
			t.Errorf("%q: %v %s", limit, a.header, a.text)
		}
	}
}

// TestPromise: who promises to change nothing is held to it.
func TestPromise(t *testing.T) {
	s := newSite(t, change{})
	for value, code := range map[string]string{"true": "promised-nonwrite-api", "1": "promised-nonwrite-api", "false": "promised-nonwrite-api", "0": "", "": ""} {
		c := s.client(t)
		r := httptest.NewRequest("POST", "/w/api.php?format=json", strings.NewReader(form("action=logout", "token", `+\`).Encode()))
		r.Header.Set("Content-Type", formType)
		r.Header.Set("Promise-Non-Write-API-Action", value)
		if a := c.do(r); a.code() != code {
			t.Errorf("%q: %s", value, a.text)
		}
		r = httptest.NewRequest("GET", "/w/api.php?action=query&format=json", nil)
		r.Header.Set("Promise-Non-Write-API-Action", value)
		if a := c.do(r); a.code() != "" {
			t.Errorf("%q, reading: %s", value, a.text)
		}
	}
}

// TestUntypedPost: a POST that does not say what it brings brings nothing, and is told so, also beside an error of its module.
func TestUntypedPost(t *testing.T) {
	s := newSite(t, change{})
	for query, want := range map[string]string{
		"action=query": `{"batchcomplete":true,"warnings":[{"code":"deprecation","data":{"feature":"post-without-content-type"},"module":"main"},` +
			`{"code":"deprecation-help","module":"main"}]}`,
		"action=query&continue=x": `{"warnings":[{"code":"deprecation","data":{"feature":"post-without-content-type"},"module":"main"},` +
			`{"code":"deprecation-help","module":"main"}],"errors":[{"code":"badcontinue","module":"query"}],"docref":"` + docText + `"}`,
	} {
		r := httptest.NewRequest("POST", "/w/api.php?format=json&formatversion=2&errorformat=none&"+query, strings.NewReader("requestid=1"))
		if a := s.client(t).do(r); a.text != want {
			t.Errorf("%s:\n got %s\nwant %s", query, a.text, want)
		}
	}
}
