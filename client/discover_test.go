package client_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"gatehouse/client"
)

// TestOpen finds api.php from pages of many makes.
func TestOpen(t *testing.T) {
	for _, c := range []struct{ page, html, api string }{
		{"/wiki/Main_Page", `<link rel="EditURI" type="application/rsd+xml" href="//HOST/deep/w/api.php?action=rsd"/>`, "/deep/w/api.php"},
		{"/wiki/Main_Page", `<LINK href='/x/api.php?action=rsd' rel='EditURI'>`, "/x/api.php"},
		{"/a/b", `<a href="/scripts/index.php?title=Special:UserLogin&amp;returnto=A">Log in</a>`, "/scripts/api.php"},
		{"/a/b", `<script src="/mw/load.php?modules=startup"></script>`, "/mw/api.php"},
		{"/wiki/Main_Page", `<p>nothing</p>`, "/w/api.php"},
		{"/", ``, "/api.php"},
		{"/mw/index.php/Main_Page", ``, "/mw/api.php"},
		{"/sites/one/Main", ``, "/sites/one/api.php"},
		{"/w/index.php", `<a href="https://elsewhere.example/w/index.php">no</a>`, "/w/api.php"},
		{"/x/api.php", "", "/x/api.php"},
	} {
		server := httptest.NewServer(nil)
		server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Path == c.api && r.URL.Query().Get("action") == "query":
				fmt.Fprint(w, `{"query":{"general":{"sitename":"Found","generator":"MediaWiki 1.27.0"}}}`)
			case r.URL.Path == c.page:
				fmt.Fprint(w, replaceHost(c.html, server.Listener.Addr().String()))
			default:
				http.NotFound(w, r)
			}
		})
		wiki, err := client.Open(t.Context(), server.URL+c.page+"?a=b#c", client.Options{})
		if err != nil || wiki.API() != server.URL+c.api || wiki.Site().Name != "Found" {
			t.Errorf("%s with %s: %v", c.page, c.html, err)
		}
		server.Close()
	}
}

func replaceHost(html, host string) string {
	out := ""
	for i := 0; i < len(html); i++ {
		if len(html)-i >= 4 && html[i:i+4] == "HOST" {
			out, i = out+host, i+3
			continue
		}
		out += html[i : i+1]
	}
	return out
}

func TestOpenRefuses(t *testing.T) {
	blog := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "<h1>My cat</h1>") }))
	defer blog.Close()
	for _, address := range []string{blog.URL, blog.URL + "/api.php"} {
		if _, err := client.Open(t.Context(), address, client.Options{}); !errors.Is(err, client.ErrNotWiki) {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range []string{"", "ftp://example.org/", "file:///etc/passwd", "http://", "https://%zz/", "javascript:alert(1)//://"} {
		if _, err := client.Open(t.Context(), address, client.Options{}); err == nil {
			t.Errorf("%q is opened", address)
		}
	}
}

// TestNeverDown: a page fetched by https does not lead to http, by a redirect or by what it says.
func TestNeverDown(t *testing.T) {
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("somebody asked for %s in the clear", r.URL)
		fmt.Fprint(w, `{"query":{"general":{}}}`)
	}))
	defer plain.Close()
	for _, h := range []http.HandlerFunc{
		func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, plain.URL+"/w/api.php", http.StatusFound)
		},
		func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `<link rel="EditURI" href="%s/api.php?action=rsd">`, plain.URL)
		},
	} {
		secure := httptest.NewTLSServer(h)
		if _, err := client.Open(t.Context(), secure.URL, client.Options{HTTP: secure.Client()}); err == nil {
			t.Error("it was opened")
		}
		secure.Close()
	}
}
