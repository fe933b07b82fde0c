package gatehouse

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// acts posts an action with a token of the type and gives the answer's part of that name, or the code of the error.
func (c *client) acts(tokenType, action string, fields ...string) (map[string]any, string) {
	c.t.Helper()
	form := url.Values{"action": {action}, "token": {c.token(tokenType)}}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	got := c.call(true, form)
	if e, ok := got["error"].(map[string]any); ok {
		return nil, fmt.Sprint(e["code"])
	}
	answer, _ := got[action].(map[string]any)
	return answer, ""
}

// town starts a server with people: two administrators, a bureaucrat, and two who are nothing.
func town(t *testing.T, cfg Config) string {
	t.Helper()
	cfg.Throttle.Logins = nil
	server := limited(t, cfg)
	op := openOperator(t, cfg)
	for name, groups := range map[string][]string{
		"Boss": {"sysop"}, "Chief": {"sysop"}, "Clerk": {"bureaucrat"}, "Norm": nil, "Vandal": nil,
	} {
		if _, err := op.CreateAccount(t.Context(), NewAccount{Name: name, Password: "Corr3ct-horse", Groups: groups}); err != nil {
			t.Fatal(err)
		}
	}
	return server
}

// as is a client that is signed in from an address.
func as(t *testing.T, server, name, address string) *client {
	t.Helper()
	c := from(t, server, address)
	if got := c.signIn(name, "Corr3ct-horse"); got != "PASS" {
		t.Fatalf("%s: %s", name, got)
	}
	return c
}

func TestBlockAndUnblock(t *testing.T) {
	onBothStores(t, func(t *testing.T, cfg Config) {
		server := town(t, cfg)
		boss, norm := as(t, server, "Boss", "192.0.2.1"), as(t, server, "Norm", "192.0.2.2")
		for _, tt := range []struct {
			who    *client
			action string
			want   string
			fields []string
		}{
			{norm, "block", "permissiondenied", []string{"user", "Vandal"}},
			{norm, "unblock", "permissiondenied", []string{"user", "Vandal"}},
			{boss, "block", "missingparam", nil},
			{boss, "block", "invalidparammix", []string{"user", "Vandal", "userid", "1"}},
			{boss, "block", "baduser", []string{"user", "a#b"}},
			{boss, "block", "nosuchuser", []string{"user", "Nobody"}},
			{boss, "block", "nosuchuserid", []string{"userid", "99"}},
			{boss, "block", "invalidexpiry", []string{"user", "Vandal", "expiry", "soon"}},
			{boss, "block", "ipb_expiry_old", []string{"user", "Vandal", "expiry", "2001-01-01T00:00:00Z"}},
			{boss, "block", "ip_range_toolarge", []string{"user", "10.0.0.0/15"}},
			{boss, "block", "ip_range_toolarge", []string{"user", "2001:c000::/18"}},
			{boss, "unblock", "missingparam", nil},
			{boss, "unblock", "cantunblock", []string{"user", "Vandal"}},
			{boss, "unblock", "cantunblock", []string{"id", "77"}},
			{boss, "block", "", []string{"user", "vandal", "expiry", "3 days", "reason", " spam ", "nocreate", "", "autoblock", ""}},
			{boss, "block", "alreadyblocked", []string{"user", "Vandal"}},
			{boss, "block", "", []string{"user", "Vandal", "reblock", "", "expiry", "infinite"}},
			{boss, "block", "", []string{"user", "10.1.0.0/16", "anononly", "", "expiry", "2 weeks 12 hours"}},
			{boss, "unblock", "blockedasrange", []string{"user", "10.1.2.3"}},
			{boss, "unblock", "", []string{"user", "10.1.0.0/16"}},
			{boss, "unblock", "", []string{"user", "Vandal", "reason", "sorry"}},
			{boss, "unblock", "cantunblock", []string{"user", "Vandal"}},
		} {
			answer, code := tt.who.acts("csrf", tt.action, tt.fields...)
			if code != tt.want || code == "" && answer["id"] == nil {
				t.Errorf("%s %v: %s %v, want %q", tt.action, tt.fields, code, answer, tt.want)
			}
		}
		got := fmt.Sprint(boss.call(false, url.Values{
			"action": {"query"}, "list": {"logevents"}, "letype": {"block"}, "ledir": {"newer"}, "leprop": {"title|type|user|comment|details"},
		})["query"].(map[string]any)["logevents"])
		for _, want := range []string{
			"map[action:block comment:spam ns:2 params:map[duration:3 days expiry:", "flags:[nocreate] sitewide:true] title:User:Vandal type:block user:Boss]",
			"action:reblock comment: ns:2 params:map[duration:infinity flags:[noautoblock]", "flags:[anononly]", "title:User:10.1.0.0/16",
			"action:unblock comment:sorry ns:2 params:map[",
		} {
			if !strings.Contains(got, want) {
				t.Errorf("the log lacks %s: %s", want, got)
			}
		}
	})
}

