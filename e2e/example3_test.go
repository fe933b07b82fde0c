package e2e

import (
	"fmt"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/pquerna/otp/totp"
)

// The protocol's third example, whole: a picture to read, a visit at a real provider, two-factor set-up or Skip, PASS. It is
// walked by a program, in the sandbox, and on the page by mouse, by keyboard and without script.

// thirdSite is a server with all that the third example needs, which can be killed and started anew.
type thirdSite struct {
	t    *testing.T
	base string
	read reader
	args []string
	cmd  *exec.Cmd
}

func newThirdSite(t *testing.T) *thirdSite {
	t.Helper()
	provider := npm("oidc_provider.mjs", "oidc-provider")(t)
	listen, file := freeAddress(t), filepath.Join(t.TempDir(), "gatehouse.db")
	provider.Args = append(provider.Args, "gatehouse", "s:cret", "http://"+listen+"/wiki/Special:OpenIDConnectReturn")
	issuer := startAndRead(t, provider)
	s := &thirdSite{t: t, base: "http://" + listen, args: []string{
		"serve", "--listen", listen, "--store", "sqlite:" + file, "--set", "captcha.kind=image", "--set", "totp.at_creation=optional",
		"--set", fmt.Sprintf(`oidc=[{"name":"example.net","issuer":%q,"client_id":"gatehouse","client_secret":"s:cret","allow_private":true}]`, issuer),
	}}
	s.start()
	s.read = newReader(t, file, s.base)
	return s
}

func (s *thirdSite) start() {
	s.t.Helper()
	s.cmd = exec.Command(binary, s.args...)
	startAndRead(s.t, s.cmd)
}

// crash ends the server without a word, and starts another on what it left.
func (s *thirdSite) crash() {
	s.t.Helper()
	if err := s.cmd.Process.Kill(); err != nil {
		s.t.Fatal(err)
	}
	_ = s.cmd.Wait() // it was killed, and says so
	s.start()
}

