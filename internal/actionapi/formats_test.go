package actionapi

import (
	"strings"
	"testing"
)

func TestFormatsOverHTTP(t *testing.T) {
	s := newSite(t, change{})
	tests := []struct {
		query, contentType, file, body string
	}{
		{"format=json", "application/json; charset=utf-8", "api-result.json",
			`{"batchcomplete":"","query":{"userinfo":{"id":0,"name":"192.0.2.7","anon":""}}}`},
		{"format=json&formatversion=2", "application/json; charset=utf-8", "api-result.json",
			`{"batchcomplete":true,"query":{"userinfo":{"id":0,"name":"192.0.2.7","anon":true}}}`},
		{"format=json&callback=a<b>;", "text/javascript; charset=utf-8", "api-result.js",
			`/**/ab({"batchcomplete":"","query":{"userinfo":{"id":0,"name":"192.0.2.7","anon":""}}})`},
		{"format=xml", "text/xml; charset=utf-8", "api-result.xml",
			`<?xml version="1.0"?><api batchcomplete=""><query><userinfo id="0" name="192.0.2.7" anon="" /></query></api>`},
		{"format=php&formatversion=2", "application/vnd.php.serialized; charset=utf-8", "api-result.php",
			`a:2:{s:13:"batchcomplete";b:1;s:5:"query";a:1:{s:8:"userinfo";a:3:{s:2:"id";i:0;s:4:"name";s:9:"192.0.2.7";s:4:"anon";b:1;}}}`},
		{"format=none", "text/plain; charset=utf-8", "api-result.txt", ""},
	}
	for _, tt := range tests {
		a := s.client(t).get("action=query&meta=userinfo&" + tt.query)
		if got := a.header.Get("Content-Type"); got != tt.contentType {
			t.Errorf("%s: content type %q", tt.query, got)
		}
		if got := a.header.Get("Content-Disposition"); got != "inline; filename="+tt.file {
			t.Errorf("%s: disposition %q", tt.query, got)
		}
		if a.text != tt.body {
			t.Errorf("%s: got %s", tt.query, a.text)
		}
	}
}

// TestLettersBeyondASCII: each version has its own word about them, and does not hear the other's.
func TestLettersBeyondASCII(t *testing.T) {
	s := newSite(t, change{})
	const escaped, plain = `\u00e9\ud83d\ude00`, `é😀`
	for query, want := range map[string]string{
		"": escaped, "utf8=": plain, "ascii=": escaped, "utf8=&ascii=": plain, "utf8=0": plain, "utf8[]=": escaped,
		"formatversion=2": plain, "formatversion=2&ascii=": escaped, "formatversion=2&utf8=": plain, "formatversion=2&utf8=&ascii=": escaped,
		"formatversion=latest": plain, "formatversion=latest&ascii=0": escaped,
	} {
		a := s.client(t).get("action=query&format=json&requestid=é😀&" + query)
		if !strings.Contains(a.text, `"requestid":"`+want+`"`) {
			t.Errorf("%s: %s", query, a.text)
		}
	}
}

// TestCallbacks: the name of a function and nothing else comes back, and the caller is nobody.
func TestCallbacks(t *testing.T) {
	s := newSite(t, change{})
	s.create(t, "Ann")
	ann := s.signedIn(t, "Ann")
	for name, want := range map[string]string{
		"f": "f", "a.b['c'][0].d_\"e\"": "a.b['c'][0].d_\"e\"", "": "", "<script>": "script", "a(b);//\r\nc": "abc", "é$": "",
	} {
		a := ann.get("action=query&meta=userinfo&format=json", "callback", name)
		if !strings.HasPrefix(a.text, "/**/"+want+`({"batchcomplete":""`) || !strings.HasSuffix(a.text, "})") || strings.Contains(a.text, "Ann") {
			t.Errorf("%q: %s", name, a.text)
		}
		if a.header.Get("Content-Type") != "text/javascript; charset=utf-8" || a.header.Get("Content-Disposition") != "inline; filename=api-result.js" ||
			a.header.Get("MediaWiki-Login-Suppressed") != "true" || a.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%q: %v", name, a.header)
		}
	}
	for _, format := range []string{"xml", "php", "none"} { // they have no callback, and still whoever sent it is nobody
		a := ann.get("action=query&meta=userinfo&callback=f&format=" + format)
		if strings.Contains(a.text, "Ann") || strings.Contains(a.header.Get("Content-Type"), "javascript") || a.header.Get("MediaWiki-Login-Suppressed") != "true" {
			t.Errorf("%s: %v %s", format, a.header, a.text)
		}
	}
}

// TestWritingByCallback: a module that writes works for nobody too, with the token that belongs to the cookie.
func TestWritingByCallback(t *testing.T) {
	s := newSite(t, change{})
	s.create(t, "Ann")
	ann := s.signedIn(t, "Ann")
	a := ann.postTo("callback=f", "action=createaccount&format=json&createreturnurl=http://x/&username=Called&password="+testPassword+"&retype="+testPassword,
		"createtoken", ann.token("createaccount"))
	if !strings.Contains(a.text, `"status":"PASS"`) {
		t.Fatalf("got %s", a.text)
	}
	log := s.client(t).get("action=query&list=logevents&lelimit=1&format=json")
	if log.at("query.logevents.0.action") != "create" || log.at("query.logevents.0.user") != "Called" {
		t.Errorf("not made by nobody: %s", log.text)
	}
	a = ann.postTo("callback=f", "action=login&format=json&lgname=Ann&lgpassword="+testPassword, "lgtoken", ann.token("login"))
	if !strings.Contains(a.text, `"result":"Aborted"`) {
		t.Errorf("login: %s", a.text)
	}
}

