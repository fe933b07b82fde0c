package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// languages are what the three programs of examples/ are written in, each prepared to run. The program is called after the
// scenario of the test server that it is for.
var languages = []struct {
	name string
	run  func(t *testing.T, program string) *exec.Cmd
}{
	{"go", func(t *testing.T, program string) *exec.Cmd { return goExample(t, "go/"+program) }},
	{"python", func(t *testing.T, program string) *exec.Cmd {
		interpreter := python("", "requests", "python3-requests")(t)
		return exec.Command(interpreter.Path, example(t, "python/"+program+".py"))
	}},
	{"php", func(t *testing.T, program string) *exec.Cmd {
		php := needs(t, "php", "php-cli php-curl")
		if exec.Command(php, "-r", "curl_init();").Run() != nil {
			t.Skip("PHP's curl is missing (Debian: apt-get install php-curl)")
		}
		return exec.Command(php, example(t, "php/"+program+".php"))
	}},
	{"javascript", func(t *testing.T, program string) *exec.Cmd {
		return exec.Command(needs(t, "node", "nodejs"), example(t, "javascript/"+program+".mjs"))
	}},
}

// example is the whole path of a file of the examples.
func example(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("../examples", name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// goExample builds one of the examples.
func goExample(t *testing.T, name string) *exec.Cmd {
	t.Helper()
	program := filepath.Join(t.TempDir(), "program")
	if out, err := exec.Command("go", "build", "-o", program, example(t, name)).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return exec.Command(program)
}

// The three programs in every language, each with the scenario that it is for.
func TestExamples(t *testing.T) {
	server := testServer(t)
	for _, language := range languages {
		t.Run(language.name, func(t *testing.T) {
			for _, tt := range []struct {
				program string
				answers map[string]string
				expects []string
			}{
				{"plain", nil, nil},
				{"captcha", nil, []string{"FAIL captcha-createaccount-fail"}}, // the first word is wrong
				{"full", map[string]string{"example.net": "1"}, []string{"Open this in your browser", "recoverycodes"}},
				{"full", map[string]string{"password": password, "skip2FASetup": "1", "code": ""}, []string{"Set up two-factor"}},
			} {
				space := server.space(t, fmt.Sprintf(`{"scenario": %q}`, tt.program))
				space.signsIn(t, "zane")
				name := "Zane " + language.name
				person := &answerer{t: t, space: space, name: name, answers: tt.answers, slips: tt.program == "captcha"}
				cmd := language.run(t, tt.program)
				cmd.Args = append(cmd.Args, space.api, "username="+strings.ReplaceAll(strings.ToLower(name), " ", "_"))
				if tt.program != "full" {
					cmd.Env = append(os.Environ(), "PASSWORD="+password)
				}
				told, err := person.talk(cmd)
				if err != nil || !strings.HasSuffix(told, "created "+name+"\n") {
					t.Errorf("%s ends with %v:\n%s", tt.program, err, told)
				}
				for _, want := range tt.expects {
					if !strings.Contains(told, want) {
						t.Errorf("%s does not say %q:\n%s", tt.program, want, told)
					}
				}
				entry := logEntry{Action: "create", Title: "User:" + name, User: name}
				if got := newUsers(t, space.base, name); len(got) != 1 || got[0] != entry {
					t.Errorf("%s: the server's log has %v", tt.program, got)
				}
			}
		})
	}
}

// Refusals are told with their code, and the exit status tells them too.
func TestExamplesAreRefused(t *testing.T) {
	server := testServer(t)
	for _, language := range languages {
		t.Run(language.name, func(t *testing.T) {
			for program, want := range map[string]string{"plain": "FAIL userexists", "captcha": "FAIL userexists", "full": "FAIL userexists"} {
				space := server.space(t, fmt.Sprintf(`{"scenario": %q}`, program))
				space.control(t, "POST", "accounts", `{"name": "Zane", "password": "a-long-pass-phrase"}`, nil)
				person := &answerer{t: t, space: space, answers: map[string]string{"example.net": ""}}
				cmd := language.run(t, program)
				cmd.Args = append(cmd.Args, space.api, "username=zane")
				cmd.Env = append(os.Environ(), "PASSWORD="+password)
				if told, err := person.talk(cmd); err == nil || !strings.Contains(told, want) {
					t.Errorf("%s ends with %v:\n%s", program, err, told)
				}
			}
			space := server.space(t, `{"scenario": "captcha"}`)
			cmd := language.run(t, "plain")
			cmd.Args = append(cmd.Args, space.api, "username=zane")
			cmd.Env = append(os.Environ(), "PASSWORD="+password)
			if told, err := (&answerer{t: t, space: space}).talk(cmd); err == nil || !strings.Contains(told, "captchaWord") {
				t.Errorf("plain with a captcha ends with %v:\n%s", err, told)
			}
		})
	}
}

// The programs called full read what they are asked, so they get through where the wiki is strange.
func TestExamplesInAwkwardMode(t *testing.T) {
	server := testServer(t)
	for _, language := range languages {
		t.Run(language.name, func(t *testing.T) {
			cmd := language.run(t, "full")
			for seed := range 8 {
				space := server.space(t, fmt.Sprintf(`{"scenario": "full", "awkward": %d}`, seed))
				space.signsIn(t, "zane")
				person := &answerer{t: t, space: space, name: "Zane", answers: map[string]string{"example.net": "1"}}
				again := exec.Command(cmd.Path, append(cmd.Args[1:], space.api)...)
				if told, err := person.talk(again); err != nil || !strings.HasSuffix(told, "created Zane\n") {
					t.Errorf("seed %d ends with %v:\n%s", seed, err, told)
				}
			}
		})
	}
}

// The naive program creates an account where nothing special is asked, and fails with each of 200 seeds.
func TestNaive(t *testing.T) {
	server := testServer(t)
	naive := goExample(t, "naive").Path
	plain := server.space(t, `{}`)
	if out, err := exec.Command(naive, plain.api, "Zane", password).CombinedOutput(); err != nil || string(out) != "created Zane\n" {
		t.Errorf("where nothing is strange it ends with %v: %s", err, out)
	}
	seeds := 200
	if testing.Short() {
		seeds = 10
	}
	for seed := range seeds {
		space := server.space(t, fmt.Sprintf(`{"awkward": %d}`, seed))
		if out, err := exec.Command(naive, space.api, "Zane", password).CombinedOutput(); err == nil {
			t.Errorf("seed %d: it passes: %s", seed, out)
		}
		space.control(t, "DELETE", "spaces/"+space.name, "", nil)
	}
}

// space is one of a test server's.
type space struct{ base, api, name, scenario string }

// testServer starts a test server and gives its first space.
func testServer(t *testing.T, args ...string) space {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: the server is another process, so one run of it tells all")
	}
	base := startAndRead(t, exec.Command(binary, append([]string{"testserver", "--listen", "127.0.0.1:0", "--spaces", "1000"}, args...)...))
	return space{base: base, api: base + "/w/api.php"}
}

func (s space) space(t *testing.T, wish string) space {
	t.Helper()
	var told struct{ Name, URL, API, Scenario string }
	s.control(t, "POST", "spaces", wish, &told)
	return space{base: strings.TrimSuffix(told.URL, "/"), api: told.API, name: told.Name, scenario: told.Scenario}
}

// control makes a call of the control API, which has to work.
func (s space) control(t *testing.T, method, path, body string, into any) {
	t.Helper()
	base := s.base
	if strings.HasPrefix(path, "spaces/") {
		base, _, _ = strings.Cut(base, "/s/")
	}
	r, err := http.NewRequest(method, base+"/_test/"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Gatehouse-Test", "1")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	text := read(t, resp)
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %s answers %s", method, path, text)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%s %s answers %s: %v", method, path, text, err)
	}
}

