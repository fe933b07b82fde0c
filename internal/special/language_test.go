package special

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"gatehouse/internal/i18n"
)

// shownIn gives lang and dir of a page.
func (p seen) shownIn() string {
	found := regexp.MustCompile(`<html lang="([^"]*)" dir="([^"]*)">`).FindStringSubmatch(p.body)
	if found == nil {
		return ""
	}
	return found[1] + " " + found[2]
}

// getAccepting opens a page with a browser that likes languages.
func (b *browser) getAccepting(path, header string) seen {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodGet, b.site.URL+path, nil)
	if err == nil {
		r.Header.Set("Accept-Language", header)
	}
	return b.do(r, err)
}

// A page is in the language asked for, else the account's, else the browser's, else the site's.
func TestLanguageOfPages(t *testing.T) {
	b := newTestSite(t, change{}).browser(t)
	for _, row := range []struct{ query, accept, want string }{
		{"", "", "en ltr"},
		{"", "pt-BR, ar-EG;q=0.9, en;q=0.8", "ar rtl"},
		{"", "pt, tlh", "en ltr"},
		{"?uselang=ar", "", "ar rtl"},
		{"?uselang=ar", "ja", "ar rtl"},
		{"?uselang=zh-TW", "", "zh-Hant ltr"},
		{"?uselang=xx-nosuch", "ja", "ja ltr"},
		{"?uselang=qqx", "ja", "qqx ltr"},
	} {
		p := b.getAccepting(createPath+row.query, row.accept)
		if got := p.shownIn(); got != row.want {
			t.Errorf("%s, accepting %q: %s, want %s", row.query, row.accept, got, row.want)
		}
		if got := p.Header.Get("Vary"); got != "Accept-Language" {
			t.Errorf("Vary: %q", got)
		}
		if got, _, _ := strings.Cut(row.want, " "); p.Header.Get("Content-Language") != got {
			t.Errorf("Content-Language: %q", p.Header.Get("Content-Language"))
		}
	}
	if cookies := b.getAccepting("/?uselang=ar", "ja").Header.Values("Set-Cookie"); len(cookies) > 0 {
		t.Errorf("choosing a language sets cookies: %q", cookies)
	}
}

// Whoever chose a language by address keeps it through the forms.
func TestLanguageGoesOnThroughForms(t *testing.T) {
	b := newTestSite(t, change{}).browser(t)
	form := b.get(createPath+"?uselang=ja").form("wpName", "Zane", "wpPassword", "three plain words", "retype", "other words")
	p := b.post(createPath, form)
	if got := p.shownIn(); got != "ja ltr" || form.Get("uselang") != "ja" {
		t.Errorf("after a refusal the page is in %s", got)
	}
	form = p.form("wpName", "Zane", "wpPassword", "three plain words", "retype", "three plain words")
	if got := b.post(createPath, form).Header.Get("Location"); !strings.Contains(got, "uselang=ja") {
		t.Errorf("a finished form leads to %s", got)
	}
	if got := b.get("/").shownIn(); got != "ja ltr" {
		t.Errorf("the new account has pages in %s", got)
	}
}

// Keys are for those who look for a text: no account is told things in them.
func TestNoAccountHasKeysForALanguage(t *testing.T) {
	b := newTestSite(t, change{}).browser(t)
	form := b.get(createPath+"?uselang=qqx").form("wpName", "Zane", "wpPassword", "three plain words", "retype", "three plain words")
	b.post(createPath, form)
	if got := b.get("/").want(t, 200, "Zane").shownIn(); got != "en ltr" {
		t.Errorf("the account has pages in %s", got)
	}
}

// A flow that went to another site goes on in its language, which stands in the address it comes back to.
func TestLanguageComesBackWithAFlow(t *testing.T) {
	c, err := i18n.Load()
	check(t, err)
	en, _ := c.Language("en")
	for _, row := range []struct{ asked, address, want string }{
		{"", "http://wiki.test/wiki/Special:CreateAccount?a=b&uselang=ar", "ar"},
		{"en", "http://wiki.test/wiki/Special:CreateAccount?uselang=ar", "en"},
		{"", "http://wiki.test/?uselang=xx", "en"},
		{"", "http://wiki.test/", "en"},
		{"", ":", "en"},
	} {
		v := &Visit{uselang: row.asked, Language: en}
		v.goOnIn(c, row.address)
		if v.Language.Code() != row.want || v.uselang != "" && v.uselang != row.want {
			t.Errorf("%+v: %s, links in %q", row, v.Language.Code(), v.uselang)
		}
	}
}

func TestPreferences(t *testing.T) {
	const path = "/wiki/Special:Preferences"
	s := newTestSite(t, change{})
	b := s.browser(t)
	b.get(path).leadsTo(t, loginPath+"?returnto=Special%3APreferences")
	b.create("Zane")
	if got := b.getAccepting("/", "ja").shownIn(); got != "en ltr" {
		t.Errorf("the account's language is not before the browser's: %s", got)
	}
	p := b.get(path).want(t, 200, `<option value="en" selected>English</option>`, `<option value="ar">العربية</option>`)
	b.post(path, p.form("wpLanguage", "ar", csrfField, "x")).want(t, 200, "Error:", `value="en" selected`)
	b.post(path, p.form("wpLanguage", "xx")).want(t, 200, `value="en" selected`)
	b.post(path, p.form("wpLanguage", "qqx")).want(t, 200, `value="en" selected`)
	b.post(path, p.form("wpLanguage", "ar")).leadsTo(t, path+"?wpSaved=1")
	p = b.get(path+"?wpSaved=1").want(t, 200, `<option value="ar" selected>`)
	if p.shownIn() != "ar rtl" || b.getAccepting("/", "ja").shownIn() != "ar rtl" {
		t.Errorf("the chosen language is not kept: %s", p.shownIn())
	}
	b.get("/").want(t, 200, path)
}
