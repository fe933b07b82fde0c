package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// visitor drives one browser and says where it went wrong.
type visitor struct {
	*testing.T
	ctx  context.Context
	base string
}

func visit(t *testing.T, script bool, base string) visitor {
	return visitor{t, browser(t, script), base}
}

func (v visitor) do(what string, a chromedp.Action[chromedp.Void]) {
	v.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, 20*time.Second) // only against hanging
	defer cancel()
	if _, err := chromedp.Run(ctx, a); err != nil {
		v.Fatalf("%s: %v\n%s", what, err, text(v.T, v.ctx))
	}
}

func (v visitor) see(want string) {
	v.Helper()
	if page := text(v.T, v.ctx); !strings.Contains(page, want) {
		v.Fatalf("the page lacks %q:\n%s", want, page)
	}
}

// fill types into the form for a new account, as far as it has the fields.
func (v visitor) fill(fields ...string) {
	v.Helper()
	for i := 0; i < len(fields); i += 2 {
		v.do("fill in "+fields[i], chromedp.SendKeys(chromedp.CSS("[name="+fields[i]+"]"), fields[i+1]))
	}
}

func (v visitor) open(page string) {
	v.Helper()
	v.do("open "+page, chromedp.Navigate(v.base+page))
}

// accessible wants axe to find nothing that keeps somebody out.
func (v visitor) accessible(what string) {
	v.Helper()
	source, err := os.ReadFile("clients/node_modules/axe-core/axe.min.js")
	if err != nil {
		v.Skip("the npm package axe-core is missing (scripts/setup installs it)")
	}
	run := string(source) + `; axe.run().then((r) => JSON.stringify(r.violations
		.filter((x) => ["serious", "critical"].includes(x.impact)).map((x) => x.id + ": " + x.nodes.map((n) => n.html).join(" "))))`
	found, err := chromedp.Run(v.ctx, chromedp.Evaluate[string](run, chromedp.EvalAwaitPromise))
	if err != nil {
		v.Fatalf("axe on %s: %v", what, err)
	}
	if found != "[]" {
		v.Errorf("%s keeps people out: %s", what, found)
	}
}

// picture keeps what the page looks like, where a folder for it is named.
func (v visitor) picture(name string) {
	v.Helper()
	dir := os.Getenv("GATEHOUSE_TEST_PICTURES")
	if dir == "" {
		return
	}
	for _, width := range []int64{360, 1280} {
		v.do("size", chromedp.EmulateViewport(width, 900))
		image, err := chromedp.Run(v.ctx, chromedp.FullScreenshot(100))
		if err != nil {
			v.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d.png", name, width)), image, 0o644); err != nil {
			v.Fatal(err)
		}
	}
}

// A visitor does nothing at all about the captcha: the browser works while the form is filled in.
func TestCaptchaWork(t *testing.T) {
	base := serve(t, "--set", "captcha.kind=proof-of-work", "--set", `captcha.others=["math","mail"]`)
	v := visit(t, true, base)
	v.open("/wiki/Special:CreateAccount")
	v.see("To keep spam out")
	v.accessible("the form with work")
	v.picture("work")
	v.fill("wpName", "zane_work", "wpPassword", password)
	v.do("send", chromedp.Click(chromedp.CSS("button.primary"))) // the script waits for the work
	v.do("done", chromedp.WaitNotPresent(chromedp.CSS("[name=wpName]")))
	v.see("Zane work")
}

