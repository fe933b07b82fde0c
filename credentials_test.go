package gatehouse

import (
	"bytes"
	"html"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"gatehouse/auth"
)

// post is a site under test whose mail can be read.
type post struct {
	t    *testing.T
	cfg  Config
	url  string
	log  bytes.Buffer
	seen map[int64]bool
}

func newPost(t *testing.T, set func(*Config)) *post {
	t.Helper()
	p := &post{t: t, cfg: testConfig(t), seen: map[int64]bool{}}
	if set != nil {
		set(&p.cfg)
	}
	s, err := New(t.Context(), p.cfg, Options{Logger: slog.New(slog.NewTextHandler(&p.log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(s.Handler())
	t.Cleanup(func() { web.Close(); s.Close() })
	p.url = web.URL
	o, err := OpenOperator(t.Context(), p.cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	for _, a := range []NewAccount{
		{Name: "Norm", Password: "N0rm-Pass-phrase", Email: "norm@example.org", EmailConfirmed: true},
		{Name: "Boss", Password: "B0ss-Pass-phrase", Groups: []string{"sysop"}},
	} {
		if _, err := o.CreateAccount(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func (p *post) client() *client { return at(p.t, p.url) }

// as is a client that is signed in.
func (p *post) as(name, password string) *client {
	p.t.Helper()
	c := p.client()
	if got := c.signIn(name, password); got != "PASS" {
		p.t.Fatalf("sign %s in: %s", name, got)
	}
	return c
}

// mail gives the mails that came since it was asked last.
func (p *post) mail() []MailDetails {
	p.t.Helper()
	o, err := OpenOperator(p.t.Context(), p.cfg)
	if err != nil {
		p.t.Fatal(err)
	}
	defer o.Close()
	var ids []int64
	if err := o.Mails(p.t.Context(), "", func(m auth.MailRow) error { ids = append(ids, m.ID); return nil }); err != nil {
		p.t.Fatal(err)
	}
	var out []MailDetails
	for _, id := range ids {
		if p.seen[id] {
			continue
		}
		p.seen[id] = true
		m, err := o.Mail(p.t.Context(), id, true)
		if err != nil {
			p.t.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

// oneMail wants exactly one new mail, of the kind and to the address.
func (p *post) oneMail(kind auth.MailKind, to string) MailDetails {
	p.t.Helper()
	mails := p.mail()
	if len(mails) != 1 || mails[0].Row.Kind != kind || mails[0].To != to {
		p.t.Fatalf("mail is %+v, want one %s to %s", mails, kind, to)
	}
	return mails[0]
}

var (
	mailedPassword = regexp.MustCompile(`\b[a-hjkmnp-z2-9]{15,}\b`)
	mailedAddress  = regexp.MustCompile(`http://\S+/(Special:\w+/[0-9a-f]{40}\?account=\S+)`)
)

// path gives the path of the first link to the page in a mail.
func (m MailDetails) path(t *testing.T, page string) string {
	t.Helper()
	for _, found := range mailedAddress.FindAllStringSubmatch(m.Text, -1) {
		if strings.HasPrefix(found[1], page+"/") {
			return "/wiki/" + found[1]
		}
	}
	t.Fatalf("no link to %s in %q", page, m.Text)
	return ""
}

// createFor makes an account for somebody else.
func (c *client) createFor(name, email string) map[string]any {
	c.t.Helper()
	return c.call(true, url.Values{
		"action": {"createaccount"}, "createtoken": {c.token("createaccount")}, "createreturnurl": {"http://example.org/"},
		"username": {name}, "email": {email}, "mailpassword": {"1"}, "reason": {"for a friend"},
	})["createaccount"].(map[string]any)
}

func (c *client) whoAmI() string {
	c.t.Helper()
	query := c.call(false, url.Values{"action": {"query"}, "meta": {"userinfo"}})["query"].(map[string]any)
	return query["userinfo"].(map[string]any)["name"].(string)
}

// goOn posts the second step of a sign-in.
func (c *client) goOn(password, retype string) map[string]any {
	c.t.Helper()
	return c.call(true, url.Values{
		"action": {"clientlogin"}, "logintoken": {c.token("login")}, "logincontinue": {"1"}, "password": {password}, "retype": {retype},
	})["clientlogin"].(map[string]any)
}

// TestChecklist12 (row 12 of the security checklist, with row 11): an administrator causes a password to be mailed, and can
// neither see nor choose it; it is good once, and no log has it.
func TestChecklist12(t *testing.T) {
	p := newPost(t, nil)
	boss := p.as("Boss", "B0ss-Pass-phrase")
	answer := boss.createFor("Zane", "zane@example.org")
	if answer["status"] != "PASS" || len(answer) != 2 {
		t.Fatalf("got %v", answer)
	}
	m := p.oneMail(auth.MailTemporaryPassword, "zane@example.org")
	word := mailedPassword.FindString(m.Text)
	first := p.client()
	if got := first.signIn("Zane", word); got != "UI" {
		t.Fatalf("with the mailed password: %s", got)
	}
	if first.whoAmI() == "Zane" {
		t.Error("signed in before the password was replaced")
	}
	if got := p.client().signIn("Zane", "B0ss-Pass-phrase"); got != "FAIL" {
		t.Errorf("with the administrator's: %s", got)
	}
	old := p.client().call(true, url.Values{
		"action": {"login"}, "lgname": {"Zane"}, "lgpassword": {word}, "lgtoken": {""},
	})["login"].(map[string]any)
	if old["result"] != "NeedToken" {
		t.Errorf("action=login: %v", old)
	}
	older := p.client()
	old = older.call(true, url.Values{"action": {"login"}, "lgname": {"Zane"}, "lgpassword": {word}, "lgtoken": {older.token("login")}})["login"].(map[string]any)
	if old["result"] != "Aborted" {
		t.Errorf("action=login with a step it cannot show: %v", old)
	}
	if got := first.goOn("Gr33n-gardens", "different"); got["status"] != "UI" || got["messagecode"] != "badretype" {
		t.Errorf("two spellings: %v", got)
	}
	if got := first.goOn("Gr33n-gardens", "Gr33n-gardens"); got["status"] != "PASS" || first.whoAmI() != "Zane" {
		t.Errorf("the new password: %v", got)
	}
	if got := p.client().signIn("Zane", word); got != "FAIL" {
		t.Errorf("the mailed password again: %s", got)
	}
	p.as("Zane", "Gr33n-gardens")
	if strings.Contains(p.log.String(), word) || strings.Contains(p.log.String(), "Gr33n") {
		t.Error("the log has a password")
	}
}

// TestTwoSignInsWithOneMailedPassword: both get to the step, the first through it is the only one. The other's sign-in is over
// with the credentials that it began with.
func TestTwoSignInsWithOneMailedPassword(t *testing.T) {
	p := newPost(t, nil)
	p.as("Norm", "N0rm-Pass-phrase").createFor("Zane", "zane@example.org")
	word := mailedPassword.FindString(p.oneMail(auth.MailTemporaryPassword, "zane@example.org").Text)
	one, two := p.client(), p.client()
	one.signIn("Zane", word)
	two.signIn("Zane", word)
	if got := one.goOn("Gr33n-gardens", "Gr33n-gardens"); got["status"] != "PASS" {
		t.Errorf("the first: %v", got)
	}
	if got := two.goOn("Bl0e-gardens", "Bl0e-gardens"); got["messagecode"] != "authmanager-authn-not-in-progress" {
		t.Errorf("the second: %v", got)
	}
	p.as("Zane", "Gr33n-gardens")
}

// TestMailedPasswordOnPages plays it through the forms.
func TestMailedPasswordOnPages(t *testing.T) {
	p := newPost(t, func(c *Config) { c.CreateAccount.MailPassword = "everyone" })
	visitor := p.client()
	_, body := visitor.fillIn("/wiki/Special:CreateAccount", url.Values{
		"wpName": {"Zane"}, "wpCreateaccountMail": {"1"}, "email": {"zane@example.org"},
	})
	if !strings.Contains(body, "zane@example.org") || visitor.whoAmI() == "Zane" {
		t.Fatalf("after the creation %s sees\n%s", visitor.whoAmI(), body)
	}
	word := mailedPassword.FindString(p.oneMail(auth.MailTemporaryPassword, "zane@example.org").Text)
	resp, body := visitor.fillIn("/wiki/Special:UserLogin?returnto=Special:Log", url.Values{"wpName": {"Zane"}, "wpPassword": {word}})
	if !strings.Contains(resp.Request.URL.RawQuery, "login-continue") || !strings.Contains(body, `autocomplete="new-password"`) {
		t.Fatalf("the step at %s is\n%s", resp.Request.URL, body)
	}
	fields := url.Values{"wpPassword": {"Gr33n-gardens"}, "retype": {"Gr33n-gardens"}}
	for _, hidden := range hiddenInput.FindAllStringSubmatch(body, -1) {
		fields.Set(hidden[1], html.UnescapeString(hidden[2]))
	}
	if resp, body = visitor.page("/wiki/Special:UserLogin", fields); visitor.whoAmI() != "Zane" || !strings.Contains(resp.Request.URL.Path, "Special:Log") {
		t.Errorf("after the step %s is at %s\n%s", visitor.whoAmI(), resp.Request.URL, body)
	}
}

// TestForgottenPassword asks on the page and by the API, with a password and with a link.
func TestForgottenPassword(t *testing.T) {
	p := newPost(t, func(c *Config) { c.Password.Mailed = "link" })
	there := p.as("Norm", "N0rm-Pass-phrase")
	visitor := p.client()
	_, known := visitor.fillIn("/wiki/Special:PasswordReset", url.Values{"email": {"norm@example.org"}})
	_, unknown := visitor.fillIn("/wiki/Special:PasswordReset", url.Values{"email": {"nobody@example.org"}})
	if known != unknown || !strings.Contains(known, "If there is such an account") {
		t.Errorf("known and unknown address:\n%s\n%s", known, unknown)
	}
	path := p.oneMail(auth.MailPasswordReset, "norm@example.org").path(t, "Special:PasswordReset")
	for range 2 {
		visitor.page(path, nil) // opening it changes nothing
	}
	p.as("Norm", "N0rm-Pass-phrase")
	if _, body := visitor.fillIn(path, url.Values{"wpPassword": {"a"}, "retype": {"a"}}); !strings.Contains(body, "role=\"alert\"") {
		t.Errorf("a bad password: %s", body)
	}
	if _, body := visitor.fillIn(path, url.Values{"wpPassword": {"Gr33n-gardens"}, "retype": {"Gr33n-gardens"}}); strings.Contains(body, "role=\"alert\"") {
		t.Errorf("a good password: %s", body)
	}
	if there.whoAmI() == "Norm" || p.client().signIn("Norm", "N0rm-Pass-phrase") != "FAIL" {
		t.Error("the old password or its session goes on")
	}
	p.as("Norm", "Gr33n-gardens")
	p.oneMail(auth.MailPasswordChanged, "norm@example.org")
	if _, body := visitor.page(path, nil); !strings.Contains(body, "not good any more") {
		t.Errorf("the link again: %s", body)
	}
}

// TestConfirmEmail (row 13 of the security checklist): a confirmation mail at creation, its link, and what ends it.
func TestConfirmEmail(t *testing.T) {
	p := newPost(t, nil)
	c := p.client()
	c.fillIn("/wiki/Special:CreateAccount", url.Values{
		"wpName": {"Zane"}, "wpPassword": {"Gr33n-gardens"}, "retype": {"Gr33n-gardens"}, "email": {"zane@example.org"},
	})
	m := p.oneMail(auth.MailConfirmEmail, "zane@example.org")
	confirmed := func() bool {
		t.Helper()
		o, err := OpenOperator(t.Context(), p.cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer o.Close()
		d, err := o.Show(t.Context(), "Zane")
		if err != nil {
			t.Fatal(err)
		}
		return !d.Account.EmailConfirmed.IsZero() && d.Account.Email == "zane@example.net"
	}
	// Another address, unconfirmed as the first: the first link ends.
	c.fillIn("/wiki/Special:ChangeEmail", url.Values{"email": {"zane@example.net"}})
	fresh := p.oneMail(auth.MailConfirmEmail, "zane@example.net")
	reader := p.client()
	if _, body := reader.page(m.path(t, "Special:ConfirmEmail"), nil); !strings.Contains(body, "not good any more") {
		t.Errorf("the first link: %s", body)
	}
	path := fresh.path(t, "Special:ConfirmEmail")
	for range 2 {
		if _, body := reader.page(path, nil); !strings.Contains(body, "zane@example.net") || confirmed() {
			t.Errorf("opened: %s", body)
		}
	}
	reader.fillIn(path, url.Values{})
	if !confirmed() {
		t.Error("not confirmed")
	}
	if _, body := reader.page(path, nil); !strings.Contains(body, "not good any more") {
		t.Errorf("the link again: %s", body)
	}
	// A confirmed address stays until the new one is confirmed; the other link leaves everything as it is.
	c.fillIn("/wiki/Special:ChangeEmail", url.Values{"email": {"other@example.net"}})
	cancel := p.oneMail(auth.MailConfirmEmail, "other@example.net")
	reader.fillIn(cancel.path(t, "Special:InvalidateEmail"), url.Values{})
	if _, body := reader.page(cancel.path(t, "Special:ConfirmEmail"), nil); !confirmed() || !strings.Contains(body, "not good any more") {
		t.Errorf("after the other link: %s", body)
	}
	c.fillIn("/wiki/Special:ChangeEmail", url.Values{"email": {"other@example.net"}})
	reader.fillIn(p.oneMail(auth.MailConfirmEmail, "other@example.net").path(t, "Special:ConfirmEmail"), url.Values{})
	p.oneMail(auth.MailEmailChanged, "zane@example.net")
	if confirmed() {
		t.Error("the old address is still there")
	}
}

// TestHeldAccount: nobody signs in to an account whose address waits, and who tries with the right password gets mail.
func TestHeldAccount(t *testing.T) {
	p := newPost(t, func(c *Config) { c.CreateAccount.EmailConfirmedRequired = true })
	c := p.client()
	if got := c.create("Zane", "Gr33n-gardens"); got["messagecode"] != "noemailcreate" {
		t.Errorf("without an address: %v", got)
	}
	c.fillIn("/wiki/Special:CreateAccount", url.Values{
		"wpName": {"Zane"}, "wpPassword": {"Gr33n-gardens"}, "retype": {"Gr33n-gardens"}, "email": {"zane@example.org"},
	})
	p.oneMail(auth.MailConfirmEmail, "zane@example.org")
	if c.whoAmI() == "Zane" || p.client().signIn("Zane", "Gr33n-gardens") != "FAIL" {
		t.Fatal("signed in to an account that is held back")
	}
	m := p.oneMail(auth.MailConfirmEmail, "zane@example.org")
	if p.client().signIn("Zane", "wr0ng-gardens"); len(p.mail()) != 0 {
		t.Error("a wrong password brought mail")
	}
	p.client().fillIn(m.path(t, "Special:ConfirmEmail"), url.Values{})
	p.as("Zane", "Gr33n-gardens")

	// A mailed password that is used proves the address.
	p.as("Norm", "N0rm-Pass-phrase").createFor("Yves", "yves@example.org")
	word := mailedPassword.FindString(p.oneMail(auth.MailTemporaryPassword, "yves@example.org").Text)
	yves := p.client()
	yves.signIn("Yves", word)
	if got := yves.goOn("Gr33n-gardens", "Gr33n-gardens"); got["status"] != "PASS" {
		t.Errorf("the mailed password: %v", got)
	}
}

// TestChangeCredentialsPage changes a password by the form.
func TestChangeCredentialsPage(t *testing.T) {
	p := newPost(t, nil)
	if resp, _ := p.client().page("/wiki/Special:ChangeCredentials", nil); !strings.Contains(resp.Request.URL.Path, "Special:UserLogin") {
		t.Errorf("nobody is at %s", resp.Request.URL)
	}
	here, there := p.as("Norm", "N0rm-Pass-phrase"), p.as("Norm", "N0rm-Pass-phrase")
	here.fillIn("/wiki/Special:ChangeCredentials", url.Values{"wpPassword": {"Gr33n-gardens"}, "retype": {"Gr33n-gardens"}})
	if here.whoAmI() != "Norm" || there.whoAmI() == "Norm" {
		t.Error("the wrong sessions ended")
	}
	p.as("Norm", "Gr33n-gardens")
	p.oneMail(auth.MailPasswordChanged, "norm@example.org")
	if _, body := there.page("/wiki/Special:ChangeCredentials?wpPassword=x", nil); strings.Contains(body, `value="x"`) {
		t.Error("the form shows a password")
	}
}
