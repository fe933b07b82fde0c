package gatehouse

import (
	"bytes"
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gatehouse/auth"
	"gatehouse/internal/settings"
)

func mustLoad(t *testing.T, set ...string) Config {
	t.Helper()
	c, err := Load(LoadOptions{Set: set})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDefaultsFitTheirTypes(t *testing.T) {
	var c Config
	if _, err := settings.NewLoader(&c); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(c, DefaultConfig()) || !reflect.DeepEqual(c, mustLoad(t)) {
		t.Error("DefaultConfig and an empty Load differ")
	}
}

func TestEveryKeyHasAManual(t *testing.T) {
	schema, err := settings.SchemaOf(&Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range schema.Sections() {
		if s.Manual == "" {
			t.Errorf("%s has no manual", s.Path)
		}
		for _, k := range s.Keys {
			if k.Manual == "" {
				t.Errorf("%s has no manual", k.Path)
			}
		}
	}
}

func TestPrecedence(t *testing.T) {
	file := filepath.Join(t.TempDir(), "g.toml")
	text := "[site]\nname = \"file\"\nid = \"file\"\nlanguage = \"aa\"\n[throttle]\ncreations = [{ count = 2, per = \"1h\" }]\n[groups.a]\ngrant = [\"x\"]\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(LoadOptions{
		File: file, Environ: []string{"GATEHOUSE_SITE_NAME=env", "GATEHOUSE_SITE_ID=env", "GATEHOUSE_GROUPS_B_GRANT=[\"y\"]", "SITE_NAME=other"},
		Set:   []string{"site.name=first", "site.name=last", "server.listen=:1"},
		Flags: []Flag{{"--listen", "server.listen", ":2"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if c.Site.Name != "last" || c.Site.ID != "env" || c.Site.Language != "aa" || c.Server.Listen != ":2" || len(c.Groups) != 2 || c.Throttle.Creations[0].Count != 2 {
		t.Errorf("got %+v", c)
	}
}

func TestLoadTellsAllFaultsAtOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "g.toml")
	if err := os.WriteFile(file, []byte("[site]\nnmae = \"x\"\nid = \"a b\"\n[password]\nminimum_length = \"8\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Load(LoadOptions{
		File: file, Environ: []string{"GATEHOUSE_SITE_LANGUAG=en", "GATEHOUSE_LOG_LEVEL=loud"},
		Set: []string{"server.listen", "totp.at_creation=optonal", "server.script_path=w"}, Flags: []Flag{{"--store", "store.url", "mysql://u:hush@h"}},
	})
	want := []string{
		"password.minimum_length = \"8\" (from " + file + "): write a whole number, for example 8",
		"site.nmae (from " + file + "): there is no such key; the nearest is site.name",
		`log.level = "loud" (from GATEHOUSE_LOG_LEVEL): write one of "debug", "info", "warn", "error"; the nearest is "debug"`,
		"GATEHOUSE_SITE_LANGUAG: there is no such variable; the nearest is GATEHOUSE_SITE_LANGUAGE",
		"server.listen (from --set): write key=value",
		`totp.at_creation = "optonal" (from --set): write one of "off", "optional", "required"; the nearest is "optional"`,
		`server.script_path = "w" (from --set): begin with /`,
		`site.id = "a b" (from ` + file + "): write 1 to 64 letters",
		`store.url = "mysql://u:xxxxx@h" (from --store): write sqlite:PATH`,
	}
	var faults Faults
	if !errors.As(err, &faults) || len(faults) != len(want) {
		t.Fatalf("got\n%v", err)
	}
	for i, w := range want {
		if !strings.HasPrefix(faults[i].Error(), w) {
			t.Errorf("fault %d:\n got %s\nwant %s", i, faults[i], w)
		}
	}
}

func TestLoadWithoutTheFile(t *testing.T) {
	if _, err := Load(LoadOptions{File: filepath.Join(t.TempDir(), "none.toml")}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestForeignVariables(t *testing.T) {
	for _, name := range []string{"GATEHOUSE_TEST_POSTGRES", "GATEHOUSE_CONFIG", "GATEHOUSE_PORT", "GATEHOUSE_PORT_8080_TCP", "GATEHOUSE_SERVICE_HOST"} {
		if _, err := Load(LoadOptions{Environ: []string{name + "=x"}}); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{"GATEHOUSE_", "GATEHOUSE_PORTS", "GATEHOUSE_SERVER", "GATEHOUSE_CONFIGS", "GATEHOUSE_OIDC_NAME", "GATEHOUSE_GROUPS__GRANT"} {
		if _, err := Load(LoadOptions{Environ: []string{name + "=x"}}); err == nil {
			t.Errorf("%s passes", name)
		}
	}
}

// TestDescribeReadsBack holds that the printed file is right, is complete and changes nothing.
func TestDescribeReadsBack(t *testing.T) {
	var b bytes.Buffer
	if err := Describe(&b); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "g.toml")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(LoadOptions{File: file})
	if err != nil || !reflect.DeepEqual(c, DefaultConfig()) {
		t.Errorf("got %+v, %v", c, err)
	}
}

// TestConfigurationPage holds docs/configuration.md to the tags.
func TestConfigurationPage(t *testing.T) {
	var b bytes.Buffer
	if err := DescribeMarkdown(&b); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(page, b.Bytes()) {
		t.Error("docs/configuration.md is old; run: go generate .")
	}
}

func TestSecretsFromFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("postgres://u:hush@h/db\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := mustLoad(t, "store.url=file:"+file, oidcSet(`"client_secret":"file:`+file+`"`))
	if c.Store.URL.Reveal() != "postgres://u:hush@h/db" || c.OIDC[0].ClientSecret.Reveal() != "postgres://u:hush@h/db" {
		t.Errorf("got %q", c.Store.URL.Reveal())
	}
	for _, w := range c.Warnings() {
		if strings.Contains(w, "command line") {
			t.Errorf("a reference to a file is no secret: %s", w)
		}
	}
	if err := os.WriteFile(file, []byte("mysql://u:hush@h/db\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(LoadOptions{Set: []string{"store.url=file:" + file}}); err == nil || strings.Contains(err.Error(), "hush") {
		t.Errorf("a wrong address from a file gives %v", err)
	}
}

func TestWarnings(t *testing.T) {
	for _, c := range []struct {
		set  string
		want string // a part of one warning; empty = none but the one about mail
	}{
		{"site.name=x", ""}, {"mail.enabled=false", ""},
		{"mail.enabled=true", "mail.smtp is not set"}, {"mail.smtp=smtp://h", "mail.from is an address of this machine"},
		{"mail.per_address=[]", "mail.per_address is empty"}, {"mail.smtp=smtp://h;;mail.tls=none", "mail.tls is none"},
		{"mail.smtp=smtps://h;;mail.tls=none;;mail.from=a@b.example", ""}, {"mail.smtp=smtp://h;;mail.from=a@b.example", ""},
		{"server.listen=:80", "server.public_url is not set"}, {"server.public_url=http://a.example", "plain http"},
		{"server.public_url=https://a.example", ""}, {"server.public_url=http://localhost:9", ""}, {"server.public_url=http://127.0.0.1", ""},
		{`server.trusted_proxies=["0.0.0.0/0"]`, "whole internet"}, {`server.trusted_proxies=["10.0.0.0/8"]`, ""},
		{"server.admin_listen=:9090", "server.admin_listen is reachable"}, {"server.admin_listen=127.0.0.1:9090", ""},
		{"site.read_only=noon", "site.read_only"}, {"site.private=true", "they may still create accounts"}, {"site.private=true;;createaccount.anonymous=false", ""},
		{"createaccount.enabled=false", "createaccount.enabled"}, {`cors.allow=["*"]`, "every site"}, {`cors.allow=["a.example"]`, "cors.allow has little effect"},
		{`cors.allow=["a.example"];;server.public_url=https://b.example`, ""},
		{"store.url=memory:", "forgotten"}, {"store.url=postgres://h/db", "keys.file is not set"}, {"store.url=postgres://h/db;;keys.file=/k", ""},
		{"throttle.creations=[]", "throttle.creations is empty"}, {"throttle.logins=[]", "guessed"}, {"password.allow_weak=true", "easy to break"},
		{"captcha.kind=image;;captcha.on=[]", "nobody is asked"}, {"captcha.kind=image", "captcha.others has no mail"}, {oidcSet(`"allow_private":true`), "allow_private"},
		{"store.url=postgres://u:hush@h/db;;keys.file=/k", "store.url: the secret stands on the command line"},
		{"mail.smtp=smtp://u:hush@h", "mail.smtp: the secret stands"}, {oidcSet(`"client_secret":"hush"`), "oidc: the secret stands"},
		{`groups.a.grant=["fly"]`, `"fly"`}, {`groups.a.grant=["createaccount","autocreateaccount"]`, ""},
	} {
		got := mustLoad(t, strings.Split(c.set, ";;")...).Warnings()
		rest := slices.DeleteFunc(slices.Clone(got), func(w string) bool { return strings.HasPrefix(w, "mail.smtp is not set") })
		if c.want == "" && len(rest) > 0 || c.want != "" && !strings.Contains(strings.Join(got, "\n"), c.want) {
			t.Errorf("%s: want %q, got %q", c.set, c.want, got)
		}
		if strings.Contains(strings.Join(got, "\n"), "hush") {
			t.Errorf("%s: a warning tells the secret: %q", c.set, got)
		}
	}
	c, err := Load(LoadOptions{Environ: []string{"GATEHOUSE_MAIL_SMTP=smtp://u:hush@h"}})
	if err != nil || strings.Contains(strings.Join(c.Warnings(), "\n"), "command line") {
		t.Errorf("a secret from the environment is blamed: %v, %v", c.Warnings(), err)
	}
}

func TestUnbuilt(t *testing.T) {
	if got := DefaultConfig().Unbuilt(); len(got) > 0 {
		t.Errorf("the defaults are not built: %v", got)
	}
	if got := mustLoad(t, oidcSet(`"name":"n"`), "totp.at_creation=optional").Unbuilt(); len(got) > 0 {
		t.Errorf("got %q", got)
	}
}

func TestPublicURL(t *testing.T) {
	for _, c := range []struct {
		set, want string
		reachable bool
	}{
		{"server.listen=127.0.0.1:8080", "http://127.0.0.1:8080", true}, {"server.listen=:8080", "http://localhost:8080", false},
		{"server.listen=0.0.0.0:80", "http://localhost", false}, {"server.listen=[::]:81", "http://localhost:81", false},
		{"server.listen=[::1]:80", "http://[::1]", true}, {"server.listen=localhost:80", "http://localhost", true}, {"server.listen=192.0.2.1:80", "http://192.0.2.1", false},
		{"server.public_url=https://a.example/", "https://a.example", true}, {"server.public_url=http://a.example:8080", "http://a.example:8080", true},
	} {
		cfg := mustLoad(t, c.set)
		if got := cfg.PublicURL(); got != c.want || cfg.HasPublicAddress() != c.reachable {
			t.Errorf("%s: %s, %v", c.set, got, cfg.HasPublicAddress())
		}
	}
}

func TestTrustedNetworks(t *testing.T) {
	c := mustLoad(t, `server.trusted_proxies=["10.1.2.3/8","::ffff:192.0.2.0/120","192.0.2.1","2001:db8::1"]`)
	want := []netip.Prefix{
		netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("2001:db8::1/128"),
	}
	if got := c.TrustedNetworks(); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestKeyFile(t *testing.T) {
	for set, want := range map[string]string{
		"store.url=sqlite:gatehouse.db": "gatehouse.key", "store.url=sqlite:/var/lib/g/x.db": "/var/lib/g/gatehouse.key",
		"store.url=memory:": "", "store.url=postgres://h/db": "", "keys.file=/k": "/k",
	} {
		if got := mustLoad(t, set).KeyFile(); got != want {
			t.Errorf("%s: %q", set, got)
		}
	}
}

func TestGroupPolicy(t *testing.T) {
	nobody, member := auth.Account{}, auth.Account{ID: 1}
	in := func(group string) auth.Account { return auth.Account{ID: 2, Groups: []string{group}} }
	for _, c := range []struct {
		set   string
		who   auth.Account
		right auth.Right
		want  bool
	}{
		{"site.name=x", nobody, auth.RightCreateAccount, true}, {"site.name=x", nobody, auth.RightRead, true},
		{"createaccount.anonymous=false", nobody, auth.RightCreateAccount, false}, {"createaccount.anonymous=false", member, auth.RightCreateAccount, false},
		{"createaccount.anonymous=false", in("sysop"), auth.RightCreateAccount, true}, {"createaccount.anonymous=false", nobody, auth.RightRead, true},
		{"site.private=true", nobody, auth.RightRead, false}, {"site.private=true", member, auth.RightRead, true}, {"site.private=true", nobody, auth.RightCreateAccount, true},
		{`groups.nocreators.revoke=["createaccount"]`, member, auth.RightCreateAccount, true}, {`groups.nocreators.revoke=["createaccount"]`, in("nocreators"), auth.RightCreateAccount, false},
		{`createaccount.anonymous=false;;groups.helpers.grant=["createaccount"]`, in("helpers"), auth.RightCreateAccount, true},
		{`groups.sysop.grant=["fly"]`, in("sysop"), auth.RightNoRateLimit, true}, {`groups.sysop.grant=["fly"]`, in("sysop"), "fly", true},
		{`groups.*.revoke=["createaccount"]`, nobody, auth.RightCreateAccount, false},
	} {
		policy := mustLoad(t, strings.Split(c.set, ";;")...).GroupPolicy()
		if got := policy.Allows(c.who, c.right); got != c.want {
			t.Errorf("%s: %v has %s: %v", c.set, c.who.Groups, c.right, got)
		}
	}
}

func FuzzLoadSet(f *testing.F) {
	f.Add("throttle.creations=[]")
	f.Add(`groups.nocreators.revoke=["createaccount"]`)
	f.Add(`captcha.questions=[{"question":"What is the capital of <b>France</b>?","answers":["Paris","paris city"]}]`)
	f.Add(oidcSet(`"client_secret":"s"`))
	f.Add("mail.smtp=smtp://u:p@h:25")
	f.Fuzz(func(t *testing.T, pair string) {
		c, err := Load(LoadOptions{Set: []string{pair}})
		if err == nil && c.Validate() != nil {
			t.Errorf("%q loads and then does not validate: %v", pair, c.Validate())
		}
		c.Warnings()
		c.GroupPolicy()
		c.PublicURL()
	})
}
