package actionapi

import (
	"encoding/json"
	"net/http/httptest"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/message"
	"gatehouse/internal/wire"
)

// answerWith answers a GET with query as a module would that gave warnings and ended with err.
func answerWith(t testing.TB, s *site, query string, warn func(*call), err error) answer {
	t.Helper()
	r := httptest.NewRequest("GET", "/w/api.php?"+form("action=query&"+query).Encode(), nil)
	w := httptest.NewRecorder()
	c, e := s.Handler.(*api).newCall(w, r)
	must(t, e)
	defer c.release()
	c.in, e = readInput(w, r, &crowd{})
	must(t, e)
	must(t, c.openSession())
	must(t, c.readMain())
	must(t, c.checkModule())
	c.chooseFormat()
	if warn != nil {
		warn(c)
	}
	c.write(w, err)
	return answer{status: w.Code, header: w.Header(), text: w.Body.String()}
}

// twoErrors is what a check that goes on after the first fault finds, with data in the second.
func twoErrors() error {
	second := fail("query+users", wire.BadUser, message.Plaintext("ususers"), message.Plaintext("<#>"))
	second.data = []result.Member{result.Named("parameter", result.Text("ususers")), result.Named("limit", result.Number(50))}
	first := fail("query", wire.ReadOnly)
	first.others = []finding{second.finding, fail("query", wire.ReadOnly).finding}
	return first
}

// twoWarnings are one with data, and one that comes twice.
func twoWarnings(c *call) {
	c.deprecated("query+users", wire.DeprecatedLogin, "a&b")
	c.deprecated("query+users", wire.DeprecatedLogin, "a&b")
	c.warn(mainModule, wire.BadUTF8, message.Text("requestid"))
}

const (
	docText = "How to use the API: http://wiki.test/w/api.php What is out of date will stop working one day. " +
		"The documentation says what to use instead."
	helpText1 = "What is out of date will stop working one day. The documentation says what to use instead."
	readOnly1 = "Nothing can be changed here at the moment. Try again later."
)

