package special

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// routes are addresses of every kind: pages, assets, refusals.
func routes(s *testSite) []string {
	out := []string{
		"/", "/?uselang=qqx", "/wiki/", "/wiki/Main_Page", "/w/index.php", "/w/index.php?title=Main_Page&welcome=yes",
		createPath, createPath + "/done", createPath + "?authAction=create-continue", loginPath, logoutPath,
		loginPath + "?type=signup", sandboxPath, "/wiki/Special:Log", "/wiki/Special:Log/newusers", "/wiki/Special:Log/block",
		"/w/index.php?title=Special:CreateAccount", "/w/index.php?title=special:user_login", "/w/index.php?title=%FF",
		"/wiki/Nothing", "/nothing", "/w/static/nothing.css", "/wiki/Special:Nothing",
	}
	for path := range s.handler.(*handler).assets.byPath {
		out = append(out, path)
	}
	return out
}

func TestHeadersOnEveryRoute(t *testing.T) {
	s := newTestSite(t, change{})
	b := s.browser(t)
	for _, path := range routes(s) {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut} {
			p := b.do(http.NewRequest(method, s.URL+path, nil))
			where := method + " " + path
			for name, want := range map[string]string{
				"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
				"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
			} {
				if got := p.Header.Get(name); got != want {
					t.Errorf("%s: %s is %q, want %q", where, name, got, want)
				}
			}
			policy := p.Header.Get("Content-Security-Policy")
			for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self';"} {
				if !strings.Contains(policy, want) {
					t.Errorf("%s: the content policy has no %s: %s", where, want, policy)
				}
			}
			if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
				t.Errorf("%s: the content policy is open: %s", where, policy)
			}
			static := strings.HasPrefix(path, "/w/static/") && p.StatusCode == http.StatusOK
			if stored := !strings.Contains(p.Header.Get("Cache-Control"), "no-store"); stored != static {
				t.Errorf("%s: Cache-Control: %s", where, p.Header.Get("Cache-Control"))
			}
			if static && len(p.Cookies()) > 0 {
				t.Errorf("%s: a cacheable answer sets a cookie", where)
			}
			if p.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s: other sites may read the page", where)
			}
		}
	}
}

func TestTransportSecurityOnHTTPSAlone(t *testing.T) {
	for server, want := range map[string]string{"https://wiki.example": "max-age=31536000", "http://wiki.example": ""} {
		s := newTestSite(t, change{pages: func(c *Config) { c.Site.Server = server }})
		if got := s.browser(t).get("/").Header.Get("Strict-Transport-Security"); got != want {
			t.Errorf("%s: %q, want %q", server, got, want)
		}
	}
}

var (
	inlineCode = regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|javascript:|<script(?:[^>]*)>[^<]`)
	elsewhere  = regexp.MustCompile(`(?i)(?:src|href|action)="(?:https?:)?//`)
)

// Nothing is inline but the one stylesheet, and of that the content policy knows every letter.
func TestNothingInlineAndNothingFromElsewhere(t *testing.T) {
	s := newTestSite(t, change{})
	style := "<style>" + s.handler.(*handler).assets.inline + "</style>"
	for _, path := range routes(s) {
		p := s.browser(t).get(path)
		if !strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
			continue
		}
		before, after, once := strings.Cut(p.body, style)
		digest := sha256.Sum256([]byte(strings.TrimSuffix(strings.TrimPrefix(style, "<style>"), "</style>")))
		named := "style-src 'self' 'sha256-" + base64.StdEncoding.EncodeToString(digest[:]) + "';"
		if policy := p.Header.Get(policyHeader); !once || !strings.Contains(policy, named) {
			t.Errorf("%s: the stylesheet is not there, or not allowed: %s", path, policy)
		}
		if found := inlineCode.FindString(before + after); found != "" {
			t.Errorf("%s: %s", path, found)
		}
		body := strings.ReplaceAll(p.body, `href="`+s.URL, `href="`)
		if found := elsewhere.FindString(body); found != "" {
			t.Errorf("%s: %s", path, found)
		}
	}
}

// A page with all that it loads is small.
func TestPageWeight(t *testing.T) {
	s := newTestSite(t, change{})
	for path, most := range map[string]int{createPath: 50_000, sandboxPath: 100_000} {
		page := s.browser(t).get(path)
		weight := len(page.body)
		for _, m := range loaded.FindAllStringSubmatch(page.body, -1) {
			weight += len(s.browser(t).get(m[1]).want(t, http.StatusOK).body)
		}
		if t.Logf("%s: %d bytes", path, weight); weight > most {
			t.Errorf("%s has %d bytes, more than %d", path, weight, most)
		}
	}
}

// loaded finds what browsers load with a page. An address that stands twice, to be fetched early, is loaded once.
var loaded = regexp.MustCompile(`(?:href|src)="(/w/static/[^"]+)"`)

func TestMethods(t *testing.T) {
	s := newTestSite(t, change{})
	b := s.browser(t)
	for path, allow := range map[string]string{"/": "GET, HEAD", "/wiki/Special:Log": "GET, HEAD", loginPath: "GET, HEAD, POST"} {
		p := b.do(http.NewRequest(http.MethodDelete, s.URL+path, nil))
		if p.StatusCode != http.StatusMethodNotAllowed || p.Header.Get("Allow") != allow {
			t.Errorf("%s: %d, Allow: %s", path, p.StatusCode, p.Header.Get("Allow"))
		}
	}
	get, head := b.get(loginPath), b.do(http.NewRequest(http.MethodHead, s.URL+loginPath, nil))
	if head.body != "" || head.StatusCode != 200 || head.Header.Get("Content-Length") != get.Header.Get("Content-Length") {
		t.Errorf("HEAD: %d, %v", head.StatusCode, head.Header)
	}
}
