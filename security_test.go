package gatehouse

import (
	"bytes"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
)

// page gives a page of the site, or what it answers to a form.
func (c *client) page(path string, form url.Values) (*http.Response, string) {
	c.t.Helper()
	address := strings.TrimSuffix(c.api, "/w/api.php") + path
	var resp *http.Response
	var err error
	if form == nil {
		resp, err = c.http.Get(address)
	} else {
		resp, err = c.http.PostForm(address, form)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return resp, string(body)
}

var hiddenInput = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)

// fillIn gets the form at path and posts it with fields, as a browser does.
func (c *client) fillIn(path string, fields url.Values) (*http.Response, string) {
	c.t.Helper()
	_, body := c.page(path, nil)
	for _, hidden := range hiddenInput.FindAllStringSubmatch(body, -1) {
		fields.Set(hidden[1], html.UnescapeString(hidden[2]))
	}
	return c.page(path, fields)
}

func (c *client) signIn(name, password string) string {
	c.t.Helper()
	return c.call(true, url.Values{
		"action": {"clientlogin"}, "logintoken": {c.token("login")}, "loginreturnurl": {"http://example.org/"},
		"username": {name}, "password": {password},
	})["clientlogin"].(map[string]any)["status"].(string)
}

// TestPasswordIsTheSameOnEveryWayIn makes accounts by the tool, the API and a page, and signs in by the two that sign in.
func TestPasswordIsTheSameOnEveryWayIn(t *testing.T) {
	const typed, composed = "Cafe\u0301 pass\x00phrase\x1b", "Caf\u00e9 pass\x00phrase\x1b"
	cfg := testConfig(t)
	s := newServer(t, cfg)
	o, err := OpenOperator(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	if _, err := o.CreateAccount(t.Context(), NewAccount{Name: "By tool", Password: typed, RealName: "Ada\x1b[31m"}); err != nil {
		t.Fatal(err)
	}
	newClient(t, s.Handler()).create("By program", typed)
	newClient(t, s.Handler()).fillIn("/wiki/Special:CreateAccount", url.Values{
		"wpName": {"By page"}, "wpPassword": {typed}, "retype": {typed}, "realname": {"Ada\x1b[31m"},
	})
	for _, name := range []string{"By tool", "By program", "By page"} {
		for _, password := range []string{typed, composed} {
			if got := newClient(t, s.Handler()).signIn(name, password); got != "PASS" {
				t.Errorf("%s signs in by a program with %+q: %s", name, password, got)
			}
			resp, _ := newClient(t, s.Handler()).fillIn("/wiki/Special:UserLogin", url.Values{"wpName": {name}, "wpPassword": {password}})
			if resp.Request.URL.Path != "/" {
				t.Errorf("%s signs in by the page with %+q: led to %s", name, password, resp.Request.URL)
			}
		}
		d, err := o.Show(t.Context(), name)
		if err != nil || strings.Contains(d.Account.RealName, "\x1b") {
			t.Errorf("the real name of %s: %q, %v", name, d.Account.RealName, err)
		}
	}
}

// TestReadOnlySiteWritesNothing does everything there is to do on a site that was locked behind its visitors' backs.
func TestReadOnlySiteWritesNothing(t *testing.T) {
	cfg := testConfig(t)
	open := newServer(t, cfg)
	visitor, ada, bob := newClient(t, open.Handler()), newClient(t, open.Handler()), newClient(t, open.Handler())
	for name, c := range map[string]*client{"Ada": ada, "Bob": bob} {
		c.create(name, "Corr3ct-horse")
		if got := c.signIn(name, "Corr3ct-horse"); got != "PASS" {
			t.Fatalf("%s signs in: %s", name, got)
		}
		endSoon(t, open, name)
	}
	cfg.Site.ReadOnly = "We are moving."
	locked := newServer(t, cfg)
	for _, c := range []*client{visitor, ada, bob} {
		c.api = newClient(t, locked.Handler()).api
	}
	for _, c := range []*client{visitor, ada} {
		for _, action := range []string{"createaccount", "clientlogin", "login", "logout"} {
			got := c.call(true, url.Values{
				"action": {action}, "createtoken": {c.token("createaccount")}, "logintoken": {c.token("login")}, "lgtoken": {c.token("login")},
				"token": {c.token("csrf")}, "createreturnurl": {"http://example.org/"}, "loginreturnurl": {"http://example.org/"},
				"username": {"Eve"}, "lgname": {"Ada"}, "password": {"Corr3ct-horse"}, "retype": {"Corr3ct-horse"}, "lgpassword": {"Corr3ct-horse"},
			})
			if e, _ := got["error"].(map[string]any); e["code"] != "readonly" {
				t.Errorf("%s: %v", action, got)
			}
		}
		for _, path := range []string{"/", "/wiki/Special:Log/newusers", "/wiki/Special:CreateAccount/done"} {
			c.page(path, nil)
		}
	}
	for path, c := range map[string]*client{"/wiki/Special:CreateAccount": visitor, "/wiki/Special:UserLogin": visitor, "/wiki/Special:UserLogout": bob} {
		_, body := c.fillIn(path, url.Values{"wpName": {"Ada"}, "wpPassword": {"Corr3ct-horse"}, "retype": {"Corr3ct-horse"}})
		if !strings.Contains(body, cfg.Site.ReadOnly) {
			t.Errorf("%s does not say why: %s", path, body)
		}
	}
	locked.tidy(t.Context())
	if n := locked.Writes(); n != 0 {
		t.Errorf("the store was written %d times", n)
	}
}

// endSoon moves the ends of the account's sessions, so that the next request would move them again.
func endSoon(t *testing.T, s *Server, name string) {
	t.Helper()
	account, err := s.store.AccountByName(t.Context(), auth.Name(name))
	if err != nil {
		t.Fatal(err)
	}
	sessions, err := s.store.SessionsOf(t.Context(), account.ID)
	if err != nil || len(sessions) != 1 {
		t.Fatalf("%d sessions, %v", len(sessions), err)
	}
	if err := s.store.RenewSession(t.Context(), sessions[0].ID, time.Now().Add(10*time.Minute)); err != nil {
		t.Fatal(err)
	}
}

// TestSecretsLeaveNoTrace uses passwords, tokens and cookies in every way, rightly and wrongly, and looks for them in all
// that the server leaves behind.
func TestSecretsLeaveNoTrace(t *testing.T) {
	const right, wrong = "Marked-secret-right", "Marked-secret-wrong"
	cfg := testConfig(t)
	var log bytes.Buffer
	s, err := New(t.Context(), cfg, Options{Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(t, s.Handler())
	secrets := []string{right, wrong, c.token("createaccount"), c.token("login")}
	c.create("Ada", right)
	c.call(true, url.Values{
		"action": {"createaccount"}, "createtoken": {secrets[2]}, "createreturnurl": {"http://example.org/"},
		"username": {"Bob"}, "password": {right}, "retype": {wrong}, "email": {"no address"},
	})
	c.call(false, url.Values{"action": {"createaccount"}, "createtoken": {secrets[2]}, "username": {"Bob"}, "password": {wrong}, "retype": {wrong}})
	c.signIn("Ada", wrong)
	c.fillIn("/wiki/Special:CreateAccount", url.Values{"wpName": {"Bob"}, "wpPassword": {right}, "retype": {wrong}})
	c.fillIn("/wiki/Special:UserLogin", url.Values{"wpName": {"Ada"}, "wpPassword": {wrong}})
	c.call(true, url.Values{
		"action": {"clientlogin"}, "logintoken": {c.token("login")}, "loginreturnurl": {"http://example.org/"},
		"username": {"Ada"}, "password": {right}, "rememberMe": {"1"},
	})
	secrets = append(secrets, c.token("csrf"))
	address, err := url.Parse(c.api)
	if err != nil {
		t.Fatal(err)
	}
	for _, cookie := range c.http.Jar.Cookies(address) {
		if len(cookie.Value) > 16 { // neither name nor id of the account
			secrets = append(secrets, cookie.Value)
		}
	}
	if len(secrets) != 7 {
		t.Fatalf("there are %d secrets, want 7: %q", len(secrets), secrets)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path, _ := cfg.SQLitePath()
	store, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range secrets {
		for where, left := range map[string][]byte{"log": log.Bytes(), "store": store} {
			if bytes.Contains(left, []byte(secret)) {
				t.Errorf("the %s has %q", where, secret)
			}
		}
	}
	if !bytes.Contains(store, []byte(":pbkdf2:")) || !strings.Contains(log.String(), "name=Ada") {
		t.Error("the test looks in the wrong place")
	}
}
