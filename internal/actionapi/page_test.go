package actionapi

import (
	"encoding/json"
	"html"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

var (
	shownSource = regexp.MustCompile(`(?s)<pre class="api-pretty-content">(.*?)</pre>`)
	marks       = regexp.MustCompile(`<[^>]*>`)
)

// shown is the document that a page shows.
func shown(t testing.TB, page string) string {
	t.Helper()
	found := shownSource.FindStringSubmatch(page)
	if found == nil {
		t.Fatalf("no document in %s", page)
	}
	return html.UnescapeString(marks.ReplaceAllString(found[1], ""))
}

// TestPages: what a page shows is what the format writes, with lines broken.
func TestPages(t *testing.T) {
	s := newSite(t, change{})
	for query, want := range map[string]string{
		"":                                 "{\n    \"batchcomplete\": \"\",\n    \"requestid\": \"</pre><script>&amp;'\\u00e9\"\n}",
		"format=jsonfm&formatversion=2":    "{\n    \"batchcomplete\": true,\n    \"requestid\": \"</pre><script>&amp;'é\"\n}",
		"format=jsonfm&callback=f":         "/**/f({\n    \"batchcomplete\": \"\",\n    \"requestid\": \"</pre><script>&amp;'\\u00e9\"\n})",
		"format=xmlfm":                     "<?xml version=\"1.0\"?>\n<api batchcomplete=\"\" requestid=\"&lt;/pre&gt;&lt;script&gt;&amp;amp;'é\" />",
		"format=xmlfm&includexmlnamespace": "<?xml version=\"1.0\"?>\n<api batchcomplete=\"\" requestid=\"&lt;/pre&gt;&lt;script&gt;&amp;amp;'é\" xmlns=\"http://www.mediawiki.org/xml/api/\" />",
		"format=phpfm":                     `a:2:{s:13:"batchcomplete";s:0:"";s:9:"requestid";s:22:"</pre><script>&amp;'é";}`,
		"format=rawfm":                     "{\n    \"batchcomplete\": true,\n    \"requestid\": \"</pre><script>&amp;'é\",\n    \"_type\": \"assoc\"\n}",
	} {
		a := s.client(t).get("action=query&"+query, "requestid", "</pre><script>&amp;'é")
		if got := shown(t, a.text); got != want {
			t.Errorf("%s:\n got %s\nwant %s", query, got, want)
		}
		if strings.Contains(a.text, "<script") {
			t.Errorf("%s: what was sent became part of the page: %s", query, a.text)
		}
	}
}

// TestPagesAreColoured holds which parts the stylesheet can tell apart, escapes and all.
func TestPagesAreColoured(t *testing.T) {
	for _, tt := range []struct{ format, document, want string }{
		{"json", `{"a": "x\"\\", "b": [1, -2.5e3, true, "c", {}], "d": {"e": null}}`,
			`{K"a"E: T"x\"\\"E, K"b"E: [V1E, V-2.5e3E, VtrueE, T"c"E, {}], K"d"E: {K"e"E: VnullE}}`},
		{"json", `/**/f(["a"])`, `/**/VfE([T"a"E])`},
		{"json", `"`, `T"`},
		{"json", `}}],"a"`, `}}],T"a"E`},
		{"raw", `{"_type": "assoc"}`, `{K"_type"E: T"assoc"E}`},
		{"xml", `<?xml version="1.0"?><a b="1>2">x "y" &amp;</a>`, `K<?xml version=T"1.0"E?>EK<a b=T"1>2"E>Ex "y" &amp;K</a>E`},
		{"php", `s:3:"a<b";`, `s:3:"a<b";`},
	} {
		want := html.EscapeString(tt.want)
		for short, mark := range map[string]string{"K": markKey, "T": markText, "V": markValue, "E": markEnd} {
			want = strings.ReplaceAll(want, short, mark)
		}
		for size := range len(tt.document) { // whole, and in pieces of every size
			c := coloursOf(&format{module: tt.format}, nil, nil)
			for rest := tt.document; rest != ""; {
				n := min(size, len(rest))
				if size == 0 {
					n = len(rest)
				}
				_, _ = c.Write([]byte(rest[:n]))
				rest = rest[n:]
			}
			if got := string(c.rest()); got != want {
				t.Errorf("%s in pieces of %d:\n got %s\nwant %s", tt.document, size, got, want)
			}
		}
	}
}

// TestPagesLeadToPrograms: a page names the same call for programs, unless what was posted is a part of it.
func TestPagesLeadToPrograms(t *testing.T) {
	s := newSite(t, change{})
	for _, tt := range []struct{ query, want string }{
		{"action=query&meta=userinfo", "action=query&amp;meta=userinfo&amp;format=json"},
		{"format=xmlfm&action=query", "action=query&amp;format=xml"},
		{"action=query&format=xmlfm&%66ormat=phpfm", "action=query&amp;format=php"},
		{"action=nosuch&x=\"'<]|;%zz&&y=%C3%A9", "action=nosuch&amp;x=%22%27%3C%5D%7C%3B%zz&amp;y=%C3%A9&amp;format=json"},
		{"format=nosuch&action=query", "action=query&amp;format=json"},
	} {
		r := httptest.NewRequest("GET", "/w/api.php", nil)
		r.URL.RawQuery = tt.query
		a := s.client(t).do(r)
		want := `<a href="` + testServer + "/w/api.php?" + tt.want + `"><kbd>format=`
		if !strings.Contains(a.text, want) {
			t.Errorf("%s: no %s in %s", tt.query, want, a.text)
		}
	}
	for about, a := range map[string]answer{
		"posted": s.client(t).post("action=query&meta=userinfo"), "raw": s.client(t).get("action=query&format=rawfm"),
	} {
		if strings.Contains(a.text, "<kbd>format=json</kbd></a>") {
			t.Errorf("%s leads somewhere: %s", about, a.text)
		}
	}
}

// TestPageHeaders: a page may load nothing and run nothing; its style is the one whose digest the policy names.
func TestPageHeaders(t *testing.T) {
	s := newSite(t, change{})
	for _, query := range []string{"action=query", "action=nosuch", "format=xmlfm&action=query", "format=rawfm&action=query"} {
		a := s.client(t).get(query)
		style := strings.TrimSuffix(strings.SplitAfter(a.text, "<style>")[1], "</style>"+strings.SplitN(a.text, "</style>", 2)[1])
		policy := a.header.Get("Content-Security-Policy")
		if policy != stylePolicy(style) || strings.Contains(policy, "unsafe") || !strings.HasPrefix(policy, "default-src 'none'") {
			t.Errorf("%s: policy %q", query, policy)
		}
		for name, want := range map[string]string{
			"Content-Type": "text/html; charset=UTF-8", "Content-Disposition": "inline; filename=api-result.html",
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
		} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s: %s: %q", query, name, got)
			}
		}
	}
}

