package gatehouse

import (
	"fmt"
	netmail "net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"gatehouse/internal/mail"
)

func (k *checker) question(key string, q QuestionConfig, before []QuestionConfig) {
	if strings.TrimSpace(q.Question) == "" {
		k.refuse(key+".question", q.Question, "write the question")
	}
	k.line(key+".question", q.Question, 1000)
	if slices.ContainsFunc(before, func(b QuestionConfig) bool { return b.Question == q.Question }) {
		k.refuse(key+".question", q.Question, "ask it once, with all its answers")
	}
	if len(q.Answers) == 0 {
		k.refuse(key+".answers", q.Answers, `write at least one answer, for example ["blue"]`)
	}
	for i, a := range q.Answers {
		at := fmt.Sprintf("%s.answers[%d]", key, i)
		if strings.TrimSpace(a) == "" {
			k.refuse(at, a, "write an answer that can be typed")
		}
		k.line(at, a, 255)
	}
}

var providerName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// reservedFields are fields of other requests. A provider's name is a field too, and must not be taken for one of them.
func reservedFields() []string {
	return []string{
		"username", "password", "retype", "domain", "email", "realname", "reason", "mailpassword", "rememberMe",
		"captchaId", "captchaInfo", "captchaWord", "OATHToken", "skipReset", "code", "state", "confirmedLinkIDs", "linkOk", "2FAInfo", "skip2FASetup", "passkey", "passkeyOptions", "passkeyResponse", "action", "format", "errorformat", "assert", "assertuser", "origin", "uselang",
	}
}

func (k *checker) oidc(c *Config) {
	for i, p := range c.OIDC {
		at := fmt.Sprintf("oidc[%d]", i)
		switch {
		case !providerName.MatchString(p.Name):
			k.refuse(at+".name", p.Name, `write 1 to 64 letters, digits, dots, _ or -, beginning with a letter or digit, for example "example.net"`)
		case slices.Contains(reservedFields(), p.Name):
			k.refuse(at+".name", p.Name, "choose another name: this one is the name of another field")
		case slices.ContainsFunc(c.OIDC[:i], func(o OIDCConfig) bool { return o.Name == p.Name }):
			k.refuse(at+".name", p.Name, "give each provider its own name")
		}
		if !isIssuer(p.Issuer, p.AllowPrivate) {
			k.refuse(at+".issuer", p.Issuer, `write https:// and a public host, perhaps a path, for example "https://openid.example.net"; allow_private lets http and private addresses pass`)
		}
		if p.ClientID == "" {
			k.refuse(at+".client_id", p.ClientID, "write the id that the provider gave to this site")
		}
		k.line(at+".client_id", p.ClientID, 1000)
	}
	if len(c.OIDC) > 0 && !c.HasPublicAddress() {
		k.refuse("server.public_url", c.Server.PublicURL, "write the address that browsers see: OpenID needs it where server.listen is not this machine alone")
	}
}

// passkeys refuses settings that need passkeys where there can be none.
func (k *checker) passkeys(c *Config) {
	if c.PasskeyHost() != "" {
		return
	}
	const needs = "write https:// and a host name into server.public_url, or http://localhost for tests: passkeys are bound to it"
	switch {
	case c.Passkeys.Enabled == "on":
		k.refuse("passkeys.enabled", c.Passkeys.Enabled, needs)
	case c.Passkeys.AtCreation == "optional":
		k.refuse("passkeys.at_creation", c.Passkeys.AtCreation, needs+"; and do not set passkeys.enabled to off")
	}
}

func isIssuer(text string, allowPrivate bool) bool {
	u, err := url.Parse(text)
	if err != nil || u.User != nil || !isHost(u.Host) || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.HasSuffix(text, "#") {
		return false
	}
	if allowPrivate {
		return u.Scheme == "https" || u.Scheme == "http"
	}
	return u.Scheme == "https" && !isPrivateHost(u.Hostname())
}

// isPrivateHost tells literal addresses and names that cannot be public. What a public name resolves to is tested when it
// is dialled.
func isPrivateHost(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		addr = addr.Unmap()
		return !addr.IsGlobalUnicast() || addr.IsPrivate()
	}
	return isLoopbackName(host)
}

func isLoopbackName(host string) bool {
	return strings.EqualFold(host, "localhost") || strings.HasSuffix(strings.ToLower(host), ".localhost")
}

func (k *checker) mail(c *Config) {
	m := c.Mail
	if m.SMTP != "" && !isSMTP(m.SMTP.Reveal()) {
		k.refuse("mail.smtp", m.SMTP, `write smtp:// or smtps://, user and password if need be, host and port, for example "smtp://user:password@mail.example.org:587"`)
	}
	if strings.ContainsAny(m.From, "\r\n") {
		k.refuse("mail.from", m.From, "write one line")
	} else if !isSender(m.From) {
		k.refuse("mail.from", m.From, `write an address, perhaps with a name, for example "Accounts <noreply@example.org>"`)
	}
	k.mailTimes(m)
	k.mailLimits("mail.per_address", m.PerAddress)
	k.mailLimits("mail.per_domain", m.PerDomain)
	k.mailLimits("mail.per_network", m.PerNetwork)
	if m.Enabled && m.SMTP != "" && !c.HasPublicAddress() {
		k.refuse("server.public_url", c.Server.PublicURL, "write the address that browsers see: links in mail need it where server.listen is not this machine alone")
	}
}

// isSender accepts an address, perhaps with a name, that mail can come from.
func isSender(text string) bool {
	a, err := netmail.ParseAddress(text)
	if err == nil {
		_, err = mail.ParseAddress(a.Address)
	}
	return err == nil
}

func (k *checker) mailTimes(m MailConfig) {
	if m.Timeout < Duration(time.Second) || m.Timeout > Duration(10*time.Minute) {
		k.refuse("mail.timeout", m.Timeout, `write a time from "1s" to "10m"`)
	}
	if m.RetryAfter < Duration(time.Second) || m.RetryAfter > Duration(time.Hour) {
		k.refuse("mail.retry_after", m.RetryAfter, `write a time from "1s" to "1h"`)
	}
	if m.RetryAtMost < m.RetryAfter || m.RetryAtMost > Duration(24*time.Hour) {
		k.refuse("mail.retry_at_most", m.RetryAtMost, `write a time from that of mail.retry_after to "24h"`)
	}
}

func (k *checker) mailLimits(key string, limits []MailLimitConfig) {
	all := make([]LimitConfig, len(limits))
	for i, l := range limits {
		all[i] = LimitConfig{Count: l.Count, Per: l.Per}
	}
	k.limits(key, all)
}

func isSMTP(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return false
	}
	if u.User != nil && u.User.Username() == "" {
		return false
	}
	return isHost(u.Host) && (u.Path == "" || u.Path == "/") && u.RawQuery == "" && u.Fragment == ""
}
