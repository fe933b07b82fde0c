package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// A tour walks through pages with a browser and stops at every state that a page can be in. At each stop the tests look for what
// keeps people out, and `make screens` takes pictures.
var tours = []struct {
	name string
	walk func(g *guide)
}{
	{"form", tourForm}, {"account", tourAccount}, {"ways-in", tourWaysIn}, {"elsewhere", tourElsewhere}, {"passkey", tourPasskey},
	{"site", tourSite}, {"refusals", tourRefusals}, {"operator", tourOperator},
}

// guide leads a tour: a browser, the space of a test server that it walks in, and what to do at each stop.
type guide struct {
	visitor
	server space // where spaces come from
	here   space
	// lang is the language of the pages.
	lang string
	stop func(v visitor, name string)
}

// TestPagesKeepNobodyOut looks at every page in every state.
func TestPagesKeepNobodyOut(t *testing.T) {
	if os.Getenv(picturesFolder) != "" {
		t.Skip("taking pictures")
	}
	server := testServer(t)
	for _, tour := range tours {
		t.Run(tour.name, func(t *testing.T) {
			tour.walk(&guide{visitor: visit(t, true, server.base), server: server, lang: "en", stop: visitor.keepsNobodyOut})
		})
		t.Run("mirrored/"+tour.name, func(t *testing.T) {
			tour.walk(&guide{visitor: visit(t, true, server.base), server: server, lang: "ar", stop: visitor.isMirrored})
		})
	}
}

// picturesFolder names the variable with the folder for pictures.
const picturesFolder = "GATEHOUSE_TEST_PICTURES"

// TestScreens takes the pictures of `make screens`.
func TestScreens(t *testing.T) {
	folder := os.Getenv(picturesFolder)
	if folder == "" {
		t.Skip("make screens names the folder in " + picturesFolder)
	}
	languages := []string{"en", "ar", "hi"}
	if list := os.Getenv("GATEHOUSE_TEST_LANGUAGES"); list != "" {
		languages = strings.Fields(list)
	}
	for _, lang := range languages {
		server := testServer(t)
		for _, tour := range tours {
			t.Run(lang+"/"+tour.name, func(t *testing.T) {
				tour.walk(&guide{
					visitor: visit(t, true, server.base), server: server, lang: lang,
					stop: func(v visitor, name string) { v.photograph(filepath.Join(folder, lang), name) },
				})
			})
		}
	}
}

// at says where the tour is.
func (g *guide) at(name string) {
	g.Helper()
	g.settle()
	g.stop(g.visitor, name)
}

// settle waits until the page has loaded, with its pictures.
func (v visitor) settle() {
	v.Helper()
	v.do("settle", chromedp.Evaluate[chromedp.Void](`new Promise((done) => {
		const loaded = () => document.readyState === "complete" && [...document.images].every((i) => i.complete);
		const look = () => (loaded() ? requestAnimationFrame(() => requestAnimationFrame(done)) : setTimeout(look, 10));
		look();
	})`, chromedp.EvalAwaitPromise))
}

// enter goes into a new space of the server.
func (g *guide) enter(scenario string, settings ...string) {
	g.Helper()
	quoted := make([]string, len(settings))
	for i, s := range settings {
		quoted[i] = fmt.Sprintf("%q", s)
	}
	g.here = g.server.space(g.T, fmt.Sprintf(`{"scenario": %q, "set": [%s]}`, scenario, strings.Join(quoted, ",")))
	g.base = g.here.base
}

// member makes an account that is there already.
func (g *guide) member(name string, groups ...string) {
	g.Helper()
	list := ""
	for i, group := range groups {
		list += map[bool]string{true: ", "}[i > 0] + fmt.Sprintf("%q", group)
	}
	g.here.control(g.T, "POST", "accounts", fmt.Sprintf(
		`{"name": %q, "password": %q, "email": "ada@example.org", "email_confirmed": true, "groups": [%s]}`, name, password, list), nil)
}

// open goes to a page in the language of the tour.
func (g *guide) open(page string) {
	g.Helper()
	address, fragment, _ := strings.Cut(page, "#")
	join := "?"
	if strings.Contains(address, "?") {
		join = "&"
	}
	g.visitor.open(address + join + "uselang=" + g.lang + map[bool]string{true: "#" + fragment}[fragment != ""])
}

