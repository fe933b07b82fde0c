package e2e

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// apiClient is a client of api.php with cookies.
type apiClient struct {
	*testing.T
	http.Client
	api string
}

func newAPIClient(t *testing.T, base string) *apiClient {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &apiClient{T: t, Client: http.Client{Jar: jar}, api: base + "/w/api.php"}
}

func (c *apiClient) call(post bool, params url.Values, into any) {
	c.Helper()
	params.Set("format", "json")
	params.Set("formatversion", "2")
	var r *http.Response
	var err error
	if post {
		r, err = c.PostForm(c.api, params)
	} else {
		r, err = c.Get(c.api + "?" + params.Encode())
	}
	if err != nil {
		c.Fatal(err)
	}
	defer r.Body.Close()
	if err := json.NewDecoder(r.Body).Decode(into); err != nil {
		c.Fatal(err)
	}
}

// challenge fetches the captcha: its id, and what has to be solved.
func (c *apiClient) challenge() (id, info string) {
	c.Helper()
	var answer struct {
		Query struct {
			Authmanagerinfo struct {
				Requests []struct {
					Fields map[string]struct{ Value string }
				}
			}
		}
	}
	c.call(false, url.Values{"action": {"query"}, "meta": {"authmanagerinfo"}, "amirequestsfor": {"create"}}, &answer)
	fields := answer.Query.Authmanagerinfo.Requests[0].Fields
	return fields["captchaId"].Value, fields["captchaInfo"].Value
}

// create makes an account with the answer to a captcha and gives status and code.
func (c *apiClient) create(name, id, word string) string {
	c.Helper()
	var token struct {
		Query struct {
			Tokens struct{ Createaccounttoken string }
		}
	}
	c.call(false, url.Values{"action": {"query"}, "meta": {"tokens"}, "type": {"createaccount"}}, &token)
	var answer struct {
		Createaccount struct{ Status, Messagecode string }
	}
	c.call(true, url.Values{
		"action": {"createaccount"}, "createtoken": {token.Query.Tokens.Createaccounttoken}, "createreturnurl": {"http://127.0.0.1/"},
		"username": {name}, "password": {password}, "retype": {password}, "captchaId": {id}, "captchaWord": {word},
	}, &answer)
	return strings.TrimSpace(answer.Createaccount.Status + " " + answer.Createaccount.Messagecode)
}

// ALTCHA's own library solves a challenge as any client gets it, and its payload makes an account, once.
func TestAltchaLibrary(t *testing.T) {
	solve := npm("altcha_solve.mjs", "altcha-lib")
	c := newAPIClient(t, serve(t, "--set", "captcha.kind=proof-of-work", "--set", "captcha.work=5000"))
	id, info := c.challenge()
	cmd := solve(t)
	cmd.Stdin = strings.NewReader(info)
	payload := strings.TrimSpace(string(output(t, cmd)))
	if got := c.create("zane_lib", id, payload); got != "PASS" {
		t.Fatalf("its payload: %s", got)
	}
	if got := newAPIClient(t, strings.TrimSuffix(c.api, "/w/api.php")).create("zane_lib_2", id, payload); got != "FAIL captcha-createaccount-fail" {
		t.Errorf("once more, from another browser: %s", got)
	}
	if got := c.create("zane_lib_3", id, payload); got != "FAIL captcha-createaccount-fail" {
		t.Errorf("once more: %s", got)
	}
}

// ALTCHA's widget, on somebody else's page, solves a challenge, and its payload makes an account.
func TestAltchaWidget(t *testing.T) {
	widget, err := os.ReadFile("clients/node_modules/altcha/dist/main/altcha.min.js")
	if err != nil {
		t.Skip("the npm package altcha is missing (scripts/setup installs it)")
	}
	c := newAPIClient(t, serve(t, "--set", "captcha.kind=proof-of-work", "--set", "captcha.work=5000"))
	id, info := c.challenge()
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/altcha.js" {
			w.Header().Set("Content-Type", "text/javascript")
			w.Write(widget)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><script type="module" src="/altcha.js"></script>
<form><altcha-widget auto="onload" name="payload" challenge="%s"></altcha-widget></form>`, html.EscapeString(info))
	}))
	defer page.Close()
	ctx := browser(t, true)
	if _, err := chromedp.Run(ctx, chromedp.Navigate(page.URL+"/")); err != nil {
		t.Fatal(err)
	}
	const solved = `new Promise((done) => { const look = () => { const input = document.querySelector("input[name=payload]");
		if (input && input.value) done(input.value); else setTimeout(look, 50); }; look(); })`
	payload, err := chromedp.Run(ctx, chromedp.Evaluate[string](solved, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.create("zane_widget", id, payload); got != "PASS" {
		t.Errorf("its payload: %s", got)
	}
}
