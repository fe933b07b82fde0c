// Package siteverify asks an outside vendor whether a visitor solved its captcha: hCaptcha, Turnstile, reCAPTCHA v2. All of
// them are asked in one way, by a form posted to an address called siteverify, and differ in names.
//
// It trusts nothing of the answer but what the vendor says about this site and this act. What stands on a page, and what is
// told to whoever is refused, is the business of its neighbours: package captcha, internal/special.
package siteverify

// Name is a vendor, as metadata calls its captcha.
type Name string

// The vendors.
const (
	HCaptcha  Name = "hcaptcha"
	Turnstile Name = "turnstile"
	ReCaptcha Name = "recaptchanocaptcha"
)

// Vendor is what is known of a vendor.
type Vendor struct {
	Name Name
	// Kind is what configuration calls its captcha.
	Kind string
	// Endpoint is where answers are verified.
	Endpoint string
	// Fault is what a refusal says when the vendor lists error codes.
	Fault string
	// Field is the field that the vendor's script adds to a form.
	Field string
	// Class marks the element that the vendor's script fills.
	Class string
	// Script is what a page loads; Scripts, Frames, Styles and Connects are what its content policy has to let pass for that.
	Script                            string
	Scripts, Frames, Styles, Connects []string
	// TellsAction says that the vendor's answer names the act that the page asked for.
	TellsAction bool
}

// ByKind gives the vendor by what configuration calls its captcha.
func ByKind(kind string) (Vendor, bool) {
	for _, n := range []Name{HCaptcha, Turnstile, ReCaptcha} {
		if v, ok := ByName(n); ok && v.Kind == kind {
			return v, true
		}
	}
	return Vendor{}, false
}

// ByName gives the vendor.
func ByName(n Name) (Vendor, bool) {
	switch n {
	case HCaptcha:
		anywhere := []string{"https://hcaptcha.com", "https://*.hcaptcha.com"}
		return Vendor{
			Name: n, Endpoint: "https://api.hcaptcha.com/siteverify", Fault: "hcaptcha-api", Kind: "hcaptcha",
			Field: "h-captcha-response", Class: "h-captcha", Script: "https://js.hcaptcha.com/1/api.js",
			Scripts: anywhere, Frames: anywhere, Styles: anywhere, Connects: anywhere,
		}, true
	case Turnstile:
		host := []string{"https://challenges.cloudflare.com"}
		return Vendor{
			Name: n, Endpoint: "https://challenges.cloudflare.com/turnstile/v0/siteverify", Fault: "turnstile-api", Kind: "turnstile",
			Field: "cf-turnstile-response", Class: "cf-turnstile", Script: "https://challenges.cloudflare.com/turnstile/v0/api.js",
			Scripts: host, Frames: host, TellsAction: true,
		}, true
	case ReCaptcha:
		return Vendor{
			Name: n, Endpoint: "https://www.google.com/recaptcha/api/siteverify", Fault: "recaptcha-api", Kind: "recaptcha",
			Field: "g-recaptcha-response", Class: "g-recaptcha", Script: "https://www.google.com/recaptcha/api.js",
			Scripts: []string{"https://www.google.com/recaptcha/", "https://www.gstatic.com/recaptcha/"},
			Frames:  []string{"https://www.google.com/recaptcha/", "https://recaptcha.google.com/recaptcha/"},
		}, true
	}
	return Vendor{}, false
}
