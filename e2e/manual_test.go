package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// A reader of the manual goes from module to module and tries its examples: a GET shows its answer, a POST stands filled in in
// the sandbox. No page is wider than a telephone.
func TestManualInABrowser(t *testing.T) {
	base := serve(t)
	s := openSandbox(t, base, "")
	open := func(address, selector string) {
		t.Helper()
		s.do("open "+address, chromedp.Navigate(base+address))
		s.do("see "+selector, chromedp.WaitVisible(chromedp.CSS(selector)))
		if wide := s.eval("document.documentElement.scrollWidth - innerWidth"); wide != "0" && !strings.HasPrefix(wide, "-") {
			t.Errorf("%s is %s pixels too wide", address, wide)
		}
	}
	open("/w/api.php", "#main h1")
	if got := s.eval("getComputedStyle(document.querySelector('main')).maxWidth"); got != "736px" {
		t.Errorf("the page's own style does not hold: %s", got)
	}
	s.click("a[href*='modules=createaccount']")
	s.do("module", chromedp.WaitVisible(chromedp.CSS("section#createaccount")))
	s.click(".examples a")
	s.do("sandbox", chromedp.WaitVisible(chromedp.CSS(input("username"))))
	if got := s.eval("document.querySelector('" + input("username") + "').value"); got != "Example" {
		t.Errorf("the sandbox has the name %q", got)
	}

	open("/wiki/Special:ApiHelp/query%2Btokens", ".examples a")
	s.click(".examples a")
	s.do("answer", chromedp.WaitVisible(chromedp.CSS(".api-pretty-content")))
	if got := s.eval("document.body.textContent"); !strings.Contains(got, "csrftoken") {
		t.Errorf("the example shows %s", got)
	}

	open("/w/api.php?action=help&recursivesubmodules=1&toc=1", "li a[href='#query+users']")
	s.click("li a[href='#query+users']")
	if got := s.eval("document.querySelector(':target h2').textContent"); got != "list=users" {
		t.Errorf("the list of contents leads to %q", got)
	}
	open("/wiki/Special:Version/License/MediaWiki", "#main a[href*='LICENSE']")
}
