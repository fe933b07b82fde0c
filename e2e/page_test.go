package e2e

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// The static page, served from another origin, creates an account with a captcha.
func TestStaticPage(t *testing.T) {
	web := httptest.NewServer(http.FileServer(http.Dir(example(t, "page"))))
	t.Cleanup(web.Close)
	wiki := testServer(t, "--scenario", "captcha", "--set", `cors.allow=["`+strings.TrimPrefix(web.URL, "http://")+`"]`)
	ctx := browser(t, true)
	do := func(what string, a chromedp.Action[chromedp.Void]) {
		t.Helper()
		if _, err := chromedp.Run(ctx, a); err != nil {
			t.Fatalf("%s: %v\n%s", what, err, text(t, ctx))
		}
	}
	do("open", chromedp.Navigate(web.URL+"/?api="+url.QueryEscape(wiki.api)))
	do("form", chromedp.WaitVisible(chromedp.CSS("[name=username]")))
	id, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector('[name=captchaId]').value`))
	if err != nil {
		t.Fatal(err)
	}
	var told struct{ Answer string }
	wiki.control(t, "GET", "captcha?id="+id, "", &told)
	for _, field := range [][2]string{{"username", "zane_page"}, {"password", password}, {"retype", password}, {"captchaWord", told.Answer + kb.Enter}} {
		do("fill in "+field[0], chromedp.SendKeys(chromedp.CSS("[name="+field[0]+"]"), field[1]))
	}
	do("done", chromedp.WaitNotPresent(chromedp.CSS("[name=username]")))
	if page := text(t, ctx); !strings.Contains(page, "PASS Zane page") {
		t.Errorf("the page says %s", page)
	}
}
