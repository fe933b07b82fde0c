package actionapi

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func read(t testing.TB, method, query, contentType, body string) (*input, error) {
	t.Helper()
	r := httptest.NewRequest(method, "/w/api.php", strings.NewReader(body))
	r.URL.RawQuery = query
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return readInput(httptest.NewRecorder(), r, new(crowd))
}

const formType = "application/x-www-form-urlencoded"

func TestReadInput(t *testing.T) {
	type value struct {
		name, text      string
		list            []string
		inQuery, repair bool
	}
	multipart := "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1&2\r\n--B\r\n" +
		"Content-Disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\nfile\r\n--B\r\n" +
		"Content-Disposition: form-data; name=\"b[]\"\r\n\r\n3\r\n--B--\r\n"
	tests := []struct {
		about, method, query, contentType, body string
		want                                    []value
	}{
		{"query", "GET", "a=1&b=&c&a=2&=x&&d==", "", "", []value{
			{name: "a", text: "2", inQuery: true}, {name: "b", inQuery: true}, {name: "c", inQuery: true}, {name: "d", text: "=", inQuery: true}}},
		{"the body first, and it wins", "POST", "q=1&a=x", formType, "a=1&b=2", []value{
			{name: "a", text: "1", inQuery: true}, {name: "b", text: "2"}, {name: "q", text: "1", inQuery: true}}},
		{"escapes", "GET", "a=%41+%2B%zz%4&b%20c=%C3%A9", "", "", []value{
			{name: "a", text: "A +%zz%4", inQuery: true}, {name: "b c", text: "é", inQuery: true}}},
		{"no body but of a POST", "PUT", "", formType, "a=1", nil},
		{"no JSON", "POST", "", "application/json", `{"a":1}`, nil},
		{"no type", "POST", "", "", "a=1", nil},
		{"type with parameters, any case", "POST", "", "Application/X-WWW-Form-Urlencoded; charset=UTF-8", "a=1", []value{{name: "a", text: "1"}}},
		{"multipart", "POST", "", "multipart/form-data; boundary=B", multipart, []value{{name: "a", text: "1&2"}, {name: "b", list: []string{"3"}}}},
		{"multipart, parts of odd kinds", "POST", "", "multipart/form-data; charset=latin1; boundary=\"B C\"", oddParts(), []value{
			{name: "a", text: "=C3=A9"}, {name: "b", text: "é"}, {name: "c", text: "--D\r\nContent-Disposition: form-data; name=\"inner\"\r\n\r\n1\r\n--D--"},
			{name: "_charset_", text: "latin1"}}},
		{"another multipart", "POST", "", "multipart/mixed; boundary=B", multipart, nil},
		{"multipart without boundary", "POST", "", "multipart/form-data", multipart, nil},
		{"multipart that breaks off", "POST", "", "multipart/form-data; boundary=B", multipart[:51], nil},
		{"arrays", "GET", "a[]=1&a[]=2&b[k]=3&c[=4&[]=5&d[]=6&d=7&e=8&e[]=9", "", "", []value{
			{name: "a", list: []string{"1", "2"}, inQuery: true}, {name: "b", list: []string{"3"}, inQuery: true}, {name: "c[", text: "4", inQuery: true},
			{name: "[]", text: "5", inQuery: true}, {name: "d", text: "7", inQuery: true}, {name: "e", list: []string{"9"}, inQuery: true}}},
		{"form C", "GET", "a=a%CC%81", "", "", []value{{name: "a", text: "á", inQuery: true, repair: true}}},
		{"controls", "GET", "a=a%00b&b=%09%0A%0D&c=%7F", "", "", []value{
			{name: "a", text: "a\uFFFDb", inQuery: true, repair: true}, {name: "b", text: "\t\n\r", inQuery: true}, {name: "c", text: "\x7f", inQuery: true}}},
		{"links from before UTF-8", "GET", "a=a%FFb%C3", "", "", []value{{name: "a", text: "aÿbÃ", inQuery: true, repair: true}}},
		{"bytes that are no text in the body", "POST", "", formType, "a=a%FFb%C3", []value{{name: "a", text: "a\uFFFDb\uFFFD", repair: true}}},
		{"bytes that are no text in a list", "GET", "a=%1Fx%1Fy%FF", "", "", []value{{name: "a", text: "\x1fx\x1fy\uFFFD", inQuery: true, repair: true}}},
		{"lists keep their separator", "GET", "a=%1Fa%1Fb%01&b=x%1Fy", "", "", []value{
			{name: "a", text: "\x1fa\x1fb\uFFFD", inQuery: true, repair: true}, {name: "b", text: "x\uFFFDy", inQuery: true, repair: true}}},
	}
	for _, tt := range tests {
		in, err := read(t, tt.method, tt.query, tt.contentType, tt.body)
		must(t, err)
		var got []value
		for _, p := range in.params {
			got = append(got, value{p.name, p.text, p.list, p.inQuery, p.repaired})
		}
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", tt.about, got, tt.want)
		}
		if in.untyped != (tt.method == "POST" && tt.contentType == "") {
			t.Errorf("%s: untyped %v", tt.about, in.untyped)
		}
	}
}