// appCode is what the person's authenticator app shows.
func appCode(t *testing.T, secret string) string {
	t.Helper()
	code, err := totp.GenerateCode(strings.ReplaceAll(secret, " ", ""), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// TestThirdExampleThroughCrashes: the server is killed after each answer, and nothing of the flow is lost.
func TestThirdExampleThroughCrashes(t *testing.T) {
	site := newThirdSite(t)
	p := newWalker(t, site.base)
	info := p.post(url.Values{"action": {"query"}, "meta": {"authmanagerinfo|tokens"}, "amirequestsfor": {"create"}, "type": {"createaccount"}})
	token, _ := at(info, "query", "tokens", "createaccounttoken").(string)
	begin := url.Values{
		"action": {"createaccount"}, "createtoken": {token}, "createreturnurl": {"http://localhost/back"},
		"username": {"alice"}, "example.net": {"1"}, "email": {"alice@example.net"}, "realname": {"Alice W"},
	}
	requests, _ := at(info, "query", "authmanagerinfo", "requests").([]any)
	for _, r := range requests {
		if id, ok := at(r, "fields", "captchaId", "value").(string); ok {
			begin.Set("captchaId", id)
			begin.Set("captchaWord", site.read.word(t, id))
		}
	}
	site.crash()
	out := p.post(begin)
	target, _ := at(out, "createaccount", "redirecttarget").(string)
	if target == "" {
		t.Fatalf("got %v", out)
	}
	site.crash()
	back := signInElsewhere(t, target, "alice-there")
	site.crash()
	goOn := func(fields url.Values) any {
		for name, value := range map[string]string{"action": "createaccount", "createtoken": token, "createcontinue": "1"} {
			fields.Set(name, value)
		}
		return at(p.post(fields), "createaccount")
	}
	step := goOn(url.Values{"code": {back.Query().Get("code")}, "state": {back.Query().Get("state")}})
	offered, _ := at(step, "requests").([]any)
	if len(offered) != 2 {
		t.Fatalf("got %v", step)
	}
	secret, _ := at(offered[0], "metadata", "secret").(string)
	site.crash()
	if again := goOn(url.Values{"code": {"000000"}}); at(again, "messagecode") != "oathauth-create-failed" {
		t.Errorf("a wrong code: %v", again)
	}
	site.crash()
	if done := goOn(url.Values{"code": {appCode(t, secret)}}); at(done, "status") != "PASS" || at(done, "username") != "Alice" {
		t.Errorf("got %v", done)
	}
	log := p.post(url.Values{"action": {"query"}, "list": {"logevents"}, "letype": {"newusers"}})
	if events, _ := at(log, "query", "logevents").([]any); len(events) != 1 || at(events[0], "title") != "User:Alice" {
		t.Errorf("the log has %v", events)
	}
}

// TestThirdExampleInTheSandbox walks it in Special:ApiSandbox, the provider in the same tab.
func TestThirdExampleInTheSandbox(t *testing.T) {
	for _, skip := range []bool{false, true} {
		site := newThirdSite(t)
		s := openSandbox(t, site.base, "#action=createaccount")
		s.do("fields", chromedp.WaitVisible(chromedp.CSS(`[data-param="captchaWord"]`)))
		s.waitFor(`document.querySelector('[data-param="captchaInfo"] img').naturalWidth > 0`, "true")
		s.fill("username", "Alice")
		s.fill("captchaWord", site.read.word(t, s.eval("document.querySelector('"+input("captchaId")+"').value")))
		s.fill("email", "alice@example.net")
		s.fill("realname", "Alice W")
		s.click(`[data-param="example.net"] button`)
		s.waitFor(verdictText, "REDIRECT")
		s.waitFor("document.activeElement.textContent", "The next step is elsewhere")
		s.do("go there", chromedp.Navigate(s.eval("document.querySelector('.flow a').href")))
		visitor{t, s.ctx, site.base}.signInThere("alice-there")
		s.do("back", chromedp.WaitVisible(chromedp.CSS("[data-part=send]")))
		s.waitFor("document.querySelector('[data-part=status]').textContent", "You are back")
		s.click("[data-part=send]")
		s.waitFor(verdictText, "UI")
		s.waitFor("document.querySelector('.flow').textContent", "Set up two-factor authentication")
		if skip {
			s.click(`[data-param="skip2FASetup"] button`)
		} else {
			s.fill("code", appCode(t, s.eval(`document.querySelector('.flow').textContent.match(/(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}/)[0]`)))
			s.click("[data-part=send]")
		}
		s.waitFor(verdictText, "The account Alice exists")
	}
}

// signInThere is at the provider: it writes a name, and agrees.
func (v visitor) signInThere(name string) {
	v.Helper()
	v.do("name there", chromedp.SendKeys(chromedp.CSS("[name=login]"), name))
	v.do("password there", chromedp.SendKeys(chromedp.CSS("[name=password]"), "any"+kb.Enter))
	v.do("the next page", chromedp.WaitVisible(chromedp.CSS(`form:has([name=prompt][value=consent]) button`)))
	v.do("agree", chromedp.Click(chromedp.CSS("button[type=submit]")))
}

var thirdPages = []struct {
	what             string
	script, keys     bool
	skip, otherCodes bool
	width            int64
}{
	{what: "mouse", script: true, width: 1280},
	{what: "keyboard", script: true, keys: true, otherCodes: true, width: 1280},
	{what: "keyboard, Skip", script: true, keys: true, skip: true, width: 360},
	{what: "without script", otherCodes: true, width: 360},
	{what: "without script, Skip", skip: true, width: 1280},
}

// TestThirdExampleOnThePage walks it on Special:CreateAccount.
func TestThirdExampleOnThePage(t *testing.T) {
	for _, c := range thirdPages {
		t.Run(c.what, func(t *testing.T) {
			site := newThirdSite(t)
			v := visit(t, c.script, site.base)
			press := v.click
			look := func(what string) {
				v.fits(what)
				if c.script { // which is what looks for what keeps people out
					v.accessible(what)
				}
			}
			if c.keys {
				press = v.pressByKey
			}
			v.do("size", chromedp.EmulateViewport(c.width, 900))
			v.open("/wiki/Special:CreateAccount")
			v.fill("wpName", "alice")
			v.fill("captchaWord", site.read.word(t, v.attribute("[name=captchaId]", "value")))
			v.fill("email", "alice@example.net")
			v.fill("realname", "Alice W")
			press(`button[name="example.net"]`)
			v.do("on the way", chromedp.WaitVisible(chromedp.CSS("a.button.primary")))
			look("the way there")
			press("a.button.primary")
			v.signInThere("alice-there")
			v.do("back", chromedp.WaitVisible(chromedp.CSS("[name=wpCreateaccount]")))
			press("[name=wpCreateaccount]")
			v.do("set-up", chromedp.WaitVisible(chromedp.CSS("[name=code]")))
			look("the set-up")
			if c.otherCodes {
				v.fill("code", "000000"+kb.Enter)
				v.do("refused", chromedp.WaitVisible(chromedp.CSS("[role=alert]")))
				look("the refusal")
			}
			if c.skip {
				press("[name=skip2FASetup]")
			} else {
				v.fill("code", appCode(t, v.secretInView())+kb.Enter)
				v.do("codes", chromedp.WaitVisible(chromedp.CSS("#kept")))
				look("the codes")
				press("#kept")
				press("button.primary")
			}
			v.do("done", chromedp.WaitNotPresent(chromedp.CSS("[name=code], #kept")))
			if page := text(t, v.ctx); !strings.Contains(page, "Alice") || strings.Contains(page, "Error") {
				t.Errorf("at the end:\n%s", page)
			}
			v.open("/w/api.php?action=query&meta=userinfo&format=json&formatversion=2")
			if page := text(t, v.ctx); !strings.Contains(page, `"Alice"`) {
				t.Errorf("signed in as %s", page)
			}
		})
	}
}

func (v visitor) click(selector string) {
	v.Helper()
	v.do("click "+selector, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// pressByKey walks to a control with the Tab key, as far as it takes, and presses it.
func (v visitor) pressByKey(selector string) {
	v.Helper()
	v.do("find "+selector, chromedp.WaitVisible(chromedp.CSS(selector)))
	for range 60 {
		here, err := chromedp.Run(v.ctx, chromedp.Evaluate[bool]("document.activeElement?.matches("+fmt.Sprintf("%q", selector)+") ?? false"))
		if err != nil {
			v.Fatal(err)
		}
		if here {
			key := kb.Enter
			if selector == "#kept" {
				key = " "
			}
			v.do("press "+selector, chromedp.KeyEvent(key))
			return
		}
		v.do("tab", chromedp.KeyEvent(kb.Tab))
	}
	v.Fatalf("the keyboard does not reach %s\n%s", selector, text(v.T, v.ctx))
}

var secretShown = regexp.MustCompile(`(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}`)

// secretInView is the secret that the set-up shows to people without a camera.
func (v visitor) secretInView() string {
	v.Helper()
	for _, line := range strings.Split(text(v.T, v.ctx), "\n") {
		if secret := secretShown.FindString(line); secret != "" {
			return secret
		}
	}
	v.Fatalf("no secret:\n%s", text(v.T, v.ctx))
	return ""
}

// fits wants nothing to stick out sideways.
func (v visitor) fits(what string) {
	v.Helper()
	wide, err := chromedp.Run(v.ctx, chromedp.Evaluate[int64]("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
	if err != nil || wide > 0 {
		v.Errorf("%s sticks out by %d: %v", what, wide, err)
	}
	v.picture(strings.ReplaceAll(v.Name()+" "+what, "/", "-"))
}

// TestThirdExampleByCurl walks it with a shell script, against the test server.
func TestThirdExampleByCurl(t *testing.T) {
	needs(t, "jq", "jq")
	needs(t, "curl", "curl")
	for _, way := range []string{"code", "skip"} {
		base := startAndRead(t, exec.Command(binary, "testserver", "--scenario", "full", "--listen", "127.0.0.1:0"))
		out, err := exec.Command("sh", "clients/example3.sh", base, way).CombinedOutput()
		if want := `{"createaccount":{"status":"PASS","username":"Alice"}}`; err != nil || string(out) != want {
			t.Errorf("%s: %v\n%s", way, err, out)
		}
	}
}