// TestEveryErrorFormat spells what each error format makes of several errors beside several warnings, in JSON of both
// versions and in XML.
func TestEveryErrorFormat(t *testing.T) {
	s := newSite(t, change{})
	const (
		doc, help, locked = docText, helpText1, readOnly1
		old               = `Signing in by CaccountL is out of date. Use CclientL.`
	)
	login := strings.NewReplacer("CaccountL", `\"action=login\"`, "CclientL", `\"action=clientlogin\"`).Replace(old)
	loginXML := strings.ReplaceAll(login, `\`, "")
	loginHTML := strings.NewReplacer("CaccountL", "<code>action=login</code>", "CclientL", "<code>action=clientlogin</code>").Replace(old)
	escape := strings.NewReplacer("<", "&lt;", ">", "&gt;")
	const (
		bad     = `\"ususers\" cannot be \"<#>\".`
		utf     = `\"requestid\" has bytes that are no text, or control characters. They were replaced.`
		utfHTML = `<var>requestid</var> has bytes that are no text, or control characters. They were replaced.`
	)
	for _, tt := range []struct{ format, one, two, xml string }{
		{"bc",
			`{"warnings":{"main":{"*":"` + help + `\n` + utf + `"},"users":{"*":"` + login + `"}},` +
				`"error":{"code":"readonly","info":"` + locked + `","*":"` + doc + `"}}`,
			`{"warnings":{"main":{"warnings":"` + help + `\n` + utf + `"},"users":{"warnings":"` + login + `"}},` +
				`"error":{"code":"readonly","info":"` + locked + `","docref":"` + doc + `"}}`,
			`<warnings><main xml:space="preserve">` + help + "\n" + strings.ReplaceAll(utf, `\`, "") + `</main><users xml:space="preserve">` + loginXML + `</users></warnings>` +
				`<error code="readonly" info="` + locked + `" xml:space="preserve">` + doc + `</error>`},
		{"plaintext",
			`{"warnings":[{"code":"deprecation","data":{"feature":"a&b"},"module":"query+users","*":"` + login + `"},` +
				`{"code":"deprecation-help","module":"main","*":"` + help + `"},{"code":"badutf8","module":"main","*":"` + utf + `"}],` +
				`"errors":[{"code":"readonly","module":"query","*":"` + locked + `"},` +
				`{"code":"baduser","data":{"parameter":"ususers","limit":50},"module":"query+users","*":"` + userText(t, s, "plain") + `"},` +
				`{"code":"readonly","module":"query","*":"` + locked + `"}],"*":"` + doc + `"}`,
			`{"warnings":[{"code":"deprecation","text":"` + login + `","data":{"feature":"a&b"},"module":"query+users"},` +
				`{"code":"deprecation-help","text":"` + help + `","module":"main"},{"code":"badutf8","text":"` + utf + `","module":"main"}],` +
				`"errors":[{"code":"readonly","text":"` + locked + `","module":"query"},` +
				`{"code":"baduser","text":"` + userText(t, s, "plain") + `","data":{"parameter":"ususers","limit":50},"module":"query+users"},` +
				`{"code":"readonly","text":"` + locked + `","module":"query"}],"docref":"` + doc + `"}`,
			``},
		{"html",
			``,
			`{"warnings":[{"code":"deprecation","html":"` + loginHTML + `","data":{"feature":"a&b"},"module":"query+users"},` +
				`{"code":"deprecation-help","html":"` + help + `","module":"main"},{"code":"badutf8","html":"` + utfHTML + `","module":"main"}],` +
				`"errors":[{"code":"readonly","html":"` + locked + `","module":"query"},` +
				`{"code":"baduser","html":"` + userText(t, s, "html") + `","data":{"parameter":"ususers","limit":50},"module":"query+users"},` +
				`{"code":"readonly","html":"` + locked + `","module":"query"}],"docref":"` + doc + `"}`,
			`<warnings><warning code="deprecation" module="query+users"><data feature="a&amp;b" /><html xml:space="preserve">` + escape.Replace(loginHTML) + `</html></warning>` +
				`<warning code="deprecation-help" module="main" xml:space="preserve">` + help + `</warning>` +
				`<warning code="badutf8" module="main" xml:space="preserve">` + escape.Replace(utfHTML) + `</warning></warnings>`},
		{"raw",
			``,
			`{"warnings":[{"code":"deprecation","key":"apiwarn-deprecation-login-nobotpw","params":[],"data":{"feature":"a&b"},"module":"query+users"},` +
				`{"code":"deprecation-help","key":"api-usage-mailinglist-ref","params":[],"module":"main"},` +
				`{"code":"badutf8","key":"apiwarn-badutf8","params":["requestid"],"module":"main"}],` +
				`"errors":[{"code":"readonly","key":"apierror-readonly","params":[],"module":"query"},` +
				`{"code":"baduser","key":"paramvalidator-baduser","params":[{"plaintext":"ususers"},{"plaintext":"<#>"}],` +
				`"data":{"parameter":"ususers","limit":50},"module":"query+users"},` +
				`{"code":"readonly","key":"apierror-readonly","params":[],"module":"query"}],"docref":"` + doc + `"}`,
			`<errors><error code="readonly" key="apierror-readonly" module="query"><params /></error>` +
				`<error code="baduser" key="paramvalidator-baduser" module="query+users"><params><param plaintext="ususers" /><param plaintext="&lt;#&gt;" /></params>` +
				`<data parameter="ususers" limit="50" /></error>`},
		{"none",
			`{"warnings":[{"code":"deprecation","data":{"feature":"a&b"},"module":"query+users"},` +
				`{"code":"deprecation-help","module":"main"},{"code":"badutf8","module":"main"}],` +
				`"errors":[{"code":"readonly","module":"query"},{"code":"baduser","data":{"parameter":"ususers","limit":50},"module":"query+users"},` +
				`{"code":"readonly","module":"query"}],"*":"` + doc + `"}`,
			``,
			`<errors><error code="readonly" module="query" /><error code="baduser" module="query+users"><data parameter="ususers" limit="50" /></error>` +
				`<error code="readonly" module="query" /></errors><docref xml:space="preserve">` + doc + `</docref></api>`},
	} {
		for format, want := range map[string]string{
			"json&formatversion=1": tt.one, "json&formatversion=2": tt.two, "xml": tt.xml,
		} {
			a := answerWith(t, s, "errorformat="+tt.format+"&format="+format, twoWarnings, twoErrors())
			if !strings.Contains(a.text, want) {
				t.Errorf("%s, %s:\n got %s\nwant %s", tt.format, format, a.text, want)
			}
			if got := a.header.Get("MediaWiki-API-Error"); got != "readonly, baduser" {
				t.Errorf("%s: header %q", tt.format, got)
			}
		}
	}
}

// userText is the text about a user that is none, as JSON.
func userText(t testing.TB, s *site, format string) string {
	t.Helper()
	m := wire.BadUser.Message(message.Plaintext("ususers"), message.Plaintext("<#>"))
	text := message.Plain(m, s.Handler.(*api).english)
	if format == "html" {
		text = message.HTML(m, s.Handler.(*api).english)
	}
	b := result.JSON{Modern: true}.Append(nil, &result.Object{Members: []result.Member{result.Named("t", result.Text(text))}})
	return strings.TrimSuffix(strings.TrimPrefix(string(b), `{"t":"`), `"}`)
}

// TestFormatsAgree: whatever the error format, PHP says what JSON of the same version says, the pages show what the plain
// formats are, and "none" says it by the header alone.
func TestFormatsAgree(t *testing.T) {
	s := newSite(t, change{})
	for _, format := range append([]string{"nosuch"}, errorFormats()...) {
		for about, err := range map[string]error{"errors": twoErrors(), "warnings": nil} {
			for _, version := range []string{"1", "2"} {
				query := "requestid=é&formatversion=" + version + "&errorformat="
				if format == "nosuch" {
					query += "bc"
				} else {
					query += format
				}
				ask := func(f string) answer { return answerWith(t, s, query+"&format="+f, twoWarnings, err) }
				plain := ask("json")
				var want any
				must(t, json.Unmarshal([]byte(plain.text), &want))
				got, rest := fromPHP(t, ask("php").text)
				if rest != "" || !reflect.DeepEqual(got, want) {
					t.Errorf("%s, %s, version %s:\n php %v\njson %v", format, about, version, got, want)
				}
				var page any
				must(t, json.Unmarshal([]byte(shown(t, ask("jsonfm").text)), &page))
				if !reflect.DeepEqual(page, want) {
					t.Errorf("%s, %s, version %s: the page shows %v", format, about, version, page)
				}
				none := ask("none")
				if none.text != "" || none.header.Get("MediaWiki-API-Error") != plain.header.Get("MediaWiki-API-Error") {
					t.Errorf("%s, %s: none is %q %v", format, about, none.text, none.header)
				}
			}
		}
	}
}

// fromPHP reads one value of PHP's serialisation as encoding/json would have it, and gives what follows.
func fromPHP(t testing.TB, s string) (any, string) {
	t.Helper()
	if rest, ok := strings.CutPrefix(s, "N;"); ok {
		return nil, rest
	}
	kind := s[0]
	number, rest, _ := strings.Cut(s[2:], map[bool]string{true: ":", false: ";"}[kind == 's' || kind == 'a'])
	n, err := strconv.Atoi(number)
	must(t, err)
	switch kind {
	case 'i':
		return float64(n), rest
	case 'b':
		return n == 1, rest
	case 's':
		return rest[1 : n+1], rest[n+3:]
	}
	list, object := make([]any, 0, n), map[string]any{}
	rest = rest[1:]
	for range n {
		var key, value any
		key, rest = fromPHP(t, rest)
		value, rest = fromPHP(t, rest)
		if i, ok := key.(float64); ok && int(i) == len(list) {
			list = append(list, value)
			continue
		}
		object[key.(string)] = value
	}
	if len(object) == 0 {
		return list, rest[1:]
	}
	return object, rest[1:]
}

// TestDocrefAndData: errors of calls have documentation to point to and faults have none; data is a map that raw knows.
func TestDocrefAndData(t *testing.T) {
	s := newSite(t, change{})
	a := answerWith(t, s, "format=rawfm&errorformat=none", nil, twoErrors())
	want := `{"errors":{"0":{"code":"readonly","module":"query"},"1":{"code":"baduser","data":{"parameter":"ususers","limit":50,"_type":"assoc"},` +
		`"module":"query+users"},"2":{"code":"readonly","module":"query"},"_element":"error"},"docref":"` + docText + `","_content":"docref","_type":"assoc"}`
	var got, wanted any
	must(t, json.Unmarshal([]byte(shown(t, a.text)), &got))
	must(t, json.Unmarshal([]byte(want), &wanted))
	if !reflect.DeepEqual(got, wanted) {
		t.Errorf("raw:\n got %v\nwant %v", got, wanted)
	}
}

// TestErrorLanguages: bc is English whatever is asked for; the others follow errorlang, and that follows uselang.
func TestErrorLanguages(t *testing.T) {
	s := newSite(t, change{})
	const english, keys = "Sign in first.", "(apierror-mustbeloggedin-generic)"
	in := func(code string) string {
		l, _ := texts(t).Language(code)
		return message.Plain(wire.NotLoggedIn.Message(), l)
	}
	for _, tt := range []struct{ query, want, uselang, errorlang string }{
		{"", english, "en", "en"},
		{"errorlang=qqx", english, "en", "en"},
		{"uselang=qqx", english, "qqx", "en"},
		{"errorformat=plaintext", english, "en", "en"},
		{"errorformat=plaintext&uselang=qqx", keys, "qqx", "qqx"},
		{"errorformat=plaintext&uselang=qqx&errorlang=uselang", keys, "qqx", "qqx"},
		{"errorformat=plaintext&uselang=qqx&errorlang=content", english, "qqx", "en"},
		{"errorformat=plaintext&uselang=qqx&errorlang=en", english, "qqx", "en"},
		{"errorformat=plaintext&errorlang=qqx", keys, "en", "qqx"},
		{"errorformat=plaintext&errorlang=de-at", in("de"), "en", "de"},
		{"errorformat=plaintext&uselang=de&errorlang=fr", in("fr"), "de", "fr"},
		{"errorformat=plaintext&errorlang=xx-nosuch&uselang=xx-nosuch", english, "en", "en"},
		{"errorformat=plaintext&errorlang=../x&uselang=content", english, "en", "en"},
		{"errorformat=plaintext&errorlang=user&uselang=user", english, "en", "en"},
		{"errorformat=plaintext&errorlang=&uselang=", english, "en", "en"},
		{"errorformat=plaintext&errorsuselocal=1&errorlang=qqx", keys, "en", "qqx"},
		{"errorformat=wikitext&errorlang=qqx", keys, "en", "qqx"},
		{"errorformat=html&errorlang=qqx", keys, "en", "qqx"},
	} {
		a := answerWith(t, s, "format=json&formatversion=2&responselanginfo=&"+tt.query, nil, fail(mainModule, wire.NotLoggedIn))
		must(t, json.Unmarshal([]byte(a.text), &a.doc))
		got := ""
		for _, place := range []string{"error.info", "errors.0.text", "errors.0.html"} {
			if text, ok := a.at(place).(string); ok {
				got = text
			}
		}
		if got != tt.want || a.at("uselang") != tt.uselang || a.at("errorlang") != tt.errorlang {
			t.Errorf("%s: %s", tt.query, a.text)
		}
		if docref, _ := a.at("docref").(string); tt.want == keys && !strings.HasPrefix(docref, "(api-usage-docref: ") {
			t.Errorf("%s: docref %q", tt.query, docref)
		}
	}
}
