package special

import (
	"net/url"
	"slices"
	"strings"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// fieldCaptchaWord is the field for the answer to a puzzle.
const fieldCaptchaWord = "captchaWord"

// paramWay is the button by which a visitor chooses another kind of puzzle. The form comes back with what was typed, but for
// passwords.
const paramWay = "wpCaptchaKind"

// Vendor is a company whose script shows a puzzle on our pages. While it is on a page, the page's content policy lets it in,
// and nobody else.
type Vendor struct {
	// Class marks the element that the script fills, Field is the field that it adds to the form.
	Class, Field string
	Script       string
	// Scripts, Frames, Styles and Connects are what the content policy has to allow.
	Scripts, Frames, Styles, Connects []string
}

// way is one kind of puzzle that can be asked for.
type way struct{ Kind, Label string }

// work is what the script needs that lets the browser work.
type work struct {
	// Challenge is the protocol's, as JSON; Renewed is where there are new ones.
	Challenge, Renewed string
	// Without is said where there is no script.
	Without                                              string
	Progress, Done, Wait, Failed, Stopped, Cancel, Again string
}

// vendorBox is the element that a company's script fills.
type vendorBox struct {
	Vendor
	Key, Action, Without string
}

// shownKind is the kind of puzzle that the form shows where there is a choice; empty otherwise.
func shownKind(requests []auth.Request) (kind string, all []string) {
	for _, r := range requests {
		if kinds, ok := datum(r, "kinds"); ok {
			kind, _ = datum(r, "kind")
			return kind, strings.Split(kinds, "|")
		}
	}
	return "", nil
}

// nameOfKind is what visitors know a kind as.
func nameOfKind(kind string) message.Key {
	switch kind {
	case "image":
		return "gatehouse-captcha-kind-image"
	case "math":
		return "gatehouse-captcha-kind-math"
	case "question":
		return "gatehouse-captcha-kind-question"
	case "proof-of-work":
		return "gatehouse-captcha-kind-proof-of-work"
	case "mail":
		return "gatehouse-captcha-kind-mail"
	case "hcaptcha":
		return "gatehouse-captcha-kind-hcaptcha"
	case "turnstile":
		return "gatehouse-captcha-kind-turnstile"
	}
	return "gatehouse-captcha-kind-recaptcha"
}

// offerWays adds the buttons that change the kind, and says with the form which one it is.
func (m formMaker) offerWays(f *form) {
	kind, all := shownKind(m.requests)
	for _, other := range all {
		if other != kind {
			f.Ways = append(f.Ways, way{other, m.visit.text(nameOfKind(other))})
		}
	}
	if len(f.Ways) > 0 {
		f.Other = m.visit.text("gatehouse-captcha-other")
	}
	if len(all) > 0 && kind != all[0] {
		f.Hidden = append(f.Hidden, pair{captchaKind, kind})
	}
}

// showWork puts the browser's work in the place of a puzzle, and its outcome in a hidden field. It reports whether r asks
// for work.
func (m formMaker) showWork(f *form, field auth.Field, r auth.Request) bool {
	if kind, _ := datum(r, "type"); kind != "altcha" {
		return false
	}
	switch field.Name {
	case fieldCaptchaWord:
		f.Hidden = append(f.Hidden, pair{fieldCaptchaWord, ""})
		return true
	case fieldCaptchaInfo:
	default:
		return false
	}
	without := message.Key("gatehouse-captcha-work-script-only")
	if _, all := shownKind(m.requests); len(all) > 1 {
		without = "gatehouse-captcha-work-script"
	}
	purpose := auth.ActionLogin
	if m.newAccount {
		purpose = auth.ActionCreate
	}
	ask := url.Values{
		"action": {"query"}, "meta": {"authmanagerinfo"}, "amirequestsfor": {string(purpose)}, captchaKind: {"proof-of-work"},
		"format": {"json"}, "formatversion": {"2"},
	}
	v := m.visit
	in := m.input(field, r)
	in.Kind = "work"
	in.Work = &work{
		Challenge: deref(field.Value), Renewed: v.site.ScriptPath + "/api.php?" + ask.Encode(), Without: v.text(without),
		Progress: v.text("gatehouse-captcha-work-busy", message.Plaintext("$1")), Done: v.text("gatehouse-captcha-work-done"),
		Wait: v.text("gatehouse-captcha-work-wait"), Failed: v.text("gatehouse-captcha-work-failed"),
		Stopped: v.text("gatehouse-captcha-work-stopped"), Cancel: v.text("gatehouse-captcha-work-cancel"),
		Again: v.text("gatehouse-captcha-work-again"),
	}
	f.Puzzle = append(f.Puzzle, in)
	f.Works = true
	return true
}

// showVendor puts the element in the place of the answer that a company's script fills. It reports whether r is a company's.
func (m formMaker) showVendor(f *form, field auth.Field, r auth.Request) bool {
	kind, _ := datum(r, "type")
	vendor, ok := m.vendors[kind]
	if !ok || field.Name != fieldCaptchaWord {
		return false
	}
	key, _ := datum(r, "key")
	action := "badlogin"
	if m.newAccount {
		action = "createaccount"
	}
	host := vendor.Script
	if u, err := url.Parse(vendor.Script); err == nil {
		host = u.Host
	}
	in := m.input(field, r)
	in.Kind = "vendor"
	in.Vendor = &vendorBox{
		Vendor: vendor, Key: key, Action: action,
		Without: m.visit.text("gatehouse-captcha-outside-script", message.Plaintext(host)),
	}
	f.Puzzle = append(f.Puzzle, in)
	f.Vendor = &vendor
	return true
}

// takeVendorAnswer gives captchaWord what a company's script put into the form.
func takeVendorAnswer(vendors map[string]Vendor, form url.Values) {
	for _, v := range vendors {
		if answer := form.Get(v.Field); answer != "" && form.Get(fieldCaptchaWord) == "" {
			form.Set(fieldCaptchaWord, answer)
		}
	}
}

// withVendor lets a company's script into a page. Such scripts make elements out of texts as they like.
func withVendor(policy string, v *Vendor) string {
	var out []string
	for directive := range strings.SplitSeq(policy, "; ") {
		name, _, _ := strings.Cut(directive, " ")
		switch name {
		case "require-trusted-types-for":
			continue
		case "script-src":
			directive = strings.Join(append([]string{directive}, v.Scripts...), " ")
		case "style-src":
			directive = strings.Join(append([]string{directive}, v.Styles...), " ")
		case "connect-src":
			directive = strings.Join(append([]string{directive}, v.Connects...), " ")
		}
		out = append(out, directive)
	}
	return strings.Join(append(out, "frame-src "+strings.Join(v.Frames, " ")), "; ")
}

// asksWork reports whether the browser has to work, asksMail whether a code will be mailed.
func asksWork(requests []auth.Request) bool { return anyOfType(requests, "altcha") }

func asksMail(requests []auth.Request) bool { return anyOfType(requests, "mail") }

func anyOfType(requests []auth.Request, wanted string) bool {
	return slices.ContainsFunc(requests, func(r auth.Request) bool {
		kind, _ := datum(r, "type")
		return kind == wanted
	})
}

// aboutWork puts what is said of the hidden outcome of work beside the work.
func aboutWork(problems []problem) []problem {
	out := slices.Clone(problems)
	for i := range out {
		if out[i].field == fieldCaptchaWord {
			out[i].field = fieldCaptchaInfo
		}
	}
	return out
}

// unsolved says in words of its kind that a puzzle was not answered.
func unsolved(requests []auth.Request, problems []problem) []problem {
	for i := range problems {
		if problems[i].field == fieldCaptchaWord && asksWork(requests) {
			problems[i].message = message.New("gatehouse-captcha-work-unsolved")
		}
	}
	return problems
}