// Who is blocked neither blocks others nor lifts what others did to them, but may answer whoever did it.
func TestBlockedAdministrators(t *testing.T) {
	cfg := testConfig(t)
	cfg.Groups = map[string]GroupConfig{"nohelp": {Revoke: []string{"unblockself"}}}
	server := town(t, cfg)
	if _, _, err := openOperator(t, cfg).Grant(t.Context(), "Chief", "nohelp"); err != nil {
		t.Fatal(err)
	}
	boss, chief := as(t, server, "Boss", "192.0.2.1"), as(t, server, "Chief", "192.0.2.2")
	if _, code := boss.acts("csrf", "block", "user", "Chief"); code != "" {
		t.Fatal(code)
	}
	for _, tt := range []struct{ target, want string }{
		{"Norm", "ipbblocked"}, {"192.0.2.9", "ipbblocked"}, {"Chief", "ipbnounblockself"}, {"Boss", ""},
	} {
		if _, code := chief.acts("csrf", "block", "user", tt.target, "reblock", ""); code != tt.want {
			t.Errorf("the blocked administrator blocks %s: %q, want %q", tt.target, code, tt.want)
		}
	}
	if _, code := boss.acts("csrf", "unblock", "user", "Boss"); code != "" { // who has unblockself
		t.Errorf("unblocking oneself: %s", code)
	}
}

func TestUserRights(t *testing.T) {
	onBothStores(t, func(t *testing.T, cfg Config) {
		server := town(t, cfg)
		clerk, boss := as(t, server, "Clerk", "192.0.2.1"), as(t, server, "Boss", "192.0.2.2")
		for _, tt := range []struct {
			who        *client
			want, code string
			fields     []string
		}{
			{boss, "[] []", "", []string{"user", "Norm", "add", "sysop"}}, // has not the right: nothing happens
			{clerk, "[bot sysop] []", "", []string{"user", "Norm", "add", "sysop|bot", "reason", "trusted"}},
			{clerk, "[] [bot]", "", []string{"user", "norm", "add", "sysop", "remove", "bot|bureaucrat", "expiry", "never"}},
			{clerk, "", "nosuchuser", []string{"user", "Nobody", "add", "bot"}},
			{clerk, "", "nosuchuser", []string{"user", "192.0.2.1", "add", "bot"}},
			{clerk, "", "invalidexpiry", []string{"user", "Norm", "add", "bot", "expiry", "soon"}},
			{clerk, "", "pastexpiry", []string{"user", "Norm", "add", "bot", "expiry", "2001-01-01T00:00:00Z"}},
			{clerk, "", "toofewexpiries", []string{"user", "Norm", "add", "bot", "expiry", "never|never"}},
		} {
			answer, code := tt.who.acts("userrights", "userrights", tt.fields...)
			if got := fmt.Sprint(answer["added"], " ", answer["removed"]); code != tt.code || code == "" && got != tt.want {
				t.Errorf("%v: %s %s, want %s %s", tt.fields, code, got, tt.code, tt.want)
			}
		}
		if _, code := clerk.acts("csrf", "userrights", "user", "Norm", "add", "bot"); code != "badtoken" {
			t.Errorf("with a token of another type: %q", code)
		}
		got := fmt.Sprint(clerk.call(false, url.Values{
			"action": {"query"}, "list": {"logevents"}, "leaction": {"rights/rights"}, "ledir": {"newer"},
		})["query"].(map[string]any)["logevents"])
		if !strings.Contains(got, "newgroups:[bot sysop]") || !strings.Contains(got, "oldgroups:[bot sysop]") || strings.Count(got, "action:rights") != 2 {
			t.Errorf("the log has %s", got)
		}
	})
}

