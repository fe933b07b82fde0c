package e2e

import (
	"context"
	"net"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// servePasskeys starts a server at localhost, which browsers take for safe, and gives its address.
func servePasskeys(t *testing.T) string {
	t.Helper()
	listen := freeAddress(t)
	_, port, err := net.SplitHostPort(listen)
	if err != nil {
		t.Fatal(err)
	}
	base := "http://localhost:" + port
	serve(t, "--listen", listen, "--set", "server.public_url="+base, "--set", "passkeys.at_creation=optional")
	return base
}

// withDevice gives the browser a device that keeps passkeys; verified = it recognises whoever uses it.
func withDevice(v visitor, verified bool) {
	v.Helper()
	v.do("device", chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		if _, err := cdp.Call(ctx, target, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, target, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{
			Options: &webauthn.VirtualAuthenticatorOptions{
				Protocol: webauthn.AuthenticatorProtocolCtap2, Ctap2version: webauthn.Ctap2versionCtap21,
				Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true, HasUserVerification: true,
				IsUserVerified: verified, AutomaticPresenceSimulation: true,
			},
		})
		return err
	}))
}

// enter presses a button by the keyboard.
func (v visitor) enter(button string) {
	v.Helper()
	v.do("see "+button, chromedp.WaitVisible(chromedp.CSS(button)))
	v.do("reach "+button, chromedp.Focus(chromedp.CSS(button)))
	v.do("press "+button, chromedp.KeyEvent("\r"))
}

func (v visitor) signOut() {
	v.Helper()
	v.do("sign out", chromedp.Navigate(v.base+"/wiki/Special:UserLogout"))
	v.enter("main button")
	v.do("signed out", chromedp.WaitNotPresent(chromedp.CSS(".who")))
}

// An account is made with a passkey and nothing else, and signed in to with it, by the keyboard.
func TestBrowserPasskeyAlone(t *testing.T) {
	base := servePasskeys(t)
	v := visit(t, true, base)
	withDevice(v, true)
	v.do("form", chromedp.Navigate(base+"/wiki/Special:CreateAccount"))
	v.fill("wpName", "zane_grey")
	v.enter("button[name=passkey]")
	v.do("step", chromedp.WaitVisible(chromedp.CSS("[data-passkey]")))
	v.enter("button.primary")
	v.do("codes", chromedp.WaitVisible(chromedp.CSS("[data-codes]")))
	v.signOut()

	v.do("sign in", chromedp.Navigate(base+"/wiki/Special:UserLogin"))
	v.enter("button[name=passkey]")
	v.do("step", chromedp.WaitVisible(chromedp.CSS("[data-passkey]")))
	v.enter("button.primary")
	v.do("signed in", chromedp.WaitVisible(chromedp.CSS(".who")))
	v.see("Zane grey")
}

// A passkey becomes the second factor of an account with a password, and is asked for in the place of a code.
func TestBrowserPasskeyAsSecondFactor(t *testing.T) {
	base := servePasskeys(t)
	v := visit(t, true, base)
	withDevice(v, true)
	v.do("form", chromedp.Navigate(base+"/wiki/Special:CreateAccount"))
	v.fill("wpName", "Ann")
	v.fill("wpPassword", "Corr3ct-horse")
	v.enter("button.primary")
	v.do("made", chromedp.WaitVisible(chromedp.CSS(".who")))
	v.do("list", chromedp.Navigate(base+"/wiki/Special:AccountSecurity/passkey"))
	v.fill("wpFactorName", "My laptop")
	v.enter("button.primary")
	v.do("codes", chromedp.WaitVisible(chromedp.CSS("[data-codes]")))
	v.do("list", chromedp.Navigate(base+"/wiki/Special:AccountSecurity"))
	v.see("My laptop")
	v.do("again", chromedp.Navigate(base+"/wiki/Special:AccountSecurity/passkey"))
	v.enter("button.primary")
	v.do("told", chromedp.WaitVisible(chromedp.CSS("[data-passkey][data-state=known]")))
	v.signOut()

	v.do("sign in", chromedp.Navigate(base+"/wiki/Special:UserLogin"))
	v.fill("wpName", "Ann")
	v.fill("wpPassword", "Corr3ct-horse")
	v.enter("button.primary")
	v.do("step", chromedp.WaitVisible(chromedp.CSS("[name=OATHToken]")))
	v.enter("[data-passkey] button")
	v.do("signed in", chromedp.WaitVisible(chromedp.CSS(".who")))
	v.see("Ann")
}

// A device that does not recognise its holder opens nothing by itself, and the page says in words what happened.
func TestBrowserPasskeyNotVerified(t *testing.T) {
	base := servePasskeys(t)
	v := visit(t, true, base)
	withDevice(v, false)
	v.do("form", chromedp.Navigate(base+"/wiki/Special:CreateAccount"))
	v.fill("wpName", "Ann")
	v.enter("button[name=passkey]")
	v.do("step", chromedp.WaitVisible(chromedp.CSS("[data-passkey]")))
	v.enter("button.primary")
	v.do("told", chromedp.WaitVisible(chromedp.CSS("[data-passkey][data-state=cancelled]")))
	v.see(v.attribute("[data-passkey]", "data-cancelled"))
}

// Without script the step says what it lacks.
func TestBrowserPasskeyWithoutScript(t *testing.T) {
	base := servePasskeys(t)
	v := visit(t, false, base)
	v.do("form", chromedp.Navigate(base+"/wiki/Special:UserLogin"))
	v.do("passkey", chromedp.Click(chromedp.CSS("button[name=passkey]")))
	v.do("step", chromedp.WaitVisible(chromedp.CSS("[data-passkey]")))
	v.see("Passkeys need JavaScript")
	v.do("send", chromedp.Click(chromedp.CSS("button.primary")))
	v.do("again", chromedp.WaitVisible(chromedp.CSS("[data-passkey]")))
	v.see("Passkeys need JavaScript")
}
