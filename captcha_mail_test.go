package gatehouse

import (
	"fmt"
	"net/url"
	"regexp"
	"testing"
	"time"

	"gatehouse/auth"
)

// begin posts the first submission of a creation with the captcha of kind mail and gives status and code.
func (c *client) beginByMail(name, email string) string {
	c.t.Helper()
	return c.byMail(url.Values{
		"createreturnurl": {"http://example.org/"}, "username": {name}, "password": {"Corr3ct-horse"}, "retype": {"Corr3ct-horse"}, "email": {email},
		"captchaKind": {"mail"},
	})
}

func (c *client) typeCode(word string) string {
	c.t.Helper()
	return c.byMail(url.Values{"createcontinue": {"1"}, "captchaWord": {word}})
}

func (c *client) byMail(v url.Values) string {
	c.t.Helper()
	v.Set("action", "createaccount")
	v.Set("createtoken", c.token("createaccount"))
	out := c.call(true, v)
	got, _ := out["createaccount"].(map[string]any)
	if got == nil {
		c.t.Fatalf("got %v", out)
	}
	if got["status"] == "PASS" {
		return "PASS"
	}
	return fmt.Sprint(got["status"], " ", got["messagecode"])
}

// A code by mail makes an account whose address is confirmed; it belongs to one flow, is good for five tries, and mail has its
// limits (security checklist 33: the path that needs no sight, no hearing, no puzzle and no script).
func TestCaptchaByMail(t *testing.T) {
	cfg := asking(t, "image")
	cfg.Captcha.Others = []string{"mail"}
	cfg.Mail.PerAddress = []MailLimitConfig{{Count: 2, Per: Duration(time.Hour)}}
	s := newServer(t, cfg)
	o := openOperator(t, cfg)
	c := newClient(t, s.Handler())
	code := func(id int64) string {
		t.Helper()
		m, err := o.Mail(t.Context(), id, true)
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(`captchaWord=(\d{8})\b`).FindStringSubmatch(fmt.Sprint(m))
		if found == nil {
			t.Fatalf("no code in %v", m)
		}
		return found[1]
	}
	for _, step := range []struct{ what, got, want string }{
		{"no address", c.beginByMail("By mail", ""), "FAIL captcha-mail-address"},
		{"no address that can be one", c.beginByMail("By mail", "x"), "FAIL invalidemailaddress"},
		{"begun", c.beginByMail("By mail", "ann@example.org"), "UI captcha-mail-sent"},
		{"a wrong code", c.typeCode("00000000"), "UI captcha-mail-wrong"},
		{"no code", c.typeCode(""), "UI captcha-mail-wrong"},
		{"the code, spaced", c.typeCode(code(1)[:4] + " " + code(1)[4:]), "PASS"},
		{"the code again", c.typeCode(code(1)), "FAIL authmanager-create-not-in-progress"},
	} {
		if step.got != step.want {
			t.Errorf("%s: %s, want %s", step.what, step.got, step.want)
		}
	}
	a, err := s.store.AccountByName(t.Context(), auth.Name("By mail"))
	if err != nil || a.EmailConfirmed.IsZero() {
		t.Errorf("%+v, %v", a, err)
	}
	mails := 0
	if err := o.Mails(t.Context(), "", func(auth.MailRow) error { mails++; return nil }); err != nil || mails != 1 {
		t.Errorf("%d mails, %v: a proven address needs no second question", mails, err)
	}

	d := newClient(t, s.Handler())
	if got := d.beginByMail("By mail 2", "ann@example.org"); got != "UI captcha-mail-sent" {
		t.Fatal(got)
	}
	if got := d.typeCode(code(1)); got != "UI captcha-mail-wrong" {
		t.Errorf("the code of another flow: %s", got)
	}
	for i := range 3 {
		if got := d.typeCode("1"); got != "UI captcha-mail-wrong" {
			t.Errorf("try %d: %s", i+2, got)
		}
	}
	if got := d.typeCode("1"); got != "FAIL captcha-createaccount-fail" {
		t.Errorf("the last try: %s", got)
	}
	if got := d.typeCode(code(2)); got != "FAIL authmanager-create-not-in-progress" {
		t.Errorf("the right code too late: %s", got)
	}
	if got := d.beginByMail("By mail 2", "Ann@example.org"); got != "FAIL ratelimited" {
		t.Errorf("a third mail to one mailbox: %s", got)
	}
}
