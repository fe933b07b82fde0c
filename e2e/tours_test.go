package e2e

import (
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// tourForm: the form for a new account, and all that can go wrong with it.
func tourForm(g *guide) {
	g.enter("captcha", `captcha.others=["math","mail","proof-of-work"]`)
	g.member("Ada")
	g.open("/wiki/Special:CreateAccount")
	g.at("create")
	g.do("go to the languages", chromedp.Focus(chromedp.CSS(".languages summary")))
	g.do("open them", chromedp.KeyEvent(kb.Enter))
	g.at("languages")
	g.write("wpName", "Ada", "wpPassword", "short"+kb.Tab)
	g.await(".suggests button")
	g.await("#wpPassword-note.refused")
	g.at("create-while-typing")
	g.open("/wiki/Special:CreateAccount")
	g.send("[role=alert]")
	g.at("create-empty")
	g.write("wpName", "ada", "wpPassword", "short", "captchaWord", "0")
	g.send("[role=alert]")
	g.at("create-wrong-puzzle")
	g.write("wpName", "ada", "wpPassword", "short", "email", "nowhere")
	g.solve()
	g.send("[role=alert]")
	g.at("create-taken")
	g.press("[name=wpCaptchaKind][value=math]", "[name=captchaWord]")
	g.at("create-sum")
	g.press("[name=wpCaptchaKind][value=proof-of-work]", ".work[data-state=done]")
	g.at("create-work")
	g.press("[name=wpCaptchaKind][value=mail]", "[name=captchaKind][value=mail] ~ *")
	g.at("create-mail")
	g.write("wpName", "Zane", "wpPassword", password, "email", "zane@example.org")
	g.send("[name=captchaWord]")
	g.at("create-code")
	g.write("captchaWord", "00000000")
	g.send("[role=alert]")
	g.at("create-code-wrong")
	g.open("/wiki/Special:CreateAccount")
	g.write("wpName", "Zoe", "email", "zoe@example.org")
	g.forget()
	g.send("[role=alert]")
	g.at("create-stale")
}

// tourAccount: what one sees with an account of one's own.
func tourAccount(g *guide) {
	g.enter("plain")
	g.open("/wiki/Special:CreateAccount")
	g.write("wpName", "zane_grey", "wpPassword", password, "email", "zane@example.org")
	g.send(".who")
	g.at("done")
	g.open("/")
	g.at("home-account")
	g.open("/wiki/Special:UserLogin")
	g.at("signed-in")
	g.open("/wiki/Special:ChangeCredentials")
	g.at("password")
	g.write("wpPassword", "short")
	g.send("[role=alert]")
	g.at("password-refused")
	g.open("/wiki/Special:ChangeEmail")
	g.at("address")
	g.write("email", "nowhere")
	g.send("[role=alert]")
	g.at("address-refused")
	g.open("/wiki/Special:ConfirmEmail")
	g.at("address-again")
	g.forget()
	link := g.link("zane@example.org")
	g.do("open the link", chromedp.Navigate(link+"&uselang="+g.lang))
	g.at("address-confirm")
	g.send("main a")
	g.at("address-confirmed")
	g.do("again", chromedp.Navigate(link+"&uselang="+g.lang))
	g.at("address-over")
	g.open("/wiki/Special:ConfirmEmail")
	g.at("address-sign-in")
	g.open("/wiki/Special:UserLogin")
	g.at("login")
	g.write("wpName", "Zane grey", "wpPassword", "wrong one")
	g.send("[role=alert]")
	g.at("login-refused")
	g.signIn("Zane grey")
	g.open("/wiki/Special:UserLogout")
	g.at("logout")
	g.send("main a.button")
	g.at("signed-out")
}

// link is the last one in the mail to an address.
func (g *guide) link(to string) string {
	g.Helper()
	var told struct{ Mail []struct{ Links []string } }
	g.here.control(g.T, "GET", "mail?to="+to, "", &told)
	if len(told.Mail) == 0 || len(told.Mail[len(told.Mail)-1].Links) == 0 {
		g.Fatalf("no link in the mail to %s: %v", to, told)
	}
	return told.Mail[len(told.Mail)-1].Links[0]
}

// code is what the app shows that the secret of the page was given to.
func (g *guide) code(secret string) string {
	g.Helper()
	var told struct{ Code string }
	g.here.control(g.T, "GET", "totp?secret="+strings.ReplaceAll(secret, " ", ""), "", &told)
	return told.Code
}

// tourWaysIn: second factors, and a password that was forgotten.
func tourWaysIn(g *guide) {
	g.enter("plain", "password.mailed=link")
	g.member("Ada")
	g.open("/wiki/Special:PasswordReset")
	g.at("reset")
	g.write("wpName", "Ada")
	g.send("main a")
	g.at("reset-sent")
	g.do("open the link", chromedp.Navigate(g.link("ada@example.org")+"&uselang="+g.lang))
	g.at("reset-choose")
	g.write("wpPassword", password+"s")
	g.send("main a.button")
	g.at("reset-done")
	g.open("/wiki/Special:UserLogin")
	g.write("wpName", "Ada", "wpPassword", password+"s")
	g.send(".who")
	g.open("/wiki/Special:AccountSecurity")
	g.at("security-none")
	g.open("/wiki/Special:AccountSecurity/add")
	g.at("factor-add")
	g.write("code", "000000")
	g.send("[role=alert]")
	g.at("factor-refused")
	secret := g.secretInView()
	g.write("code", g.code(secret), "wpFactorName", "Telephone")
	g.send("#kept")
	g.at("codes")
	g.click("#kept")
	g.send(".factors")
	g.at("security")
	g.forget()
	g.open("/wiki/Special:UserLogin")
	g.write("wpName", "Ada", "wpPassword", password+"s")
	g.send("[name=OATHToken]")
	g.at("login-code")
	g.write("OATHToken", "000000")
	g.send("[role=alert]")
	g.at("login-code-refused")
}

// tourElsewhere: the visit at a provider, and what follows.
func tourElsewhere(g *guide) {
	g.enter("full", "captcha.kind=none")
	away := func(name, wanted string) {
		g.await("[name=subject]")
		g.write("subject", name)
		g.do("sign in there", chromedp.Click(chromedp.CSS("button")))
		g.await(wanted)
	}
	begin := func(name string) {
		g.open("/wiki/Special:CreateAccount")
		g.write("wpName", name)
		g.press(`button[name="example.net"]`, "a.button.primary")
	}
	g.open("/wiki/Special:CreateAccount")
	g.at("create-choice")
	begin("Alice")
	g.at("away")
	g.click("a.button.primary")
	away("alice", "[name=wpCreateaccount]")
	g.at("back")
	g.send("[name=code]")
	g.at("two-factor")
	g.write("code", "000000")
	g.send("[role=alert]")
	g.at("two-factor-refused")
	g.write("code", g.code(g.secretInView()))
	g.send("#kept")
	g.at("codes-new")
	g.click("#kept")
	g.send(".who")
	g.at("done-without-address")
	g.open("/wiki/Special:LinkAccounts")
	g.at("links")
	g.open("/wiki/Special:OpenIDConnectReturn?state=x&code=y")
	g.at("return-unknown")
	g.forget()
	begin("Bob")
	target := g.attribute("a.button.primary", "href")
	g.forget() // as for somebody who is sent the link
	g.do("go there", chromedp.Navigate(g.absolute(target)))
	away("bob", "a.button.primary")
	g.at("return")
	g.open("/wiki/Special:UserLogin")
	g.at("login-choice")
	g.press(`button[name="example.net"]`, "a.button.primary")
	g.click("a.button.primary")
	away("carol", "button.primary")
	g.send("[name=wpName]")
	g.at("create-proven")
}

// absolute is an address of the page as the browser opens it.
func (v visitor) absolute(address string) string {
	v.Helper()
	got, err := chromedp.Run(v.ctx, chromedp.Evaluate[string](fmt.Sprintf("new URL(%q, location.href).href", address)))
	if err != nil {
		v.Fatal(err)
	}
	return got
}

// tourPasskey: a device in the place of a password.
func tourPasskey(g *guide) {
	g.base = servePasskeys(g.T)
	withDevice(g.visitor, true)
	g.open("/wiki/Special:CreateAccount")
	g.at("create-passkey")
	g.write("wpName", "Zane")
	g.press("button[name=passkey]", "[data-passkey]")
	g.at("passkey-step")
	g.send("#kept")
	g.click("#kept")
	g.send(".who")
	g.open("/wiki/Special:AccountSecurity")
	g.at("security-passkey")
	g.open("/wiki/Special:AccountSecurity/passkey")
	g.at("passkey-add")
	g.click("button.primary")
	g.await("[data-passkey][data-state=known]")
	g.at("passkey-known")
}

// tourSite: what everybody can look at.
func tourSite(g *guide) {
	g.enter("captcha")
	g.open("/")
	g.at("home")
	g.open("/wiki/Special:Log")
	g.at("log-empty")
	g.member("Ada", "sysop")
	for _, name := range []string{"Zoe", "A name that is about as long as names may be, because somebody wanted it that way", "محمد علي", "नया सदस्य"} {
		g.member(name)
	}
	g.open("/wiki/Special:Log/newusers")
	g.at("log")
	g.open("/wiki/Special:Log/newusers?limit=2")
	g.at("log-pages")
	g.open("/wiki/Special:Version")
	g.at("version")
	g.open("/wiki/Special:Version/License")
	g.at("license")
	g.open("/wiki/Special:Captcha/help")
	g.at("puzzles")
	g.open("/wiki/Special:ApiSandbox")
	g.await("[data-part=send]")
	g.at("sandbox")
	g.open("/wiki/Special:ApiHelp")
	g.at("api-help")
}

// tourRefusals: pages that say why not.
func tourRefusals(g *guide) {
	g.enter("plain", "createaccount.anonymous=false")
	g.open("/wiki/Nothing_here")
	g.at("not-found")
	g.open("/wiki/Special:CreateAccount")
	g.at("closed")
	g.enter("plain", "site.private=true")
	g.open("/wiki/Special:Log")
	g.at("private")
	g.enter("plain", `throttle.creations=[{"count":1,"per":"24h"}]`)
	for range 2 {
		g.forget()
		g.open("/wiki/Special:CreateAccount")
		g.write("wpName", fmt.Sprintf("Zane %d", time.Now().UnixNano()), "wpPassword", password)
		g.send(".who, [role=alert]")
	}
	g.at("create-throttled")
	g.do("too much", chromedp.Evaluate[chromedp.Void]("document.querySelector('[name=email]').value = 'x'.repeat(70000)"))
	g.send("h1")
	if g.lang == "en" { // a form that nobody reads says nothing of its language
		g.at("too-large")
	}
}

// tourOperator: what takes a right.
func tourOperator(g *guide) {
	g.enter("plain")
	g.member("Ada", "sysop", "bureaucrat")
	g.signIn("Ada")
	g.open("/wiki/Special:EventPasses")
	g.at("passes-none")
	g.write("wpCount", "many")
	g.send("[role=alert]")
	g.at("passes-refused")
	g.write("wpCount", "30", "wpHours", "6", "wpNote", "Library")
	g.send("[role=status]")
	g.at("passes-made")
	g.open("/wiki/Special:EventPasses")
	g.at("passes")
	for _, page := range []string{"Operators", "Funnel", "NewAccounts", "BlockList", "Block", "MailQueue", "Limits", "Preferences"} {
		g.open("/wiki/Special:" + page)
		g.at("operator-" + strings.ToLower(page))
	}
	g.open("/wiki/Special:CreateAccount")
	g.at("create-other")
	g.write("wpName", "Guest", "wpPassword", password)
	g.send("main a.button.primary")
	g.at("done-other")
}
