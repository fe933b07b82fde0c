package gatehouse

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"gatehouse/internal/captcha/proofofwork"
)

// The kinds of captcha that a setting can name, and those of them that companies have.
func captchaKinds() []string {
	return append([]string{"image", "math", "question", "proof-of-work", "mail"}, vendorKinds()...)
}

func vendorKinds() []string { return []string{"hcaptcha", "turnstile", "recaptcha"} }

func (k *checker) captcha(c *Config) {
	s := c.Captcha
	for i, on := range s.On {
		if slices.Contains(s.On[:i], on) {
			k.refuse(fmt.Sprintf("captcha.on[%d]", i), on, "write it once")
		}
	}
	for i, text := range s.Exempt {
		if _, ok := parseNetwork(text); !ok {
			k.refuse(fmt.Sprintf("captcha.exempt[%d]", i), text, `write an address or a network, for example "192.0.2.0/24"`)
		}
	}
	k.limits("captcha.failed_logins", s.FailedLogins)
	k.limits("captcha.failed_logins_per_name", s.FailedLoginsName)
	k.limits("captcha.wrong_answers", s.WrongAnswers)
	k.within("captcha.work", s.Work, proofofwork.LeastDifficulty, proofofwork.MostDifficulty)
	k.ladder(c)
	for i, q := range s.Questions {
		k.question(fmt.Sprintf("captcha.questions[%d]", i), q, s.Questions[:i])
	}
	k.captchaLimits(c)
	k.vendors(c)
}

// ladder checks what is asked where.
func (k *checker) ladder(c *Config) {
	s := c.Captcha
	if s.Kind == "none" && len(s.Others)+len(s.Networks) > 0 {
		k.refuse("captcha.kind", s.Kind, "choose a kind: captcha.others and captcha.networks are of use beside one")
	}
	if slices.Contains(s.On, "badlogin") && c.badLoginKind() == "mail" {
		k.refuse("captcha.badlogin", s.BadLogin, "choose another kind: who cannot sign in is not asked by mail")
	}
	k.kind(c, "captcha.kind", s.Kind)
	k.kind(c, "captcha.badlogin", s.BadLogin)
	k.others(c, "captcha.others", s.Kind, s.Others)
	for i, n := range s.Networks {
		at := fmt.Sprintf("captcha.networks[%d]", i)
		if len(n.Networks) == 0 {
			k.refuse(at+".networks", n.Networks, `write at least one network, for example ["192.0.2.0/24"]`)
		}
		for j, text := range n.Networks {
			if _, ok := parseNetwork(text); !ok {
				k.refuse(fmt.Sprintf("%s.networks[%d]", at, j), text, `write an address or a network, for example "192.0.2.0/24"`)
			}
		}
		if !slices.Contains(captchaKinds(), n.Kind) {
			k.refuse(at+".kind", n.Kind, "choose one of %s; captcha.exempt is for networks that are not asked", strings.Join(captchaKinds(), ", "))
		}
		if n.Work != 0 {
			k.within(at+".work", n.Work, proofofwork.LeastDifficulty, proofofwork.MostDifficulty)
		}
		k.kind(c, at+".kind", n.Kind)
		k.others(c, at+".others", n.Kind, n.Others)
	}
}

func (k *checker) others(c *Config, key, first string, others []string) {
	for i, o := range others {
		at := fmt.Sprintf("%s[%d]", key, i)
		switch {
		case !slices.Contains(captchaKinds(), o):
			k.refuse(at, o, "choose one of %s", strings.Join(captchaKinds(), ", "))
		case o == first || slices.Contains(others[:i], o):
			k.refuse(at, o, "name each kind once")
		}
		k.kind(c, at, o)
	}
}

