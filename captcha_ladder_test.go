package gatehouse

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/internal/captcha/proofofwork"
)

// askedFor is asked of a client that wants a kind.
func (c *client) askedFor(kind string) (id, info string, metadata map[string]any) {
	c.t.Helper()
	out := c.call(false, url.Values{"action": {"query"}, "meta": {"authmanagerinfo"}, "amirequestsfor": {"create"}, "captchaKind": {kind}})
	if out["warnings"] != nil {
		c.t.Errorf("warned: %v", out["warnings"])
	}
	r := out["query"].(map[string]any)["authmanagerinfo"].(map[string]any)["requests"].([]any)[0].(map[string]any)
	fields := r["fields"].(map[string]any)
	value := func(name string) string {
		f, _ := fields[name].(map[string]any)
		text, _ := f["value"].(string)
		return text
	}
	return value("captchaId"), value("captchaInfo"), r["metadata"].(map[string]any)
}

// sum does the sum of a captcha.
func sum(t *testing.T, info string) string {
	t.Helper()
	m := regexp.MustCompile(`^(\d+)([+−])(\d+) =$`).FindStringSubmatch(info)
	if m == nil {
		t.Fatalf("no sum: %q", info)
	}
	a, _ := strconv.Atoi(m[1])
	b, _ := strconv.Atoi(m[3])
	if m[2] == "+" {
		return strconv.Itoa(a + b)
	}
	return strconv.Itoa(a - b)
}

// A client sees which kinds there are, asks for one, and answers it; a weaker kind makes fewer accounts, and says so before its
// answer is spent.
func TestCaptchaLadder(t *testing.T) {
	cfg := asking(t, "image")
	cfg.Captcha.Others, cfg.Captcha.Work = []string{"math", "proof-of-work"}, proofofwork.LeastDifficulty
	cfg.Captcha.Creations = []CaptchaLimitConfig{{Kinds: []string{"math"}, Count: 1, Per: Duration(24 * time.Hour)}}
	s := newServer(t, cfg)
	c := newClient(t, s.Handler())

	id, info, metadata := c.askedFor("math")
	if metadata["type"] != "simple" || metadata["kind"] != "math" || metadata["kinds"] != "image|math|proof-of-work" {
		t.Errorf("metadata %v", metadata)
	}
	if got := c.createAnswering("By sum", id, sum(t, info)); got != "PASS" {
		t.Fatalf("a sum: %s", got)
	}
	id, info, _ = c.askedFor("math")
	for range 2 {
		if got := c.createAnswering("By sum 2", id, sum(t, info)); got != "acct_creation_throttle_hit" {
			t.Errorf("a second sum: %s", got)
		}
	}
	id, info, metadata = c.askedFor("proof-of-work")
	if metadata["type"] != "altcha" || metadata["mime"] != "application/json" {
		t.Errorf("metadata %v", metadata)
	}
	if got := c.createAnswering("By work", id, solved(t, info)); got != "PASS" {
		t.Errorf("work: %s", got)
	}
	id, _, metadata = c.askedFor("no such kind")
	if metadata["type"] != "image" {
		t.Errorf("metadata %v", metadata)
	}
	if got := c.createAnswering("By picture", id, s.word(t, id)); got != "PASS" {
		t.Errorf("a picture: %s", got)
	}
}