// TestPagesOfErrors: the status line under a page is its own; the page tells what programs would get.
func TestPagesOfErrors(t *testing.T) {
	s := newSite(t, change{})
	for _, tt := range []struct {
		query, note string
		status      int
	}{
		{"action=query&format=json", "", 405},
		{"action=query&format=jsonfm", "405 Method Not Allowed", 200},
		{"action=query&format=xmlfm&wrappedhtml=", "", 200},
	} {
		a := s.client(t).do(httptest.NewRequest("DELETE", "/w/api.php?"+tt.query, nil))
		if a.status != tt.status || a.header.Get("MediaWiki-API-Error") != "invalidmethod" || !strings.Contains(a.text, tt.note) {
			t.Errorf("%s: %d %s", tt.query, a.status, a.text)
		}
	}
}

// TestWrappedPages is a page's middle for programs.
func TestWrappedPages(t *testing.T) {
	s := newSite(t, change{})
	s.create(t, "Ann")
	s.create(t, "Bob")
	for _, tt := range []struct {
		query, method string
		status        int
		text, shown   string
		next          string
	}{
		{"action=query&format=jsonfm", "GET", 200, "OK", "{\n    \"batchcomplete\": \"\"\n}", "null"},
		{"action=query&format=xmlfm", "GET", 200, "OK", "<?xml version=\"1.0\"?>\n<api batchcomplete=\"\" />", "null"},
		{"action=query&format=phpfm&formatversion=2", "GET", 200, "OK", `a:1:{s:13:"batchcomplete";b:1;}`, "null"},
		{"action=query&format=rawfm&requestid=é\x7f\"\\", "GET", 200, "OK",
			"{\n    \"batchcomplete\": true,\n    \"requestid\": \"é\x7f\\\"\\\\\",\n    \"_type\": \"assoc\"\n}", "null"},
		{"action=query", "DELETE", 405, "Method Not Allowed", "", "null"},
		{"action=query&list=allusers&aulimit=1&format=jsonfm", "GET", 200, "OK", "", `{"aufrom":"Bob","continue":"-||"}`},
	} {
		r := httptest.NewRequest(tt.method, "/w/api.php?"+form(tt.query).Encode()+"&wrappedhtml", nil)
		a := s.client(t).do(r)
		var got struct {
			Status     int
			StatusText string
			HTML       string
			Modules    []string
			Continue   json.RawMessage
			Time       *int
		}
		if err := json.Unmarshal([]byte(a.text), &got); err != nil {
			t.Fatalf("%s: %v in %s", tt.query, err, a.text)
		}
		if a.status != 200 || got.Status != tt.status || got.StatusText != tt.text || string(got.Continue) != tt.next || got.Time == nil ||
			len(got.Modules) != 1 || !strings.HasPrefix(got.HTML, `<pre class="api-pretty-content">`) {
			t.Errorf("%s: %d %s", tt.query, a.status, a.text)
		}
		if document := shown(t, got.HTML); tt.shown != "" && document != tt.shown {
			t.Errorf("%s: shows %s", tt.query, document)
		}
		for name, want := range map[string]string{
			"Content-Type":        "text/mediawiki-api-prettyprint-wrapped; charset=utf-8",
			"Content-Disposition": "inline; filename=api-result-wrapped.json", "X-Content-Type-Options": "nosniff",
		} {
			if a.header.Get(name) != want {
				t.Errorf("%s: %s: %q", tt.query, name, a.header.Get(name))
			}
		}
	}
	a := s.client(t).get("action=query&format=json&formatversion=2&wrappedhtml=")
	if a.at("warnings.main.warnings") == nil {
		t.Errorf("only pages know wrappedhtml: %s", a.text)
	}
}

