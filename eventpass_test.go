package gatehouse

import (
	"fmt"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/auth"
)

func openOperator(t *testing.T, cfg Config) *Operator {
	t.Helper()
	op, err := OpenOperator(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { op.Close() })
	return op
}

// with makes an account with an event pass and gives the status, or the code of the refusal.
func (c *client) with(code, name string) string {
	c.t.Helper()
	got := c.call(true, url.Values{
		"action": {"createaccount"}, "createtoken": {c.token("createaccount")}, "createreturnurl": {"http://example.org/"},
		"username": {name}, "password": {"Corr3ct-horse"}, "retype": {"Corr3ct-horse"}, "eventpass": {code},
	})
	answer, _ := got["createaccount"].(map[string]any)
	if status := answer["status"]; status != "FAIL" {
		return fmt.Sprint(status)
	}
	return fmt.Sprint(answer["messagecode"])
}

// TestEvent (row 38 of the security checklist) is a whole event: thirty accounts from one room whose limit is two, the thirty-first is told why not, the pass is taken back,
// and all of it can be seen in the log.
func TestEvent(t *testing.T) {
	const people = 30
	onBothStores(t, func(t *testing.T, cfg Config) {
		cfg.Throttle.Creations = []LimitConfig{{Count: 2, Per: longest}}
		cfg.Throttle.Attempts = []LimitConfig{{Count: 4, Per: longest}}
		server := newServer(t, cfg)
		op := openOperator(t, cfg)
		made, err := op.CreatePass(t.Context(), NewPass{Count: people, For: 6 * time.Hour, Note: "library"})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(made.Link, "/wiki/Special:CreateAccount#eventpass="+made.Code) {
			t.Errorf("the link is %s", made.Link)
		}
		srv := httptest.NewServer(server.Handler())
		t.Cleanup(srv.Close)

		statuses := make([]string, people+1)
		var everybody sync.WaitGroup
		for i := range statuses {
			c := at(t, srv.URL)
			everybody.Go(func() { statuses[i] = c.with(strings.ToLower(made.Code), fmt.Sprintf("Guest %d", i)) })
		}
		everybody.Wait()
		count := map[string]int{}
		for _, s := range statuses {
			count[s]++
		}
		if count["PASS"] != people || count["eventpass-full"] != 1 {
			t.Errorf("%d people and one more: %v", people, count)
		}

		c := at(t, srv.URL)
		for _, name := range []string{"Without 1", "Without 2"} { // the pass has used up nothing of the room's own limit
			if got := c.with("", name); got != "PASS" {
				t.Errorf("without a pass: %s", got)
			}
		}
		if got := c.with("", "Without 3"); got != "acct_creation_throttle_hit" {
			t.Errorf("above the limit without a pass: %s", got)
		}
		if done, err := op.RevokePass(t.Context(), made.Pass.ID); err != nil || !done {
			t.Errorf("revoke: %v, %v", done, err)
		}
		if got := c.with(made.Code, "Late"); got != "eventpass-over" {
			t.Errorf("after the end: %s", got)
		}
		checkEventLog(t, c, made.Pass, people)
	})
}

func checkEventLog(t *testing.T, c *client, pass auth.EventPass, people int) {
	t.Helper()
	got := c.call(false, url.Values{
		"action": {"query"}, "list": {"logevents"}, "letype": {"newusers"}, "letag": {pass.Tag()}, "lelimit": {"max"}, "leprop": {"title|tags"},
	})
	query, _ := got["query"].(map[string]any)
	events, _ := query["logevents"].([]any)
	if len(events) != people {
		t.Errorf("the log shows %d accounts of the pass, want %d", len(events), people)
	}
	for _, e := range events {
		if tags := fmt.Sprint(e.(map[string]any)["tags"]); tags != "["+pass.Tag()+"]" {
			t.Errorf("an entry is tagged %s", tags)
		}
	}
}

