package special

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzForm holds that whatever is posted gives a form of bounded size whose texts are clean, or is refused.
func FuzzForm(f *testing.F) {
	f.Add("a=1&b=%zz", "application/x-www-form-urlencoded", "title=x")
	f.Add("a=%FF%00\r\n;b", "application/x-www-form-urlencoded; charset=latin1", "a=%FF")
	f.Add("--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--B--", "multipart/form-data; boundary=B", "")
	f.Fuzz(func(t *testing.T, text, contentType, query string) {
		r := httptest.NewRequest("POST", "/wiki/x", strings.NewReader(text))
		r.URL.RawQuery = query
		r.Header = http.Header{"Content-Type": {contentType}}
		form, err := postedForm(r)
		if err != nil {
			return
		}
		if len(form) > maxFormFields {
			t.Errorf("%d fields", len(form))
		}
		for name, list := range form {
			for _, s := range list {
				if !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\x1f\x1b\r") {
					t.Errorf("%q = %q", name, s)
				}
			}
		}
		parameters := r.URL.Query()
		cleanValues(parameters)
		(destination{parameters.Get("returnto"), parameters.Get("returntoquery")}).url(Site{})
	})
}
