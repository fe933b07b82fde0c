package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// looks are the ways in which a stop is looked at: in each, axe asks all it knows, or about colours and sizes alone.
var looks = []struct {
	width  int64
	scheme string
	all    bool
}{{360, "light", true}, {360, "dark", false}, {1280, "light", false}, {1280, "dark", true}}

// keepsNobodyOut looks at a page as people with different eyes, hands and screens do. axe-core shall find nothing, however small,
// and text shall stand out seven to one.
func (v visitor) keepsNobodyOut(name string) {
	v.Helper()
	for _, l := range looks {
		v.screen(l.width, "prefers-color-scheme", l.scheme, "prefers-reduced-motion", "reduce")
		v.axe(fmt.Sprintf("%s at %d, %s", name, l.width, l.scheme), l.all)
	}
	v.tell(name+" loads from elsewhere", `performance.getEntriesByType("resource").map((r) => r.name).filter((r) => new URL(r).origin !== location.origin)`)
	v.screen(320) // 1280 at a zoom of 400 %
	v.narrow(name)
	v.showsFocus(name)
	v.screen(1280, "forced-colors", "active")
	v.withoutColour(name)
	v.screen(1280)
}

// axe runs axe-core.
func (v visitor) axe(what string, all bool) {
	v.Helper()
	source, err := os.ReadFile("clients/node_modules/axe-core/axe.min.js")
	if err != nil {
		v.Skip("the npm package axe-core is missing (scripts/setup installs it)")
	}
	there, err := chromedp.Run(v.ctx, chromedp.Evaluate[bool]("window.axe !== undefined"))
	if err != nil {
		v.Fatal(err)
	}
	if !there {
		v.do("axe", chromedp.Evaluate[chromedp.Void](string(source)+"; undefined"))
	}
	options := `{ rules: { "target-size": { enabled: true }, "color-contrast-enhanced": { enabled: true } }`
	if !all {
		options += `, runOnly: ["color-contrast", "color-contrast-enhanced", "target-size", "link-in-text-block"]`
	}
	found, err := chromedp.Run(v.ctx, chromedp.Evaluate[string](`axe.run(`+options+`}).then((r) =>
		r.violations.map((x) => x.id + " (" + x.impact + "): " + x.nodes.map((n) => n.html + " " + n.any.map((a) => a.message)).join(" | ")).join("\n"))`,
		chromedp.EvalAwaitPromise))
	if err != nil {
		v.Fatalf("axe on %s: %v", what, err)
	}
	if found != "" {
		v.Errorf("%s keeps people out: %s", what, found)
	}
}

// tell fails the test with what a script in the page lists.
func (v visitor) tell(what, script string) {
	v.Helper()
	found, err := chromedp.Run(v.ctx, chromedp.Evaluate[[]byte](script, chromedp.EvalAwaitPromise))
	if err != nil {
		v.Fatalf("%s: %v", what, err)
	}
	var list []string
	if err := json.Unmarshal(found, &list); err != nil {
		v.Fatalf("%s: %v: %s", what, err, found)
	}
	if len(list) > 0 {
		v.Errorf("%s: %s", what, strings.Join(list, " | "))
	}
}

// narrow wants nothing to stick out of a screen of 320, nor with the spaces between letters and lines that some readers need.
func (v visitor) narrow(name string) {
	v.Helper()
	const out = `[...document.querySelectorAll("body *")].filter((e) => {
		const r = e.getBoundingClientRect();
		return r.width > 1 && e.checkVisibility() && (r.right > innerWidth + 1 || r.left < -1) && !e.closest("pre, .json, table, .skip");
	}).slice(0, 3).map((e) => e.outerHTML.slice(0, 120)).concat(document.documentElement.scrollWidth > innerWidth ? ["the page is " + document.documentElement.scrollWidth + " wide"] : [])`
	v.tell(name+" sticks out at 320", out)
	v.tell(name+" sticks out at 320 with wide spaces", `(() => {
		const sheet = new CSSStyleSheet();
		sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-bottom: 2em !important }");
		document.adoptedStyleSheets = [sheet];
		const found = `+out+`;
		document.adoptedStyleSheets = [];
		return found;
	})()`)
}

// showsFocus goes through all that can be operated: where the focus is can be seen, and nothing lies over it.
func (v visitor) showsFocus(name string) {
	v.Helper()
	v.do("use the keyboard", chromedp.KeyEvent(kb.Tab))
	v.tell(name+" hides the focus", `(() => {
		const here = document.activeElement, found = [], open = document.querySelectorAll("details[open]").length;
		for (const e of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, audio, [tabindex='0']")) {
			if (e.tabIndex < 0 || e.disabled || !e.checkVisibility({ visibilityProperty: true })) continue;
			e.focus();
			if (document.activeElement !== e) { found.push("cannot be reached: " + e.outerHTML.slice(0, 120)); continue; }
			const style = getComputedStyle(e);
			if (e.tagName !== "AUDIO" && (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2)) found.push("no ring: " + e.outerHTML.slice(0, 120));
			e.scrollIntoView({ block: "nearest" });
			const r = e.getClientRects()[0];
			const top = document.elementFromPoint(r.left + Math.min(r.width / 2, 20), r.top + r.height / 2);
			if (open === 0 && top && top !== e && !e.contains(top) && !top.contains(e)) found.push("lies below something: " + e.outerHTML.slice(0, 120));
		}
		here?.focus({ preventScroll: true });
		scrollTo(0, 0);
		return found;
	})()`)
}

// withoutColour: where the system chooses the colours, what can be operated still has a border, and a fault a sign.
func (v visitor) withoutColour(name string) {
	v.Helper()
	v.tell(name+" needs colours", `[...document.querySelectorAll("button, .button, input:not([type=hidden]), select, .problems")]
		.filter((e) => e.checkVisibility() && !e.matches(".default, [type=checkbox], [type=radio]") && parseFloat(getComputedStyle(e).borderTopWidth) < 1)
		.map((e) => e.outerHTML.slice(0, 120))
		.concat(matchMedia("(forced-colors: active)").matches ? [] : ["the colours are the page's own"])
		.concat([...document.querySelectorAll(".problem")].filter((e) => !getComputedStyle(e, "::before").content.includes("!")).map((e) => e.outerHTML))`)
}

// isMirrored wants a page in Arabic to begin on the right, and nothing to stick out of a narrow screen.
func (v visitor) isMirrored(name string) {
	v.Helper()
	v.screen(320)
	v.narrow(name)
	v.tell(name+" is not mirrored", `[...document.querySelectorAll("h1")].filter((e) => getComputedStyle(e).direction !== "rtl"
		|| e.getBoundingClientRect().right < innerWidth - 20).map((e) => e.outerHTML)`)
	v.screen(1280)
}
