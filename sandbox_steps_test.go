package gatehouse

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"gatehouse/auth"
	"gatehouse/internal/message"
	"gatehouse/internal/provider/name"
	"gatehouse/internal/username"
)

// A browser walks every kind of step in the sandbox: a puzzle, a third party, two-factor set-up with a wrong code and a way
// around it, and a sign-in that ends with RESTART.

// puzzle has a hidden id, something to look at, and a word.
type puzzle struct{}

func (puzzle) ID() auth.ProviderID { return "puzzle" }

func (puzzle) Requests(_ context.Context, o auth.Options) ([]auth.Request, error) {
	if o.Action != auth.ActionCreate {
		return nil, nil
	}
	id, picture := "17", "/w/static/puzzle.png"
	return []auth.Request{{
		ID: "CaptchaAuthenticationRequest", Metadata: []auth.Datum{{Name: "mime", Value: "image/png"}},
		Fields: []auth.Field{
			{Name: "captchaId", Type: auth.FieldHidden, Value: &id, Label: message.Literal("Id")},
			{Name: "captchaInfo", Type: auth.FieldNull, Value: &picture, Label: message.Literal("Picture")},
			{Name: "captchaWord", Type: auth.FieldString, Label: message.Literal("Word"), Help: message.Literal("Type ''cat''.")},
		},
	}}, nil
}

func (puzzle) CheckCreation(c *auth.Creation) auth.Check {
	if a, _ := c.Answers.Get("CaptchaAuthenticationRequest"); a.Values["captchaId"] != "17" || a.Values["captchaWord"] != "cat" {
		return auth.Refused(message.New("captcha-createaccount-fail"))
	}
	return auth.Good()
}

// elsewhere is a third party: a button leads there, and a code comes back. Nobody who signs in by it has an account here.
type elsewhere struct{ target string }

const leave auth.RequestID = "OpenIdConnectBeginAuthenticationRequest:example"

func (elsewhere) ID() auth.ProviderID             { return "elsewhere" }
func (elsewhere) CreationType() auth.CreationType { return auth.CreationLink }

func (elsewhere) Requests(_ context.Context, o auth.Options) ([]auth.Request, error) {
	if o.Action != auth.ActionCreate && o.Action != auth.ActionLogin {
		return nil, nil
	}
	return []auth.Request{{ID: leave, Required: auth.PrimaryRequired, Fields: []auth.Field{
		{Name: "example", Type: auth.FieldButton, Label: message.Literal("Go on with Example")},
	}}}, nil
}

func (p elsewhere) BeginCreation(_ context.Context, c *auth.Creation) (auth.Response, error) {
	if _, chosen := c.Answers.Get(leave); !chosen {
		return auth.Abstained(), nil
	}
	return auth.Redirected(p.target+"?back="+url.QueryEscape(c.ReturnURL), auth.Request{ID: "back", Fields: []auth.Field{
		{Name: "code", Type: auth.FieldString, Label: message.Literal("Code")},
		{Name: "state", Type: auth.FieldString, Label: message.Literal("State")},
	}}), nil
}

func (elsewhere) ContinueCreation(_ context.Context, c *auth.Creation) (auth.Response, error) {
	if a, _ := c.Answers.Get("back"); a.Values["code"] != "C 1&" || a.Values["state"] != "S1" {
		return auth.Failed(message.New("authmanager-create-no-primary")), nil
	}
	return auth.Passed(), nil
}

func (elsewhere) BeginLogin(_ context.Context, l *auth.Login) (auth.Response, error) {
	if _, chosen := l.Answers.Get(leave); !chosen {
		return auth.Abstained(), nil
	}
	return auth.Response{Status: auth.Restart, Messages: []auth.Message{message.New("authmanager-authn-no-local-user")}}, nil
}

// secondFactor asks for a code once the account is made.
type secondFactor struct{}

func (secondFactor) ID() auth.ProviderID { return "second" }
func (secondFactor) BeforeCommit() bool  { return false }
func (secondFactor) Requests(context.Context, auth.Options) ([]auth.Request, error) {
	return nil, nil
}

func (secondFactor) ask(m message.Key) (auth.Response, error) {
	return auth.Asked(message.New(m),
		auth.Request{ID: "TwoFactorAuthenticationRequest", Metadata: []auth.Datum{{Name: "secret", Value: "6CO3 2AKV EP2X MIV5"}}, Fields: []auth.Field{
			{Name: "2FAInfo", Type: auth.FieldNull, Label: message.Literal("Add this")},
			{Name: "code", Type: auth.FieldString, Label: message.Literal("Code")},
		}},
		auth.Request{ID: "skip", Required: auth.Optional, Fields: []auth.Field{
			{Name: "skip2FASetup", Type: auth.FieldButton, Label: message.Literal("Skip")},
		}}), nil
}