// The work can be stopped and begun again, by keyboard; meanwhile the form is not sent.
func TestCaptchaWorkStops(t *testing.T) {
	base := serve(t, "--set", "captcha.kind=proof-of-work", "--set", "captcha.work=10000000")
	v := visit(t, true, base)
	v.open("/wiki/Special:CreateAccount")
	v.do("working", chromedp.WaitVisible(chromedp.CSS(".work button")))
	v.picture("working")
	v.do("stop", chromedp.SendKeys(chromedp.CSS(".work button"), " "))
	v.see("Stopped.")
	v.fill("wpName", "zane_stops", "wpPassword", password)
	v.do("send", chromedp.Click(chromedp.CSS("button.primary")))
	v.see("Stopped.")
	v.picture("stopped")
	v.accessible("stopped work")
	v.do("again", chromedp.SendKeys(chromedp.CSS(".work button"), " "))
	v.do("working again", chromedp.WaitVisible(chromedp.CSS(".work[data-state=working] progress")))
	v.see("Your browser is working")
}

// Without script the page says how else, and a code by mail leads to an account: typed in, or by the link in the mail.
func TestCaptchaMail(t *testing.T) {
	for _, way := range []string{"code", "link"} {
		t.Run(way, func(t *testing.T) {
			store := "sqlite:" + filepath.Join(t.TempDir(), "mail.db")
			base := serve(t, "--store", store, "--set", "captcha.kind=proof-of-work", "--set", `captcha.others=["math","mail"]`)
			v := visit(t, false, base)
			v.open("/wiki/Special:CreateAccount")
			v.see("This needs JavaScript. Without it, please choose another way.")
			v.picture("noscript")
			v.fill("wpName", "zane_mail")
			v.do("another way", chromedp.Click(chromedp.CSS("[name=wpCaptchaKind][value=mail]")))
			v.do("the form again", chromedp.WaitReady(chromedp.CSS("[name=captchaKind][value=mail]")))
			v.see("a code will be sent")
			v.picture("mail")
			v.fill("wpPassword", password, "retype", password, "email", "zane@example.org")
			v.do("send", chromedp.Click(chromedp.CSS("button.primary")))
			v.do("the step", chromedp.WaitVisible(chromedp.CSS("[name=captchaWord]")))
			v.see("zane@example.org")
			v.picture("code")

			mail := mailed(t, store)
			if way == "link" {
				v.do("follow the link", chromedp.Navigate(regexp.MustCompile(`http://\S+captchaWord=\d+\S*`).FindString(mail)))
			} else {
				v.fill("captchaWord", "0000 0000")
				v.do("send", chromedp.Submit(chromedp.CSS("[name=captchaWord]")))
				v.do("refusal", chromedp.WaitVisible(chromedp.CSS("[role=alert]")))
				v.picture("wrong-code")
				v.fill("captchaWord", regexp.MustCompile(`(?m)^\d{8}$`).FindString(mail))
			}
			v.do("send", chromedp.Click(chromedp.CSS("button.primary")))
			v.do("done", chromedp.WaitNotPresent(chromedp.CSS("[name=authAction]")))
			v.see("Zane mail")
			show := exec.Command(binary, "account", "show", "Zane mail", "--store", store)
			if out := string(output(t, show)); !regexp.MustCompile(`(?m)^confirmed +\d`).MatchString(out) {
				t.Errorf("the address is not confirmed by the code:\n%s", out)
			}
		})
	}
}

// mailed is the text of the one mail that waits.
func mailed(t *testing.T, store string) string {
	t.Helper()
	return string(output(t, exec.Command(binary, "mail", "show", "1", "--reveal", "--store", store)))
}

// The pages of the mail's step with script, for axe.
func TestCaptchaMailIsAccessible(t *testing.T) {
	v := visit(t, true, serve(t, "--set", "captcha.kind=mail", "--set", `captcha.others=["math"]`))
	v.open("/wiki/Special:CreateAccount")
	v.accessible("the form that announces mail")
	v.fill("wpName", "zane_axe", "wpPassword", password, "email", "axe@example.org")
	v.do("send", chromedp.Click(chromedp.CSS("button.primary")))
	v.do("the step", chromedp.WaitVisible(chromedp.CSS("[name=captchaWord]")))
	v.accessible("the step for the code")
	v.open("/wiki/Special:CreateAccount?captchaKind=math")
	v.accessible("the form with a sum")
}
