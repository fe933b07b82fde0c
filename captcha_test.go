package gatehouse

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"gatehouse/internal/captcha"
	"gatehouse/internal/captcha/picture"
)

func asking(t *testing.T, kind string) Config {
	t.Helper()
	cfg := testConfig(t)
	cfg.Captcha.Kind = kind
	return cfg
}

// TestCaptchaExample holds the documentation's second example: byte for byte what it prints, but for the id and texts that are
// ours.
func TestCaptchaExample(t *testing.T) {
	s := newServer(t, asking(t, "image"))
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequest("GET",
		"/w/api.php?action=query&meta=authmanagerinfo|tokens&amirequestsfor=create&type=createaccount&format=json", nil))
	body := w.Body.String()
	id := regexp.MustCompile(`wpCaptchaId=(\d+)`).FindStringSubmatch(body)
	if id == nil {
		t.Fatal(body)
	}
	begin := strings.ReplaceAll(`{"batchcomplete":"","query":{"authmanagerinfo":{"canauthenticatenow":"","cancreateaccounts":"","preservedusername":"",`+
		`"requests":[{"id":"CaptchaAuthenticationRequest","metadata":{"type":"image","mime":"image/png"},"required":"required",`+
		`"provider":"CaptchaAuthenticationRequest","account":"CaptchaAuthenticationRequest","fields":{`+
		`"captchaId":{"type":"hidden","value":"16649214","label":"CAPTCHA ID","help":"…"},`+
		`"captchaInfo":{"type":"null","value":"/w/index.php?title=Special:Captcha/image&wpCaptchaId=16649214","label":"…","help":"…"},`+
		`"captchaWord":{"type":"string","label":"CAPTCHA","help":"…"}}},{"id":`, "16649214", id[1])
	parts := strings.Split(begin, "…")
	for i, part := range parts {
		parts[i] = regexp.QuoteMeta(part)
	}
	if !regexp.MustCompile("^" + strings.Join(parts, `[^"]+`)).MatchString(body) {
		t.Errorf("got  %.900s\nwant %s", body, begin)
	}
	if !strings.Contains(body, `"tokens":{"createaccounttoken":"`) {
		t.Errorf("no token in %s", body)
	}
}

// asked is what the captcha asks a client.
func (c *client) asked(action string) (id, info string) {
	c.t.Helper()
	out := c.call(false, url.Values{"action": {"query"}, "meta": {"authmanagerinfo"}, "amirequestsfor": {action}})
	for _, r := range out["query"].(map[string]any)["authmanagerinfo"].(map[string]any)["requests"].([]any) {
		r := r.(map[string]any)
		if r["id"] != string(captcha.RequestID) {
			continue
		}
		fields := r["fields"].(map[string]any)
		id, _ = fields["captchaId"].(map[string]any)["value"].(string)
		info, _ = fields["captchaInfo"].(map[string]any)["value"].(string)
	}
	return id, info
}

// createAnswering gives "PASS" or the code.
func (c *client) createAnswering(name, id, word string, more ...string) string {
	c.t.Helper()
	v := url.Values{
		"action": {"createaccount"}, "createtoken": {c.token("createaccount")}, "createreturnurl": {"http://example.org/"},
		"username": {name}, "password": {"Corr3ct-horse"}, "retype": {"Corr3ct-horse"}, "captchaId": {id}, "captchaWord": {word},
	}
	for i := 0; i < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	got := c.call(true, v)["createaccount"].(map[string]any)
	if got["status"] == "PASS" {
		return "PASS"
	}
	return fmt.Sprint(got["messagecode"])
}

// word is what the picture of an id shows, which only the server knows.
func (s *Server) word(t *testing.T, id string) string {
	t.Helper()
	c, _, ok := s.desk.Find(id)
	if !ok {
		t.Fatalf("no challenge %s", id)
	}
	return picture.Word(c.Seed)
}

func (c *client) fetch(path string) *http.Response {
	c.t.Helper()
	resp, err := c.http.Get(strings.TrimSuffix(c.api, "/w/api.php") + path)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { resp.Body.Close() })
	return resp
}

