package e2e

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"gatehouse/internal/captcha"
	"gatehouse/internal/captcha/picture"
	"gatehouse/internal/keyring"
	"gatehouse/internal/store"
)

// reader knows what pictures show: it has the server's keys.
type reader struct{ mint *captcha.Mint }

// serveAsking starts a server that asks for the picture.
func serveAsking(t *testing.T) (base string, read reader) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "gatehouse.db")
	base = serve(t, "--store", "sqlite:"+file, "--set", "captcha.kind=image")
	s, err := store.Open(t.Context(), "sqlite:"+file, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	keys, err := keyring.Open(t.Context(), keyring.Config{
		Store: s, MasterFile: filepath.Join(filepath.Dir(file), "gatehouse.key"), Site: "gatehouse", PublicURL: base,
		ReadOnly: true, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return base, reader{captcha.NewMint(keys, time.Now, nil)}
}

func (r reader) word(t *testing.T, id string) string {
	t.Helper()
	c, ok := r.mint.Read(id)
	if !ok {
		t.Fatalf("no challenge %q", id)
	}
	return picture.Word(c.Seed)
}

// formVisit is a browser on the form.
type formVisit struct {
	t   *testing.T
	ctx context.Context
}

func (v formVisit) do(what string, a chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	if _, err := chromedp.Run(v.ctx, a); err != nil {
		v.t.Fatalf("%s: %v\n%s", what, err, text(v.t, v.ctx))
	}
}

func (v formVisit) attribute(selector, name string) string {
	v.t.Helper()
	got, err := chromedp.Run(v.ctx, chromedp.AttributeValue(selector, name))
	if err != nil {
		v.t.Fatalf("%s of %s: %v", name, selector, err)
	}
	return got.Value
}

func (v formVisit) fill(name, value string) {
	v.t.Helper()
	v.do("fill in "+name, chromedp.SendKeys("[name="+name+"]", value))
}

// The picture is shown, and its answer makes the account, without script and with it. A refused form shows another picture
// and keeps what was typed.
func TestBrowserReadsThePicture(t *testing.T) {
	for what, script := range map[string]bool{"without script": false, "with script": true} {
		t.Run(what, func(t *testing.T) {
			base, read := serveAsking(t)
			v := formVisit{t, browser(t, script)}
			v.do("form", chromedp.Navigate(base+"/wiki/Special:CreateAccount"))
			id := v.attribute("[name=captchaId]", "value")
			if src := v.attribute("#captchaInfo img", "src"); !strings.HasSuffix(src, "wpCaptchaId="+id) {
				t.Errorf("the picture is %s", src)
			}
			if src := v.attribute("#captchaInfo audio", "src"); !strings.HasSuffix(src, "wpCaptchaId="+id) {
				t.Errorf("the sound is %s", src)
			}
			if described := v.attribute("[name=captchaWord]", "aria-describedby"); !strings.Contains(described, "captchaInfo") {
				t.Errorf("the answer is described by %q", described)
			}
			v.fill("wpName", "zane_grey")
			v.do("another picture", chromedp.Click("[name=wpCaptchaAnother]"))
			v.do("wait for it", chromedp.WaitVisible(`#captchaInfo img:not([src$="`+id+`"])`))
			if got := v.attribute("[name=captchaId]", "value"); got == id {
				t.Error("the picture is another, its name is not")
			}
			v.fill("wpPassword", "Corr3ct-horse")
			if !script {
				v.fill("retype", "Corr3ct-horse")
			}
			v.fill("captchaWord", "0")
			v.do("send", chromedp.Click("button.primary"))
			v.do("refusal", chromedp.WaitVisible("[role=alert]"))
			if got := v.attribute("[name=wpName]", "value"); got != "zane_grey" {
				t.Errorf("the name is now %q", got)
			}
			v.fill("wpPassword", "Corr3ct-horse")
			if !script {
				v.fill("retype", "Corr3ct-horse")
			}
			v.fill("captchaWord", read.word(t, v.attribute("[name=captchaId]", "value")))
			v.do("send", chromedp.Click("button.primary"))
			v.do("done", chromedp.WaitNotPresent("[name=wpName]"))
			if page := text(t, v.ctx); !strings.Contains(page, "Zane grey") {
				t.Errorf("no account:\n%s", page)
			}
		})
	}
}