// kind checks that there is what the kind needs.
func (k *checker) kind(c *Config, key, kind string) {
	switch {
	case kind == "question" && len(c.Captcha.Questions) == 0:
		k.refuse("captcha.questions", c.Captcha.Questions, `write at least one question for the kind "question" of %s, for example [{ question = "What colour is the sky?", answers = ["blue"] }]`, key)
	case kind == "mail" && !c.Mail.Enabled:
		k.refuse(key, kind, "switch mail.enabled on as well, or choose another kind")
	case slices.Contains(vendorKinds(), kind) && !c.hasVendor(kind):
		k.refuse("captcha.vendors", c.Captcha.Vendors, `write [[captcha.vendors]] with kind = %q, site_key and secret: %s asks for it`, kind, key)
	}
}

func (c Config) hasVendor(kind string) bool {
	return slices.ContainsFunc(c.Captcha.Vendors, func(v VendorConfig) bool { return v.Kind == kind })
}

// badLoginKind is what is asked at sign-ins.
func (c Config) badLoginKind() string {
	if c.Captcha.BadLogin == "same" {
		return c.Captcha.Kind
	}
	return c.Captcha.BadLogin
}

// usedKinds are the kinds that somebody can be asked, each once, the first first.
func (c Config) usedKinds() []string {
	s := c.Captcha
	all := append([]string{s.Kind}, s.Others...)
	if slices.Contains(s.On, "badlogin") {
		all = append(all, c.badLoginKind())
	}
	for _, n := range s.Networks {
		all = append(append(all, n.Kind), n.Others...)
	}
	var out []string
	for _, kind := range all {
		if kind != "none" && !slices.Contains(out, kind) {
			out = append(out, kind)
		}
	}
	return out
}

func (k *checker) captchaLimits(c *Config) {
	type window struct {
		kind string
		per  Duration
	}
	seen := map[window]bool{}
	for i, l := range c.Captcha.Creations {
		at := fmt.Sprintf("captcha.creations[%d]", i)
		k.limit(at, LimitConfig{Count: l.Count, Per: l.Per, NetworkFactor: l.NetworkFactor})
		if len(l.Kinds) == 0 {
			k.refuse(at+".kinds", l.Kinds, `name at least one kind, for example ["math"]`)
		}
		for j, kind := range l.Kinds {
			key := fmt.Sprintf("%s.kinds[%d]", at, j)
			switch {
			case !slices.Contains(c.usedKinds(), kind):
				k.refuse(key, kind, "name a kind that is asked: captcha.kind, captcha.others and captcha.networks have it")
			case seen[window{kind, l.Per}]:
				k.refuse(key, kind, "leave one limit of this length out: of two the smaller one holds anyway")
			}
			seen[window{kind, l.Per}] = true
		}
	}
}

func (k *checker) vendors(c *Config) {
	for i, v := range c.Captcha.Vendors {
		at := fmt.Sprintf("captcha.vendors[%d]", i)
		switch {
		case !slices.Contains(vendorKinds(), v.Kind):
			k.refuse(at+".kind", v.Kind, "choose one of %s", strings.Join(vendorKinds(), ", "))
		case slices.ContainsFunc(c.Captcha.Vendors[:i], func(o VendorConfig) bool { return o.Kind == v.Kind }):
			k.refuse(at+".kind", v.Kind, "write one table for each company")
		}
		if v.SiteKey == "" || strings.ContainsFunc(v.SiteKey, func(r rune) bool { return r <= ' ' || r > '~' }) {
			k.refuse(at+".site_key", v.SiteKey, "write the key that the company gave to this site")
		}
		if v.Secret == "" {
			k.refuse(at+".secret", v.Secret, "write the secret that goes with it")
		}
		for j, h := range v.Hosts {
			if !isHost(h) || strings.Contains(h, ":") {
				k.refuse(fmt.Sprintf("%s.hosts[%d]", at, j), h, `write a host without a port, for example "app.example.org"`)
			}
		}
		if u, err := url.Parse(v.Verify); v.Verify != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || !isHost(u.Host)) {
			k.refuse(at+".verify", v.Verify, "write an address that begins with https://, or leave it empty")
		}
	}
}
