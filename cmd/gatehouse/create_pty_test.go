package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"

	"gatehouse/client"
	"gatehouse/internal/mediawikitest"
)

// visit is a browser.
func visit(t *testing.T, address string) {
	request, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, address, nil)
	if err != nil {
		t.Error(err)
		return
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Error(err)
		return
	}
	response.Body.Close()
}

// session is the real binary with a real pseudo-terminal, and the test in front of it.
type session struct {
	t       *testing.T
	command *exec.Cmd
	tty     *os.File

	mu    sync.Mutex
	more  *sync.Cond
	text  bytes.Buffer
	read  int // how much of the text was expected already
	ended bool
}

func newSession(t *testing.T, environ []string, args ...string) *session {
	t.Helper()
	s := &session{t: t, command: exec.CommandContext(t.Context(), "gatehouse", append([]string{"create"}, args...)...)}
	s.more = sync.NewCond(&s.mu)
	s.command.Env = append([]string{"PATH=" + os.Getenv("PATH"), "TERM=xterm-256color", "TMPDIR=" + t.TempDir()}, environ...)
	var err error
	if s.tty, err = pty.StartWithSize(s.command, &pty.Winsize{Rows: 50, Cols: 100}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.tty.Close() })
	go s.collect()
	return s
}

func (s *session) collect() {
	for b := make([]byte, 4096); ; {
		n, err := s.tty.Read(b)
		s.mu.Lock()
		s.text.Write(b[:n])
		s.ended = err != nil
		s.more.Broadcast()
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// expect waits for a pattern in what comes next, and gives its groups.
func (s *session) expect(pattern string) []string {
	s.t.Helper()
	re := regexp.MustCompile(pattern)
	stuck := time.AfterFunc(time.Minute, func() { s.command.Process.Kill() }) // a test that hangs says where
	defer stuck.Stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		rest := s.text.Bytes()[s.read:]
		if at := re.FindSubmatchIndex(rest); at != nil {
			var groups []string
			for _, g := range re.FindSubmatch(rest) {
				groups = append(groups, string(g))
			}
			s.read += at[1]
			return groups
		}
		if s.ended {
			s.t.Fatalf("no %s in\n%s", pattern, s.text.String())
		}
		s.more.Wait()
	}
}

func (s *session) say(text string) {
	s.t.Helper()
	if _, err := s.tty.WriteString(text); err != nil {
		s.t.Fatal(err)
	}
}

// exits waits for the end and holds the exit status.
func (s *session) exits(want int) {
	s.t.Helper()
	err := s.command.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	if got := s.command.ProcessState.ExitCode(); got != want {
		s.t.Errorf("exit status %d, want %d:\n%s", got, want, s.shown())
	}
}

func (s *session) shown() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// TestTerminal makes an account at a terminal: labels, hidden passwords, a slip, fields left empty.
func TestTerminal(t *testing.T) {
	s := newSession(t, nil, startServer(t))
	s.expect(`An account on gatehouse`)
	s.expect(`Username: `)
	s.say("zane\n")
	s.expect(`Password: `)
	s.say("Corr3ct-horse\n")
	s.expect(`Retype password: `)
	s.say("Corr3ct-house\n")
	s.expect(`not what was typed before`)
	s.expect(`Retype password: `)
	s.say("Corr3ct-horse\n")
	s.expect(`Email \(optional\): `)
	s.say("\n")
	s.expect(`Real name \(optional\): `)
	s.say("Zane Grey\n")
	s.expect(`created Zane\r\n`)
	s.exits(exitDone)
	if strings.Contains(s.shown(), "Corr3ct") {
		t.Errorf("the password was shown:\n%s", s.shown())
	}
}

// TestTerminalAsksTheRest: what flags answer is not asked, and typing ahead is no harm.
func TestTerminalAsksTheRest(t *testing.T) {
	address := startServer(t)
	s := newSession(t, nil, address, "--field", "username=Zane", "--field", "password=Corr3ct-horse")
	s.say("zane@example.org\n\n")
	s.expect(`Email`)
	s.expect(`created Zane\r\n`)
	s.exits(exitDone)
	if strings.Contains(s.shown(), "Username:") || strings.Contains(s.shown(), "Retype") {
		t.Errorf("it asked for what it knew:\n%s", s.shown())
	}
	s = newSession(t, nil, address, "--field", "username=Zane", "--field", "password=Corr3ct-horse", "--no-input")
	s.expect(`the wiki refuses \(userexists\)`)
	s.exits(exitRefused)
}

// TestTerminalBreaksOff: Ctrl-C at a hidden prompt ends the command and shows again what is typed; so does the end of input at
// an open one.
func TestTerminalBreaksOff(t *testing.T) {
	address := startServer(t)
	for _, keys := range [][]string{{"zane\n", "\x03"}, {"zane\n", "\x04"}, {"\x03"}, {"\x04"}} {
		s := newSession(t, nil, address)
		for i, key := range keys {
			s.expect([]string{`Username: `, `Password: `}[i])
			s.say(key)
		}
		s.expect(`gatehouse: (broken off|the input ended)`)
		s.exits(exitBroken)
		if !echoes(t, s.tty) {
			t.Errorf("%q: the terminal stays blind", keys)
		}
	}
}

// TestTerminalOnMediaWiki solves a picture on a real MediaWiki, shown by half blocks, and by the escapes of two terminals.
func TestTerminalOnMediaWiki(t *testing.T) {
	address := mediawikitest.Start(t, mediawikitest.Options{Captcha: mediawikitest.Image})
	for name, c := range map[string]struct{ environ, picture string }{
		"Blocks": {"COLORTERM=truecolor", "\x1b\\[38;2;\\d+;\\d+;\\d+;48;2;\\d+;\\d+;\\d+m▀"},
		"Kitty":  {"KITTY_WINDOW_ID=1", "\x1b_Ga=T,f=100,m=0;iVBOR[^\x1b]+\x1b\\\\"},
		"Iterm":  {"TERM_PROGRAM=iTerm.app", "\x1b\\]1337;File=inline=1;size=\\d+:iVBOR[^\x07]+\x07"},
	} {
		s := newSession(t, []string{c.environ}, address)
		s.expect(c.picture)
		file := s.expect(`The picture is in (\S+\.png)`)[1]
		if picture, err := os.ReadFile(file); err != nil || !bytes.HasPrefix(picture, []byte("\x89PNG")) {
			t.Errorf("%s: the file: %v, %.10q", name, err, picture)
		}
		s.expect(`CAPTCHA: `)
		s.say(mediawikitest.PictureAnswer + "\n")
		s.expect(`Username: `)
		s.say(name + "\n")
		s.expect(`Password: `)
		s.say("Corr3ct-horse\n")
		s.expect(`(?i)(password again|retype|confirm password|again)[^\n]*: `)
		s.say("Corr3ct-horse\n")
		s.expect(`Email[^\n]*: `)
		s.say("\n")
		s.expect(`Real name[^\n]*: `)
		s.say("\n")
		s.expect(`created ` + name + `\r\n`)
		s.exits(exitDone)
	}
}

// TestTerminalWalksExample3: a sum, a button in place of a password, the browser, a QR code, and a code or Skip.
func TestTerminalWalksExample3(t *testing.T) {
	for _, skip := range []bool{true, false} {
		wrong := func(form url.Values) string {
			if form.Get("skip2FASetup") != "" || len(form.Get("code")) == 6 {
				return `{"status":"PASS","username":"Alice"}`
			}
			return `{"status":"FAIL","messagecode":"no","message":"no"}`
		}
		wiki := example3(t, wrong)
		s := newSession(t, []string{"BROWSER=true"}, wiki.URL+"/api.php")
		s.expect(`A sum, please\r\n1\+1 =`)
		s.expect(`1  With example\.net`)
		s.expect(`A number, or Enter to fill in fields: `)
		s.say("1\n")
		s.expect(`CAPTCHA: `)
		s.say("2\n")
		s.expect(`Username: `)
		s.say("Alice\n")
		s.expect(`Email \(optional\): `)
		s.say("\n")
		visit(t, s.expect(`Go on in a browser, at:\r\n(\S+)\r\n`)[1])
		s.expect(`Set up two factors`)
		secret := s.expect(`The secret for an authenticator: ([A-Z2-7 ]+)`)[1]
		s.expect("\x1b\\[30;107m *[▀▄█]")
		s.expect(`1  Skip – Without a second factor`)
		s.expect(`A number, or Enter to fill in fields: `)
		if skip {
			s.say("1\n")
		} else {
			code, err := client.TOTP(strings.TrimSpace(secret), time.Now())
			if err != nil {
				t.Fatal(err)
			}
			s.say("\n")
			s.expect(`Code \(optional\): `)
			s.say(code + "\n")
		}
		s.expect(`created Alice\r\n`)
		s.exits(exitDone)
		if first := wiki.Posts()[0]; first.Has("password") || first.Get("example.net") != "1" || first.Get("captchaId") != "7" {
			t.Errorf("the first post: %v", first)
		}
	}
}

// TestTerminalOpensTheBrowser, and takes the address back by hand where it is on another machine.
func TestTerminalOpensTheBrowser(t *testing.T) {
	args := []string{"--captcha-command", solveSums, "--field", "username=Alice", "--field", "example.net=1", "--field", "email=a@example.org"}
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is missing (Debian: apt-get install curl)")
	}
	s := newSession(t, []string{"BROWSER=curl -s"}, append(args, example3(t).URL+"/api.php")...)
	s.expect(`A number, or Enter to fill in fields: `)
	s.say("1\n")
	s.expect(`created Alice\r\n`)
	s.exits(exitDone)

	s = newSession(t, nil, append(args, "--paste-return", example3(t).URL+"/api.php")...)
	s.expect(`Paste the address at which it ended: `)
	s.say("http://127.0.0.1:1/?code=fromprovider&state=XYZ\n")
	s.expect(`A number, or Enter to fill in fields: `)
	s.say("1\n")
	s.expect(`created Alice\r\n`)
	s.exits(exitDone)
}