// The picture is where captchaInfo says, and its answer makes the account; a wrong one is told as the documentation has it. A
// captcha that was tried is used up, and a cheap refusal tries none (security checklist 31).
func TestCaptchaWithPicture(t *testing.T) {
	s := newServer(t, asking(t, "image"))
	c := newClient(t, s.Handler())
	id, info := c.asked("create")
	png := c.fetch(info)
	if head, _ := io.ReadAll(io.LimitReader(png.Body, 8)); png.StatusCode != 200 || string(head) != "\x89PNG\r\n\x1a\n" {
		t.Errorf("the picture: %s %q", png.Status, head)
	}
	if got := png.Header; got.Get("Cache-Control") != "private, s-maxage=0, max-age=3600" || got.Get("Content-Type") != "image/png" ||
		got.Get("Set-Cookie") != "" || got.Get("Cross-Origin-Resource-Policy") != "cross-origin" {
		t.Errorf("headers of the picture: %v", got)
	}
	wav := c.fetch(strings.Replace(info, "/image", "/audio", 1))
	if head, _ := io.ReadAll(io.LimitReader(wav.Body, 4)); string(head) != "RIFF" || wav.Header.Get("Content-Type") != "audio/wav" {
		t.Errorf("the sound: %s %q", wav.Status, head)
	}
	for _, step := range []struct{ word, retype, want string }{
		{s.word(t, id), "another", "badretype"}, // survives
		{s.word(t, id), "Corr3ct-horse", "PASS"},
	} {
		if got := c.createAnswering("Zane", id, step.word, "retype", step.retype); got != step.want {
			t.Errorf("told %s, want %s", got, step.want)
		}
	}
	if got := c.createAnswering("Ada", id, s.word(t, id)); got != "captcha-createaccount-fail" {
		t.Errorf("the second time: %s", got)
	}
	id, _ = c.asked("create")
	for _, word := range []string{"", "000", s.word(t, id)} { // no answer, a wrong one, and then the right one comes too late
		if got := c.createAnswering("Ada", id, word); got != "captcha-createaccount-fail" {
			t.Errorf("%q: %s", word, got)
		}
	}
	id, _ = c.asked("create")
	if got := newClient(t, s.Handler()).createAnswering("Ada", id, s.word(t, id)); got != "captcha-createaccount-fail" {
		t.Errorf("somebody else's captcha: %s", got)
	}
	if got := c.createAnswering("Ada", id, s.word(t, id)); got != "PASS" {
		t.Errorf("after somebody else tried: %s", got)
	}
}

// The picture is there for everybody with its id, on private sites too, and for nobody else.
func TestCaptchaPages(t *testing.T) {
	cfg := asking(t, "image")
	cfg.Site.Private = true
	s := newServer(t, cfg)
	c := newClient(t, s.Handler())
	id, info := c.asked("create")
	for path, want := range map[string]int{
		info: 200, info + "0": 400, strings.Replace(info, id, "16649214", 1): 400, "/wiki/Special:Captcha/image": 400,
		"/wiki/Special:Captcha/audio?wpCaptchaId=" + id: 200, "/wiki/Special:Captcha/audio?wpCaptchaId=1": 400,
		"/wiki/Special:Captcha/help": 200, "/wiki/Special:Captcha": 200, "/wiki/Special:Captcha/more": 404,
	} {
		if got := newClient(t, s.Handler()).fetch(path); got.StatusCode != want {
			t.Errorf("%s: %s, want %d", path, got.Status, want)
		}
	}
	if got := newClient(t, newServer(t, asking(t, "math")).Handler()).fetch(info); got.StatusCode != 400 {
		t.Errorf("a site without pictures: %s", got.Status)
	}
}

