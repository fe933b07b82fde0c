package e2e

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// sandbox is a browser on Special:ApiSandbox. What its console complains of, and what the content policy stops, fails the test.
type sandbox struct {
	t    *testing.T
	ctx  context.Context
	base string

	mu       sync.Mutex
	problems []string
}

func openSandbox(t *testing.T, base, call string) *sandbox {
	t.Helper()
	s := &sandbox{t: t, ctx: browser(t, true), base: base}
	if err := chromedp.Listen(s.ctx, s.listen); err != nil {
		t.Fatal(err)
	}
	const tell = `addEventListener("securitypolicyviolation", (e) => console.error("content policy: " + e.violatedDirective + " " + e.blockedURI))`
	s.do("listen", chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: tell})
		return err
	}))
	t.Cleanup(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, p := range s.problems {
			t.Error(p)
		}
	})
	s.do("open", chromedp.Navigate(base+"/wiki/Special:ApiSandbox"+call))
	s.do("form", chromedp.WaitVisible(chromedp.CSS("[data-part=send]")))
	return s
}

func (s *sandbox) listen(event any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		s.problems = append(s.problems, "exception: "+e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		args, _ := json.Marshal(e.Args)
		s.problems = append(s.problems, "console: "+string(args))
	case *cdplog.EventEntryAdded:
		if e.Entry.URL == "" || strings.HasPrefix(e.Entry.URL, s.base) { // the pages of a provider are not ours
			s.problems = append(s.problems, "log: "+e.Entry.Text+" "+e.Entry.URL)
		}
	}
}

func (s *sandbox) do(what string, a chromedp.Action[chromedp.Void]) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, 20*time.Second) // only against hanging
	defer cancel()
	if _, err := chromedp.Run(ctx, a); err != nil {
		s.t.Fatalf("%s: %v\n%s", what, err, text(s.t, s.ctx))
	}
}

// eval gives what an expression is in the page.
func (s *sandbox) eval(expression string) string {
	s.t.Helper()
	got, err := chromedp.Run(s.ctx, chromedp.Evaluate[string]("String("+expression+")"))
	if err != nil {
		s.t.Fatalf("%s: %v", expression, err)
	}
	return got
}

// waitFor waits until nothing is under way and an expression has a text in it.
func (s *sandbox) waitFor(expression, want string) {
	s.t.Helper()
	quoted, _ := json.Marshal(want)
	s.do(expression+" to have "+want, chromedp.Evaluate[chromedp.Void](`new Promise((done) => {
		const look = () => {
			let seen = "";
			try {
				seen = document.querySelector("[data-part=send]").ariaDisabled === "true" ? "" : String(`+expression+`);
			} catch { // it is not there yet
			}
			if (seen.includes(`+string(quoted)+`)) done();
			else requestAnimationFrame(look);
		};
		look();
	})`, chromedp.EvalAwaitPromise))
}

func input(param string) string {
	return `[data-param="` + param + `"] :is(input:not(.send), select, textarea)`
}

func (s *sandbox) fill(param, value string) {
	s.t.Helper()
	s.do("find "+param, chromedp.WaitVisible(chromedp.CSS(input(param))))
	s.do("select "+param, chromedp.Evaluate[chromedp.Void]("document.querySelector('"+input(param)+"').select()"))
	s.do("fill in "+param, chromedp.SendKeys(chromedp.CSS(input(param)), value))
}