// echoes tells whether the terminal shows what is typed.
func echoes(t *testing.T, tty *os.File) bool {
	t.Helper()
	command := exec.Command("stty", "-a")
	command.Stdin = tty
	out, err := command.Output()
	if err != nil {
		t.Fatalf("stty: %v", err)
	}
	return !strings.Contains(string(out), "-echo ")
}

// startTestserver runs "gatehouse testserver" and gives its address.
func startTestserver(t *testing.T, args ...string) string {
	t.Helper()
	server := exec.CommandContext(t.Context(), "gatehouse", append([]string{"testserver", "--listen", "127.0.0.1:0"}, args...)...)
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Process.Kill()
		server.Wait()
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if found := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(lines.Text()); found != "" {
			go io.Copy(io.Discard, out) // a full pipe would stop the server
			return found
		}
	}
	t.Fatal("the test server ended")
	return ""
}

// askTestserver has the captcha's answer told.
const askTestserver = `curl -s -H 'X-Gatehouse-Test: 1' "${GATEHOUSE_CAPTCHA_URL%/w/api.php}/_test/captcha?id=$GATEHOUSE_CAPTCHA_ID" | sed 's/.*"answer": *"\([^"]*\)".*/\1/'`

// TestScenarios makes an account in each scenario of the test server, from a script and at a terminal.
func TestScenarios(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is missing (Debian: apt-get install curl)")
	}
	outside := filepath.Join(t.TempDir(), "browser")
	// Somebody who signs in at the provider as Zane, and clicks on where the wiki asks.
	script := "#!/bin/sh\nset -e\ntarget=\"$1\"\njar=$(mktemp)\n" +
		`page=$(curl -s -L -c "$jar" -b "$jar" -d subject=zane "$target")` + "\n" +
		`next=$(printf %s "$page" | sed -n 's/.*<a class="button primary" href="\([^"]*\)".*/\1/p' | sed 's/&amp;/\&/g')` + "\n" +
		`curl -s -L "$next" >/dev/null` + "\n"
	if err := os.WriteFile(outside, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, scenario := range []string{"plain", "captcha", "full"} {
		address := startTestserver(t, "--scenario", scenario)
		args := []string{address, "--captcha-command", askTestserver, "--field", "username=zane"}
		if code, out, errs := runCreate(t, strings.NewReader(""), append(args, "--field", "password=Corr3ct-horse", "--field", "skip2FASetup=1")...); code != exitDone || out != "created Zane\n" {
			t.Errorf("%s from a script: exit %d, %s%s", scenario, code, out, errs)
		}
		args[len(args)-1] = "username=ada"
		s := newSession(t, []string{"BROWSER=" + outside}, append(args, "--field", "email=ada@example.org", "--field", "realname=")...)
		if scenario == "full" {
			s.expect(`1  Go on with example\.net`)
			s.expect(`A number, or Enter to fill in fields: `)
			s.say("1\n")
			s.expect(`The secret for an authenticator: `)
			s.expect(`A number, or Enter to fill in fields: `)
			s.say("1\n")
		} else {
			s.expect(`Password: `)
			s.say("Corr3ct-horse\n")
			s.expect(`Retype password: `)
			s.say("Corr3ct-horse\n")
		}
		s.expect(`created Ada\r\n`)
		s.exits(exitDone)
	}
}