// fancycaptchareload gives another picture, for the same visitor, whose cookie it may be that comes with it.
func TestCaptchaReload(t *testing.T) {
	s := newServer(t, asking(t, "image"))
	c := newClient(t, s.Handler())
	id, _ := c.call(true, url.Values{"action": {"fancycaptchareload"}})["fancycaptchareload"].(map[string]any)["index"].(string)
	if got := c.createAnswering("Zane", id, s.word(t, id)); got != "PASS" {
		t.Errorf("told %s", got)
	}
	if got := newClient(t, newServer(t, testConfig(t)).Handler()).call(true, url.Values{"action": {"fancycaptchareload"}}); got["error"] == nil {
		t.Errorf("a site without captchas: %v", got)
	}
}

// After three failed sign-ins the address is asked, and a captcha of a creation is none of a sign-in.
func TestCaptchaAtSignIn(t *testing.T) {
	cfg := asking(t, "image")
	cfg.Captcha.On = []string{"createaccount", "badlogin"}
	cfg.Throttle.Logins = nil
	s := newServer(t, cfg)
	c := newClient(t, s.Handler())
	id, _ := c.asked("create")
	if got := c.createAnswering("Zane", id, s.word(t, id)); got != "PASS" {
		t.Fatal(got)
	}
	signIn := func(password, id, word string) string {
		t.Helper()
		got := c.call(true, url.Values{
			"action": {"clientlogin"}, "logintoken": {c.token("login")}, "loginreturnurl": {"http://example.org/"},
			"username": {"Zane"}, "password": {password}, "captchaId": {id}, "captchaWord": {word},
		})["clientlogin"].(map[string]any)
		if got["status"] == "PASS" {
			return "PASS"
		}
		return fmt.Sprint(got["messagecode"])
	}
	for range 3 {
		if id, _ := c.asked("login"); id != "" {
			t.Error("asked too early")
		}
		if got := signIn("wrong", "", ""); got != "wrongpassword" {
			t.Error(got)
		}
	}
	id, info := c.asked("login")
	if !strings.Contains(info, "Special:Captcha/image") {
		t.Fatalf("asked %q", info)
	}
	other, _ := c.asked("create")
	for _, try := range [][2]string{{"", ""}, {id, "wrong"}, {other, s.word(t, other)}} {
		if got := signIn("Corr3ct-horse", try[0], try[1]); got != "wrongpassword" {
			t.Errorf("%v: %s", try, got)
		}
	}
	id, _ = c.asked("login")
	if got := signIn("Corr3ct-horse", id, s.word(t, id)); got != "PASS" {
		t.Error(got)
	}
}

// TestCaptchaListsWriteNothing (row 31 of the security checklist) lists the fields a hundred thousand times.
func TestCaptchaListsWriteNothing(t *testing.T) {
	cfg := asking(t, "image")
	cfg.Captcha.On = []string{"createaccount", "badlogin"}
	s := newServer(t, cfg)
	before, h := s.Writes(), s.Handler()
	for i := range 100_000 {
		action := "create"
		if i%10 == 0 {
			action = "login"
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/w/api.php?action=query&meta=authmanagerinfo&format=json&amirequestsfor="+action, nil))
		if i < 2 && !json.Valid(w.Body.Bytes()) {
			t.Fatal(w.Body)
		}
	}
	if n := s.Writes() - before; n != 0 {
		t.Errorf("the store was written %d times", n)
	}
}

// The API tells that there is a captcha, and its metrics what became of it.
func TestCaptchaIsTold(t *testing.T) {
	s := newServer(t, asking(t, "math"))
	c := newClient(t, s.Handler())
	told := fmt.Sprint(c.call(false, url.Values{"action": {"query"}, "meta": {"siteinfo"}, "siprop": {"extensions"}}))
	if !strings.Contains(told, "antispam") || !strings.Contains(told, "ConfirmEdit") {
		t.Error(told)
	}
	id, _ := c.asked("create")
	c.createAnswering("Zane", id, "no number")
	w := httptest.NewRecorder()
	s.adminHandler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for _, want := range []string{
		`gatehouse_captchas_total{kind="math",trigger="createaccount",what="shown"} 2`,
		`gatehouse_captchas_total{kind="math",trigger="createaccount",what="failed"} 1`,
	} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("/metrics lacks %s", want)
		}
	}
}
