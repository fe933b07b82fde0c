package actionapi

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
)

// fetch asks for path as a client that decodes nothing by itself.
func fetch(t testing.TB, h http.Handler, method, query string, header ...string) (*http.Response, []byte) {
	t.Helper()
	server := httptest.NewServer(h)
	defer server.Close()
	r, err := http.NewRequestWithContext(t.Context(), method, server.URL+"/w/api.php?"+form(query).Encode(), nil)
	must(t, err)
	r.Header.Set("Accept-Encoding", "identity")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := server.Client().Do(r)
	must(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	must(t, err)
	return resp, body
}

// TestLengths: an answer tells its length, and HEAD gets the headers that GET gets and nothing else.
func TestLengths(t *testing.T) {
	s := newSite(t, change{})
	for i := range 30 {
		s.create(t, fmt.Sprintf("Somebody with a long name %030d", i))
	}
	for _, query := range []string{
		"action=query&meta=userinfo&format=json", "action=query&meta=userinfo&format=none", "action=query&meta=userinfo",
		"action=query&meta=userinfo&wrappedhtml=", "action=nosuch&format=xml", "action=help", "action=query&meta=tokens&type=login&format=php",
		"action=query&list=allusers&aulimit=500&auprop=rights&format=json", "action=query&list=allusers&aulimit=500&auprop=rights|groups|registration&format=xmlfm",
	} {
		for _, encoding := range []string{"identity", "gzip"} {
			get, body := fetch(t, s, "GET", query, "Accept-Encoding", encoding)
			head, none := fetch(t, s, "HEAD", query, "Accept-Encoding", encoding)
			if len(none) != 0 || head.StatusCode != get.StatusCode {
				t.Errorf("%s: HEAD gives %d, %q", query, head.StatusCode, none)
			}
			if head.ContentLength != int64(len(body)) && query != "action=query&meta=userinfo&wrappedhtml=" {
				t.Errorf("%s, %s: %d bytes, HEAD says %d", query, encoding, len(body), head.ContentLength)
			}
			if len(body) < 16<<10 && get.Header.Get("Content-Length") != strconv.Itoa(len(body)) {
				t.Errorf("%s, %s: %d bytes, GET says %q", query, encoding, len(body), get.Header.Get("Content-Length"))
			}
			for _, name := range []string{"Content-Type", "Content-Disposition", "Content-Encoding", "Cache-Control", "Vary", "Mediawiki-Api-Error"} {
				if get.Header.Get(name) != head.Header.Get(name) {
					t.Errorf("%s: %s is %q and for HEAD %q", query, name, get.Header.Get(name), head.Header.Get(name))
				}
			}
		}
	}
}

// TestLongAnswersByHead: what goes out in pieces has no length, but HEAD knows it, compressed or not.
func TestLongAnswersByHead(t *testing.T) {
	s := newSite(t, change{})
	root := largeAnswer()
	for _, encoding := range []string{"", "gzip"} {
		answer := func(method string) *httptest.ResponseRecorder {
			r := httptest.NewRequest(method, "/w/api.php?action=query&format=json", nil)
			r.Header.Set("Accept-Encoding", encoding)
			w := httptest.NewRecorder()
			c, err := s.Handler.(*api).newCall(w, r)
			must(t, err)
			defer c.release()
			c.in, err = readInput(w, r, &crowd{})
			must(t, err)
			must(t, c.execute())
			c.body = *root
			c.write(w, nil)
			return w
		}
		get, head := answer("GET"), answer("HEAD")
		if get.Header().Get("Content-Length") != "" || head.Header().Get("Content-Length") != strconv.Itoa(get.Body.Len()) || head.Body.Len() != 0 {
			t.Errorf("%q: %d bytes, GET says %q, HEAD %q", encoding, get.Body.Len(), get.Header().Get("Content-Length"), head.Header().Get("Content-Length"))
		}
		if encoding == "gzip" && get.Body.Len() > 2_000_000 {
			t.Errorf("compressed to %d bytes", get.Body.Len())
		}
	}
}

// TestCompression: what is for everybody is compressed for those who can take it; what belongs to a session never is, or its
// length would tell of it (security row 48: credentials stay with their owner).
func TestCompression(t *testing.T) {
	s := newSite(t, change{})
	s.create(t, "Ann")
	ann, visitor := s.signedIn(t, "Ann"), s.client(t)
	visitor.token("login")
	for _, tt := range []struct {
		about  string
		client *client
		query  string
		accept string
		zipped bool
	}{
		{"nobody", s.client(t), "meta=userinfo", "gzip", true},
		{"an error to nobody", s.client(t), "assert=user", "deflate, gzip;q=0.5", true},
		{"not wanted", s.client(t), "meta=userinfo", "gzip;q=0, *", false},
		{"any", s.client(t), "meta=userinfo", "*;q=0.1", true},
		{"not asked for", s.client(t), "meta=userinfo", "", false},
		{"another encoding", s.client(t), "meta=userinfo", "br, xgzip", false},
		{"a cookie is set", s.client(t), "meta=tokens&type=createaccount", "gzip", false},
		{"no token after all", s.client(t), "meta=tokens&type=csrf", "gzip", true},
		{"a token again", visitor, "meta=tokens&type=createaccount", "gzip", false},
		{"fields of a session", visitor, "meta=authmanagerinfo&amirequestsfor=create", "gzip", false},
		{"an account of itself", ann, "meta=userinfo&uiprop=email", "gzip", false},
		{"an error to an account", ann, "assert=bot", "gzip", false},
		{"what is for everybody, to an account", ann, "meta=siteinfo", "gzip", true},
		{"the same beside what is not", ann, "meta=siteinfo|userinfo", "gzip", false},
	} {
		r := httptest.NewRequest("GET", "/w/api.php?"+form("action=query&format=json&requestid="+strings.Repeat("x", 500)+"&"+tt.query).Encode(), nil)
		r.Header.Set("Accept-Encoding", tt.accept)
		for name, value := range tt.client.cookies {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if got := w.Header().Get("Content-Encoding") == "gzip"; got != tt.zipped {
			t.Errorf("%s: compressed %v: %v", tt.about, got, w.Header())
		}
		if tt.zipped && (w.Body.Len() > 700 && tt.query != "meta=siteinfo" || !strings.Contains(w.Header().Get("Vary"), "Accept-Encoding")) {
			t.Errorf("%s: %d bytes, %v", tt.about, w.Body.Len(), w.Header())
		}
		text := w.Body.Bytes()
		if tt.zipped {
			z, err := gzip.NewReader(bytes.NewReader(text))
			must(t, err)
			text, err = io.ReadAll(z)
			must(t, err)
		}
		if !strings.Contains(string(text), strings.Repeat("x", 500)) {
			t.Errorf("%s: %q", tt.about, text)
		}
	}
}

// TestCompressionIsBounded: where as many answers are compressed as may be, the next goes out as it is.
func TestCompressionIsBounded(t *testing.T) {
	s := newSite(t, change{})
	z := &s.Handler.(*api).zippers
	var taken []*zipper
	for one := z.take(nil); one != nil; one = z.take(nil) {
		if taken = append(taken, one); len(taken) > 10*maxZippers {
			t.Fatal("there is no bound")
		}
	}
	ask := func() string {
		resp, _ := fetch(t, s, "GET", "action=query&format=json", "Accept-Encoding", "gzip")
		return resp.Header.Get("Content-Encoding")
	}
	if got := ask(); got != "" || len(taken) != maxZippers {
		t.Errorf("%d at work, and then %q", len(taken), got)
	}
	for _, one := range taken {
		z.put(one)
	}
	if got := ask(); got != "gzip" {
		t.Errorf("afterwards %q", got)
	}
}