func (p secondFactor) BeginCreation(context.Context, *auth.Creation) (auth.Response, error) {
	return p.ask("oathauth-create-ui")
}

func (p secondFactor) ContinueCreation(_ context.Context, c *auth.Creation) (auth.Response, error) {
	if _, skipped := c.Answers.Get("skip"); skipped {
		return auth.Passed(), nil
	}
	return p.ask("oathauth-create-failed")
}

func (secondFactor) BeginLogin(context.Context, *auth.Login) (auth.Response, error) {
	return auth.Abstained(), nil
}

// stepsServer is a server with these providers.
func stepsServer(t *testing.T) string {
	t.Helper()
	outside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		back, err := url.Parse(r.URL.Query().Get("back"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		query := back.Query()
		query.Set("code", "C 1&")
		query.Set("state", "S1")
		back.RawQuery = query.Encode()
		http.Redirect(w, r, back.String(), http.StatusSeeOther)
	}))
	t.Cleanup(outside.Close)
	var handler http.Handler
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(web.Close)

	cfg := DefaultConfig()
	cfg.Store.URL = "memory:"
	cfg.Server.PublicURL = web.URL
	s, err := New(t.Context(), cfg, Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	names := username.NewRules(username.Options{SiteName: cfg.Site.Name})
	passwords, err := s.newPasswordProvider(names)
	if err != nil {
		t.Fatal(err)
	}
	manager, err := auth.NewManager(auth.Config{
		Pre: []auth.PreProvider{puzzle{}}, Primary: []auth.PrimaryProvider{elsewhere{outside.URL + "/auth"}, passwords},
		Secondary: []auth.SecondaryProvider{secondFactor{}}, Subject: []auth.SubjectProvider{name.New()},
		Accounts: s.store, Flows: s.store, Sealer: s.keys, Names: names, Groups: cfg.GroupPolicy(), Logger: s.log,
	})
	if err != nil {
		t.Fatal(err)
	}
	texts, err := s.newTexts()
	if err != nil {
		t.Fatal(err)
	}
	handler, err = s.newHandler(edge{manager: manager, names: names, clientAddr: s.clientAddr(Options{}), texts: texts})
	if err != nil {
		t.Fatal(err)
	}
	return web.URL
}

// sandboxTab is a browser on the sandbox. Whatever its console complains of, and whatever the content policy stops, fails the
// test.
type sandboxTab struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	problems []string
}

const tellViolations = `addEventListener("securitypolicyviolation", (e) => console.error("content policy: " + e.violatedDirective + " " + e.blockedURI))`

func newSandboxTab(t *testing.T) *sandboxTab {
	t.Helper()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is missing (Debian: apt-get install chromium)")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium), chromedp.NoSandbox, chromedp.WindowSize(1280, 900),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &sandboxTab{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatal(err)
	}
	b.do("listen", chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: tellViolations})
		return err
	}))
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, p := range b.problems {
			t.Error(p)
		}
	})
	return b
}

func (b *sandboxTab) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.problems = append(b.problems, "exception: "+e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		args, _ := json.Marshal(e.Args)
		b.problems = append(b.problems, "console: "+string(args))
	case *cdplog.EventEntryAdded:
		if !strings.Contains(e.Entry.URL, "/w/static/puzzle.png") { // there is no picture
			b.problems = append(b.problems, "log: "+e.Entry.Text+" "+e.Entry.URL)
		}
	}
}

func (b *sandboxTab) do(what string, a chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second) // only against hanging
	defer cancel()
	if _, err := chromedp.Run(ctx, a); err != nil {
		seen, _ := chromedp.Run(b.ctx, chromedp.Text(chromedp.CSS("body")))
		b.t.Fatalf("%s: %v\n%s", what, err, seen)
	}
}

func (b *sandboxTab) fill(param, value string) {
	b.t.Helper()
	input := `[data-param="` + param + `"] input:not(.send)`
	b.do("find "+param, chromedp.WaitVisible(chromedp.CSS(input)))
	b.do("select "+param, chromedp.Evaluate[chromedp.Void]("document.querySelector('"+input+"').select()"))
	b.do("fill in "+param, chromedp.SendKeys(chromedp.CSS(input), value))
}