// TestStylesheets are never named; whoever asks for one is told, once.
func TestStylesheets(t *testing.T) {
	s := newSite(t, change{})
	a := s.client(t).get("action=query&format=xml&xslt=MediaWiki:Evil.xsl&errorformat=none&includexmlnamespace=0&zzz=")
	want := `<?xml version="1.0"?><api batchcomplete="" xmlns="http://www.mediawiki.org/xml/api/"><warnings><warning code="unrecognizedparams" module="main" />` +
		`<warning code="xslt-disabled" module="xml" /></warnings></api>`
	if a.text != want {
		t.Errorf("got %s", a.text)
	}
}

// TestOrderOnTop: what a query says of itself is above warnings that came before its end, below those that came after.
func TestOrderOnTop(t *testing.T) {
	s := newSite(t, change{})
	for query, want := range map[string]string{
		"zzz=":              `{"warnings":{"main":`,
		"meta=nosuch":       `{"batchcomplete":true,"warnings":{"query":`,
		"meta=nosuch&zzz=":  `{"batchcomplete":true,"warnings":{"main":`,
		"requestid=e\u0301": `{"batchcomplete":true,"warnings":{"main":`,
	} {
		if a := s.client(t).get("action=query&format=json&formatversion=2&" + query); !strings.HasPrefix(a.text, want) {
			t.Errorf("%s: %s", query, a.text)
		}
	}
}

func TestFormatsThatAreNone(t *testing.T) {
	s := newSite(t, change{})
	for _, query := range []string{"format=nosuch", "format=", "format=JSON", "format=jsonp", "format=json|xml"} {
		a := s.client(t).get("action=query&" + query)
		if a.header.Get("MediaWiki-API-Error") != "badvalue" || !strings.Contains(shown(t, a.text), `"code": "badvalue"`) {
			t.Errorf("%s: %s", query, a.text)
		}
	}
	a := s.client(t).get("action=query&format=json&formatversion=3")
	if a.code() != "badvalue" || a.at("warnings.json.*") == nil || a.at("warnings.main.*") == nil {
		t.Errorf("formatversion=3: %s", a.text)
	}
	a = s.client(t).get("action=nosuch&format=json&formatversion=3")
	if a.code() != "badvalue" || a.at("warnings.json.*") == nil || !strings.Contains(a.text, "nosuch") {
		t.Errorf("unknown action and formatversion=3: %s", a.text)
	}
}

// TestUnknownFormatInEveryErrorFormat: the error is shown on a page in the error format that was chosen.
func TestUnknownFormatInEveryErrorFormat(t *testing.T) {
	s := newSite(t, change{})
	for format, want := range map[string]string{
		"bc": `"info": `, "plaintext": `"*": `, "html": `"*": `, "wikitext": `"*": `, "raw": `"key": "paramvalidator-badvalue-enumnotmulti"`,
		"none": `"module": "main"`, "nosuch": `"info": `,
	} {
		for _, query := range []string{"format=nosuch&", "format=json&formatversion=3&"} {
			a := s.client(t).get("action=query&" + query + "errorformat=" + format)
			text := a.text
			if strings.HasPrefix(query, "format=nosuch") {
				text = shown(t, a.text)
			}
			if plain := strings.ReplaceAll(want, " ", ""); !strings.Contains(strings.ReplaceAll(text, `": `, `":`), plain) ||
				a.header.Get("MediaWiki-API-Error") != "badvalue" || a.status != 200 {
				t.Errorf("%s%s: %s", query, format, text)
			}
		}
	}
	a := s.client(t).get("action=query&format=json&formatversion=3&errorformat=none")
	if a.at("warnings.0.code") != "errorprinterfailed" || a.at("warnings.0.module") != "main" || a.at("warnings.1.code") != "badvalue" ||
		a.at("warnings.1.module") != "json" || a.at("errors.0.module") != "json" {
		t.Errorf("got %s", a.text)
	}
}

// TestFormatIsReadBeforeAnythingHappens: a call whose answer could not be written does nothing.
func TestFormatIsReadBeforeAnythingHappens(t *testing.T) {
	s := newSite(t, change{})
	c := s.client(t)
	const body = "action=createaccount&format=json&createreturnurl=http://x/&username=Once&password=" + testPassword + "&retype=" + testPassword
	token := c.token("createaccount")
	if a := c.post(body+"&formatversion=9", "createtoken", token); a.code() != "badvalue" {
		t.Errorf("got %s", a.text)
	}
	if a := c.post(body, "createtoken", token); a.at("createaccount.status") != "PASS" {
		t.Errorf("the name was taken: %s", a.text)
	}
}
