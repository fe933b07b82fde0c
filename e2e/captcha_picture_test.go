package e2e

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"gatehouse/internal/captcha"
	"gatehouse/internal/captcha/picture"
	"gatehouse/internal/captcha/speech"
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
	return base, newReader(t, file, base)
}

// newReader reads the keys of the server that has its store in file.
func newReader(t *testing.T, file, base string) reader {
	t.Helper()
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
	return reader{captcha.NewMint(keys, time.Now, nil)}
}

func (r reader) word(t *testing.T, id string) string {
	t.Helper()
	c, ok := r.mint.Read(id)
	if !ok {
		t.Fatalf("no challenge %q", id)
	}
	return picture.Word(c.Seed)
}

func (v visitor) attribute(selector, name string) string {
	v.Helper()
	got, err := chromedp.Run(v.ctx, chromedp.AttributeValue(chromedp.CSS(selector), name))
	if err != nil {
		v.Fatalf("%s of %s: %v", name, selector, err)
	}
	return got.Value
}

// The picture is shown, and its answer makes the account, without script and with it. A refused form shows another picture
// and keeps what was typed.
func TestBrowserReadsThePicture(t *testing.T) {
	for what, script := range map[string]bool{"without script": false, "with script": true} {
		t.Run(what, func(t *testing.T) {
			base, read := serveAsking(t)
			v := visit(t, script, base)
			v.open("/wiki/Special:CreateAccount")
			if script {
				v.accessible("the form with a picture")
				v.picture("captcha")
			}
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
			v.do("another picture", chromedp.Click(chromedp.CSS("[name=wpCaptchaAnother]")))
			v.do("wait for it", chromedp.WaitVisible(chromedp.CSS(`#captchaInfo img:not([src$="`+id+`"])`)))
			if got := v.attribute("[name=captchaId]", "value"); got == id {
				t.Error("the picture is another, its name is not")
			}
			v.fill("wpPassword", "Corr3ct-horse")
			if !script {
				v.fill("retype", "Corr3ct-horse")
			}
			v.fill("captchaWord", "0")
			v.do("send", chromedp.Click(chromedp.CSS("button.primary")))
			v.do("refusal", chromedp.WaitVisible(chromedp.CSS("[role=alert]")))
			if got := v.attribute("[name=wpName]", "value"); got != "zane_grey" {
				t.Errorf("the name is now %q", got)
			}
			v.fill("wpPassword", "Corr3ct-horse")
			if !script {
				v.fill("retype", "Corr3ct-horse")
			}
			v.fill("captchaWord", read.word(t, v.attribute("[name=captchaId]", "value")))
			v.do("send", chromedp.Click(chromedp.CSS("button.primary")))
			v.do("done", chromedp.WaitNotPresent(chromedp.CSS("[name=wpName]")))
			v.see("Zane grey")
		})
	}
}

// Who does not see the picture hears it: the sound says what the picture shows, the browser plays it, and by keyboard alone it
// ends in an account.
func TestBrowserHearsThePicture(t *testing.T) {
	base, read := serveAsking(t)
	v := visit(t, true, base)
	v.open("/wiki/Special:CreateAccount?uselang=de")
	v.do("go to the sound", chromedp.Focus(chromedp.CSS("#captchaInfo audio")))
	v.do("play it", chromedp.KeyEvent(" "))
	v.do("hear it", chromedp.Evaluate[chromedp.Void](`new Promise((done, failed) => {
		const sound = document.querySelector("#captchaInfo audio");
		sound.onerror = () => failed(new Error("it cannot be played"));
		if (sound.currentTime > 0) done();
		sound.ontimeupdate = () => sound.currentTime > 0 && done();
	})`, chromedp.EvalAwaitPromise))
	speaker, err := speech.New()
	if err != nil {
		t.Fatal(err)
	}
	challenge, _ := read.mint.Read(v.attribute("[name=captchaId]", "value"))
	word := picture.Word(challenge.Seed)
	said, err := speaker.WAV(challenge.Seed, word, v.attribute("html", "lang"))
	if err != nil {
		t.Fatal(err)
	}
	if got := fetched(t, base+v.attribute("#captchaInfo audio", "src")); !bytes.Equal(got, said) {
		t.Errorf("%d bytes of sound, and the word %s takes %d", len(got), word, len(said))
	}
	for _, keys := range [][2]string{{"wpName", "zane_listens"}, {"wpPassword", password}, {"captchaWord", word + kb.Enter}} {
		v.do("go to "+keys[0], chromedp.Focus(chromedp.CSS("[name="+keys[0]+"]")))
		v.do("type", chromedp.KeyEvent(keys[1]))
	}
	v.do("done", chromedp.WaitNotPresent(chromedp.CSS("[name=wpName]")))
	v.see("Zane listens")
}

func fetched(t *testing.T, address string) []byte {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", address, resp.Status, err)
	}
	return body
}

// The sandbox shows the picture beside the field for its answer.
func TestSandboxShowsThePicture(t *testing.T) {
	base, read := serveAsking(t)
	s := openSandbox(t, base, "")
	s.waitFor("document.querySelector('img[src*=wpCaptchaId]').naturalWidth", "480")
	s.fill("username", "zane_grey")
	s.fill("password", password)
	s.fill("retype", password)
	s.fill("captchaWord", read.word(t, s.eval("document.querySelector('"+input("captchaId")+"').value")))
	s.click("[data-part=send]")
	s.waitFor(verdictText, "PASS")
}
