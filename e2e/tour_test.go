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
