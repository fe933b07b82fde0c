package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// An account for oneself and one for another, what mail leads to, and linking, are done by keyboard alone; and without script,
// where nothing is pressed otherwise either.
func TestByKeyboardAlone(t *testing.T) {
	server := testServer(t)
	for what, script := range map[string]bool{"with script": true, "without script": false} {
		t.Run(what, func(t *testing.T) {
			g := &guide{visitor: visit(t, script, server.base), server: server, lang: "en"}
			g.enter("full", "captcha.kind=none", "totp.at_creation=off", "password.mailed=link")
			secret := func(name, value string) {
				g.typed(name, value)
				if !script {
					g.typed("retype", value)
				}
			}
			g.open("/wiki/Special:CreateAccount")
			g.typed("wpName", "zane_keys")
			secret("wpPassword", password)
			g.typed("email", "keys@example.org"+kb.Enter)
			g.comes(".who")
			g.follow(g.link("keys@example.org"))
			g.pressByKey("button.primary")
			g.comes("main:not(:has(form))")

			g.open("/wiki/Special:LinkAccounts")
			g.pressByKey(`button[name="example.net"]`)
			g.comes("a.button.primary")
			g.pressByKey("a.button.primary")
			g.comes("[name=subject]")
			g.do("who", chromedp.SendKeys(chromedp.CSS("[name=subject]"), what+kb.Enter))
			g.comes("[name=wpSubmit]")
			g.pressByKey("button.primary")
			g.comes("main:not(:has(form))")

			g.forget()
			g.open("/wiki/Special:PasswordReset")
			g.typed("wpName", "Zane keys"+kb.Enter)
			g.comes("main:not(:has(form))")
			g.follow(g.link("keys@example.org"))
			secret("wpPassword", password+" 2")
			g.pressByKey("button.primary")
			g.comes("main a.button")
			g.open("/wiki/Special:UserLogin")
			g.typed("wpName", "Zane keys")
			g.typed("wpPassword", password+" 2"+kb.Enter)
			g.comes(".who")

			// An account for somebody else, whose password is mailed: the second of the documented examples.
			g.open("/wiki/Special:CreateAccount")
			g.typed("wpName", "other_keys")
			g.typed("email", "other@example.org")
			g.typed("reason", "For the workshop")
			g.typed("wpCreateaccountMail", " ")
			g.pressByKey("button.primary")
			g.comes("main:not(:has(form))")
			g.follow(g.link("other@example.org"))
			g.comes("[name=wpPassword]")
		})
	}
}

// typed goes to a field and types.
func (v visitor) typed(name, keys string) {
	v.Helper()
	v.do("go to "+name, chromedp.Focus(chromedp.CSS("[name="+name+"]")))
	v.do("type", chromedp.KeyEvent(keys))
}

// comes waits for something that can be seen, without a script in the page.
func (v visitor) comes(selector string) {
	v.Helper()
	v.do(selector, chromedp.WaitVisible(chromedp.CSS(selector)))
}

func (g *guide) follow(link string) {
	g.Helper()
	g.do("open the link", chromedp.Navigate(link+"&uselang="+g.lang))
}
