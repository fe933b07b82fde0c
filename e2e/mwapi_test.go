package e2e

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/chromedp/chromedp"
)

// mediaWiki is where MediaWiki's own scripts may be: Debian's package installed, or what scripts/setup took out of it.
var mediaWiki = []string{"/usr/share/mediawiki/resources", "../.tools/mediawiki/usr/share/mediawiki/resources"}

// wikiPage is a page as a wiki has it: jQuery, what the page gives to mw.Api, and mw.Api itself.
const wikiPage = `<!doctype html><meta charset="utf-8"><title>A page of a wiki</title>
<script src="/frame/jquery.js"></script>
<script src="/frame/mw_api.js"></script>
<script src="/frame/api/index.js"></script>
<script src="/frame/api/login.js"></script>
<script src="/frame/api/messages.js"></script>
<script src="/frame/api/user.js"></script>`

// MediaWiki's mw.Api, unchanged, in a page beside the server.
func TestMWAPI(t *testing.T) {
	base := pageBeside(t, serveClients(t), resources(t))
	ctx := browser(t, true)
	if _, err := chromedp.Run(ctx, chromedp.Navigate(base+"/wiki/Page")); err != nil {
		t.Fatal(err)
	}
	told, err := chromedp.Run(ctx, chromedp.Evaluate[[]byte](
		`tell("zane_mw.Api", "`+password+`")`, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	checkStory(t, base, told, "mw.Api", "", `{"signedIn": "Zane mw.Api", "unknownToken": 0,
		"groups": ["*", "user", "autoconfirmed"], "stranger": "assertanonfailed", "signedOut": [], "left": "assertuserfailed",
		"messages": ["userexists"]}`)
}

// signupForm has the fields that MediaWiki's script for its sign-up form looks for.
const signupForm = wikiPage + `<script src="/frame/mw_signup.js" defer></script>
<form><input id="wpName2"><input id="wpPassword2"><input id="wpEmail"><input id="wpRealName"></form>`

// MediaWiki's script for the sign-up form, unchanged, asks about names and passwords while they are typed.
func TestSignupScript(t *testing.T) {
	base := pageBeside(t, serveClients(t), resources(t))
	ctx := browser(t, true)
	if _, err := chromedp.Run(ctx, chromedp.Navigate(base+"/wiki/Form")); err != nil {
		t.Fatal(err)
	}
	got, err := chromedp.Run(ctx, chromedp.Evaluate[map[string]any](`tellForm("Admin", "Zane grey")`, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"taken": []any{"error", "(userexists)"}, "impossible": []any{"error", "(noname)"},
		"rewritten": []any{"warning", "(createacct-normalization)"}, "free": []any{},
		"short": "error", "same": "error", "good": []any{},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("beside the fields stands\n%v\nand should stand\n%v", got, want)
	}
}

// resources finds MediaWiki's scripts.
func resources(t *testing.T) string {
	t.Helper()
	for _, dir := range mediaWiki {
		if _, err := os.Stat(filepath.Join(dir, "src/mediawiki.special.createaccount/signup.js")); err == nil {
			return dir
		}
	}
	t.Skip("MediaWiki's scripts are missing (scripts/setup takes them out of Debian's package mediawiki)")
	return ""
}

// pageBeside puts a wiki's page and its scripts onto the address of the server: a program in a page talks to the wiki that
// the page is of.
func pageBeside(t *testing.T, server, scripts string) string {
	t.Helper()
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }})
	page := func(path, html string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, html) })
	}
	page("/wiki/Page", wikiPage)
	page("/wiki/Form", signupForm)
	file := func(path, name string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, name) })
	}
	file("/frame/mw_api.js", "clients/mw_api.js")
	file("/frame/mw_signup.js", "clients/mw_signup.js")
	file("/frame/jquery.js", filepath.Join(scripts, "lib/jquery/jquery.js"))
	folder := func(path, name string) {
		mux.Handle(path, http.StripPrefix(path, http.FileServer(http.Dir(filepath.Join(scripts, "src", name)))))
	}
	folder("/frame/api/", "mediawiki.api")
	folder("/frame/signup/", "mediawiki.special.createaccount")
	beside := httptest.NewServer(mux)
	t.Cleanup(beside.Close)
	return beside.URL
}
