package e2e

import (
	"os/exec"
	"strings"
	"testing"
)

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