// FuzzPages holds that a page shows what it was given, in pieces of any size, and nothing of it as markup; and that the wrapped
// middle of a page stays a JSON text.
func FuzzPages(f *testing.F) {
	f.Add("json", `{"a": ["x\\\"<", -1, true]}`, 3)
	f.Add("xml", `<?xml version="1.0"?><a b="1>2">&amp;</a>`, 1)
	f.Add("php", "s:3:\"a<b\";\x00\x1f\u2028\xff", 2)
	f.Fuzz(func(t *testing.T, name, document string, size int) {
		var wrapped jsonText
		c := coloursOf(&format{module: name}, nil, nil)
		for rest := document; rest != ""; {
			n := min(max(size, 1), len(rest))
			_, _ = c.Write([]byte(rest[:n]))
			rest = rest[n:]
		}
		page := string(c.rest())
		if got := html.UnescapeString(marks.ReplaceAllString(page, "")); got != document {
			t.Errorf("shows %q of %q", got, document)
		}
		for _, mark := range []string{markKey, markText, markValue, markEnd} {
			page = strings.ReplaceAll(page, mark, "")
		}
		if strings.ContainsAny(page, "<>\"'") {
			t.Errorf("markup of %q: %s", document, page)
		}
		_, _ = wrapped.Write([]byte(document))
		var got string
		if err := json.Unmarshal([]byte(`"`+string(wrapped.buf)+`"`), &got); err != nil || got != strings.ToValidUTF8(document, "\uFFFD") && utf8.ValidString(document) {
			t.Errorf("%q is wrapped as %q: %v", document, wrapped.buf, err)
		}
	})
}