// TestMembershipEnds: what bureaucrats are told to end is told as ending, and is as good as any membership until it does.
func TestMembershipEnds(t *testing.T) {
	onBothStores(t, func(t *testing.T, cfg Config) {
		server := town(t, cfg)
		clerk, norm := as(t, server, "Clerk", "192.0.2.1"), as(t, server, "Norm", "192.0.2.2")
		const end = "2999-01-01T00:00:00Z"
		for _, tt := range []struct{ add, expiry, added, memberships string }{
			{"bot|sysop", end + "|never", "[bot sysop]", "[map[expiry:" + end + " group:bot] map[expiry:infinity group:sysop]]"},
			{"bot|sysop", end + "|never", "[]", "[map[expiry:" + end + " group:bot] map[expiry:infinity group:sysop]]"},
			{"sysop", end, "[sysop]", "[map[expiry:" + end + " group:bot] map[expiry:" + end + " group:sysop]]"},
			{"bot|sysop", "infinite", "[bot sysop]", "[map[expiry:infinity group:bot] map[expiry:infinity group:sysop]]"},
		} {
			answer, code := clerk.acts("userrights", "userrights", "user", "Norm", "add", tt.add, "expiry", tt.expiry)
			if code != "" || fmt.Sprint(answer["added"]) != tt.added {
				t.Errorf("%+v: %s %v", tt, code, answer)
			}
			for _, query := range []url.Values{
				{"action": {"query"}, "meta": {"userinfo"}, "uiprop": {"groupmemberships"}},
				{"action": {"query"}, "list": {"users"}, "ususers": {"Norm"}, "usprop": {"groupmemberships"}},
			} {
				if got := fmt.Sprint(norm.call(false, query)); !strings.Contains(got, "groupmemberships:"+tt.memberships) {
					t.Errorf("%+v: %s", tt, got)
				}
			}
		}
		if _, code := clerk.acts("userrights", "userrights", "user", "Norm", "add", "sysop", "expiry", "2 seconds"); code != "" {
			t.Error(code)
		}
		if _, code := norm.acts("csrf", "block", "user", "Vandal"); code != "" {
			t.Errorf("an administrator for two seconds: %s", code)
		}
		got := fmt.Sprint(clerk.call(false, url.Values{
			"action": {"query"}, "list": {"logevents"}, "letype": {"rights"}, "ledir": {"newer"}, "lelimit": {"1"},
		}))
		if !strings.Contains(got, "newmetadata:[map[expiry:"+end+" group:bot] map[expiry:infinity group:sysop]]") {
			t.Errorf("the log has %s", got)
		}
	})
}

