package gatehouse

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"gatehouse/auth"
)

// appCode is what an authenticator app with the secret shows, halfMinutes from now.
func appCode(t *testing.T, secret string, halfMinutes int) string {
	t.Helper()
	code, err := totp.GenerateCode(strings.ReplaceAll(secret, " ", ""), time.Now().Add(time.Duration(halfMinutes)*30*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// step posts the next step of a creation or sign-in and gives the module's part of the answer.
func (c *client) step(module, token string, fields ...string) map[string]any {
	c.t.Helper()
	prefix := strings.TrimSuffix(strings.TrimSuffix(module, "account"), "login")
	if module == "clientlogin" {
		prefix = "login"
	}
	v := url.Values{"action": {module}, prefix + "continue": {"1"}, prefix + "token": {c.token(token)}}
	for i := 0; i < len(fields); i += 2 {
		v.Set(fields[i], fields[i+1])
	}
	got, _ := c.call(true, v)[module].(map[string]any)
	return got
}

// setupOf takes the metadata out of a step that offers a second factor.
func setupOf(t *testing.T, answer map[string]any) map[string]any {
	t.Helper()
	requests, _ := answer["requests"].([]any)
	if answer["status"] != "UI" || len(requests) == 0 {
		t.Fatalf("got %v", answer)
	}
	return requests[0].(map[string]any)["metadata"].(map[string]any)
}

// TestTwoFactorAtCreation runs the last steps of the documented example, each on another server (rows 44 and 45 of the
// security checklist): a wrong and an empty code repeat the step with the same secret, the right one makes the account a
// two-factor account, and its code is good for nothing else.
func TestTwoFactorAtCreation(t *testing.T) {
	for _, mode := range []string{"optional", "required"} {
		t.Run(mode, func(t *testing.T) {
			onBothStores(t, func(t *testing.T, cfg Config) {
				cfg.TOTP.AtCreation = mode
				servers := serveTwice(t, cfg)
				c := at(t, servers[0])
				move := func(i int) { c.api = servers[i] + "/w/api.php" }
				begun := c.create("Alice", "Corr3ct-horse")
				secret := setupOf(t, begun)["secret"].(string)
				if begun["message"] != "Set up two-factor authentication" || begun["messagecode"] != "oathauth-create-ui" {
					t.Errorf("the step: %v", begun)
				}
				if there := at(t, servers[1]).create("Alice", "Corr3ct-horse")["messagecode"] == "userexists"; there != (mode == "optional") {
					t.Errorf("the account is there: %v", there)
				}
				for i, code := range []string{"", "000000", "x"} {
					move(i % 2)
					again := c.step("createaccount", "createaccount", "code", code)
					if got := setupOf(t, again)["secret"]; got != secret {
						t.Errorf("code %q: the secret is %v", code, got)
					}
				}
				move(1)
				used := appCode(t, secret, 0)
				if got := c.step("createaccount", "createaccount", "code", used); got["status"] != "PASS" || got["username"] != "Alice" {
					t.Fatalf("the right code: %v", got)
				}
				if got := c.step("createaccount", "createaccount", "code", used); got["messagecode"] != "authmanager-create-not-in-progress" {
					t.Errorf("the same post again: %v", got)
				}
				if got := c.signIn("Alice", "Corr3ct-horse"); got != "UI" {
					t.Fatalf("signing in without a code: %s", got)
				}
				move(0)
				if got := c.step("clientlogin", "login", "OATHToken", used); got["messagecode"] != "oathauth-login-failed" {
					t.Errorf("the code of the set-up: %v", got)
				}
				move(1)
				if got := c.step("clientlogin", "login", "OATHToken", appCode(t, secret, 1)); got["status"] != "PASS" {
					t.Errorf("the next code: %v", got)
				}
			})
		})
	}
}

// TestTwoFactorSkippedAndLeft (row 45 of the security checklist): who skips, or leaves an optional step, has an account
// without a factor; who leaves a required one has none, and finds no way around it.
func TestTwoFactorSkippedAndLeft(t *testing.T) {
	cfg := testConfig(t)
	cfg.TOTP.AtCreation = "optional"
	s := newServer(t, cfg)
	c := newClient(t, s.Handler())
	setupOf(t, c.create("Alice", "Corr3ct-horse"))
	if got := c.step("createaccount", "createaccount", "skip2FASetup", "1"); got["status"] != "PASS" {
		t.Errorf("skipped: %v", got)
	}
	setupOf(t, c.create("Ben", "Corr3ct-horse"))
	for _, name := range []string{"Alice", "Ben"} {
		if got := newClient(t, s.Handler()).signIn(name, "Corr3ct-horse"); got != "PASS" {
			t.Errorf("%s signs in: %s", name, got)
		}
	}

	cfg = testConfig(t)
	cfg.TOTP.AtCreation = "required"
	s = newServer(t, cfg)
	c = newClient(t, s.Handler())
	begun := c.create("Alice", "Corr3ct-horse")
	if requests := begun["requests"].([]any); len(requests) != 1 {
		t.Errorf("offered: %v", requests)
	}
	if got := c.step("createaccount", "createaccount", "skip2FASetup", "1"); got["status"] != "UI" {
		t.Errorf("skipping what is required: %v", got)
	}
	if got := newClient(t, s.Handler()).signIn("Alice", "Corr3ct-horse"); got != "FAIL" {
		t.Errorf("an account without the factor: %s", got)
	}
	n, err := s.store.AccountCount(t.Context())
	if err != nil || n != 0 {
		t.Errorf("%d accounts, %v", n, err)
	}
}

// TestTwoFactorTries (row 44 of the security checklist): the step ends after ten submissions.
func TestTwoFactorTries(t *testing.T) {
	cfg := testConfig(t)
	cfg.TOTP.AtCreation = "required"
	c := newClient(t, newServer(t, cfg).Handler())
	secret := setupOf(t, c.create("Alice", "Corr3ct-horse"))["secret"].(string)
	for range auth.MaxFlowTries {
		setupOf(t, c.step("createaccount", "createaccount", "code", "000000"))
	}
	if got := c.step("createaccount", "createaccount", "code", appCode(t, secret, 0)); got["messagecode"] != "authmanager-create-not-in-progress" {
		t.Errorf("the eleventh: %v", got)
	}
}

// TestTwoFactorOnPages makes an account with a factor in the pages, without a script: the picture is there, the codes are
// shown once it is done, and Special:AccountSecurity lists what there is.
func TestTwoFactorOnPages(t *testing.T) {
	cfg := testConfig(t)
	cfg.TOTP.AtCreation = "optional"
	c := newClient(t, newServer(t, cfg).Handler())
	_, page := c.fillIn("/wiki/Special:CreateAccount", url.Values{"wpName": {"Alice"}, "wpPassword": {"Corr3ct-horse"}, "retype": {"Corr3ct-horse"}})
	secret := regexp.MustCompile(`<code>([A-Z2-7 ]{39})</code>`).FindStringSubmatch(page)
	if secret == nil || !strings.Contains(page, "<svg ") || !strings.Contains(page, "skip2FASetup") || !strings.Contains(page, `inputmode="numeric"`) {
		t.Fatalf("the step: %s", page)
	}
	resp, drawn := c.page("/w/index.php?title=Special:AccountSecurity/qr", nil)
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "image/svg+xml" || !strings.HasPrefix(drawn, "<svg ") ||
		!strings.Contains(resp.Header.Get("Cache-Control"), "no-store") || resp.Header.Get("Cross-Origin-Resource-Policy") != "same-origin" {
		t.Errorf("the picture: %v %.80s", resp.Header, drawn)
	}
	const step = "/w/index.php?title=Special:CreateAccount&authAction=create-continue"
	_, page = c.fillIn(step, url.Values{"code": {"000000"}})
	if !strings.Contains(page, "The code is not right") || !strings.Contains(page, secret[1]) {
		t.Fatalf("a wrong code: %s", page)
	}
	_, page = c.fillIn(step, url.Values{"code": {appCode(t, secret[1], 0)}})
	codes := regexp.MustCompile(`<li><code>([A-Z2-7 ]{29})</code></li>`).FindAllStringSubmatch(page, -1)
	if len(codes) != 10 || !strings.Contains(page, `id="kept" required`) || !strings.Contains(page, `<bdi>Alice</bdi>`) || !strings.Contains(page, `action="/wiki/Special:CreateAccount/done"`) {
		t.Fatalf("recovery codes: %s", page)
	}
	if got := c.whoAmI(); got != "Alice" {
		t.Errorf("signed in as %q", got)
	}
	if resp, _ := c.page("/w/index.php?title=Special:AccountSecurity/qr", nil); resp.StatusCode != http.StatusNotFound {
		t.Errorf("the picture afterwards: %s", resp.Status)
	}
	_, page = c.page("/wiki/Special:AccountSecurity", nil)
	if !strings.Contains(page, "<h2>App 1</h2>") || !strings.Contains(page, "10 recovery codes") || strings.Contains(page, codes[0][1]) {
		t.Errorf("the list: %s", page)
	}
	_, page = c.fillIn("/wiki/Special:AccountSecurity", url.Values{"wpNewCodes": {"1"}})
	if fresh := regexp.MustCompile(`<li><code>([A-Z2-7 ]{29})</code></li>`).FindAllStringSubmatch(page, -1); len(fresh) != 10 || fresh[0][1] == codes[0][1] {
		t.Errorf("new codes: %s", page)
	}
}

// TestAccountSecurity adds, names and removes an app; a code is wanted at sign-in while there is one.
func TestAccountSecurity(t *testing.T) {
	s := newServer(t, testConfig(t))
	c := newClient(t, s.Handler())
	c.create("Alice", "Corr3ct-horse")
	if resp, _ := c.page("/wiki/Special:AccountSecurity", nil); !strings.Contains(resp.Request.URL.String(), "UserLogin") {
		t.Errorf("a stranger is led to %s", resp.Request.URL)
	}
	c.signIn("Alice", "Corr3ct-horse")
	_, page := c.page("/wiki/Special:AccountSecurity/add", nil)
	secret := regexp.MustCompile(`<code>([A-Z2-7 ]{39})</code>`).FindStringSubmatch(page)
	if secret == nil || !strings.Contains(page, "<svg ") {
		t.Fatalf("the set-up: %s", page)
	}
	form := hiddenFields(page)
	form.Set("code", "000000")
	_, page = c.page("/wiki/Special:AccountSecurity/add", form)
	if !strings.Contains(page, "The code is not right") || !strings.Contains(page, secret[1]) {
		t.Errorf("a wrong code: %s", page)
	}
	form.Set("code", appCode(t, secret[1], 0))
	form.Set("wpFactorName", "Pho<b>ne")
	_, page = c.page("/wiki/Special:AccountSecurity/add", form)
	if strings.Count(page, "<li><code>") != 10 {
		t.Fatalf("the codes: %s", page)
	}
	_, page = c.page("/wiki/Special:AccountSecurity", nil)
	id := regexp.MustCompile(`name="wpRename" value="(totp:[0-9a-f]{16})"`).FindStringSubmatch(page)
	if id == nil || !strings.Contains(page, "Pho&lt;b&gt;ne") {
		t.Fatalf("the list: %s", page)
	}
	other := newClient(t, s.Handler())
	if got := other.signIn("Alice", "Corr3ct-horse"); got != "UI" {
		t.Errorf("signing in with the password alone: %s", got)
	}
	if _, page = c.fillIn("/wiki/Special:AccountSecurity", url.Values{"wpRename": {id[1]}, "wpFactorName": {"Tablet"}}); !strings.Contains(page, "<h2>Tablet</h2>") {
		t.Errorf("renamed: %s", page)
	}
	if _, page = c.page("/wiki/Special:AccountSecurity", url.Values{"wpRemove": {id[1]}}); !strings.Contains(page, "<h2>Tablet</h2>") {
		t.Error("removed without the form's token")
	}
	if _, page = c.fillIn("/wiki/Special:AccountSecurity", url.Values{"wpRemove": {id[1]}}); strings.Contains(page, "Tablet") {
		t.Errorf("removed: %s", page)
	}
	if got := newClient(t, s.Handler()).signIn("Alice", "Corr3ct-horse"); got != "PASS" {
		t.Errorf("signing in without a factor: %s", got)
	}
}

// hiddenFields reads the hidden fields of a page.
func hiddenFields(page string) url.Values {
	out := url.Values{}
	for _, m := range hiddenInput.FindAllStringSubmatch(page, -1) {
		out.Set(html.UnescapeString(m[1]), html.UnescapeString(m[2]))
	}
	return out
}
