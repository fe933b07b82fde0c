package e2e

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

const (
	password      = "Corr3ct-horse"
	adminPassword = "Adm1n-horse"
)

// clients are other people's client programs, each driven by a small script (docs/clients.md). A script makes the account
// zane_NAME, asks for it a second time, signs in, and prints as JSON what its client made of the answers. What all of them
// print is in wanted; also is what only this one prints.
var clients = []struct {
	name string
	run  func(t *testing.T) *exec.Cmd
	by   string // who makes the account, if not the account itself
	also string
}{
	{name: "mwn", run: npm("mwn.mjs", "mwn"), also: `{"signedOut": true}`},
	{name: "m3api", run: npm("m3api.mjs", "m3api"), also: `{"signedIn": "Zane m3api", "continued": true, "generator": true,
		"users": ["invalid", "Zane m3api"], "refused": "assertbotfailed", "left": "assertuserfailed", "warnings": []}`},
	{name: "nodemw", run: npm("nodemw.mjs", "nodemw"), also: `{"signedIn": "Zane nodemw", "whois": "Zane nodemw", "version": true,
		"accounts": []}`},
	{name: "mwbot", run: npm("mwbot.mjs", "mwbot"), also: `{"signedIn": "Zane mwbot", "version": 1, "refused": "assertbotfailed"}`},
	{name: "wdio", run: recentNode(npm("wdio.mjs", "wdio-mediawiki")), by: "Admin", also: `{"wrong": "Could not login: Failed"}`},
	{name: "request", run: npm("request.mjs", "request"), also: `{"beside": []}`},
	{name: "python_mwclient", run: python("python_mwclient.py", "mwclient", "python3-mwclient"), also: `{"wrong": "Failed",
		"found": "Zane python mwclient", "listed": ["Zane python mwclient"], "refused": "assertbotfailed", "version": 1,
		"writes": true, "userNamespace": "User"}`},
	{name: "perl_mediawiki_api", run: perl("perl_mediawiki_api.pl", "MediaWiki::API", "libmediawiki-api-perl"), also: `{"wrong": "Login Failure - Failed",
		"signedIn": "Zane perl mediawiki api", "continued": true, "refused": "assertbotfailed"}`},
	{name: "perl_mediawiki_bot", run: perl("perl_mediawiki_bot.pl", "MediaWiki::Bot", "libmediawiki-bot-perl"), also: `{"cookieFiles": 1,
		"groups": ["*", "autoconfirmed", "user"], "userNamespace": "User", "version": "1"}`},
	{name: "go-mwclient", run: goProgram("go-mwclient"), also: `{"warned": ["login", "main"], "continued": true, "multipart": "invaliduser",
		"refused": "assertbotfailed"}`},
}

// Every client makes an account, is refused a second one of that name, signs in, and reads who it is and the log; and the
// server's log says the same.
func TestClients(t *testing.T) {
	base := serveClients(t)
	for _, c := range clients {
		t.Run(c.name, func(t *testing.T) {
			cmd := c.run(t)
			cmd.Args = append(cmd.Args, base+"/w/api.php", "zane_"+c.name, password, "Admin", adminPassword)
			checkStory(t, base, output(t, cmd), c.name, c.by, c.also)
		})
	}
}

// Wikimedia's api-testing, under mocha as MediaWiki's own API tests.
func TestAPITesting(t *testing.T) {
	mocha := npm("node_modules/mocha/bin/mocha.js", "mocha", "api-testing")(t)
	mocha.Args = append(mocha.Args, "--timeout", "0", script(t, "api_testing.cjs"))
	config := filepath.Join(t.TempDir(), "config.json")
	settings := `{"base_uri": "` + serveClients(t) + `/w/", "root_user": {"name": "Admin", "password": "` + adminPassword + `"}}`
	if err := os.WriteFile(config, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	mocha.Env = append(os.Environ(), "API_TESTING_CONFIG_FILE="+config)
	if out := string(output(t, mocha)); !strings.Contains(out, "7 passing") {
		t.Errorf("not every test was run:\n%s", out)
	}
}

// serveClients is a server without limits on accounts and sign-ins, and with an administrator.
func serveClients(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: the server is another process, so one run of it tells all")
	}
	store := "sqlite:" + filepath.Join(t.TempDir(), "clients.db")
	base := serve(t, "--store", store,
		"--set", "throttle.creations=[]", "--set", "throttle.attempts=[]", "--set", "throttle.logins=[]")
	admin := exec.Command(binary, "account", "create", "Admin", "--group", "sysop", "--password-stdin", "--store", store)
	admin.Stdin = strings.NewReader(adminPassword)
	output(t, admin)
	return base
}

// checkStory compares what a script printed, and what the server's log has, with what ought to be.
func checkStory(t *testing.T, base string, printed []byte, client, by, also string) {
	t.Helper()
	name := "Zane " + strings.ReplaceAll(client, "_", " ")
	entry := logEntry{Action: "create", Title: "User:" + name, User: name}
	if by != "" {
		entry.Action, entry.User = "create2", by
	}
	want := map[string]any{
		"made": name, "again": "userexists", "me": name,
		"log": entry.Action + " " + entry.Title + " by " + entry.User,
	}
	var got, extra map[string]any
	if err := json.Unmarshal([]byte(also), &extra); err != nil {
		t.Fatal(err)
	}
	maps.Copy(want, extra)
	lines := bytes.Split(bytes.TrimSpace(printed), []byte("\n")) // clients have words of their own before it
	if err := json.Unmarshal(lines[len(lines)-1], &got); err != nil {
		t.Fatalf("%v: %s", err, printed)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the client says\n%v\nand should say\n%v", got, want)
	}
	if entries := newUsers(t, base, name); len(entries) != 1 || entries[0] != entry {
		t.Errorf("the server's log has %v and should have %v", entries, entry)
	}
}

// logEntry is what the log of new users says of one account.
type logEntry struct{ Action, Title, User string }

// newUsers asks the server for its log entries about name.
func newUsers(t *testing.T, base, name string) []logEntry {
	t.Helper()
	query := url.Values{
		"action": {"query"}, "list": {"logevents"}, "letype": {"newusers"}, "letitle": {"User:" + name},
		"format": {"json"}, "formatversion": {"2"},
	}
	response, err := http.Get(base + "/w/api.php?" + query.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct {
		Query struct{ Logevents []logEntry }
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return answer.Query.Logevents
}

// output runs cmd in a folder of its own, if it has none, and gives what it prints.
func output(t *testing.T, cmd *exec.Cmd) []byte {
	t.Helper()
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	if cmd.Dir == "" {
		cmd.Dir = t.TempDir()
	}
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", filepath.Base(cmd.Path), err, out, complaints.String())
	}
	return out
}
