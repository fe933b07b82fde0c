package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gatehouse"
	"gatehouse/client"
	"gatehouse/internal/mediawikitest"
	"gatehouse/internal/scriptedwiki"
)

// startServer runs a server in the process and gives its address.
func startServer(t *testing.T, set ...string) string {
	t.Helper()
	cfg, err := gatehouse.Load(gatehouse.LoadOptions{Set: append([]string{
		"store.url=memory:", "password.hash=pbkdf2-sha512", "password.pbkdf2_iterations=1", "password.allow_weak=true", "throttle.creations=[]",
	}, set...)})
	if err != nil {
		t.Fatal(err)
	}
	server, err := gatehouse.New(t.Context(), cfg, gatehouse.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	listener := httptest.NewServer(server.Handler())
	t.Cleanup(func() {
		listener.Close()
		server.Close()
	})
	return listener.URL
}

// runCreate runs the command without a terminal.
func runCreate(t *testing.T, in io.Reader, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), append([]string{"create"}, args...), surroundings{in: in, out: &o, err: &e})
	return code, o.String(), e.String()
}

// solveSums answers "96+10 =" in a shell, which knows only the plain minus.
const solveSums = `expr $(printf %s "$GATEHOUSE_CAPTCHA_TEXT" | sed 's/−/ - /; s/+/ + /; s/=//')`

