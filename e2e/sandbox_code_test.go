package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// sandboxEntry is a parameter as the sandbox hands it to what writes programs.
type sandboxEntry struct {
	Name      string `json:"name"`
	Value     string `json:"value"`
	Sensitive bool   `json:"sensitive,omitempty"`
	TokenType string `json:"tokenType,omitempty"`
}

type sandboxCall struct {
	Address string         `json:"address"`
	Entries []sandboxEntry `json:"entries"`
	Post    bool           `json:"post"`
}

// program has the sandbox's own script write a call in a language.
func program(t *testing.T, language string, call sandboxCall, secrets bool) string {
	t.Helper()
	node := needs(t, "node", "nodejs")
	dir := t.TempDir()
	source, err := os.ReadFile("../internal/special/static/sandbox-code.js")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "code.mjs"), string(source))
	write(t, filepath.Join(dir, "main.mjs"), `import { codeFor } from "./code.mjs";
const [language, call, secrets] = process.argv.slice(2);
process.stdout.write(codeFor(language, JSON.parse(call), secrets === "true"));`)
	wire, err := json.Marshal(call)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(node, filepath.Join(dir, "main.mjs"), language, string(wire), map[bool]string{true: "true", false: "false"}[secrets])
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	return string(out)
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// runner checks and runs a program in a folder of its own.
type runner struct {
	language, file string
	needs          [2]string
	check, run     []string
}

func runners() []runner {
	return []runner{
		{"curl", "call.sh", [2]string{"curl", "curl"}, []string{"sh", "-n", "call.sh"}, []string{"sh", "call.sh"}},
		{"python", "call.py", [2]string{"python3", "python3-requests"}, []string{"python3", "-m", "py_compile", "call.py"}, []string{"python3", "call.py"}},
		{"javascript", "call.mjs", [2]string{"node", "nodejs"}, []string{"node", "--check", "call.mjs"}, []string{"node", "call.mjs"}},
		{"go", "call.go", [2]string{"go", "golang"}, []string{"go", "vet", "call.go"}, []string{"go", "run", "call.go"}},
	}
}

// run gives what the program prints.
func (r runner) output(t *testing.T, text string) string {
	t.Helper()
	needs(t, r.needs[0], r.needs[1])
	if r.language == "python" && exec.Command("python3", "-c", "import requests").Run() != nil {
		t.Skip("Python's requests is missing (Debian: apt-get install python3-requests)")
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, r.file), text)
	if r.language == "go" {
		formatted := exec.Command("gofmt", "-l", r.file)
		formatted.Dir = dir
		if out, err := formatted.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("gofmt: %v %s\n%s", err, out, text)
		}
	}
	var printed []byte
	for _, args := range [][]string{r.check, r.run} {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s\n%s", strings.Join(args, " "), err, out, text)
		}
		printed = out
	}
	return string(printed)
}

// oddValues are what quoting breaks on.
var oddValues = []string{
	"", "plain", "two words", `"double" 'single' ` + "`back`", `back\slash \n \u0041`, "$HOME $(id) ${x} `id` !x", "100% &a=b+c;#d",
	"line\nline\r\n\ttab", "\x1fa|b\x1fc", "grüße 日本語 👩🏽‍🚀", "\ufeffmark", "right\u202eleft", "tag \U000e0041", "-d @file", "@file", "//x", "</script>",
	"\u2028 \u2029", "\x00nul", "\x7f",
}

// Every program sends exactly what the form has, whatever stands in it.
func TestSandboxProgramsSendWhatTheFormHas(t *testing.T) {
	var (
		mu   sync.Mutex
		seen *http.Request
	)
	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if err := r.ParseForm(); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
		seen = r
		w.Write([]byte("seen"))
	}))
	defer echo.Close()
	call := sandboxCall{Address: echo.URL + "/w/api.php"}
	want := url.Values{}
	for i, v := range oddValues {
		name := "value" + string(rune('a'+i))
		call.Entries = append(call.Entries, sandboxEntry{Name: name, Value: v})
		want.Set(name, v)
	}
	call.Entries = append(call.Entries, []sandboxEntry{
		{Name: "topics[]", Value: "a"}, {Name: "topics[]", Value: "b"}, {Name: "it's $odd", Value: "1"}, {Name: "__proto__", Value: "2"},
		{Name: "my-pass", Value: "x", Sensitive: true}, {Name: "code", Value: "y", Sensitive: true}, {Name: "token", Value: "z+\\", Sensitive: true, TokenType: "csrf"},
	}...)
	for name, list := range map[string][]string{
		"topics[]": {"a", "b"}, "it's $odd": {"1"}, "__proto__": {"2"}, "my-pass": {"YOUR_PASSWORD"}, "code": {"YOUR_CODE"}, "token": {"YOUR_TOKEN"},
	} {
		want[name] = list
	}
	for _, r := range runners() {
		for _, post := range []bool{false, true} {
			t.Run(r.language+map[bool]string{true: " post"}[post], func(t *testing.T) {
				call.Post = post
				text := program(t, r.language, call, false)
				if got := strings.TrimSpace(r.output(t, text)); got != "seen" {
					t.Errorf("printed %s\n%s", got, text)
				}
				mu.Lock()
				defer mu.Unlock()
				got := seen.URL.Query()
				if post {
					got = seen.PostForm
				}
				if len(got) != len(want) {
					t.Errorf("%d names arrived, want %d", len(got), len(want))
				}
				for name, list := range want {
					if !slices.Equal(got[name], list) {
						t.Errorf("%s is %q, want %q\n%s", name, got[name], list, text)
					}
				}
			})
		}
	}
}

// A program that needs a token fetches one of its own, and makes the account.
func TestSandboxProgramsCreateAccounts(t *testing.T) {
	base := serve(t)
	for _, r := range runners() {
		t.Run(r.language, func(t *testing.T) {
			call := sandboxCall{Address: base + "/w/api.php", Post: true, Entries: []sandboxEntry{
				{Name: "action", Value: "createaccount"}, {Name: "username", Value: "Zane " + r.language},
				{Name: "password", Value: "Corr3ct 'horse\"", Sensitive: true}, {Name: "retype", Value: "Corr3ct 'horse\"", Sensitive: true},
				{Name: "createreturnurl", Value: base + "/"}, {Name: "createtoken", TokenType: "createaccount", Sensitive: true},
				{Name: "format", Value: "json"}, {Name: "formatversion", Value: "2"},
			}}
			text := program(t, r.language, call, false)
			if strings.Contains(text, "horse") || !strings.Contains(text, "YOUR_PASSWORD") {
				t.Errorf("the password is not left out:\n%s", text)
			}
			want := `{"createaccount":{"status":"PASS","username":"Zane ` + r.language + `"}}`
			if got := strings.TrimSpace(r.output(t, program(t, r.language, call, true))); got != want {
				t.Errorf("printed %s\nwant    %s", got, want)
			}
		})
	}
}
