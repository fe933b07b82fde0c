package e2e

import (
	"os/exec"
	"strings"
	"testing"
)

// The example programs, as a stranger runs them: a token, then an account.
func TestPrograms(t *testing.T) {
	base := serve(t)
	for _, tt := range []struct {
		name, program, debianPackage string
		args                         []string
		want                         string
	}{
		{
			"python", "python3", "python3-requests", []string{"../examples/python/create_account.py"},
			"{'createaccount': {'status': 'PASS', 'username': 'Zane python'}}",
		},
		{
			"php", "php", "php-cli php-curl", []string{"../examples/php/create_account.php"},
			`{"createaccount":{"status":"PASS","username":"Zane php"}}`,
		},
		{
			"javascript", "node", "nodejs", []string{"../examples/javascript/create_account.mjs"},
			`{"createaccount":{"status":"PASS","username":"Zane javascript"}}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			program := needs(t, tt.program, tt.debianPackage)
			if tt.name == "python" && exec.Command(program, "-c", "import requests").Run() != nil {
				t.Skip("Python's requests is missing (Debian: apt-get install python3-requests)")
			}
			args := append(tt.args, base+"/w/api.php", "zane_"+tt.name, "Corr3ct-horse")
			out, err := exec.Command(program, args...).CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			if got := strings.TrimSpace(string(out)); got != tt.want {
				t.Errorf("printed %s\nwant    %s", got, tt.want)
			}
		})
	}
}

// curl with a cookie jar: the account is made, signs in, and stands in the log.
func TestCurl(t *testing.T) {
	curl := needs(t, "curl", "curl")
	base := serve(t)
	jar := t.TempDir() + "/jar"
	call := func(args ...string) string {
		t.Helper()
		out, err := exec.Command(curl, append([]string{"-sS", "-b", jar, "-c", jar, base + "/w/api.php"}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return string(out)
	}
	token := func(kind string) string {
		t.Helper()
		out := call("-G", "-d", "action=query", "-d", "meta=tokens", "-d", "type="+kind, "-d", "format=json", "-d", "formatversion=2")
		_, rest, _ := strings.Cut(out, kind+`token":"`)
		tok, _, ok := strings.Cut(rest, `"`)
		if !ok {
			t.Fatalf("no %s token in %s", kind, out)
		}
		return strings.ReplaceAll(tok, `\\`, `\`)
	}
	contains := func(out, want string) {
		t.Helper()
		if !strings.Contains(out, want) {
			t.Errorf("%s\nlacks %s", out, want)
		}
	}
	json := []string{"-d", "format=json", "-d", "formatversion=2"}
	contains(call(append(json, "-d", "action=createaccount", "-d", "username=Zane", "-d", "password=Corr3ct-horse",
		"-d", "retype=Corr3ct-horse", "-d", "createreturnurl=http://example.org/",
		"--data-urlencode", "createtoken="+token("createaccount"))...), `{"createaccount":{"status":"PASS","username":"Zane"}}`)
	contains(call(append(json, "-d", "action=clientlogin", "-d", "username=Zane", "-d", "password=Corr3ct-horse",
		"-d", "loginreturnurl=http://example.org/",
		"--data-urlencode", "logintoken="+token("login"))...), `"status":"PASS"`)
	contains(call(append(json, "-G", "-d", "action=query", "-d", "meta=userinfo")...), `"name":"Zane"`)
	contains(call(append(json, "-G", "-d", "action=query", "-d", "list=logevents", "-d", "letype=newusers")...), `"title":"User:Zane"`)
}