// TestCreateOnMediaWiki makes accounts on a real one from a script.
func TestCreateOnMediaWiki(t *testing.T) {
	address := mediawikitest.Start(t, mediawikitest.Options{})
	secret := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(secret, []byte("Corr3ct-horse\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   []string
		in     string
		code   int
		stdout string
		stderr string
	}{
		{[]string{address, "--field", "username=zane", "--field", "password=file:" + secret}, "", exitDone, "created Zane\n", ""},
		{[]string{address + "/api.php", "--fields-stdin", "--field", "username=Ada"}, "password=Corr3ct-horse\n\nemail=ada@example.org\n", exitDone, "created Ada\n", ""},
		{[]string{address, "--field", "username=Zane", "--field", "password=file:" + secret}, "", exitRefused, "", "gatehouse: the wiki refuses (userexists): "},
		{[]string{address, "--field", "username=Ben"}, "", exitRefused, "", "(authmanager-create-no-primary)"},
		{[]string{address}, "", exitRefused, "", "(invaliduser)"},
		{[]string{address, "--field", "username=Ben", "--field", "password=a", "--field", "retype=b", "--field", "shoe=9"}, "", exitRefused, "", `no step asked for the field "shoe"`},
		{[]string{address, "--field", "username=Ben", "--field", "password=hush-hush-hush"}, "", exitDone, "created Ben\n", "warning: --field password: the secret stands on the command line"},
	} {
		code, out, errs := runCreate(t, strings.NewReader(c.in), c.args...)
		if code != c.code || out != c.stdout || !strings.Contains(errs, c.stderr) || c.stderr == "" && errs != "" || strings.Contains(errs, "hush") {
			t.Errorf("%v: exit %d\n%s%s", c.args, code, out, errs)
		}
	}
}

// TestCreateSolvesCaptchasByCommand: a sum by its text, a picture by its file.
func TestCreateSolvesCaptchasByCommand(t *testing.T) {
	for kind, command := range map[mediawikitest.Captcha]string{
		mediawikitest.Simple: solveSums,
		mediawikitest.Image:  `test -s "$GATEHOUSE_CAPTCHA_FILE" && test "$GATEHOUSE_CAPTCHA_KIND" = image && echo ` + mediawikitest.PictureAnswer,
	} {
		address := mediawikitest.Start(t, mediawikitest.Options{Captcha: kind})
		file := filepath.Join(t.TempDir(), "captcha.png")
		args := []string{address, "--fields-stdin", "--captcha-file", file}
		if code, _, errs := runCreate(t, strings.NewReader("username=Zane\npassword=Corr3ct-horse"), args...); code != exitRefused || !strings.Contains(errs, "(captcha-createaccount-fail)") {
			t.Errorf("%s unanswered: exit %d, %s", kind, code, errs)
		}
		args = append(args, "--captcha-command", command)
		if code, out, errs := runCreate(t, strings.NewReader("username=Zane\npassword=Corr3ct-horse"), args...); code != exitDone || out != "created Zane\n" {
			t.Errorf("%s: exit %d, %s", kind, code, errs)
		}
		args[len(args)-1] = "exit 3"
		if code, _, errs := runCreate(t, strings.NewReader("username=Ada\npassword=Corr3ct-horse"), args...); code != exitBroken {
			t.Errorf("%s with a broken command: exit %d, %s", kind, code, errs)
		}
	}
}

// TestCreateJSON: every line is an object, no secret is in one, and the last is the wiki's last answer.
func TestCreateJSON(t *testing.T) {
	address := startServer(t)
	for i, want := range []string{`{"createaccount":{"status":"PASS","username":"Zane"}}`, `"messagecode":"userexists"`} {
		code, out, errs := runCreate(t, strings.NewReader("username=Zane\npassword=Corr3ct-horse"), address, "--json", "--fields-stdin")
		lines := strings.Split(strings.TrimSpace(out), "\n")
		for _, line := range lines {
			if !json.Valid([]byte(line)) || strings.Contains(line, "Corr3ct") {
				t.Errorf("the line %s", line)
			}
		}
		if last := lines[len(lines)-1]; code != i || !strings.Contains(last, want) || len(lines) < 4 {
			t.Errorf("exit %d, %s\n%s", code, errs, out)
		}
	}
	code, out, _ := runCreate(t, strings.NewReader(""), startServer(t, "createaccount.enabled=false"), "--json")
	if code != exitRefused || !strings.Contains(out, `{"error":{"code":"moduledisabled"`) {
		t.Errorf("exit %d, %s", code, out)
	}
	code, out, _ = runCreate(t, strings.NewReader(""), "http://127.0.0.1:1/", "--json")
	if code != exitBroken || !strings.HasPrefix(out, `{"error":`) {
		t.Errorf("exit %d, %s", code, out)
	}
}

// TestCreateOnGatehouse answers captchas and offers of a second factor of this server.
func TestCreateOnGatehouse(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	for _, c := range []struct {
		set  []string
		args []string
		code int
	}{
		{[]string{"captcha.kind=math"}, []string{"--captcha-command", solveSums}, exitDone},
		{[]string{"captcha.kind=math"}, nil, exitRefused},
		{[]string{"captcha.kind=proof-of-work"}, nil, exitDone},
		{[]string{"captcha.kind=image"}, []string{"--captcha-command", "echo 000000"}, exitRefused},
		{[]string{"totp.at_creation=optional"}, []string{"--field", "skip2FASetup=1"}, exitDone},
		{[]string{"totp.at_creation=optional"}, nil, exitRefused}, // the account is there, but nobody has answered
		{[]string{"totp.at_creation=required"}, []string{"--two-factor-file", secret}, exitDone},
		{[]string{"createaccount.anonymous=false"}, nil, exitRefused},
		{[]string{"site.read_only=noon"}, nil, exitRefused},
	} {
		code, out, errs := runCreate(t, strings.NewReader("username=zane\npassword=Corr3ct-horse"), append(c.args, "--fields-stdin", startServer(t, c.set...))...)
		if code != c.code || (out == "created Zane\n") != (code == exitDone) {
			t.Errorf("%v, %v: exit %d, %s%s", c.set, c.args, code, out, errs)
		}
	}
	if text, err := os.ReadFile(secret); err != nil || len(text) < 16 {
		t.Errorf("the secret: %q, %v", text, err)
	}
}

func TestCreateUsage(t *testing.T) {
	for _, args := range [][]string{{}, {"http://127.0.0.1:1/", "--field", "hush"}, {"http://127.0.0.1:1/", "--field", "=hush"}, {"ftp://127.0.0.1/"}} {
		if code, out, errs := runCreate(t, strings.NewReader(""), args...); code != exitBroken || out != "" || strings.Contains(errs, "hush") {
			t.Errorf("%v: exit %d, %s%s", args, code, out, errs)
		}
	}
}

// example3 is a wiki that asks for all there is: a captcha, a way through a browser, two-factor set-up.
func example3(t *testing.T, more ...func(url.Values) string) *scriptedwiki.Wiki {
	t.Helper()
	steps := append([]func(url.Values) string{
		func(form url.Values) string {
			return fmt.Sprintf(`{"status":"REDIRECT","redirecttarget":%q,"requests":[{"id":"R","required":"required","metadata":{},"fields":{"code":{"type":"string"},"state":{"type":"string"}}}]}`,
				form.Get("createreturnurl")+"?code=fromprovider&state=XYZ")
		},
		func(url.Values) string {
			return `{"status":"UI","message":"Set up two factors","requests":[
				{"id":"TwoFactorAuthenticationRequest","metadata":{"account":"Alice","secret":"6CO3 2AKV EP2X MIV5"},"required":"optional","fields":{
					"2FAInfo":{"type":"null","label":"Two factors","help":"Scan the picture"},"code":{"type":"string","label":"Code","help":"From the authenticator"}}},
				{"id":"B:skip2FASetup","metadata":{},"required":"optional","fields":{"skip2FASetup":{"type":"button","label":"Skip","help":"Without a second factor"}}}]}`
		},
	}, more...)
	return scriptedwiki.Start(t, scriptedwiki.Script{Steps: append(steps, func(url.Values) string { return `{"status":"PASS","username":"Alice"}` }), Requests: `[
		{"id":"CaptchaAuthenticationRequest","metadata":{"type":"simple","mime":"text/plain"},"required":"required","fields":{
			"captchaId":{"type":"hidden","value":"7"},"captchaInfo":{"type":"null","value":"1+1 =","label":"A sum, please"},"captchaWord":{"type":"string","label":"CAPTCHA"}}},
		{"id":"Begin:example.net","metadata":{},"required":"primary-required","fields":{"example.net":{"type":"button","label":"With example.net"}}},
		{"id":"P","metadata":{},"required":"primary-required","fields":{"username":{"type":"string","label":"Username"},"password":{"type":"password","label":"Password"},"retype":{"type":"password","label":"Again"}}},
		{"id":"U","metadata":{},"required":"required","fields":{"username":{"type":"string","label":"Username"}}},
		{"id":"D","metadata":{},"required":"required","fields":{"email":{"type":"string","label":"Email","optional":true}}}]`})
}

// follow is a browser for who runs without one: it visits the address that is printed.
type follow struct {
	t *testing.T
	bytes.Buffer
}

var printedAddress = regexp.MustCompile(`(?m)^http://127\.0\.0\.1:\S+$`)

func (f *follow) Write(p []byte) (int, error) {
	if address := printedAddress.Find(p); address != nil {
		go visit(f.t, string(address))
	} else if address := printedAddress.Find(append(f.Bytes(), p...)); address != nil && !printedAddress.Match(f.Bytes()) {
		go visit(f.t, string(address))
	}
	return f.Buffer.Write(p)
}

// TestCreateWalksWithoutATerminal: redirect and two-factor set-up, with Skip, with a file, and with neither.
func TestCreateWalksWithoutATerminal(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	for _, c := range []struct {
		args []string
		post string // the last one
		code int
	}{
		{[]string{"--field", "skip2FASetup=1"}, "skip2FASetup=1", exitDone},
		{[]string{"--two-factor-file", file}, "code=", exitDone},
		{nil, "", exitDone},
	} {
		wiki := example3(t)
		var out bytes.Buffer
		errs := &follow{t: t}
		args := append([]string{"create", wiki.URL + "/api.php", "--captcha-command", solveSums, "--field", "username=Alice", "--field", "example.net=1", "--field", "email=a@example.org"}, c.args...)
		code := run(t.Context(), args, surroundings{in: strings.NewReader(""), out: &out, err: errs})
		if code != c.code {
			t.Fatalf("%v: exit %d, %s", c.args, code, errs.String())
		}
		posts := wiki.Posts()
		if first := posts[0]; first.Get("captchaWord") != "2" || first.Get("example.net") != "1" || first.Has("password") || first.Get("email") != "a@example.org" {
			t.Errorf("the first post: %v", first)
		}
		if posts[1].Get("code") != "fromprovider" || posts[1].Get("state") != "XYZ" || posts[1].Has("username") {
			t.Errorf("the second post: %v", posts[1])
		}
		if !strings.Contains(posts[2].Encode(), c.post) || posts[2].Get("code") != "" != (c.args != nil && c.args[0] == "--two-factor-file") {
			t.Errorf("%v: the third post: %v", c.args, posts[2])
		}
	}
	if secret, err := os.ReadFile(file); err != nil || string(secret) != "6CO3 2AKV EP2X MIV5\n" {
		t.Errorf("the secret's file: %q, %v", secret, err)
	}
}

// TestCreateEndsWhereAWikiRepeatsItself: what got no other answer is not asked for ever.
func TestCreateEndsWhereAWikiRepeatsItself(t *testing.T) {
	again := func(url.Values) string {
		return `{"status":"UI","message":"A code, please","messagecode":"code","requests":[{"id":"T","required":"required","metadata":{},"fields":{"code":{"type":"string"}}}]}`
	}
	for _, args := range [][]string{nil, {"--field", "code=123456"}} {
		wiki := scriptedwiki.Start(t, scriptedwiki.Script{Steps: []func(url.Values) string{again, again, again, again}})
		code, _, errs := runCreate(t, strings.NewReader(""), append([]string{wiki.URL + "/api.php"}, args...)...)
		if code != exitRefused || !strings.Contains(errs, "the wiki wants other answers (code): A code, please") || len(wiki.Posts()) != 2 {
			t.Errorf("exit %d after %d posts: %s", code, len(wiki.Posts()), errs)
		}
	}
}

func TestAsRefusal(t *testing.T) {
	for _, c := range []struct {
		err  error
		code int
	}{
		{&client.Refusal{Code: "userexists"}, exitRefused}, {client.ErrNoCreation, exitRefused}, {&client.APIError{Code: "readonly"}, exitRefused},
		{&client.APIError{Code: "ratelimited", RetryAfter: 90e9}, exitRefused}, {&client.APIError{Code: "badtoken"}, exitBroken},
		{&client.APIError{Code: "internal_api_error_X"}, exitBroken}, {&client.HTTPError{Status: 500}, exitBroken},
		{&client.UnknownOutcomeError{Err: io.EOF}, exitBroken}, {client.ErrEndless, exitBroken},
	} {
		if got := exitCode(asRefusal(c.err)); got != c.code {
			t.Errorf("%v: exit %d", c.err, got)
		}
	}
}