// oddParts is a form whose parts say what is not acted upon: encodings, character sets, forms inside them.
func oddParts() string {
	return "--B C\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=C3=A9\r\n" +
		"--B C\r\nContent-Disposition: form-data; name=\"b\"\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\né\r\n" +
		"--B C\r\nContent-Disposition: form-data; name=\"c\"\r\nContent-Type: multipart/mixed; boundary=D\r\n\r\n" +
		"--D\r\nContent-Disposition: form-data; name=\"inner\"\r\n\r\n1\r\n--D--\r\n" +
		"--B C\r\nContent-Disposition: form-data; name=\"_charset_\"\r\n\r\nlatin1\r\n" +
		"--B C\r\nContent-Disposition: form-data; name=\"d\"; filename=\"\"\r\n\r\nx\r\n" +
		"--B C\r\nContent-Disposition: attachment; name=\"e\"\r\n\r\nx\r\n--B C--\r\n"
}

// TestInputLimits: what is above the limits is refused before it is read as parameters (security row 29).
func TestInputLimits(t *testing.T) {
	many := strings.Repeat("a&", indexFrom) // the names differ below
	for _, tt := range []struct {
		about       string
		query, body string
		contentType string
		want        error
	}{
		{"largest body", "", "a=" + strings.Repeat("x", maxBody-2), formType, nil},
		{"body too large", "", "a=" + strings.Repeat("x", maxBody-1), formType, errTooLarge},
		{"most names", manyNames(maxParameters), "", "", nil},
		{"too many names", manyNames(maxParameters + 1), "", "", errTooLarge},
		{"too many names in body and query", "z=1", manyNames(maxParameters), formType, errTooLarge},
		{"one name often", strings.Repeat("a=1&", maxParameters+1), "", "", errTooLarge},
		{"many items of one array", strings.Repeat("a[]=1&", maxParameters+1), "", "", errTooLarge},
		{"names again", many, "", "", nil},
		{"most parts", "", manyParts(maxParameters), "multipart/form-data; boundary=B", nil},
		{"too many parts", "", manyParts(maxParameters + 1), "multipart/form-data; boundary=B", errTooLarge},
		{"multipart too large", "", "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n" + strings.Repeat("x", maxBody), "multipart/form-data; boundary=B", errTooLarge},
	} {
		method := "GET"
		if tt.body != "" {
			method = "POST"
		}
		if _, err := read(t, method, tt.query, tt.contentType, tt.body); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", tt.about, err)
		}
	}
	r := httptest.NewRequest("POST", "/w/api.php", nil)
	r.Header.Set("Content-Type", formType)
	r.ContentLength = maxBody + 1
	if _, err := readInput(httptest.NewRecorder(), r, new(crowd)); !errors.Is(err, errTooLarge) {
		t.Errorf("announced length: %v", err)
	}
}

// manyNames is a query of n different names.
func manyNames(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("n" + strings.Repeat("x", i%7) + string(rune('A'+i%26)) + string(rune('A'+i/26%26)) + string(rune('A'+i/676)) + "=1&")
	}
	return b.String()
}

// manyParts is a multipart body of n parts, files among them.
func manyParts(n int) string {
	var b strings.Builder
	for i := range n {
		file := ""
		if i%2 == 1 {
			file = "; filename=f"
		}
		b.WriteString("--B\r\nContent-Disposition: form-data; name=a" + file + "\r\n\r\n1\r\n")
	}
	return b.String() + "--B--\r\n"
}

func TestTooLargeOverHTTP(t *testing.T) {
	s := newSite(t, change{})
	a := s.client(t).postTo("format=json&formatversion=2", "a="+strings.Repeat("x", maxBody))
	if a.status != http.StatusRequestEntityTooLarge || a.code() != "http-contenttoolarge" {
		t.Errorf("got %d %s", a.status, a.text)
	}
}

func TestUnusedInOrder(t *testing.T) {
	in, err := read(t, "POST", "q=1&b=2", formType, "z=1&b=2&y=3")
	must(t, err)
	in.take("y")
	if got := in.unused(); !reflect.DeepEqual(got, []string{"z", "b", "q"}) {
		t.Errorf("got %v", got)
	}
}

func FuzzInput(f *testing.F) {
	f.Add("a=1&b[]=%FF", "a=%00&c=%1Fx%1Fy")
	f.Add("%=%&[]=&a[=&a]=", "+=+")
	f.Add(strings.Repeat("a=1&b=2&", 40), "\xff=\xfe")
	f.Fuzz(func(t *testing.T, query, body string) {
		in, err := read(t, "POST", query, formType, body)
		if errors.Is(err, errTooLarge) {
			return
		}
		must(t, err)
		checkInput(t, in)
	})
}

func checkClean(t *testing.T, v string) {
	t.Helper()
	if !utf8.ValidString(v) {
		t.Errorf("%q is no text", v)
	}
	for part := range strings.SplitSeq(strings.TrimPrefix(v, listSeparator), listSeparator) {
		if !norm.NFC.IsNormalString(part) {
			t.Errorf("%q is not in form C", part)
		}
		if strings.ContainsFunc(part, func(r rune) bool { return r < ' ' && !strings.ContainsRune("\t\n\r", r) }) {
			t.Errorf("%q has controls", part)
		}
	}
}
