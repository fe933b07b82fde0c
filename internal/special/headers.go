package special

import (
	"net/http"
	"strings"
)

// contentPolicy lets a page load its own stylesheet, script and pictures and send forms to its own site: nothing inline but the
// one stylesheet that is named by its digest, nothing from elsewhere, no frame around it.
const contentPolicy = "default-src 'none'; base-uri 'none'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; " +
	"img-src 'self'; media-src 'self'; script-src 'self'; style-src 'self'; require-trusted-types-for 'script'"

const policyHeader = "Content-Security-Policy"

// neverCached is the reference's spelling for pages that belong to one visitor.
const neverCached = "no-cache, no-store, max-age=0, must-revalidate"

// securityHeaders gives the headers of every answer.
func securityHeaders(c Config, style string) map[string]string {
	h := map[string]string{
		policyHeader:                   withFormTargets(withStyle(contentPolicy, style), c.RedirectOrigins),
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Permissions-Policy":           "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
		"Referrer-Policy":              "no-referrer",
		"X-Content-Type-Options":       "nosniff",
		"X-Frame-Options":              "DENY",
		"Cache-Control":                neverCached,
	}
	if strings.HasPrefix(c.Site.Server, "https://") {
		h["Strict-Transport-Security"] = "max-age=31536000"
	}
	return h
}

// withStyle lets in the stylesheet with the digest.
func withStyle(policy, digest string) string {
	return strings.Replace(policy, "style-src 'self'", "style-src 'self' "+digest, 1)
}

// withFormTargets names the third parties a form's answer may redirect to; browsers hold redirects to form-action too.
func withFormTargets(policy string, origins []string) string {
	if len(origins) == 0 {
		return policy
	}
	return strings.Replace(policy, "form-action 'self'", "form-action 'self' "+strings.Join(origins, " "), 1)
}

func (h *handler) setHeaders(header http.Header) {
	for name, value := range h.headers {
		header.Set(name, value)
	}
}
