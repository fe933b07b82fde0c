package gatehouse

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

// Warnings is what to say when a server starts with c: settings that are allowed and that somebody may regret. The order
// is that of the configuration.
func (c Config) Warnings() []string {
	out := slices.Clone(c.said)
	for _, w := range []struct {
		holds bool
		text  string
	}{
		{!c.HasPublicAddress(), "server.public_url is not set and others reach server.listen: mail with links and OpenID stay off, and cookies are not Secure"},
		{c.HasPublicAddress() && !c.isHTTPS() && !c.isLocal(), "server.public_url is plain http: passwords and cookies can be read on their way"},
		{c.trustsEverybody(), "server.trusted_proxies covers the whole internet: anybody can claim any address, and limits and blocks are worth nothing"},
		{c.Server.AdminListen != "" && !isLoopbackListener(c.Server.AdminListen), "server.admin_listen is reachable from other machines, and it asks nobody who they are"},
		{c.Site.ReadOnly != "", "site.read_only is set: no account can be created or signed in to"},
		{c.Site.Private && c.CreateAccount.Anonymous, "site.private hides the site from visitors, but they may still create accounts; createaccount.anonymous = false stops that"},
		{!c.CreateAccount.Enabled, "createaccount.enabled is false: no program can create an account; Special:CreateAccount still makes them"},
		{slices.Contains(c.CORS.Allow, "*"), "cors.allow is open to every site: any page may act with its visitors' accounts"},
		{len(c.CORS.Allow) > 0 && !c.isHTTPS(), "cors.allow has little effect: without https in server.public_url browsers keep the cookies from other sites' pages"},
		{c.Store.URL == "memory:", "store.url is memory: everything is forgotten when the server stops"},
		{len(c.Throttle.Creations) == 0, "throttle.creations is empty: one address may create any number of accounts"},
		{len(c.Throttle.Logins) == 0, "throttle.logins is empty: passwords can be guessed without limit"},
		{c.Password.MailedLife > Duration(7*24*time.Hour), "password.mailed_life is more than 7 days: whoever finds the mail much later can still get in"},
		{c.CreateAccount.EmailConfirmedRequired && c.Mail.SMTP == "", "createaccount.email_confirmed_required is set and mail.smtp is not: nobody can sign in to a new account"},
		{c.Password.AllowWeak, "password.allow_weak is set: stored passwords may be easy to break"},
		{c.Captcha.Kind != "none" && len(c.Captcha.On) == 0, "captcha.kind is set but captcha.on is empty: nobody is asked"},
		{c.Captcha.Kind != "none" && !c.asksWithoutSenses(), "captcha.others has no mail: nobody can create an account who sees and hears nothing of the captcha, or has no script, unless an operator hands out event passes"},
		{c.anyForeignVerifier(), "captcha.vendors: verify is set; this is for tests"},
		{c.anyPrivateIssuer(), "oidc: allow_private is set; this is for tests"},
		{c.KeyFile() == "" && c.Store.URL != "memory:", "keys.file is not set: the keys lie unprotected in the database, and whoever reads it can forge sessions"},
		{c.Mail.SMTP != "" && strings.Contains(c.Mail.From, "@localhost"), "mail.from is an address of this machine only: others will not take such mail, and nobody can answer it"},
		{c.Mail.Enabled && c.Mail.SMTP != "" && c.Mail.TLS == "none" && strings.HasPrefix(c.Mail.SMTP.Reveal(), "smtp:"), "mail.tls is none: mail and its password can be read on the way to the mail server"},
		{c.Mail.Enabled && len(c.Mail.PerAddress) == 0, "mail.per_address is empty: strangers can have any amount of mail sent to one address"},
		{c.Mail.Enabled && c.Mail.SMTP == "", "mail.smtp is not set: mail waits in the outbox and nobody gets any (gatehouse mail list shows it); mail.enabled = false also stops asking for addresses"},
	} {
		if w.holds {
			out = append(out, w.text)
		}
	}
	return append(out, c.idleRights()...)
}

// LoadWarnings is the part of Warnings that is about how the settings were given, which matters to every command.
func (c Config) LoadWarnings() []string { return slices.Clone(c.said) }

func (c Config) isHTTPS() bool { return strings.HasPrefix(c.PublicURL(), "https://") }

// isLocal reports whether the public address is of this machine.
func (c Config) isLocal() bool {
	u, err := url.Parse(c.PublicURL())
	return err == nil && isLoopbackHost(u.Hostname())
}

func isLoopbackListener(listen string) bool {
	return Config{Server: ServerConfig{Listen: listen}}.HasPublicAddress()
}

func (c Config) trustsEverybody() bool {
	for _, p := range c.TrustedNetworks() {
		if p.Bits() == 0 {
			return true
		}
	}
	return false
}

func (c Config) anyPrivateIssuer() bool {
	return slices.ContainsFunc(c.OIDC, func(o OIDCConfig) bool { return o.AllowPrivate })
}

// asksWithoutSenses reports whether everybody can pass who has a mailbox. Questions are in words, and everybody's program
// reads words.
func (c Config) asksWithoutSenses() bool {
	kinds := c.usedKinds()
	return slices.Contains(kinds, "mail") || slices.Contains(kinds, "math") || slices.Contains(kinds, "question")
}

func (c Config) anyForeignVerifier() bool {
	return slices.ContainsFunc(c.Captcha.Vendors, func(v VendorConfig) bool { return v.Verify != "" })
}

// Unbuilt lists the settings that are right but ask for what this version does not have. A server refuses to start with
// them rather than run without the protection its operator counts on.
func (c Config) Unbuilt() []string { return nil }