// solved does the work of a challenge.
func solved(t *testing.T, info string) string {
	t.Helper()
	var challenge proofofwork.Challenge
	if err := json.Unmarshal([]byte(info), &challenge); err != nil {
		t.Fatalf("%v: %s", err, info)
	}
	n, err := challenge.Solve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	payload, err := challenge.Payload(n)
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

// However many come at once, no more accounts are made by a kind than may be.
func TestCaptchaKindLimitIsExact(t *testing.T) {
	cfg := asking(t, "math")
	cfg.Throttle.Creations, cfg.Throttle.Attempts, cfg.Password.HashesPerNetwork = nil, nil, 0
	cfg.Captcha.Creations = []CaptchaLimitConfig{{Kinds: []string{"math"}, Count: 3, Per: Duration(time.Hour)}}
	s := newServer(t, cfg)
	srv := httptest.NewServer(s.Handler())
	defer srv.Close()
	var all sync.WaitGroup
	var mu sync.Mutex
	outcomes := map[string]int{}
	for i := range 12 {
		c := at(t, srv.URL)
		id, info := c.asked("create")
		all.Go(func() {
			got := c.createAnswering(fmt.Sprintf("Many %d", i), id, sum(t, info))
			mu.Lock()
			defer mu.Unlock()
			outcomes[got]++
		})
	}
	all.Wait()
	if outcomes["PASS"] != 3 || outcomes["acct_creation_throttle_hit"] != 9 {
		t.Errorf("outcomes %v", outcomes)
	}
}

// Security checklist, row 32: a solution counts once, and only on the terms that were asked for.
func TestCaptchaWorkCountsOnce(t *testing.T) {
	cfg := asking(t, "proof-of-work")
	cfg.Captcha.Work = proofofwork.LeastDifficulty
	s := newServer(t, cfg)
	c := newClient(t, s.Handler())
	id, info := c.asked("create")
	payload := solved(t, info)
	var all sync.WaitGroup
	var mu sync.Mutex
	outcomes := map[string]int{}
	for i := range 8 {
		all.Go(func() {
			got := c.createAnswering(fmt.Sprintf("Once %d", i), id, payload)
			mu.Lock()
			defer mu.Unlock()
			outcomes[got]++
		})
	}
	all.Wait()
	if outcomes["PASS"] != 1 || outcomes["captcha-createaccount-fail"]+outcomes["ratelimited"] != 7 {
		t.Errorf("outcomes %v", outcomes)
	}
	first, info1 := c.asked("create")
	_, info2 := c.asked("create")
	if got := c.createAnswering("Other", first, solved(t, info2)); got != "captcha-createaccount-fail" {
		t.Errorf("the work of another challenge: %s", got)
	}
	if got := c.createAnswering("Other", first, solved(t, info1)); got != "captcha-createaccount-fail" {
		t.Errorf("after a wrong answer: %s", got)
	}
}

// vendorConfig asks a local stand-in for a company.
func vendorConfig(t *testing.T, verify string) Config {
	cfg := asking(t, "turnstile")
	cfg.Server.PublicURL = "https://accounts.example.org"
	cfg.Captcha.Others = []string{"math"}
	cfg.Captcha.Vendors = []VendorConfig{{Kind: "turnstile", SiteKey: "site-key", Secret: "hush", Verify: verify}}
	return cfg
}

// Security checklist, row 34: an outside verifier decides about its own answers, and when it is away another kind still works.
func TestCaptchaOutside(t *testing.T) {
	answer, asked := `{"success":true,"hostname":"accounts.example.org","action":"createaccount"}`, ""
	stand := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.FormValue("secret") + " " + r.FormValue("response") + " " + r.FormValue("remoteip")
		io.WriteString(w, answer)
	}))
	defer stand.Close()
	cfg := vendorConfig(t, stand.URL)
	cfg.Server.PublicURL = "" // cookies of plain http; the host is this machine's then
	cfg.Captcha.Vendors[0].Hosts = []string{"accounts.example.org"}
	s := newServer(t, cfg)
	c := newClient(t, s.Handler())
	_, _, metadata := c.askedFor("")
	want := map[string]any{"type": "turnstile", "mime": "application/javascript", "key": "site-key", "kind": "turnstile", "kinds": "turnstile|math"}
	if fmt.Sprint(metadata) != fmt.Sprint(want) {
		t.Errorf("metadata %v, want %v", metadata, want)
	}
	if got := c.createAnswering("Outside", "", "token"); got != "PASS" {
		t.Errorf("solved: %s", got)
	}
	if asked != "hush token 127.0.0.1" {
		t.Errorf("asked %q", asked)
	}
	for _, refusal := range []struct{ answer, code string }{
		{`{"success":false,"hostname":"accounts.example.org","action":"createaccount"}`, "captcha-createaccount-fail"},
		{`{"success":true,"hostname":"evil.example","action":"createaccount"}`, "captcha-createaccount-fail"},
		{`{"success":true,"hostname":"accounts.example.org","action":"badlogin"}`, "captcha-createaccount-fail"},
		{`{"success":false,"error-codes":["x"]}`, "captcha-error"}, {`<html>`, "captcha-error"},
	} {
		answer = refusal.answer
		if got := c.createAnswering("Outside 2", "", "token"); got != refusal.code {
			t.Errorf("%s: %s, want %s", answer, got, refusal.code)
		}
	}
	stand.Close()
	if got := c.createAnswering("Outside 2", "", "token"); got != "captcha-error" {
		t.Errorf("nobody there: %s", got)
	}
	id, info, _ := c.askedFor("math")
	if got := c.createAnswering("Outside 2", id, sum(t, info), "captchaKind", "math"); got != "PASS" {
		t.Errorf("another kind: %s", got)
	}
}

// A company's script is let into the page that asks for it, and into no other.
func TestCaptchaOutsidePolicy(t *testing.T) {
	s := newServer(t, vendorConfig(t, ""))
	page := func(path string) (policy, body string) {
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w.Header().Get("Content-Security-Policy"), w.Body.String()
	}
	const company = "https://challenges.cloudflare.com"
	policy, body := page("/wiki/Special:CreateAccount")
	if !strings.Contains(policy, "script-src 'self' "+company+";") || !strings.Contains(policy, "frame-src "+company) {
		t.Errorf("policy %s", policy)
	}
	if !strings.Contains(body, `class="cf-turnstile" data-sitekey="site-key" data-action="createaccount"`) || !strings.Contains(body, `value="math"`) {
		t.Errorf("page %s", body)
	}
	for _, path := range []string{"/wiki/Special:CreateAccount?captchaKind=math", "/wiki/Special:UserLogin", "/"} {
		if policy, body := page(path); strings.Contains(policy+body, company) || !strings.Contains(policy, "require-trusted-types-for") {
			t.Errorf("%s: %s", path, policy)
		}
	}
}