// TestEventPassRefusals (row 38 of the security checklist): codes that are none, passes of other places, passes that are over: each is told apart, and none opens anything.
func TestEventPassRefusals(t *testing.T) {
	cfg := testConfig(t)
	cfg.Throttle.Creations = nil
	server := newServer(t, cfg)
	op := openOperator(t, cfg)
	pass := func(n NewPass) PassMade {
		t.Helper()
		made, err := op.CreatePass(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	here := pass(NewPass{Count: 1, For: time.Hour, Network: netip.MustParsePrefix("127.0.0.0/8")})
	elsewhere := pass(NewPass{Count: 1, For: time.Hour, Network: netip.MustParsePrefix("192.0.2.0/24")})
	c := newClient(t, server.Handler())
	for _, tt := range []struct{ name, code, want string }{
		{"no code at all", "let me in", "eventpass-bad"},
		{"too short", here.Code[:20], "eventpass-bad"},
		{"another code", strings.Repeat("A", 26), "eventpass-bad"},
		{"another place", elsewhere.Code, "eventpass-elsewhere"},
		{"with blanks around", " " + here.Code + " ", "PASS"},
		{"used up", here.Code, "eventpass-full"},
	} {
		if got := c.with(tt.code, "Guest "+tt.name); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// What an operator may ask for, from both sides of each limit.
func TestPassBounds(t *testing.T) {
	cfg := testConfig(t)
	newServer(t, cfg)
	op := openOperator(t, cfg)
	for _, tt := range []struct {
		order NewPass
		ok    bool
	}{
		{NewPass{Count: 1, For: time.Minute}, true},
		{NewPass{Count: 0, For: time.Hour}, false},
		{NewPass{Count: 10_000, For: 31 * 24 * time.Hour, Note: strings.Repeat("ü", 200)}, true},
		{NewPass{Count: 10_001, For: time.Hour}, false},
		{NewPass{Count: 1, For: time.Minute - 1}, false},
		{NewPass{Count: 1, For: 31*24*time.Hour + 1}, false},
		{NewPass{Count: 1, For: time.Hour, Note: strings.Repeat("ü", 201)}, false},
	} {
		if _, err := op.CreatePass(t.Context(), tt.order); (err == nil) != tt.ok {
			t.Errorf("%d for %v: %v", tt.order.Count, tt.order.For, err)
		}
	}
}

// Who has the right makes a pass on the page, uses its code, and takes it back; nobody else sees anything of it.
func TestEventPassPage(t *testing.T) {
	const path = "/wiki/Special:EventPasses"
	cfg := testConfig(t)
	server := newServer(t, cfg)
	op := openOperator(t, cfg)
	for name, groups := range map[string][]string{"Boss": {"sysop"}, "Norm": nil} {
		if _, err := op.CreateAccount(t.Context(), NewAccount{Name: name, Password: "Corr3ct-horse", Groups: groups}); err != nil {
			t.Fatal(err)
		}
	}
	srv := httptest.NewServer(server.Handler())
	t.Cleanup(srv.Close)
	for _, name := range []string{"", "Norm"} {
		c := at(t, srv.URL)
		if name != "" {
			c.signIn(name, "Corr3ct-horse")
		}
		if resp, body := c.page(path, nil); resp.StatusCode != 403 || strings.Contains(body, "wpCount") {
			t.Errorf("%q: status %d", name, resp.StatusCode)
		}
		if resp, _ := c.page(path, url.Values{"wpCount": {"1"}, "wpHours": {"1"}}); resp.StatusCode != 403 {
			t.Errorf("%q posts: status %d", name, resp.StatusCode)
		}
	}

	boss := at(t, srv.URL)
	boss.signIn("Boss", "Corr3ct-horse")
	for _, wrong := range []url.Values{
		{"wpCount": {"0"}, "wpHours": {"1"}}, {"wpCount": {"many"}, "wpHours": {"1"}}, {"wpCount": {"1"}, "wpHours": {"745"}},
		{"wpCount": {"1"}, "wpHours": {"-1"}}, {"wpCount": {"1"}, "wpHours": {"1"}, "wpNetwork": {"here"}},
	} {
		if _, body := boss.fillIn(path, wrong); !strings.Contains(body, `role="alert"`) {
			t.Errorf("%v is no problem", wrong)
		}
	}
	if _, body := boss.page(path, url.Values{"wpCount": {"1"}, "wpHours": {"1"}}); !strings.Contains(body, `role="alert"`) {
		t.Error("a form without its token is no problem")
	}
	_, body := boss.fillIn(path, url.Values{"wpCount": {"2"}, "wpHours": {"6"}, "wpNote": {"<b>Library</b>"}})
	code := passCode.FindString(body)
	if code == "" || !strings.Contains(body, "&lt;b&gt;Library") || !strings.Contains(body, "#eventpass="+code) {
		t.Fatalf("no pass on the page:\n%s", body)
	}
	if got := at(t, srv.URL).with(code, "Guest"); got != "PASS" {
		t.Errorf("with the code: %s", got)
	}
	_, body = boss.page(path, nil)
	if !strings.Contains(body, "1 / 2") || passCode.MatchString(body) {
		t.Errorf("the list does not show what was used, or shows the code again:\n%s", body)
	}
	boss.fillIn(path, url.Values{"wpRevoke": {"1"}})
	if got := at(t, srv.URL).with(code, "Late guest"); got != "eventpass-over" {
		t.Errorf("after the end: %s", got)
	}
}

var passCode = regexp.MustCompile(`([A-Z2-7]{4}-){6}[A-Z2-7]{2}`)
