package call

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func post(query, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/w/api.php?"+query, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	return r
}

func bodyOf(t *testing.T, r *http.Request) string {
	t.Helper()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestReadLeavesTheRequestAlone(t *testing.T) {
	const query, body = "action=query&a=1", "x=%zz&createtoken=ab%2B%5C&action=createaccount"
	r := post(query, body)
	c := Read(r)
	if got := c.Get("action"); got != "createaccount" {
		t.Errorf("action is %q: the body wins", got)
	}
	if !c.Posted("createtoken") || c.Posted("a") || c.Get("x") != "%zz" {
		t.Errorf("read %+v", c)
	}
	if got := bodyOf(t, r); got != body || r.URL.RawQuery != query {
		t.Errorf("the body is %q now, the query %q", got, r.URL.RawQuery)
	}
}

func TestReplaceAndSet(t *testing.T) {
	r := post("a=1&token=t", "token=u&b=%26")
	c := Read(r)
	c.Replace(func(v string) string { return v + "!" }, "token", "missing")
	c.Set("b", "2 3")
	if got := bodyOf(t, r); got != "token=u%21&b=2+3" || r.URL.RawQuery != "a=1&token=t%21" || r.ContentLength != int64(len(got)) {
		t.Errorf("the body is %q now, the query %q", got, r.URL.RawQuery)
	}
	r = httptest.NewRequest(http.MethodGet, "/?a=1&a=2", nil)
	Read(r).Set("a", "3")
	if r.URL.RawQuery != "a=3" {
		t.Errorf("the query is %q", r.URL.RawQuery)
	}
}

func TestMultipart(t *testing.T) {
	var text bytes.Buffer
	w := multipart.NewWriter(&text)
	if err := w.WriteField("createtoken", "ab+\\"); err != nil {
		t.Fatal(err)
	}
	w.Close()
	r := httptest.NewRequest(http.MethodPost, "/", &text)
	r.Header.Set("Content-Type", w.FormDataContentType())
	c := Read(r)
	c.Replace(func(string) string { return "spoilt" }, "createtoken")
	if got := bodyOf(t, r); got != "createtoken=spoilt" {
		t.Errorf("the body is %q now", got)
	}
}

func TestLargeAndForeignBodiesGoOn(t *testing.T) {
	large := "a=" + strings.Repeat("x", maxBody)
	for body, kind := range map[string]string{large: "application/x-www-form-urlencoded", `{"a":1}`: "application/json", "a=1": ""} {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		c := Read(r)
		c.Replace(func(string) string { return "changed" }, "a")
		if got := bodyOf(t, r); got != body || c.Get("a") != "" {
			t.Errorf("%s: a body of %d bytes came out as one of %d", kind, len(body), len(got))
		}
	}
}
