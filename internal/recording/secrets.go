package recording

import (
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"
)

// csrfOfNobody is the token of whoever is not signed in. It is the same everywhere, so it is no secret.
const csrfOfNobody = `+\`

// shortest is the length of passwords that most wikis ask for. Shorter ones get a name of their own, so that a replay sends
// short ones too.
const shortest = 8

// secretNames maps the names of parameters and fields, in lower case and without the wp of forms, to their placeholder.
func secretNames() map[string]string {
	return map[string]string{
		"retype": "password", "oathtoken": "code", "totp": "code", "code": "code", "state": "state", "nonce": "nonce",
		"code_challenge": "codechallenge", "code_verifier": "codeverifier", "captchaword": "captchaWord", "captchaid": "captchaId",
		"realname": "realname", "real_name": "realname", "eventpass": "eventpass", "altcha": "captchaWord", "session_state": "state",
		"assertion": "assertion", "login_hint": "email", "uri": "uri", "qr": "qr", "authkey": "secret", "recoverycodes": "recoverycode", "scratchcodes": "recoverycode",
		"id_token_hint": "token", "sig": "secret", "signature": "secret",
	}
}

// secretParts are the parts of names that make any name secret, the first that fits.
func secretParts() [][2]string {
	return [][2]string{
		{"password", "password"}, {"passwd", "password"}, {"retype", "password"}, {"secret", "secret"}, {"recovery", "recoverycode"},
		{"captcharesponse", "captchaWord"}, {"captcha-response", "captchaWord"}, {"turnstile-response", "captchaWord"}, {"email", "email"},
		{"verificationcode", "code"}, {"mailcode", "code"}, {"otp", "code"}, {"apikey", "secret"},
	}
}

// secretKind says whether a parameter, field or member of this name holds a secret, and the kind of placeholder it gets. An
// empty value is none: it says that nothing was filled in.
func secretKind(name, value string) (kind string, ok bool) {
	if value == "" {
		return "", false
	}
	lower := strings.TrimPrefix(strings.ToLower(name), "wp")
	kind, ok = secretNames()[lower]
	for _, p := range secretParts() {
		if !ok && strings.Contains(lower, p[0]) {
			kind, ok = p[1], true
		}
	}
	if !ok && strings.HasSuffix(lower, "token") && value != csrfOfNobody {
		kind, ok = "token", true
	}
	switch {
	case kind == "password" && utf8.RuneCountInString(value) < shortest:
		kind = "shortpassword"
	case kind == "email" && !strings.Contains(value, "@"):
		kind = "bademail"
	}
	return kind, ok
}

// shapes are secrets that are known by their looks, wherever they stand.
var (
	tokenShape = regexp.MustCompile(`[0-9a-f]{32,}(?:\+\\|%2[Bb]%5[Cc])`)
	mailShape  = regexp.MustCompile(`[^\s@<>"'(),:;=&?/]+(?:@|%40)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+`)
	v4Shape    = regexp.MustCompile(`\b\d{1,3}(?:\.\d{1,3}){3}\b`)
	v6Shape    = regexp.MustCompile(`[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f.]*`)
)

// withoutShapes replaces tokens, mail addresses and network addresses in a text.
func withoutShapes(text string) string {
	text = tokenShape.ReplaceAllString(text, "{{token}}")
	text = mailShape.ReplaceAllString(text, "{{email}}")
	for _, shape := range []*regexp.Regexp{v4Shape, v6Shape} {
		text = shape.ReplaceAllStringFunc(text, func(found string) string {
			if _, err := netip.ParseAddr(found); err != nil {
				return found
			}
			return "{{address}}"
		})
	}
	return text
}

// addressSecrets gives the secret parameters of an address.
func addressSecrets(address string, learn func(name, value string)) {
	u, err := url.Parse(address)
	if err != nil {
		return
	}
	for _, part := range []string{u.RawQuery, u.Fragment} {
		values, err := url.ParseQuery(part)
		if err != nil {
			continue
		}
		for name, all := range values {
			for _, v := range all {
				learn(name, v)
			}
		}
	}
}
