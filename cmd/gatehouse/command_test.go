package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"
	"time"

	"gatehouse"
)

func TestExpiry(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"infinite": 0, "Infinity": 0, "indefinite": 0, "never": 0, "24h": 24 * time.Hour, "90m": 90 * time.Minute, "7d": 168 * time.Hour, "1s": time.Second,
	} {
		var e expiry = 1
		if err := e.UnmarshalText([]byte(text)); err != nil || time.Duration(e) != want {
			t.Errorf("%q gives %v, %v", text, time.Duration(e), err)
		}
	}
	for _, text := range []string{"", "0s", "0d", "-1h", "24", "tomorrow", "infinite "} {
		var e expiry
		if err := e.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q gives %v", text, time.Duration(e))
		}
	}
}

func TestSecretFrom(t *testing.T) {
	for text, want := range map[string]string{
		"hush": "hush", "hush\n": "hush", "hush\r\n": "hush", " a\nb \n\n": " a\nb \n", strings.Repeat("x", longestSecret): strings.Repeat("x", longestSecret),
	} {
		if got, err := secretFrom(strings.NewReader(text)); got != want || err != nil {
			t.Errorf("%.20q gives %.20q, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "\n", "\r\n", strings.Repeat("x", longestSecret+1)} {
		if got, err := secretFrom(strings.NewReader(text)); err == nil {
			t.Errorf("%.20q gives %.20q", text, got)
		}
	}
}

func TestShown(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "Ada Müller-Straße 李": "Ada Müller-Straße 李", "می\u200cخواهم": "می\u200cخواهم", "x\nconfirmed  2020": "x\uFFFDconfirmed  2020", "a\tb": "a\uFFFDb",
		"\x1b[31m": "\uFFFD[31m", "\u009b31m\x7f": "\uFFFD31m\uFFFD", "a\u202eb\u2067c\u200f": "a\uFFFDb\uFFFDc\uFFFD", "a\u2028b\u2029": "a\uFFFDb\uFFFD",
	} {
		if got := shown(text); got != want {
			t.Errorf("%+q is shown as %+q, want %+q", text, got, want)
		}
	}
}

func TestComplain(t *testing.T) {
	for _, c := range []struct {
		err  error
		code int
		want string
	}{
		{refusal("no"), exitRefused, "gatehouse: no\n"},
		{fmt.Errorf("%w: %q", gatehouse.ErrNoSuchAccount, "Ada"), exitRefused, "gatehouse: hint: gatehouse account list"},
		{gatehouse.ErrNameTaken, exitRefused, ""},
		{gatehouse.ErrBadName, exitRefused, "hint: names begin"},
		{gatehouse.Faults{{Key: "a", Want: "b"}}, exitBroken, "gatehouse: 1 wrong setting\n  a: b\n"},
		{&checkError{gatehouse.Faults{{Key: "a", Want: "b"}, {Key: "c", Want: "d"}}}, exitRefused, "gatehouse: 2 wrong settings\n  a: b\n  c: d\n"},
		{&usageError{errors.New("what?")}, exitBroken, "hint: gatehouse --help"},
		{&openError{errors.New("it is shut")}, exitBroken, "hint: --store names another"},
		{&openError{fmt.Errorf("open: %w", fs.ErrPermission)}, exitBroken, "hint: the user who runs this may not"},
		{fmt.Errorf("listen: %w", syscall.EADDRINUSE), exitBroken, "hint: another program listens there"},
		{errors.New("first\nsecond"), exitBroken, "gatehouse: first\n  second\n"},
	} {
		var b bytes.Buffer
		if code := complain(&b, c.err); code != c.code || !strings.Contains(b.String(), c.want) {
			t.Errorf("%v: code %d, text %s", c.err, code, &b)
		}
	}
}

func TestBanner(t *testing.T) {
	for _, c := range []struct {
		set     []string
		want    string
		example bool
	}{
		{nil, "limits             6 accounts in 24h and 60 attempts in 1h from one address; 5 sign-ins in 5m, 150 in 48h to one name\n", true},
		{[]string{"throttle.creations=[]", "throttle.attempts=[]", "throttle.logins=[]"}, "any number of accounts and any number of attempts from one address; any number of sign-ins to one name", true},
		{[]string{"server.public_url=https://a.example/", "server.script_path=", "server.article_path=/p/"}, "https://a.example/p/Special:CreateAccount\n", true},
		{[]string{"server.public_url=https://a.example/", "server.script_path="}, "curl -s -b jar 'https://a.example/api.php'", true},
		{[]string{"store.url=postgres://u:hush@h/db"}, "the store          postgres://u:xxxxx@h/db\n", true},
		{[]string{"createaccount.enabled=false"}, "", false}, {[]string{"createaccount.anonymous=false"}, "", false},
		{[]string{"createaccount.email_required=true"}, "", false}, {[]string{"site.read_only=noon"}, "", false},
		{[]string{"site.private=true"}, "", false}, {[]string{"captcha.kind=image"}, "", false},
	} {
		cfg, err := gatehouse.Load(gatehouse.LoadOptions{Set: c.set})
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := writeBanner(&b, cfg); err != nil {
			t.Fatal(err)
		}
		if got := b.String(); !strings.Contains(got, c.want) || strings.Contains(got, "curl") != c.example || strings.Contains(got, "hush") {
			t.Errorf("%q:\n%s", c.set, got)
		}
	}
}

func TestLoggerFollowsSettings(t *testing.T) {
	for _, c := range []struct {
		format, level, want string
		silent              bool
	}{
		{"auto", "info", `{"time":`, false}, {"json", "info", `{"time":`, false}, {"text", "info", "time=", false}, {"text", "debug", "time=", false},
		{"text", "warn", "", true}, {"json", "error", "", true},
	} {
		cfg := gatehouse.DefaultConfig()
		cfg.Log.Format, cfg.Log.Level = c.format, c.level
		var b bytes.Buffer
		newLogger(cfg, &b).Info("hello")
		if (b.Len() == 0) != c.silent || !strings.HasPrefix(b.String(), c.want) {
			t.Errorf("%s, %s: %s", c.format, c.level, &b)
		}
	}
}

func TestHelpNamesEveryCommand(t *testing.T) {
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"--help"}, surroundings{out: &out, err: &errs}); code != exitDone || errs.Len() > 0 {
		t.Fatalf("code %d, %s", code, &errs)
	}
	for _, name := range []string{
		"serve", "account create", "account grant", "account revoke", "account show", "account list", "account block", "account unblock",
		"config describe", "config check", "migrate", "version", "--config", "--store", "--set",
	} {
		if !strings.Contains(out.String(), name) {
			t.Errorf("no %s in\n%s", name, &out)
		}
	}
}