// TestAutoblock: the block of an account follows it to where it signs in, or tries to create an account, and to nowhere that
// it only looks from; the block found there is the automatic one for others and the account's own for itself; it ends with the
// block it came from.
func TestAutoblock(t *testing.T) {
	onBothStores(t, func(t *testing.T, cfg Config) {
		cfg.Throttle.Creations = nil
		server := town(t, cfg)
		boss := as(t, server, "Boss", "192.0.2.1")
		vandal := as(t, server, "Vandal", "192.0.2.2")
		try := func(c *client, want string) {
			t.Helper()
			if got := c.tries("Zane " + fmt.Sprint(time.Now().UnixNano())); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
		if _, code := boss.acts("csrf", "block", "user", "Vandal", "nocreate", "", "autoblock", "", "expiry", "1 hour", "reason", "spam"); code != "" {
			t.Fatal(code)
		}
		vandal.call(false, url.Values{"action": {"query"}, "meta": {"userinfo"}, "uiprop": {"blockinfo|cancreateaccount"}})
		vandal.page("/wiki/Special:CreateAccount", nil)
		try(from(t, server, "192.0.2.2"), "PASS") // reading has written nothing
		try(vandal, "blocked")
		try(from(t, server, "192.0.2.2"), "autoblocked")
		try(vandal, "blocked") // one block, not two
		as(t, server, "Vandal", "2001:db8:1:1::1")
		try(from(t, server, "2001:db8:1:1::ffff"), "autoblocked")
		try(from(t, server, "2001:db8:1:2::1"), "PASS")
		try(as(t, server, "Boss", "192.0.2.2"), "PASS") // who is exempt from blocks of addresses
		try(as(t, server, "Norm", "192.0.2.2"), "autoblocked")

		checkAutoblocks(t, server)
		if _, code := boss.acts("csrf", "unblock", "user", "Vandal"); code != "" {
			t.Error(code)
		}
		try(from(t, server, "192.0.2.2"), "PASS")

		// A block of the operator's tool follows as well.
		if _, err := openOperator(t, cfg).Block(t.Context(), "Vandal", BlockOptions{PreventCreate: true, Autoblock: true}); err != nil {
			t.Fatal(err)
		}
		try(vandal, "blocked")
		try(from(t, server, "192.0.2.2"), "autoblocked")
		if _, err := openOperator(t, cfg).Unblock(t.Context(), "Vandal"); err != nil {
			t.Fatal(err)
		}
		try(from(t, server, "192.0.2.2"), "PASS")

		// Without autoblock nothing follows.
		if _, code := boss.acts("csrf", "block", "user", "Vandal", "nocreate", ""); code != "" {
			t.Fatal(code)
		}
		try(vandal, "blocked")
		try(from(t, server, "192.0.2.2"), "PASS")
	})
}

// checkAutoblocks looks at the list of blocks: nobody is told the addresses, and the ends are those of the account's block.
func checkAutoblocks(t *testing.T, server string) {
	t.Helper()
	list := func(fields url.Values) []any {
		fields.Set("action", "query")
		fields.Set("list", "blocks")
		fields.Set("bkprop", "id|user|by|expiry|reason|range|flags")
		return at(t, server).call(false, fields)["query"].(map[string]any)["blocks"].([]any)
	}
	all := list(url.Values{})
	if len(all) != 3 {
		t.Fatalf("there are %v, want one block and two that followed", all)
	}
	for _, b := range all {
		b := b.(map[string]any)
		if b["automatic"] == true && (b["user"] != "" || b["rangestart"] != nil) || b["by"] != "Boss" || b["reason"] != "spam" || b["nocreate"] != true ||
			b["expiry"] != all[0].(map[string]any)["expiry"] {
			t.Errorf("told %v", b)
		}
	}
	for _, fields := range []url.Values{{"bkip": {"192.0.2.2"}}, {"bkusers": {"192.0.2.2"}}} {
		if got := list(fields); len(got) != 0 {
			t.Errorf("%v finds %v", fields, got)
		}
	}
}

// TestOrderOfChecks: of several reasons to refuse a creation the first of docs/protocol.md's order is told.
func TestOrderOfChecks(t *testing.T) {
	onBothStores(t, func(t *testing.T, cfg Config) {
		cfg.Throttle.Creations = []LimitConfig{{Count: 1, Per: longest}}
		cfg.Groups = map[string]GroupConfig{"nocreators": {Revoke: []string{"createaccount"}}}
		server := town(t, cfg)
		op := openOperator(t, cfg)
		if _, _, err := op.Grant(t.Context(), "Norm", "nocreators"); err != nil {
			t.Fatal(err)
		}
		boss := as(t, server, "Boss", "192.0.2.1")
		norm, vandal := as(t, server, "Norm", "192.0.2.3"), as(t, server, "Vandal", "192.0.2.3")
		for _, target := range []string{"Norm", "Vandal", "192.0.2.3"} {
			if _, code := boss.acts("csrf", "block", "user", target, "nocreate", ""); code != "" {
				t.Fatal(code)
			}
		}
		full := from(t, server, "192.0.2.4")
		if got := full.tries("First"); got != "PASS" {
			t.Fatal(got)
		}
		everything := []string{"email", "nowhere", "retype", "other", "createreturnurl", "x", "createtoken", "y"}
		for i, tt := range []struct {
			who  *client
			name string
			wish int // how many of the pairs of everything are wrong
			want string
		}{
			{norm, "First", 4, "badtoken"}, {norm, "First", 3, "badurl_createreturnurl"}, {norm, "", 2, "invaliduser"},
			{norm, "First", 2, "permissiondenied"}, {norm, "a#b", 2, "permissiondenied"}, {vandal, "First", 2, "blocked"},
			{from(t, server, "192.0.2.3"), "a#b", 2, "blocked"},
			{full, "a#b", 2, "invaliduser"}, {full, "First", 2, "userexists"}, {full, "Second", 2, "invalidemailaddress"},
			{full, "Second", 0, "acct_creation_throttle_hit"},
		} {
			got := tt.who.tries(tt.name, everything[:2*tt.wish]...)
			if got != tt.want && !strings.Contains(got, "code:"+tt.want+" ") {
				t.Errorf("row %d: %s, want %s", i, got, tt.want)
			}
		}
		checkComposite(t, vandal)
	})
}

// checkComposite: two blocks are told as one, with what both have.
func checkComposite(t *testing.T, c *client) {
	t.Helper()
	got := c.call(true, url.Values{
		"action": {"createaccount"}, "createtoken": {c.token("createaccount")}, "createreturnurl": {"http://example.org/"},
		"username": {"Zed"}, "password": {"Corr3ct-horse"}, "retype": {"Corr3ct-horse"}, "createmessageformat": {"raw"},
	})["createaccount"].(map[string]any)["message"].(map[string]any)
	params := got["params"].([]any)
	ids := params[4].(map[string]any)["list"].([]any)
	if got["key"] != "blockedtext-composite" || len(params) != 8 || len(ids) != 2 || params[2] != "192.0.2.3" || params[5] != "infinite" {
		t.Errorf("told %v", got)
	}
}

// Blocks end by themselves.
func TestBlockEnds(t *testing.T) {
	cfg := testConfig(t)
	s := newServer(t, cfg)
	op := openOperator(t, cfg)
	if _, err := op.Block(t.Context(), "127.0.0.1", BlockOptions{PreventCreate: true, Expiry: time.Nanosecond}); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(s.Handler())
	t.Cleanup(srv.Close)
	if got := at(t, srv.URL).tries("Zane"); got != "PASS" {
		t.Errorf("after the end: %s", got)
	}
}
