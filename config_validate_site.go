package gatehouse

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

var (
	siteID       = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	languageCode = regexp.MustCompile(`^[a-z]{2,3}(-[a-z0-9]{1,8})*$`)
)

func (k *checker) site(c *Config) {
	s := c.Site
	if strings.TrimSpace(s.Name) == "" {
		k.refuse("site.name", s.Name, "write the site's name")
	}
	k.line("site.name", s.Name, 255)
	if !siteID.MatchString(s.ID) {
		k.refuse("site.id", s.ID, "write 1 to 64 letters, digits, _ or -")
	}
	if !languageCode.MatchString(s.Language) {
		k.refuse("site.language", s.Language, `write a language's code in small letters, for example "en" or "pt-br"`)
	}
	k.line("site.read_only", s.ReadOnly, 1000)
}

func (k *checker) cors(c *Config) {
	for i, text := range c.CORS.Allow {
		k.originPattern(fmt.Sprintf("cors.allow[%d]", i), text)
	}
	for i, text := range c.CORS.Except {
		k.originPattern(fmt.Sprintf("cors.except[%d]", i), text)
	}
}

func (k *checker) originPattern(key, text string) {
	// A wildcard stands for characters of a name, so a letter in its place must leave a host.
	if !isHost(strings.NewReplacer("*", "a", "?", "a").Replace(text)) {
		k.refuse(key, text, `write a host, perhaps with a port, without https://, for example "*.example.org"`)
	}
}

const longestGroupName = 64

func (k *checker) groups(c *Config) {
	for _, name := range slices.Sorted(maps.Keys(c.Groups)) {
		key := "groups." + name
		if !isGroupName(name) {
			k.refuse(key, name, "name the group with 1 to %d letters, digits, _ or -", longestGroupName)
		}
		for _, list := range []struct {
			key    string
			rights []string
		}{{key + ".grant", c.Groups[name].Grant}, {key + ".revoke", c.Groups[name].Revoke}} {
			for i, right := range list.rights {
				if right == "" || strings.ContainsFunc(right, isNoRightRune) {
					k.refuse(fmt.Sprintf("%s[%d]", list.key, i), right, `write the name of a right, for example "createaccount"`)
				}
			}
		}
	}
}

func isGroupName(name string) bool {
	if name == "*" {
		return true
	}
	return siteID.MatchString(name)
}

func isNoRightRune(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '|' }

func (k *checker) store(c *Config) {
	text := c.Store.URL.Reveal()
	scheme, rest, _ := strings.Cut(text, ":")
	ok := false
	switch scheme {
	case "memory":
		ok = rest == ""
	case "sqlite":
		ok = rest != "" && rest != ":memory:" && !strings.ContainsAny(rest, "?#\x00")
	case "postgres", "postgresql":
		u, err := url.Parse(text)
		ok = err == nil && u.Opaque == "" && (u.Host != "" || u.Query().Has("host"))
	}
	if !ok {
		k.refuse("store.url", c.Store.URL, `write sqlite:PATH, postgres://USER@HOST/DATABASE or memory:, for example "sqlite:gatehouse.db"`)
	}
}

func (k *checker) createAccount(c *Config) {
	if c.CreateAccount.EmailConfirmedRequired && !(c.Mail.Enabled && c.HasPublicAddress()) {
		k.refuse("createaccount.email_confirmed_required", true, "switch mail.enabled on and write server.public_url as well, since without mail nobody can confirm an address")
	}
	if c.CreateAccount.MailPassword == "everyone" && !c.Mail.Enabled {
		k.refuse("createaccount.mail_password", "everyone", "switch mail.enabled on as well, or leave it at registered")
	}
	if c.CreateAccount.EmailRequired && !c.Mail.Enabled {
		k.refuse("createaccount.email_required", true, "switch mail.enabled on as well, since without mail nobody is asked for an address")
	}
	for i, host := range c.CreateAccount.ReturnHosts {
		if !isHost(host) {
			k.refuse(fmt.Sprintf("createaccount.return_hosts[%d]", i), host, `write a host, perhaps with a port, for example "app.example.org"`)
		}
	}
}
