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

func TestFormatsThatAreNone(t *testing.T) {
	s := newSite(t, change{})
	for _, query := range []string{"format=nosuch", "format=", "format=JSON"} {
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