// send presses a button and waits for the answer that says want.
func (b *sandboxTab) send(button, want string) {
	b.t.Helper()
	b.do("press "+button, chromedp.Click(chromedp.CSS(button), chromedp.NodeVisible))
	b.waitFor("document.querySelector('.verdict').textContent", want)
}

// waitFor waits until an expression has a text.
func (b *sandboxTab) waitFor(expression, want string) {
	b.t.Helper()
	quoted, _ := json.Marshal(want)
	b.do("wait for "+want, chromedp.Evaluate[chromedp.Void](`new Promise((done) => {
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

const sendButton = "[data-part=send]"

func TestSandboxWalksSteps(t *testing.T) {
	base := stepsServer(t)
	b := newSandboxTab(t)
	b.do("open", chromedp.Navigate(base+"/wiki/Special:ApiSandbox"))
	b.do("fields", chromedp.WaitVisible(chromedp.CSS(`[data-param="captchaWord"]`)))
	b.waitFor(`document.querySelector('[data-param="captchaInfo"] img').src`, base+"/w/static/puzzle.png")
	b.fill("username", "Zane")
	b.fill("captchaWord", "dog")
	b.send(`[data-param="example"] button`, "FAIL")
	b.waitFor("document.querySelector('.verdict').textContent", "captcha-createaccount-fail")

	// The third party, in the same tab: what it brings back is filled in.
	b.waitFor(`document.querySelector('[data-param="captchaWord"] input:not(.send)').value === ""`, "true") // another puzzle
	b.fill("captchaWord", "cat")
	b.send(`[data-param="example"] button`, "REDIRECT")
	b.waitFor("document.activeElement.textContent", "The next step is elsewhere")
	b.waitFor("document.querySelector('.flow a').target + document.querySelector('.flow a').rel", "_blanknoopener noreferrer")
	target, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("document.querySelector('.flow a').href"))
	if err != nil {
		t.Fatal(err)
	}
	b.do("go there", chromedp.Navigate(target))
	b.waitFor("document.querySelector('[data-part=status]').textContent", "You are back")
	b.waitFor("location.search === ''", "true")
	b.waitFor(`[...document.querySelectorAll('[data-param="code"] input, [data-param="state"] input')].map((i) => i.value).join()`, "C 1&,on,S1")

	b.send(sendButton, "UI")
	b.waitFor("document.querySelector('.flow').textContent", "Set up two-factor authentication")
	b.waitFor("document.querySelector('.flow').textContent", "6CO3 2AKV EP2X MIV5")
	b.waitFor("document.activeElement.textContent", "asks for more")
	b.fill("code", "000000")
	b.send(sendButton, "The code is not right")
	b.send(`[data-param="skip2FASetup"] button`, "PASS")
	b.waitFor("document.querySelector('.verdict').textContent", "Zane exists")
	b.waitFor("document.querySelector('.flow').textContent", "Fields for this module")
}

func TestSandboxTakesTheAddressOfReturn(t *testing.T) {
	base := stepsServer(t)
	b := newSandboxTab(t)
	b.do("open", chromedp.Navigate(base+"/wiki/Special:ApiSandbox#action=createaccount&username=Zane&captchaWord=cat&createreturnurl="+url.QueryEscape("myapp://back")))
	b.do("fields", chromedp.WaitVisible(chromedp.CSS(`[data-param="captchaWord"]`)))
	b.waitFor(`document.querySelector('[data-param="createreturnurl"] input:not(.send)').value`, "myapp://back")
	b.fill("createreturnurl", "http://localhost/callback")
	b.send(`[data-param="example"] button`, "REDIRECT")
	b.do("paste", chromedp.SendKeys(chromedp.CSS("#came-back"), "http://localhost/callback?code=C+1%26&state=S1"))
	b.send(sendButton, "UI")
	b.do("give up", chromedp.Click(chromedp.CSS(".flow .row button:last-child"), chromedp.NodeVisible))
	b.waitFor("document.querySelector('.flow').textContent", "Fields for this module")
	b.waitFor(`document.querySelector('[data-param="createcontinue"] input').checked`, "false")
}

func TestSandboxRestart(t *testing.T) {
	base := stepsServer(t)
	b := newSandboxTab(t)
	b.do("open", chromedp.Navigate(base+"/wiki/Special:ApiSandbox#action=clientlogin"))
	b.do("fields", chromedp.WaitVisible(chromedp.CSS(`[data-param="example"] button`)))
	b.send(`[data-param="example"] button`, "RESTART")
	b.waitFor("document.querySelector('.flow').textContent", "Fields for this module")
}
