// Package scriptedwiki is an api.php for tests of clients that says what a test wants it to say: old wikis, awkward ones, and
// walks with steps that few wikis have. It keeps no accounts; the real ones are gatehouse and internal/mediawikitest.
package scriptedwiki

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
)

// Script is what a wiki says. The zero value asks for nothing and refuses everything.
type Script struct {
	// Requests is the JSON list of what authmanagerinfo offers; "" = an empty list.
	Requests string
	// Steps answer the posts of createaccount and clientlogin, one after the other: each gives the JSON of the module's object.
	Steps []func(form url.Values) string
	// Before sees each request first, its form parsed, and answers it if it gives true.
	Before func(w http.ResponseWriter, r *http.Request) bool
	// Version1 has the wiki know formatversion 1 alone.
	Version1 bool
}

// Wiki is a running one.
type Wiki struct {
	URL string // without a slash at its end; /api.php is below

	script Script
	mu     sync.Mutex
	step   int
	posts  []url.Values
}

// Start runs a wiki until the test ends.
func Start(t testing.TB, s Script) *Wiki {
	t.Helper()
	w := &Wiki{script: s}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	w.URL = server.URL
	return w
}

// Posts are the forms that were posted so far, the first first.
func (w *Wiki) Posts() []url.Values {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.posts
}

// ServeHTTP answers one call.
func (w *Wiki) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	if w.script.Before != nil && w.script.Before(rw, r) {
		return
	}
	rw.Header().Set("Content-Type", "application/json; charset=utf-8")
	action := r.Form.Get("action")
	switch {
	case w.script.Version1 && r.Form.Get("formatversion") != "":
		fmt.Fprint(rw, `{"error":{"code":"unknown_formatversion","info":"Unrecognized value for parameter \"formatversion\": 2"}}`)
	case action == "createaccount" || action == "clientlogin":
		fmt.Fprintf(rw, `{%q:%s}`, action, w.next(r.PostForm))
	default:
		fmt.Fprint(rw, w.query(r.Form.Get("type")))
	}
}

func (w *Wiki) next(form url.Values) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.posts = append(w.posts, form)
	if w.step >= len(w.script.Steps) {
		return `{"status":"FAIL","messagecode":"over","message":"the script is over"}`
	}
	w.step++
	return w.script.Steps[w.step-1](form)
}

func (w *Wiki) query(token string) string {
	requests := w.script.Requests
	if requests == "" {
		requests = "[]"
	}
	return fmt.Sprintf(`{"batchcomplete":"","query":{"general":{"sitename":"Scripted","generator":"MediaWiki 1.27.0"},
		"authmanagerinfo":{"cancreateaccounts":"","requests":%s},"tokens":{%q:"0123+\\"}}}`, requests, token+"token")
}