// write replaces what stands in fields.
func (v visitor) write(fields ...string) {
	v.Helper()
	for i := 0; i < len(fields); i += 2 {
		selector := "[name=" + fields[i] + "]"
		v.await(selector)
		v.do("empty "+fields[i], chromedp.Evaluate[chromedp.Void](fmt.Sprintf("document.querySelector(%q).value = ''", selector)))
		v.do("write "+fields[i], chromedp.SendKeys(chromedp.CSS(selector), fields[i+1]))
	}
}

// await waits until something can be seen, over all the pages that come and go meanwhile.
func (v visitor) await(selector string) {
	v.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, 20*time.Second) // only against hanging
	defer cancel()
	look := fmt.Sprintf(`new Promise((done) => {
		const look = () => ([...document.querySelectorAll(%q)].some((e) => e.checkVisibility()) ? done() : setTimeout(look, 20));
		look();
	})`, selector)
	for {
		_, err := chromedp.Run(ctx, chromedp.Evaluate[chromedp.Void](look, chromedp.EvalAwaitPromise))
		switch {
		case err == nil:
			return
		case ctx.Err() != nil:
			v.Fatalf("%s does not come: %v\n%s", selector, err, text(v.T, v.ctx))
		}
	}
}

// send presses the primary button and waits for the next page to have what the selector finds.
func (v visitor) send(wanted string) {
	v.Helper()
	v.press("button.primary", wanted)
}

// press clicks and waits for another page.
func (v visitor) press(button, wanted string) {
	v.Helper()
	v.do("mark", chromedp.Evaluate[chromedp.Void]("document.documentElement.dataset.left = 'yes'"))
	v.click(button)
	v.await("html:not([data-left]) " + wanted)
}

// signIn signs in to an account that has a password alone.
func (g *guide) signIn(name string) {
	g.Helper()
	g.open("/wiki/Special:UserLogin")
	g.write("wpName", name, "wpPassword", password)
	g.send(".who")
}

// solve answers the captcha of the form.
func (g *guide) solve() {
	g.Helper()
	var told struct{ Answer string }
	g.here.control(g.T, "GET", "captcha?id="+g.attribute("[name=captchaId]", "value"), "", &told)
	g.write("captchaWord", told.Answer)
}

// forget throws the cookies away.
func (v visitor) forget() {
	v.Helper()
	v.do("forget", chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, network.ClearBrowserCookies, cdp.Empty{})
		return err
	}))
}

// screen emulates one: its width, and what its reader prefers.
func (v visitor) screen(width int64, features ...string) {
	v.Helper()
	v.do("screen", chromedp.EmulateViewport(width, 900))
	params := emulation.SetEmulatedMediaParams{}
	for i := 0; i < len(features); i += 2 {
		params.Features = append(params.Features, &emulation.MediaFeature{Name: features[i], Value: features[i+1]})
	}
	v.do("preferences", chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, params)
		return err
	}))
}

// photograph takes the pictures of a stop.
func (v visitor) photograph(folder, name string) {
	v.Helper()
	if err := os.MkdirAll(folder, 0o755); err != nil {
		v.Fatal(err)
	}
	for _, width := range []int64{360, 1280} {
		for _, scheme := range []string{"light", "dark"} {
			v.screen(width, "prefers-color-scheme", scheme, "prefers-reduced-motion", "reduce")
			v.settle()
			high, err := chromedp.Run(v.ctx, chromedp.Evaluate[int64]("document.documentElement.scrollHeight"))
			if err != nil {
				v.Fatalf("%s: %v", name, err)
			}
			v.do("height", chromedp.EmulateViewport(width, max(high, 640))) // beyond the window Chromium mislays pages from right to left
			image, err := chromedp.Run(v.ctx, chromedp.CaptureScreenshot())
			if err != nil {
				v.Fatalf("%s: %v", name, err)
			}
			if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%s-%d-%s.png", name, width, scheme)), image, 0o644); err != nil {
				v.Fatal(err)
			}
		}
	}
	v.screen(1280)
}

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