func (s *sandbox) click(selector string) {
	s.t.Helper()
	s.do("click "+selector, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

const (
	verdictText = "document.querySelector('.verdict').textContent"
	answerText  = "document.querySelector('.json').textContent"
	codeText    = "document.querySelector('[data-part=code]').textContent"
)

// A visitor makes an account in the sandbox: wrongly, then rightly; looks it up; and takes the call along as a program.
func TestSandboxCreatesAnAccount(t *testing.T) {
	base := serve(t)
	s := openSandbox(t, base, "")
	s.do("choose", chromedp.SetValue(chromedp.CSS(input("action")), "query"))
	s.do("tell", chromedp.Evaluate[chromedp.Void]("document.querySelector('"+input("action")+"').dispatchEvent(new Event('change', { bubbles: true }))"))
	s.do("query", chromedp.WaitVisible(chromedp.CSS(`[data-param="meta"]`)))
	s.do("choose", chromedp.SendKeys(chromedp.CSS(input("action")), "createaccount"))

	s.fill("username", "zane_grey")
	s.fill("password", "Corr3ct-horse")
	s.fill("retype", "Corr3ct-horsE")
	s.click("[data-part=send]")
	s.waitFor(verdictText, "FAIL")
	s.waitFor(verdictText, "badretype")
	s.waitFor("document.activeElement.textContent", "The answer")
	s.fill("retype", "Corr3ct-horse"+kb.Enter)
	s.waitFor(verdictText, "PASS")
	s.waitFor(verdictText, "The account Zane grey exists now.")
	s.waitFor("document.querySelector('[data-part=status]').textContent", "PASS")

	for _, part := range []string{"history", "code"} {
		if seen := s.eval("document.querySelector('[data-part=" + part + "]').textContent"); strings.Contains(seen, "horse") {
			t.Errorf("the password stands in %s: %s", part, seen)
		}
	}
	if address := s.eval("location.href"); strings.Contains(address, "horse") || !strings.Contains(address, "username=zane_grey") {
		t.Errorf("the address is %s", address)
	}

	s.click(".verdict a")
	s.waitFor("document.querySelector('"+input("ususers")+"').value", "Zane grey")
	s.waitFor("document.querySelector('[data-part=method]').textContent", "GET /w/api.php")
	s.click("[data-part=send]")
	s.waitFor(answerText, `"userid": 1`)

	s.click(".history li:last-child button")
	s.waitFor("document.querySelector('"+input("username")+"').value", "zane_grey")
	s.waitFor("document.querySelectorAll('.history li').length", "3")
}

// A token whose session is gone is fetched anew, and the visitor sees nothing of it.
func TestSandboxFetchesTokensAgain(t *testing.T) {
	base := serve(t)
	s := openSandbox(t, base, "")
	for i, name := range []string{"Zane", "Grey"} {
		s.fill("username", name)
		s.fill("password", "Corr3ct-horse")
		s.fill("retype", "Corr3ct-horse")
		s.click("[data-part=send]")
		s.waitFor(verdictText, "The account "+name+" exists")
		s.do("lose the session", chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := cdp.Call(ctx, target, network.ClearBrowserCookies, cdp.Empty{})
			return err
		}))
		s.waitFor("document.querySelectorAll('.history li').length", []string{"1", "2"}[i])
	}
	s.do("own token", chromedp.SendKeys(chromedp.CSS(input("createtoken")), `0123456789+\`))
	s.click("[data-part=send]")
	s.waitFor(verdictText, "badtoken")
	if seen := s.eval(codeText); strings.Contains(seen, "0123456789") || !strings.Contains(seen, "YOUR_TOKEN") {
		t.Errorf("the token stands in\n%s", seen)
	}
}

// A link fills the form in, modules below modules too, and sends nothing.
func TestSandboxDeepLinks(t *testing.T) {
	base := serve(t)
	s := openSandbox(t, base, "#action=query&meta=tokens|siteinfo&type=createaccount&siprop=general&uselang=qqx&odd-one=1%26")
	if got := s.eval("document.querySelector('.json')"); got != "null" {
		t.Error("something was sent")
	}
	s.waitFor(`document.querySelector('[data-param="odd-one"] input:not(.send)').value`, "1&")
	s.waitFor("[...document.querySelectorAll('legend')].map((l) => l.textContent).join()", "meta=siteinfo,meta=tokens")
	s.waitFor(`document.querySelector('[data-param="type"] input[value=createaccount]').checked`, "true")
	s.click("[data-part=send]")
	s.waitFor(answerText, "createaccounttoken")
	s.waitFor("document.querySelector('.warnings').textContent", "odd-one")

	// The same address leads to the same call.
	address := s.eval("location.href")
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	call, err := url.ParseQuery(parsed.EscapedFragment())
	if err != nil || call.Get("meta") != "siteinfo|tokens" || call.Get("type") != "createaccount" || call.Get("odd-one") != "1&" {
		t.Errorf("the address is %s: %v", address, err)
	}
	s.do("another link", chromedp.Evaluate[chromedp.Void]("location.hash = '#action=logout&token=123ABC'"))
	s.waitFor("document.querySelector('"+input("action")+"').value", "logout")
	s.waitFor("document.querySelector('[data-part=method]').textContent", "POST")
	if got := s.eval("document.querySelector('" + input("token") + "').value"); got != "" {
		t.Errorf("the example's token is taken for one: %s", got)
	}
	if got := s.eval(`document.querySelector('[data-param="odd-one"]')`); got != "null" {
		t.Error("a field of the last call is still there")
	}
}

// What the form says and what curl does with the copied call is the same.
func TestSandboxCopiesWhatItSends(t *testing.T) {
	base := serve(t)
	s := openSandbox(t, base, "#action=query&list=users&ususers="+url.QueryEscape("\x1fIt's|me\x1f$HOME")+"&usprop=cancreate")
	s.click("[data-part=copy]")
	s.waitFor("document.querySelector('[data-part=status]').textContent", "Copied.")
	for _, r := range runners() {
		s.click(`[data-language="` + r.language + `"]`)
		t.Run(r.language, func(t *testing.T) {
			if got := r.output(t, s.eval(codeText)); !strings.Contains(got, `"name":"It's|me"`) || !strings.Contains(got, `"name":"$HOME"`) {
				t.Errorf("printed %s", got)
			}
		})
	}
}

// Without script the page says what it needs, and where to go.
func TestSandboxWithoutScript(t *testing.T) {
	base := serve(t)
	ctx := browser(t, false)
	if _, err := chromedp.Run(ctx, chromedp.Navigate(base+"/wiki/Special:ApiSandbox")); err != nil {
		t.Fatal(err)
	}
	if seen := text(t, ctx); !strings.Contains(seen, "needs JavaScript") || strings.Contains(seen, "Send") {
		t.Errorf("the page says\n%s", seen)
	}
	if _, err := chromedp.Run(ctx, chromedp.Click(chromedp.CSS("noscript a"), chromedp.NodeVisible)); err != nil {
		t.Fatal(err)
	}
}

// Nothing sticks out sideways, from the narrowest screen to the widest.
func TestSandboxFitsScreens(t *testing.T) {
	base := serve(t)
	ctx := browser(t, true)
	for _, width := range []int64{320, 360, 768, 1023, 1280, 1920} {
		for _, call := range []string{"?1#action=createaccount", "?2#action=query&meta=siteinfo|userinfo|tokens&list=users|logevents&type=*"} {
			if _, err := chromedp.Run(ctx, chromedp.EmulateViewport(width, 900)); err != nil {
				t.Fatal(err)
			}
			if _, err := chromedp.Run(ctx, chromedp.Navigate(base+"/wiki/Special:ApiSandbox"+call)); err != nil {
				t.Fatal(err)
			}
			if _, err := chromedp.Run(ctx, chromedp.WaitVisible(chromedp.CSS("[data-part=send]"))); err != nil {
				t.Fatal(err)
			}
			got, err := chromedp.Run(ctx, chromedp.Evaluate[int64](`[...document.querySelectorAll("main *")].forEach((e) => { if (e.tagName === "DETAILS") e.open = true; }), document.documentElement.scrollWidth`))
			if err != nil || got > width {
				t.Errorf("%s at %d is %d wide: %v", call, width, got, err)
			}
		}
	}
}
