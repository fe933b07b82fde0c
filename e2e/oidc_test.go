package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// withProvider starts a real provider (npm's oidc-provider) and a server that knows it, and gives the server's address.
func withProvider(t *testing.T, args ...string) string {
	t.Helper()
	provider := npm("oidc_provider.mjs", "oidc-provider")(t)
	listen := freeAddress(t)
	provider.Args = append(provider.Args, "gatehouse", "s:cret", "http://"+listen+"/wiki/Special:OpenIDConnectReturn")
	issuer := startAndRead(t, provider)
	oidc := fmt.Sprintf(`oidc=[{"name":"example.net","issuer":%q,"client_id":"gatehouse","client_secret":"s:cret","allow_private":true}]`, issuer)
	return serve(t, append([]string{"--listen", listen, "--set", oidc}, args...)...)
}

// freeAddress is one that nobody listens at: both sides have to know the other's before they start.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// startAndRead starts a program that ends with the test and gives the first address it prints.
func startAndRead(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	cmd.Stderr = &logWriter{t: t}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it has nothing to put in order
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if found := address.FindString(lines.Text()); found != "" {
			return found
		}
	}
	t.Fatal("the program ended without printing an address")
	return ""
}

// walker is a client with cookies of its own.
type walker struct {
	t    *testing.T
	http http.Client
	api  string
}

func newWalker(t *testing.T, base string) *walker {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &walker{t: t, http: http.Client{Jar: jar}, api: base + "/w/api.php"}
}

func (p *walker) post(fields url.Values) map[string]any {
	p.t.Helper()
	fields.Set("format", "json")
	fields.Set("formatversion", "2")
	resp, err := p.http.PostForm(p.api, fields)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		p.t.Fatal(err)
	}
	return out
}

// at follows a path of members.
func at(doc any, path ...string) any {
	for _, name := range path {
		m, _ := doc.(map[string]any)
		doc = m[name]
	}
	return doc
}

func (p *walker) token() string {
	p.t.Helper()
	token, _ := at(p.post(url.Values{"action": {"query"}, "meta": {"tokens"}, "type": {"createaccount"}}), "query", "tokens", "createaccounttoken").(string)
	return token
}

var (
	formAction = regexp.MustCompile(`<form[^>]* action="([^"]+)"`)
	formHidden = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]+)"`)
	goOnLink   = regexp.MustCompile(`class="button primary" href="([^"]+)"`)
	twoNumbers = regexp.MustCompile(`(\d+)\s*([+−-])\s*(\d+)`)
)

// signInElsewhere is a person with a browser: at the provider they write their name and agree, and on the page they come back
// to they go on. It gives the address that they were led to.
func signInElsewhere(t *testing.T, target, name string) *url.URL {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := http.Client{Jar: jar}
	resp, err := b.Get(target)
	for range 9 {
		if err != nil {
			t.Fatal(err)
		}
		page := read(t, resp)
		if m := goOnLink.FindStringSubmatch(page); m != nil {
			back, err := url.Parse(html.UnescapeString(m[1]))
			if err != nil {
				t.Fatal(err)
			}
			return back
		}
		m := formAction.FindStringSubmatch(page)
		if m == nil {
			t.Fatalf("%s shows no form:\n%s", resp.Request.URL, page)
		}
		fields := url.Values{"login": {name}, "password": {"any"}}
		for _, h := range formHidden.FindAllStringSubmatch(page, -1) {
			fields.Set(h[1], h[2])
		}
		action, err2 := resp.Request.URL.Parse(html.UnescapeString(m[1]))
		if err2 != nil {
			t.Fatal(err2)
		}
		resp, err = b.PostForm(action.String(), fields)
	}
	t.Fatal("the provider asks without end")
	return nil
}