// signsIn says whom the OpenID provider of a full space signs in.
func (s space) signsIn(t *testing.T, subject string) {
	t.Helper()
	if s.scenario == "full" {
		s.control(t, "POST", "openid", fmt.Sprintf(`{"subject": %q}`, subject), nil)
	}
}

// answerer is the person in front of a program: it reads what is asked, and has a browser.
type answerer struct {
	t       *testing.T
	space   space
	name    string
	answers map[string]string
	slips   bool // the first captcha is answered wrongly

	told bytes.Buffer
}

var (
	prompt    = regexp.MustCompile(`(?: \(([^,()]+)[^()]*\))? \[(\S+?)(, optional)?\] $`)
	sentAway  = regexp.MustCompile(`Open this in your browser: (\S+)\n$`)
	captchaID = regexp.MustCompile(`wpCaptchaId=(\d+)`)
	appSecret = regexp.MustCompile(`(?m)^secret: (.+)$`)
)

// talk runs the program to its end and gives all that was said, but for the answers.
func (p *answerer) talk(cmd *exec.Cmd) (string, error) {
	p.t.Helper()
	in, err := cmd.StdinPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	var complaints bytes.Buffer
	cmd.Stderr, cmd.Dir = &complaints, p.t.TempDir()
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	defer time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() }).Stop() // only against hanging
	some := make([]byte, 4096)
	for err == nil {
		var n int
		n, err = out.Read(some)
		p.told.Write(some[:n])
		p.react(in)
	}
	err = cmd.Wait()
	return complaints.String() + p.told.String(), err
}

// react answers what stands at the end of what was told.
func (p *answerer) react(in io.Writer) {
	p.t.Helper()
	if m := sentAway.FindSubmatch(p.told.Bytes()); m != nil {
		visitInBrowser(p.t, string(m[1]))
	} else if m := prompt.FindSubmatch(p.told.Bytes()); m != nil {
		fmt.Fprintln(in, p.answer(string(m[2]), string(m[1]), len(m[3]) > 0)) // if nobody reads it, the program's end tells
		p.told.WriteByte('\n')
	}
}

func (p *answerer) answer(field, choice string, optional bool) string {
	p.t.Helper()
	var told struct{ Answer, Code string }
	given, known := p.answers[field]
	switch {
	case known:
		return given
	case field == "username":
		return p.name
	case field == "captchaWord" && p.slips:
		p.slips = false
		return "wrong"
	case field == "captchaWord":
		ids := captchaID.FindAllSubmatch(p.told.Bytes(), -1)
		p.space.control(p.t, "GET", "captcha?id="+string(ids[len(ids)-1][1]), "", &told)
		return told.Answer
	case field == "code":
		p.space.control(p.t, "GET", "totp?secret="+url.QueryEscape(string(appSecret.FindSubmatch(p.told.Bytes())[1])), "", &told)
		return told.Code
	case optional:
		return ""
	case choice == "1 = yes":
		return "1"
	case choice != "":
		return choice
	}
	return "anything"
}

// visitInBrowser goes where a browser would, and from the wiki's page on by the one click that it asks for.
func visitInBrowser(t *testing.T, address string) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := http.Client{Jar: jar}
	resp, err := b.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	page := read(t, resp)
	if m := goOnLink.FindStringSubmatch(page); m != nil {
		if resp, err = b.Get(html.UnescapeString(m[1])); err != nil {
			t.Fatal(err)
		}
		page = read(t, resp)
	}
	if !strings.HasPrefix(page, "Done here.") {
		t.Errorf("the browser ends at %s", page)
	}
}
