package conformance_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/mediawikitest"
	"gatehouse/internal/recorder"
	"gatehouse/internal/recording"
)

const (
	newPassword   = "Corr3ct-horse-battery"
	otherPassword = "An0ther-long-pass"
)

// like143 gives Debian's MediaWiki 1.39 the shortest password of 1.43, whose protocol this server speaks; 1.39 takes any.
func like143() mediawikitest.Options {
	return mediawikitest.Options{Settings: "$wgPasswordPolicy['policies']['default']['MinimalPasswordLength'] = 8;\n"}
}

// TestRecordingOfMediaWiki records a real MediaWiki through the proxy, looks for secrets in the file, and replays it against
// this server. What differs has to be in the list of allowed differences, whose reasons are rows of docs/divergences.md.
func TestRecordingOfMediaWiki(t *testing.T) {
	wiki := mediawikitest.Start(t, like143())
	file := filepath.Join(t.TempDir(), "mediawiki.jsonl")
	secrets := record(t, address(t, wiki+"/api.php"), file)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range append(secrets, newPassword, otherPassword, "127.0.0.1", "zane@example.org") {
		if strings.Contains(string(text), secret) {
			t.Errorf("the recording holds %q", secret)
		}
	}
	allow := readAllow(t, "mediawiki.allow")
	play(t, readFile(t, file), startGatehouse(t), allow)
	allowIsTrue(t, allow)
}

// record plays visitors on the wiki, through a recorder, and gives the tokens and cookies that they got.
func record(t *testing.T, api *url.URL, file string) []string {
	t.Helper()
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	w, err := recording.NewWriter(out, recording.Head{What: "a visitor signs up", Recorded: time.Now().UTC(), Generator: "MediaWiki"})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewUnstartedServer(nil)
	web.Config.Handler = recorder.New(recorder.Options{API: api, Public: "http://" + web.Listener.Addr().String(), Writer: w})
	web.Start()
	defer web.Close()
	first := newVisitor(t, web.URL+"/api.php")
	first.signUp()
	first.signIn()
	second := newVisitor(t, web.URL+"/api.php")
	second.mistakes()
	second.questions()
	return append(first.secrets, second.secrets...)
}

// visitor is a client with cookies, as simple as clients are.
type visitor struct {
	t       *testing.T
	api     string
	http    http.Client
	secrets []string
}

func newVisitor(t *testing.T, api string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t: t, api: api, http: http.Client{Jar: jar}}
}

// call sends parameters, written as in an address, and gives the answer's text.
func (v *visitor) call(method, parameters string) string {
	v.t.Helper()
	address, body := v.api, parameters+"&format=json"
	if method == http.MethodGet {
		address, body = v.api+"?"+body, ""
	}
	request, err := http.NewRequestWithContext(v.t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := v.http.Do(request)
	if err != nil {
		v.t.Fatal(err)
	}
	defer answer.Body.Close()
	for _, c := range answer.Cookies() {
		if len(c.Value) > 10 { // others are names of accounts
			v.secrets = append(v.secrets, c.Value)
		}
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		v.t.Fatalf("%s: %d %v %s", parameters, answer.StatusCode, err, text)
	}
	return string(text)
}

func (v *visitor) get(parameters string) string  { return v.call(http.MethodGet, parameters) }
func (v *visitor) post(parameters string) string { return v.call(http.MethodPost, parameters) }

// token gets one and writes it for a form.
func (v *visitor) token(kind string) string {
	v.t.Helper()
	text := v.get("action=query&meta=tokens&type=" + kind)
	found := regexp.MustCompile(`token":"([0-9a-f]+)\+`).FindStringSubmatch(text)
	if found == nil {
		v.t.Fatalf("no token in %s", text)
	}
	v.secrets = append(v.secrets, found[1])
	return url.QueryEscape(found[1] + `+\`)
}

const returnTo = "&createreturnurl=" + "http%3A%2F%2Fexample.org%2F"

func (v *visitor) signUp() {
	v.get("action=query&meta=authmanagerinfo&amirequestsfor=create")
	v.get("action=query&list=users&ususers=Zane&usprop=cancreate&formatversion=2")
	token := v.token("createaccount")
	v.post("action=createaccount&username=zane&email=zane%40example.org&realname=&password=" + newPassword + "&retype=" + newPassword + returnTo + "&createtoken=" + token)
	v.get("action=query&meta=userinfo&formatversion=2")
	v.get("action=query&list=users&ususers=Zane%7CNobody&usprop=cancreate")
	v.get("action=query&list=logevents&letype=newusers&letitle=User:Zane")
	v.get("action=query&list=logevents&letype=newusers&leuser=Zane&formatversion=2")
}

func (v *visitor) signIn() {
	token := v.token("login")
	at := "&loginreturnurl=http%3A%2F%2Fexample.org%2F&logintoken=" + token
	v.post("action=clientlogin&username=Zane&password=" + otherPassword + at)
	v.post("action=clientlogin&username=Nobody&password=" + otherPassword + at)
	v.post("action=clientlogin&username=Zane&password=" + newPassword + at)
	v.get("action=query&meta=userinfo&assert=user&assertuser=Zane")
	v.get("action=query&meta=userinfo&assert=anon")
	v.post("action=logout&token=" + v.token("csrf"))
}

func (v *visitor) mistakes() {
	token := v.token("createaccount")
	create := func(more string) { v.post("action=createaccount" + more) }
	passwords := "&password=" + newPassword + "&retype=" + newPassword
	create("&username=Zane" + passwords + returnTo + "&createtoken=" + token)
	create("&username=Other" + passwords + returnTo + "&createtoken=wrong")
	create("&username=Other" + passwords + returnTo)
	create("&username=Other" + passwords + "&createtoken=" + token)
	create("&username=Other" + returnTo + "&createtoken=" + token)
	create(passwords + returnTo + "&createtoken=" + token)
	create("&username=Other&password=" + newPassword + "&retype=" + otherPassword + returnTo + "&createtoken=" + token)
	create("&username=Other&password=ab1&retype=ab1" + returnTo + "&createtoken=" + token)
	create("&username=bad%23name" + passwords + returnTo + "&createtoken=" + token)
	create("&username=Other" + passwords + "&email=nonsense&realname=" + returnTo + "&createtoken=" + token)
	create("&username=Other" + passwords + "&createreturnurl=%2Fpath&createtoken=" + token)
	create("&username=Other" + passwords + "&createcontinue=1&createtoken=" + token)
	create("&username=Zane" + passwords + returnTo + "&createtoken=" + token + "&formatversion=2&errorformat=raw&createmessageformat=raw")
	create("&username=Other" + passwords + returnTo + "&createtoken=wrong&formatversion=2&errorformat=none")
	v.get("action=createaccount&username=Other")
}

func (v *visitor) questions() {
	v.get("action=query&meta=tokens&type=csrf%7Clogin%7Cnonsense")
	v.get("action=query&meta=authmanagerinfo&amirequestsfor=create&amimergerequestfields=1&formatversion=2")
	v.get("action=query&meta=authmanagerinfo&amirequestsfor=nonsense&errorformat=none")
	v.get("action=nonsense&errorformat=none")
	v.get("action=query&list=users&ususers=bad%23name%7CZane&usprop=groups")
	v.post("action=login&lgname=Zane&lgpassword=" + otherPassword)
	v.post("action=login&lgname=Zane&lgpassword=" + otherPassword + "&lgtoken=" + v.token("login"))
	v.post("action=validatepassword&password=" + newPassword + "&user=Free")
}
