package gatehouse

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"gatehouse/internal/special"
)

var staticFile = regexp.MustCompile(`(?:href|src)="(/w/static/[^"]+)"`)

// routes are addresses of every kind that the server answers, of both edges and of neither.
func routes(t *testing.T, c *client) []string {
	t.Helper()
	out := []string{
		"/", "/wiki/", "/wiki/Nothing", "/nothing", "/w/", "/w/index.php", "/w/index.php?title=%FF", "//wiki//Special:Log", "/wiki/../wiki/x",
		"/w/api.php", "/w/api.php/more", "/w/api.php?action=help", "/w/api.php?action=nothing&format=json", "/w/api.php?action=paraminfo&format=xml&modules=main",
		"/w/api.php?action=query&meta=tokens|userinfo&format=json", "/w/api.php?action=query&meta=siteinfo&format=jsonfm", "/w/api.php?format=none",
		"/w/api.php?action=query&origin=https://elsewhere.example&format=json", "/w/openapi.json", "/w/openapi.json?x", "/w/static/none.css", "/w/nothing.php",
		"/wiki/Special:CreateAccount/done", "/wiki/Special:CreateAccount?authAction=create-continue", "/wiki/Special:AccountSecurity/qr",
		"/wiki/Special:Captcha/image?wpCaptchaId=1", "/wiki/Special:Captcha/audio?wpCaptchaId=1", "/wiki/Special:ConfirmEmail/x?account=Y",
		"/wiki/Special:PasswordReset/x?account=Y", "/wiki/Special:OpenIDConnectReturn?state=x&code=y", "/wiki/Special:UserLogin?type=signup",
	}
	for _, page := range special.PageNames() {
		out = append(out, "/wiki/Special:"+page.Name, "/w/index.php?title=Special:"+page.Name)
	}
	for _, page := range []string{"/wiki/Special:CreateAccount", "/wiki/Special:ApiSandbox"} {
		_, body := c.page(page, nil)
		for _, m := range staticFile.FindAllStringSubmatch(body, -1) {
			out = append(out, m[1])
		}
	}
	_, fields := c.page("/wiki/Special:CreateAccount", nil)
	id := regexp.MustCompile(`name="captchaId" value="(\d+)"`).FindStringSubmatch(fields)
	if id == nil {
		t.Fatal("the form has no picture")
	}
	return append(out, "/wiki/Special:Captcha/image?wpCaptchaId="+id[1], "/wiki/Special:Captcha/audio?wpCaptchaId="+id[1])
}

// Every answer, of every route and to every method, page or not, tells browsers to be careful with it (checklist row 48).
func TestEveryRouteIsCareful(t *testing.T) {
	cfg := testConfig(t)
	cfg.Captcha.Kind = "image"
	s := newServer(t, cfg)
	c := newClient(t, s.Handler())
	for _, address := range routes(t, c) {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "OPTIONS", "TRACE"} {
			answer := httptest.NewRecorder()
			r := httptest.NewRequest(method, "http://127.0.0.1"+address, nil)
			r.Header.Set("Origin", "https://elsewhere.example")
			s.Handler().ServeHTTP(answer, r)
			isCareful(t, method+" "+address, answer.Result())
		}
	}
	resp, _ := c.page("/wiki/Special:CreateAccount", url.Values{"realname": {strings.Repeat("x", 100<<10)}})
	if resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a large form is answered by %d", resp.StatusCode)
	}
	isCareful(t, "a large form", resp)
	broken := httptest.NewRecorder()
	guarded(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("broken") }), s.log).ServeHTTP(broken, httptest.NewRequest("GET", "/", nil))
	isCareful(t, "a fault of the program", broken.Result())
}

func isCareful(t *testing.T, where string, resp *http.Response) {
	t.Helper()
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
	} {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s (%d): %s is %q, want %q", where, resp.StatusCode, name, got, want)
		}
	}
	policy := resp.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action"} {
		if !strings.Contains(policy, want) {
			t.Errorf("%s (%d): the content policy has no %s: %s", where, resp.StatusCode, want, policy)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
		t.Errorf("%s: the content policy is open: %s", where, policy)
	}
	if resp.Header.Get("Cache-Control") == "" {
		t.Errorf("%s: whether it may be kept is not said", where)
	}
	if resp.Header.Get("Access-Control-Allow-Credentials") != "" || strings.Contains(resp.Header.Get("Access-Control-Allow-Origin"), "elsewhere") {
		t.Errorf("%s: an unlisted origin may read it: %v", where, resp.Header)
	}
}
