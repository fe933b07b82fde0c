package gatehouse

import (
	"errors"
	"strings"
	"testing"

	"gatehouse/internal/password"
)

// TestSettings sets keys from both sides of every rule. A case without fault must pass; one with it must blame exactly
// that key.
func TestSettings(t *testing.T) {
	long := strings.Repeat("x", 1001)
	for _, c := range []struct {
		set   string // several are parted by ";;"
		fault string
	}{
		{"server.listen=127.0.0.1:0", ""}, {"server.listen=:8080", ""}, {"server.listen=[::1]:65535", ""}, {"server.listen=localhost:1", ""},
		{"server.listen=127.0.0.1", "server.listen"}, {"server.listen=8080", "server.listen"}, {"server.listen=:65536", "server.listen"},
		{"server.listen=:-1", "server.listen"}, {"server.listen=:http", "server.listen"}, {"server.listen=:080", "server.listen"},
		{"server.listen=::1:80", "server.listen"}, {"server.listen=a b:80", "server.listen"}, {"server.listen=", "server.listen"},
		{"server.admin_listen=127.0.0.1:9090", ""}, {"server.admin_listen=9090", "server.admin_listen"},
		{"server.admin_listen=127.0.0.1:8080", "server.admin_listen"},
		{"server.listen=:0;;server.admin_listen=:0", ""},

		{"server.public_url=https://a.example", ""}, {"server.public_url=http://a.example:8080/", ""}, {"server.public_url=https://[2001:db8::1]:444", ""},
		{"server.public_url=https://[2001:db8::1]", ""}, {"server.public_url=http://127.0.0.1:1", ""},
		{"server.public_url=a.example", "server.public_url"}, {"server.public_url=ftp://a.example", "server.public_url"},
		{"server.public_url=https://", "server.public_url"}, {"server.public_url=https://a.example/w", "server.public_url"},
		{"server.public_url=https://u@a.example", "server.public_url"}, {"server.public_url=https://a.example?", "server.public_url"},
		{"server.public_url=https://a.example#", "server.public_url"}, {"server.public_url=https://a.example:0", "server.public_url"},
		{"server.public_url=https://a_b.example", ""}, {"server.public_url=https://-a.example", "server.public_url"},
		{"server.public_url=https://*.example", "server.public_url"}, {"server.public_url=https://a.example\n", "server.public_url"},

		{"server.drain=0s", ""}, {"server.drain=5m", ""}, {"server.drain=5m1s", "server.drain"}, {"server.drain=-1s", "server.drain"},
		{"password.hash_wait=0s", ""}, {"password.hash_wait=10s", ""}, {"password.hash_wait=11s", "password.hash_wait"}, {"password.hash_wait=-1s", "password.hash_wait"},
		{"server.script_path=", ""}, {"server.script_path=/w", ""}, {"server.script_path=/a/b-c_d.e~f", ""},
		{"server.script_path=/", "server.script_path"}, {"server.script_path=/w/", "server.script_path"}, {"server.script_path=w", "server.script_path"},
		{"server.script_path=/a//b", "server.script_path"}, {"server.script_path=/..", "server.script_path"}, {"server.script_path=/a/./b", "server.script_path"},
		{"server.script_path=/{x}", "server.script_path"}, {"server.script_path=/a b", "server.script_path"}, {"server.script_path=/ä", "server.script_path"},
		{"server.article_path=/wiki/", ""}, {"server.article_path=/a/b/", ""}, {"server.article_path=/", "server.article_path"},
		{"server.article_path=", "server.article_path"}, {"server.article_path=/wiki", "server.article_path"}, {"server.article_path=/wiki/$1", "server.article_path"},
		{"server.article_path=/w/", "server.article_path"}, {"server.article_path=/../", "server.article_path"},

		{`server.trusted_proxies=["10.0.0.0/8","2001:db8::/32","192.0.2.1","::ffff:10.0.0.0/104","10.1.2.3/8"]`, ""},
		{`server.trusted_proxies=["10.0.0.0/33"]`, "server.trusted_proxies[0]"}, {`server.trusted_proxies=["10.0.0.1","proxy"]`, "server.trusted_proxies[1]"},
		{`server.trusted_proxies=["fe80::1%eth0"]`, "server.trusted_proxies[0]"}, {`server.trusted_proxies=["::ffff:0.0.0.0/95"]`, "server.trusted_proxies[0]"},

		{"site.name=ä", ""}, {"site.name=" + long[:255], ""}, {"site.name=" + long[:256], "site.name"}, {"site.name=", "site.name"},
		{"site.name= ", "site.name"}, {"site.name=a\nb", "site.name"},
		{"site.id=my-wiki_2", ""}, {"site.id=" + long[:64], ""}, {"site.id=" + long[:65], "site.id"}, {"site.id=", "site.id"}, {"site.id=a.b", "site.id"},
		{"site.language=pt-br", ""}, {"site.language=qqx", ""}, {"site.language=zh-hans", ""}, {"site.language=EN", "site.language"},
		{"site.language=e", "site.language"}, {"site.language=en_GB", "site.language"}, {"site.language=", "site.language"},
		{"site.read_only=Back at noon.", ""}, {"site.read_only=" + long[:1000], ""}, {"site.read_only=" + long, "site.read_only"}, {"site.read_only=a\x1bb", "site.read_only"},

		{`cors.allow=["trusted.example","*.trusted.example","a?.example:8443","*","localhost"]`, ""},
		{`cors.allow=["https://a.example"]`, "cors.allow[0]"}, {`cors.allow=[""]`, "cors.allow[0]"}, {`cors.allow=["a.example/x"]`, "cors.allow[0]"},
		{`cors.except=["evil.example"]`, ""}, {`cors.except=["a b"]`, "cors.except[0]"},

		{`groups.nocreators.revoke=["createaccount"]`, ""}, {`groups.*.grant=["x"]`, ""}, {`groups={"a.b":{}}`, "groups.a.b"}, {`groups={"":{}}`, "groups."},
		{`groups={"` + long[:65] + `":{}}`, "groups." + long[:65]}, {`groups.a.grant=[""]`, "groups.a.grant[0]"}, {`groups.a.revoke=["x","a b"]`, "groups.a.revoke[1]"},
		{`groups.a|b.grant=[]`, "groups.a|b"},

		{"store.url=sqlite:/var/lib/x.db", ""}, {"store.url=memory:", ""}, {"store.url=postgres://u:p@h:5432/db?sslmode=disable", ""},
		{"store.url=postgresql://h/db", ""}, {"store.url=postgres:///db?host=/run/postgresql", ""},
		{"store.url=sqlite:", "store.url"}, {"store.url=sqlite::memory:", "store.url"}, {"store.url=sqlite:a.db?x=1", "store.url"}, {"store.url=memory:x", "store.url"},
		{"store.url=mysql://h/db", "store.url"}, {"store.url=gatehouse.db", "store.url"}, {"store.url=", "store.url"}, {"store.url=postgres:db", "store.url"},
		{"store.url=postgres:///db", "store.url"}, {"store.url=postgres://h:port/db", "store.url"},

		{"createaccount.mail_password=everyone", ""}, {"createaccount.mail_password=nobody", "createaccount.mail_password"},
		{"createaccount.mail_password=everyone;;mail.enabled=false", "createaccount.mail_password"}, {"createaccount.mail_password=off;;mail.enabled=false", ""},
		{"createaccount.email_confirmed_required=true", ""}, {"createaccount.email_confirmed_required=true;;mail.enabled=false", "createaccount.email_confirmed_required"},
		{"password.mailed=link", ""}, {"password.mailed=code", "password.mailed"},
		{"password.mailed_life=10m", ""}, {"password.mailed_life=90d", ""}, {"password.mailed_life=9m", "password.mailed_life"}, {"password.mailed_life=91d", "password.mailed_life"},
		{`throttle.resets=[]`, ""}, {`throttle.resets=[{"count":0,"per":"1h"}]`, "throttle.resets[0].count"},
		{"createaccount.email_required=true", ""}, {"createaccount.email_required=true;;mail.enabled=false", "createaccount.email_required"},
		{`createaccount.return_hosts=["app.example","127.0.0.1:8000","[::1]:9"]`, ""}, {`createaccount.return_hosts=["https://app.example"]`, "createaccount.return_hosts[0]"},
		{`createaccount.return_hosts=["*.example"]`, "createaccount.return_hosts[0]"}, {`createaccount.return_hosts=["a:0"]`, "createaccount.return_hosts[0]"},

		{"throttle.creations=[]", ""}, {`throttle.creations=[{"count":1,"per":"1s"}]`, ""}, {`throttle.creations=[{"count":1000000000,"per":"8784h","network_factor":65536}]`, ""},
		{`throttle.creations=[{"count":0,"per":"1h"}]`, "throttle.creations[0].count"}, {`throttle.creations=[{"count":1000000001,"per":"1h"}]`, "throttle.creations[0].count"},
		{`throttle.creations=[{"count":1}]`, "throttle.creations[0].per"}, {`throttle.creations=[{"count":1,"per":"500ms"}]`, "throttle.creations[0].per"},
		{`throttle.creations=[{"count":1,"per":"1.5s"}]`, "throttle.creations[0].per"}, {`throttle.creations=[{"count":1,"per":"367d"}]`, "throttle.creations[0].per"},
		{`throttle.attempts=[{"count":1,"per":"1h","network_factor":0}]`, ""}, {`throttle.attempts=[{"count":1,"per":"1h","network_factor":-1}]`, "throttle.attempts[0].network_factor"},
		{`throttle.attempts=[{"count":1,"per":"1h","network_factor":65537}]`, "throttle.attempts[0].network_factor"},
		{`throttle.logins=[{"count":1,"per":"1h"},{"count":2,"per":"60m"}]`, "throttle.logins[1].per"},

		{"password.hash=bcrypt", ""}, {"password.hash=md5", "password.hash"}, {"password.hash=", "password.hash"},
		{"password.minimum_length=64", ""}, {"password.minimum_length=65", "password.minimum_length"}, {"password.minimum_length=7", "password.minimum_length"},
		{"password.minimum_length=1;;password.allow_weak=true", ""}, {"password.minimum_length=0;;password.allow_weak=true", "password.minimum_length"},
		{"password.hashes_in_flight=4096", ""}, {"password.hashes_in_flight=4097", "password.hashes_in_flight"}, {"password.hashes_in_flight=-1", "password.hashes_in_flight"},
		{"password.hashes_per_network=0", ""}, {"password.hashes_per_network=4097", "password.hashes_per_network"}, {"password.hashes_per_network=-1", "password.hashes_per_network"},

		{"captcha.kind=image", ""}, {"captcha.kind=math", ""}, {"captcha.kind=proof-of-work", ""}, {"captcha.kind=mail", ""}, {"captcha.kind=audio", "captcha.kind"},
		{"captcha.kind=mail;;mail.enabled=false", "captcha.kind"},
		{`captcha.kind=image;;captcha.others=["mail","proof-of-work"]`, ""}, {`captcha.others=["mail"]`, "captcha.kind"},
		{`captcha.kind=image;;captcha.others=["audio"]`, "captcha.others[0]"}, {`captcha.kind=image;;captcha.others=["none"]`, "captcha.others[0]"},
		{`captcha.kind=image;;captcha.others=["image"]`, "captcha.others[0]"}, {`captcha.kind=image;;captcha.others=["mail","mail"]`, "captcha.others[1]"},
		{`captcha.kind=image;;captcha.others=["mail"];;mail.enabled=false`, "captcha.others[0]"},
		{`captcha.kind=image;;captcha.others=["question"]`, "captcha.questions"},
		{`captcha.kind=mail;;captcha.on=["createaccount","badlogin"]`, "captcha.badlogin"},
		{`captcha.kind=mail;;captcha.on=["createaccount","badlogin"];;captcha.badlogin=math`, ""}, {`captcha.badlogin=mail`, "captcha.badlogin"},
		{"captcha.work=1000", ""}, {"captcha.work=999", "captcha.work"}, {"captcha.work=10000000", ""}, {"captcha.work=10000001", "captcha.work"},
		{`captcha.kind=image;;captcha.networks=[{"networks":["192.0.2.0/24","2001:db8::1"],"kind":"math","others":["mail"],"work":1000}]`, ""},
		{`captcha.networks=[{"networks":["192.0.2.0/24"],"kind":"math"}]`, "captcha.kind"},
		{`captcha.kind=image;;captcha.networks=[{"networks":[],"kind":"math"}]`, "captcha.networks[0].networks"},
		{`captcha.kind=image;;captcha.networks=[{"networks":["x"],"kind":"math"}]`, "captcha.networks[0].networks[0]"},
		{`captcha.kind=image;;captcha.networks=[{"networks":["192.0.2.0/24"],"kind":"none"}]`, "captcha.networks[0].kind"},
		{`captcha.kind=image;;captcha.networks=[{"networks":["192.0.2.0/24"],"kind":"math","others":["math"]}]`, "captcha.networks[0].others[0]"},
		{`captcha.kind=image;;captcha.networks=[{"networks":["192.0.2.0/24"],"kind":"math","work":999}]`, "captcha.networks[0].work"},
		{`captcha.kind=image;;captcha.networks=[{"networks":["192.0.2.0/24"],"kind":"math","work":10000001}]`, "captcha.networks[0].work"},
		{`captcha.kind=image;;captcha.networks=[{"networks":["192.0.2.0/24"],"kind":"turnstile"}]`, "captcha.vendors"},
		{`captcha.kind=image;;captcha.others=["math"];;captcha.creations=[{"kinds":["math"],"count":1,"per":"24h"},{"kinds":["math"],"count":3,"per":"7d"}]`, ""},
		{`captcha.kind=image;;captcha.creations=[{"kinds":["math"],"count":1,"per":"24h"}]`, "captcha.creations[0].kinds[0]"},
		{`captcha.kind=image;;captcha.creations=[{"kinds":[],"count":1,"per":"24h"}]`, "captcha.creations[0].kinds"},
		{`captcha.kind=image;;captcha.creations=[{"kinds":["image"],"count":0,"per":"24h"}]`, "captcha.creations[0].count"},
		{`captcha.kind=image;;captcha.creations=[{"kinds":["image"],"count":1,"per":"24h"},{"kinds":["image"],"count":2,"per":"24h"}]`, "captcha.creations[1].kinds[0]"},
		{`captcha.kind=hcaptcha`, "captcha.vendors"},
		{`captcha.kind=hcaptcha;;captcha.vendors=[{"kind":"hcaptcha","site_key":"k","secret":"s","hosts":["app.example.org"],"verify":"http://127.0.0.1:1/v"}]`, ""},
		{`captcha.vendors=[{"kind":"captcha","site_key":"k","secret":"s"}]`, "captcha.vendors[0].kind"},
		{`captcha.vendors=[{"kind":"hcaptcha","site_key":"","secret":"s"}]`, "captcha.vendors[0].site_key"},
		{`captcha.vendors=[{"kind":"hcaptcha","site_key":"k"}]`, "captcha.vendors[0].secret"},
		{`captcha.vendors=[{"kind":"hcaptcha","site_key":"k","secret":"s","hosts":["a:80"]}]`, "captcha.vendors[0].hosts[0]"},
		{`captcha.vendors=[{"kind":"hcaptcha","site_key":"k","secret":"s","verify":"ftp://x"}]`, "captcha.vendors[0].verify"},
		{`captcha.vendors=[{"kind":"hcaptcha","site_key":"k","secret":"s"},{"kind":"hcaptcha","site_key":"l","secret":"s"}]`, "captcha.vendors[1].kind"}, {"captcha.kind=question", "captcha.questions"},
		{`captcha.kind=question;;captcha.questions=[{"question":"q","answers":["a","b"]}]`, ""},
		{`captcha.questions=[{"question":" ","answers":["a"]}]`, "captcha.questions[0].question"}, {`captcha.questions=[{"question":"q","answers":[]}]`, "captcha.questions[0].answers"},
		{`captcha.questions=[{"question":"q","answers":["a"," "]}]`, "captcha.questions[0].answers[1]"},
		{`captcha.questions=[{"question":"q","answers":["a"]},{"question":"q","answers":["b"]}]`, "captcha.questions[1].question"},
		{`captcha.questions=[{"question":"` + long + `","answers":["a"]}]`, "captcha.questions[0].question"},
		{`captcha.on=["createaccount","badlogin"]`, ""}, {`captcha.on=[]`, ""}, {`captcha.on=["login"]`, "captcha.on[0]"}, {`captcha.on=["badlogin","badlogin"]`, "captcha.on[1]"},

		{oidcSet(`"name":"example.net"`), ""}, {oidcSet(`"name":"A_b-1"`), ""}, {oidcSet(`"name":""`), "oidc[0].name"}, {oidcSet(`"name":".x"`), "oidc[0].name"},
		{oidcSet(`"name":"a b"`), "oidc[0].name"}, {oidcSet(`"name":"password"`), "oidc[0].name"}, {oidcSet(`"name":"` + long[:64] + `"`), ""}, {oidcSet(`"name":"` + long[:65] + `"`), "oidc[0].name"},
		{oidcSet(`"issuer":"https://o.example/realm/x"`), ""}, {oidcSet(`"issuer":"http://o.example"`), "oidc[0].issuer"}, {oidcSet(`"issuer":"https://127.0.0.1"`), "oidc[0].issuer"},
		{oidcSet(`"issuer":"https://10.1.2.3"`), "oidc[0].issuer"}, {oidcSet(`"issuer":"https://[fe80::1]"`), "oidc[0].issuer"}, {oidcSet(`"issuer":"https://localhost"`), "oidc[0].issuer"},
		{oidcSet(`"issuer":"https://o.example?x"`), "oidc[0].issuer"}, {oidcSet(`"issuer":"https://u@o.example"`), "oidc[0].issuer"}, {oidcSet(`"issuer":""`), "oidc[0].issuer"},
		{oidcSet(`"issuer":"http://127.0.0.1:9","allow_private":true`), ""}, {oidcSet(`"issuer":"ftp://o.example","allow_private":true`), "oidc[0].issuer"},
		{oidcSet(`"client_id":""`), "oidc[0].client_id"}, {oidcSet(`"client_secret":""`), ""}, {oidcSet(`"client_secret":"s"`), ""},
		{oidcSet(`"name":"a"`) + ";;server.listen=:80", "server.public_url"}, {oidcSet(`"name":"a"`) + ";;server.listen=:80;;server.public_url=https://a.example", ""},

		{"totp.at_creation=required", ""}, {"totp.at_creation=yes", "totp.at_creation"},
		{"log.format=json", ""}, {"log.format=xml", "log.format"}, {"log.level=debug", ""}, {"log.level=loud", "log.level"},

		{"mail.smtp=smtp://h", ""}, {"mail.smtp=smtps://u:p@h:465", ""}, {"mail.smtp=smtp://mail_server:25/", ""}, {"mail.smtp=mail.example:25", "mail.smtp"},
		{"mail.smtp=http://h", "mail.smtp"}, {"mail.smtp=smtp://", "mail.smtp"}, {"mail.smtp=smtp://:p@h", "mail.smtp"}, {"mail.smtp=smtp://h/x", "mail.smtp"}, {"mail.smtp=smtp://h?x=y", "mail.smtp"},
		{"mail.smtp=smtp://h;;server.listen=:80", "server.public_url"}, {"mail.smtp=smtp://h;;server.listen=:80;;mail.enabled=false", ""},
		{"mail.from=a@b.example", ""}, {"mail.from=Ä <a@b.example>", ""}, {"mail.from=a", "mail.from"}, {"mail.from=", "mail.from"}, {"mail.from=a@b.example\nBcc: c@d.example", "mail.from"},
		{"mail.from=a@b_c.example", "mail.from"}, {`mail.from="a b"@c.example`, "mail.from"}, {"mail.from=a@b.example, c@d.example", "mail.from"}, {"mail.from=a@bü.example", ""},
		{"mail.tls=mandatory", ""}, {"mail.tls=none", ""}, {"mail.tls=maybe", "mail.tls"}, {"mail.tls=", "mail.tls"},
		{"mail.timeout=1s", ""}, {"mail.timeout=10m", ""}, {"mail.timeout=999ms", "mail.timeout"}, {"mail.timeout=601s", "mail.timeout"},
		{"mail.retry_after=1s", ""}, {"mail.retry_after=1h;;mail.retry_at_most=1h", ""}, {"mail.retry_after=999ms", "mail.retry_after"}, {"mail.retry_after=61m;;mail.retry_at_most=2h", "mail.retry_after"},
		{"mail.retry_at_most=24h", ""}, {"mail.retry_at_most=25h", "mail.retry_at_most"}, {"mail.retry_at_most=29s", "mail.retry_at_most"}, {"mail.retry_at_most=30s", ""},
		{"mail.per_address=[]", ""}, {`mail.per_address=[{"count":1,"per":"1s"}]`, ""}, {`mail.per_address=[{"count":0,"per":"1h"}]`, "mail.per_address[0].count"},
		{`mail.per_domain=[{"count":1}]`, "mail.per_domain[0].per"}, {`mail.per_network=[{"count":1,"per":"1h"},{"count":2,"per":"60m"}]`, "mail.per_network[1].per"},
		{`mail.per_network=[{"count":1,"per":"1h","network_factor":3}]`, "mail.per_network[0].network_factor"},
	} {
		_, err := Load(LoadOptions{Set: strings.Split(c.set, ";;")})
		var faults Faults
		switch {
		case c.fault == "" && err != nil:
			t.Errorf("%.120q is refused: %v", c.set, err)
		case c.fault != "" && (!errors.As(err, &faults) || len(faults) != 1 || faults[0].Key != c.fault):
			t.Errorf("%.120q: want one fault of %s, got %v", c.set, c.fault, err)
		}
	}
}