func read(t *testing.T, resp *http.Response) string {
	t.Helper()
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestThirdExample walks the protocol's third example against a real provider: a captcha, OpenID Connect by a browser that
// shares nothing with the program, two-factor set-up with its way around it, PASS.
func TestThirdExample(t *testing.T) {
	base := withProvider(t, "--set", "captcha.kind=math", "--set", "totp.at_creation=optional")
	p := newWalker(t, base)
	info := p.post(url.Values{"action": {"query"}, "meta": {"authmanagerinfo"}, "amirequestsfor": {"create"}})
	begin := url.Values{
		"action": {"createaccount"}, "createtoken": {p.token()}, "createreturnurl": {"http://localhost/back?x=1"},
		"username": {"alice"}, "example.net": {"1"},
	}
	requests, _ := at(info, "query", "authmanagerinfo", "requests").([]any)
	for _, r := range requests {
		if at(r, "id") != "CaptchaAuthenticationRequest" {
			continue
		}
		begin.Set("captchaId", at(r, "fields", "captchaId", "value").(string))
		begin.Set("captchaWord", solve(t, at(r, "fields", "captchaInfo", "value").(string)))
	}
	out := p.post(begin)
	target, _ := at(out, "createaccount", "redirecttarget").(string)
	if at(out, "createaccount", "status") != "REDIRECT" {
		t.Fatalf("got %v", out)
	}
	back := signInElsewhere(t, target, "alice-there")
	if back.Host != "localhost" || back.Query().Get("x") != "1" {
		t.Fatalf("led to %s", back)
	}
	out = p.post(url.Values{
		"action": {"createaccount"}, "createtoken": {p.token()}, "createcontinue": {"1"},
		"code": {back.Query().Get("code")}, "state": {back.Query().Get("state")},
	})
	if at(out, "createaccount", "status") != "UI" || at(out, "createaccount", "message") != "Set up two-factor authentication" {
		t.Fatalf("got %v", out)
	}
	out = p.post(url.Values{"action": {"createaccount"}, "createtoken": {p.token()}, "createcontinue": {"1"}, "skip2FASetup": {"1"}})
	if at(out, "createaccount", "status") != "PASS" || at(out, "createaccount", "username") != "Alice" {
		t.Errorf("got %v", out)
	}
}

func solve(t *testing.T, question string) string {
	t.Helper()
	m := twoNumbers.FindStringSubmatch(question)
	if m == nil {
		t.Fatalf("no sum in %q", question)
	}
	a, _ := strconv.Atoi(m[1])
	b, _ := strconv.Atoi(m[3])
	if m[2] != "+" {
		b = -b
	}
	return strconv.Itoa(a + b)
}

// TestOpenIDInABrowser: people without JavaScript make an account with a real provider, and come back the same way.
func TestOpenIDInABrowser(t *testing.T) {
	base := withProvider(t)
	for _, script := range []bool{false, true} {
		name := fmt.Sprintf("Browser %t", script)
		ctx := browser(t, script)
		do := func(what string, a chromedp.Action[chromedp.Void]) {
			t.Helper()
			if _, err := chromedp.Run(ctx, a); err != nil {
				t.Fatalf("%s: %v\n%s", what, err, text(t, ctx))
			}
		}
		do("open", chromedp.Navigate(base+"/wiki/Special:CreateAccount"))
		do("name", chromedp.SendKeys(chromedp.CSS("[name=wpName]"), name))
		do("button", chromedp.Click(chromedp.CSS(`button[name="example.net"]`)))
		do("away", chromedp.Click(chromedp.CSS("a.button.primary")))
		do("name there", chromedp.SendKeys(chromedp.CSS("[name=login]"), "somebody-"+strings.ReplaceAll(name, " ", "-")))
		do("password there", chromedp.SendKeys(chromedp.CSS("[name=password]"), "any"))
		do("sign in there", chromedp.Click(chromedp.CSS("button[type=submit]")))
		do("the next page", chromedp.WaitVisible(chromedp.CSS(`[name=prompt][value=consent] ~ button, form:has([name=prompt][value=consent]) button`)))
		do("agree", chromedp.Click(chromedp.CSS("button[type=submit]")))
		do("back", chromedp.WaitVisible(chromedp.CSS("[name=wpCreateaccount]")))
		do("one more click", chromedp.Click(chromedp.CSS("[name=wpCreateaccount]")))
		do("done", chromedp.WaitVisible(chromedp.CSS("a.button.primary")))
		if page := text(t, ctx); !strings.Contains(page, "Your name here is "+name) {
			t.Errorf("script %t: not signed in:\n%s", script, page)
		}
	}
}
