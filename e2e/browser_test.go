package e2e

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// browser gives a fresh Chromium, with or without script.
func browser(t *testing.T, script bool) context.Context {
	t.Helper()
	path := needs(t, "chromium", "chromium")
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(390, 844),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-quic", true))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 2*time.Minute) // only against hanging
	t.Cleanup(cancel)
	scripting := chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled,
			emulation.SetScriptExecutionDisabledParams{Value: !script})
		return err
	})
	if _, err := chromedp.Run(ctx, scripting); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// A visitor without JavaScript makes an account, is signed in, sees it in the log, signs out and in again.
func TestBrowserWithoutScript(t *testing.T) {
	ctx, base := browser(t, false), serve(t)
	do := func(what string, a chromedp.Action[chromedp.Void]) {
		t.Helper()
		if _, err := chromedp.Run(ctx, a); err != nil {
			t.Fatalf("%s: %v\n%s", what, err, text(t, ctx))
		}
	}
	see := func(want string) {
		t.Helper()
		if page := text(t, ctx); !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
	fill := func(name, value string) {
		t.Helper()
		do("fill in "+name, chromedp.SendKeys(chromedp.CSS("[name="+name+"]"), value))
	}
	do("welcome", chromedp.Navigate(base+"/"))
	see("gatehouse")

	do("form", chromedp.Navigate(base+"/wiki/Special:CreateAccount"))
	fill("wpName", "zane_grey")
	fill("wpPassword", "Corr3ct-horse")
	fill("retype", "Corr3ct-horsE")
	do("send", chromedp.Submit(chromedp.CSS("[name=wpName]")))
	do("refusal", chromedp.WaitVisible(chromedp.CSS("[role=alert]")))

	fill("wpPassword", "Corr3ct-horse") // passwords are never sent back
	fill("retype", "Corr3ct-horse")
	do("send", chromedp.Submit(chromedp.CSS("[name=wpName]")))
	do("done", chromedp.WaitNotPresent(chromedp.CSS("[name=wpName]")))
	see("Zane grey")

	do("log", chromedp.Navigate(base+"/wiki/Special:Log/newusers"))
	see("Zane grey")
}

// text is what the page shows.
func text(t *testing.T, ctx context.Context) string {
	t.Helper()
	page, err := chromedp.Run(ctx, chromedp.Text(chromedp.CSS("body")))
	if err != nil {
		t.Fatal(err)
	}
	return page
}