// oidcSet is a whole provider with some members changed; of one member the last counts.
func oidcSet(members string) string {
	return `oidc=[{"name":"n","issuer":"https://o.example","client_id":"c",` + members + `}]`
}

// TestHashSettingsAgree holds the configuration's bounds to those of the hashes themselves.
func TestHashSettingsAgree(t *testing.T) {
	change := func(f func(*PasswordConfig)) PasswordConfig {
		p := DefaultConfig().Password
		f(&p)
		return p
	}
	for i, p := range []PasswordConfig{
		change(func(p *PasswordConfig) {}),
		change(func(p *PasswordConfig) { p.PBKDF2Iterations = 209_999 }), change(func(p *PasswordConfig) { p.PBKDF2Iterations = 5_000_000 }),
		change(func(p *PasswordConfig) { p.PBKDF2Iterations = 5_000_001 }), change(func(p *PasswordConfig) { p.BcryptCost = 11 }),
		change(func(p *PasswordConfig) { p.BcryptCost = 16 }), change(func(p *PasswordConfig) { p.BcryptCost = 17 }), change(func(p *PasswordConfig) { p.BcryptCost = 3 }),
		change(func(p *PasswordConfig) { p.BcryptCost = 4 }), change(func(p *PasswordConfig) { p.PBKDF2Iterations = 1 }),
		change(func(p *PasswordConfig) { p.Argon2idMemory = 19<<20 - 1024 }), change(func(p *PasswordConfig) { p.Argon2idMemory = 8 << 10 }),
		change(func(p *PasswordConfig) { p.Argon2idMemory = 7 << 10 }), change(func(p *PasswordConfig) { p.Argon2idMemory = 256 << 20 }),
		change(func(p *PasswordConfig) { p.Argon2idMemory = 256<<20 + 1024 }), change(func(p *PasswordConfig) { p.Argon2idPasses = 1 }),
		change(func(p *PasswordConfig) { p.Argon2idPasses = 64 }), change(func(p *PasswordConfig) { p.Argon2idPasses = 65 }),
		change(func(p *PasswordConfig) { p.Argon2idMemory, p.Argon2idPasses = 256<<20, 8 }), change(func(p *PasswordConfig) { p.Argon2idMemory, p.Argon2idPasses = 256<<20, 9 }),
	} {
		for _, weak := range []bool{false, true} {
			c := DefaultConfig()
			c.Password, c.Password.AllowWeak = p, weak
			theirs := password.Settings{
				Default: password.Kind(p.Hash), PBKDF2Iterations: int(p.PBKDF2Iterations), BcryptCost: int(p.BcryptCost),
				Argon2Memory: int(p.Argon2idMemory >> 10), Argon2Passes: int(p.Argon2idPasses), AllowWeak: weak,
			}.Validate()
			if ours := c.Validate(); (ours == nil) != (theirs == nil) {
				t.Errorf("case %d, weak %v: the configuration says %v, the hashes say %v", i, weak, ours, theirs)
			}
		}
	}
	for _, p := range []PasswordConfig{
		change(func(p *PasswordConfig) { p.Argon2idMemory = 19<<20 + 1 }), change(func(p *PasswordConfig) { p.PBKDF2Iterations = 0 }),
		change(func(p *PasswordConfig) { p.BcryptCost = 0 }), change(func(p *PasswordConfig) { p.Argon2idPasses = 0 }), change(func(p *PasswordConfig) { p.Argon2idMemory = 0 }),
	} {
		c := DefaultConfig()
		c.Password, c.Password.AllowWeak = p, true
		if c.Validate() == nil {
			t.Errorf("%+v passes", p)
		}
	}
}

func TestDefaultsAreValid(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	if (Config{}).Validate() == nil {
		t.Error("the zero Config passes")
	}
}

// TestValidateKnowsChoices is for configurations that were filled in by a program.
func TestValidateKnowsChoices(t *testing.T) {
	c := DefaultConfig()
	c.Captcha.Kind, c.Captcha.On, c.Log.Level, c.Password.Hash = "audio", []string{"always"}, "loud", "md5"
	var faults Faults
	if !errors.As(c.Validate(), &faults) || len(faults) != 4 {
		t.Errorf("got %v", faults)
	}
}
