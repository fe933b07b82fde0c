package special

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestSignInRefused(t *testing.T) {
	s := newTestSite(t, change{})
	s.browser(t).create("Zane")
	b := s.browser(t)
	unknown := b.post(loginPath, b.get(loginPath).form("wpName", "Nobody", "wpPassword", "three plain words"))
	wrong := b.post(loginPath, b.get(loginPath).form("wpName", "Zane", "wpPassword", "x", "wpRemember", "1"))
	unknown.want(t, 200, "The name or the password is not right", `value="Nobody"`)
	wrong.want(t, 200, "The name or the password is not right", `value="Zane"`, `href="#wpPassword"`, `name="wpRemember" value="1" checked`)
	b.post(loginPath, b.get(loginPath).form()).want(t, 200, "There are 2 problems")
	b.post(loginPath, b.get(createPath).form("wpName", "Zane")).want(t, 200, "open for too long")
}

func TestSignInComesBack(t *testing.T) {
	s := newTestSite(t, change{})
	s.browser(t).create("Zane")
	for query, want := range map[string]string{
		"":                         "/",
		"?uselang=en":              "/?uselang=en",
		"?returnto=Special:Log":    "/wiki/Special:Log",
		"?returnto=//evil.example": "/",
		"?returnto=Main+Page&returntoquery=a%3D1": "/w/index.php?title=Main_Page&a=1",
		"?returnto=Special:UserLogout":            "/",
	} {
		b := s.browser(t)
		form := b.get(loginPath+query).form("wpName", "Zane", "wpPassword", "three plain words")
		b.post(loginPath, form).leadsTo(t, want)
	}
}

func TestRemember(t *testing.T) {
	s := newTestSite(t, change{})
	s.browser(t).create("Zane")
	for _, remember := range []bool{false, true} {
		b := s.browser(t)
		form := b.get(loginPath).form("wpName", "Zane", "wpPassword", "three plain words")
		if remember {
			form.Set("wpRemember", "1")
		}
		long := false
		for _, c := range b.post(loginPath, form).leadsTo(t, "/").Cookies() {
			long = long || time.Duration(c.MaxAge)*time.Second > 100*24*time.Hour
		}
		if long != remember {
			t.Errorf("asked to be remembered: %v; a cookie for long: %v", remember, long)
		}
	}
}

// Links of older programs ask for an account on the page for signing in.
func TestSignUpLinks(t *testing.T) {
	b := newTestSite(t, change{}).browser(t)
	for path, want := range map[string]string{
		loginPath + "?type=signup":                         createPath,
		loginPath + "/signup?returnto=Main+Page":           createPath + "?returnto=Main+Page",
		"/w/index.php?title=Special:UserLogin&type=signup": createPath,
	} {
		p := b.get(path)
		if p.StatusCode != http.StatusFound || p.Header.Get("Location") != want {
			t.Errorf("%s: %d to %s", path, p.StatusCode, p.Header.Get("Location"))
		}
	}
}

func TestSignOutNeedsItsToken(t *testing.T) {
	s := newTestSite(t, change{})
	b := s.browser(t)
	b.create("Zane")
	b.get(logoutPath+"?wpEditToken=x").want(t, 200, "Do you want to sign out")
	form := b.get(logoutPath).form()
	token := form.Get("wpEditToken")
	form.Set("wpEditToken", `+\`)
	b.post(logoutPath, form).want(t, 200, "open for too long", "Zane")
	form.Set("wpEditToken", token)
	b.post(logoutPath, form).leadsTo(t, logoutPath)
	b.post(logoutPath, form).want(t, 200, "You are signed out")
}

func TestNobodySignsOutOfAReadOnlySite(t *testing.T) {
	s := newTestSite(t, change{pages: func(c *Config) { c.ReadOnly = "We are moving." }})
	b := s.browser(t)
	b.create("Zane")
	form := b.get(logoutPath).form()
	b.post(logoutPath, form).want(t, 200, "We are moving.", "Zane")
	b.get(logoutPath).want(t, 200, "Do you want to sign out")
}

// Pages that ask for nothing give no cookie.
func TestReadingGivesNoCookie(t *testing.T) {
	b := newTestSite(t, change{}).browser(t)
	for _, path := range []string{"/", "/wiki/Special:Log", logoutPath, "/wiki/Nothing"} {
		if c := b.get(path).Header.Values("Set-Cookie"); len(c) > 0 {
			t.Errorf("%s: %v", path, c)
		}
	}
	if c := b.get(loginPath).Header.Get("Set-Cookie"); !strings.Contains(c, "HttpOnly") {
		t.Errorf("the form for signing in comes with the cookie %q", c)
	}
}

func TestLanguage(t *testing.T) {
	s := newTestSite(t, change{})
	b := s.browser(t)
	b.get(createPath+"?uselang=qqx").want(t, 200, "(gatehouse-create-title)", `name="uselang" value="qqx"`, "uselang=qqx")
	if a := b.get(createPath+"?uselang=nothing").want(t, 200, "Create an account"); strings.Contains(a.body, "nothing") {
		t.Errorf("links ask for a language that there is not: %s", a.body)
	}
	form := b.get(createPath).form("uselang", "qqx")
	b.post(createPath, form).want(t, 200, "(gatehouse-missing-username")
}
