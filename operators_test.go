package gatehouse

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
)

// sent posts a page's form with a token, unless the fields bring one, and gives status and page.
func (c *client) sent(page string, fields ...string) (int, string) {
	c.t.Helper()
	f := url.Values{"wpEditToken": {c.token("csrf")}}
	for i := 0; i < len(fields); i += 2 {
		f.Set(fields[i], fields[i+1])
	}
	resp, err := c.http.PostForm(strings.TrimSuffix(c.api, "/w/api.php")+"/wiki/"+page, f)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode, readBody(c.t, resp)
}

func readBody(t *testing.T, resp *http.Response) string {
	t.Helper()
	var b strings.Builder
	if err := resp.Write(&b); err != nil {
		t.Fatal(err)
	}
	return html.UnescapeString(b.String())
}

// wantPage wants a status and texts on the page.
func wantPage(t *testing.T, about string, status int, page string, want int, texts ...string) {
	t.Helper()
	if status != want {
		t.Errorf("%s: %d, want %d", about, status, want)
	}
	for _, text := range texts {
		if !strings.Contains(page, text) {
			t.Errorf("%s: no %q in\n%s", about, text, page)
		}
	}
}

// TestBlockPages: who has the right blocks, changes and lifts on pages, with the refusals of the API, and it is logged; nobody
// does it without the right or a token.
func TestBlockPages(t *testing.T) {
	onBothStores(t, func(t *testing.T, cfg Config) {
		server := town(t, cfg)
		boss, norm := as(t, server, "Boss", "192.0.2.1"), as(t, server, "Norm", "192.0.2.2")
		for _, tt := range []struct {
			page   string
			status int
			sees   string
			fields []string
		}{
			{"Special:Block", 200, "was open for too long", []string{"wpEditToken", "x", "wpTarget", "Vandal", "wpExpiry", "1 day"}},
			{"Special:Block", 200, "Please write whom to block", []string{"wpExpiry", "1 day"}},
			{"Special:Block", 200, "There is no account called “Nobody <b>”", []string{"wpTarget", "Nobody <b>", "wpExpiry", "1 day"}},
			{"Special:Block", 200, "no end that we can read", []string{"wpTarget", "Vandal", "wpExpiry-other", "soon"}},
			{"Special:Block", 200, "no end that we can read", []string{"wpTarget", "Vandal"}},
			{"Special:Block", 200, "Error:", []string{"wpTarget", "10.0.0.0/15", "wpExpiry", "1 day"}},
			{"Special:Block", 200, "Error:", []string{"wpTarget", "Vandal", "wpExpiry-other", "2001-01-01"}},
			{"Special:Block", 200, "<strong>Vandal</strong> is blocked until", []string{"wpTarget", "vandal", "wpExpiry", "3 days", "wpReason", "spam <i>", "wpCreateAccount", "1", "wpAutoBlock", "1"}},
			{"Special:Block", 200, `name="wpReblock"`, []string{"wpTarget", "Vandal", "wpExpiry", "1 day"}},
			{"Special:Block", 200, "until somebody lifts it", []string{"wpTarget", "Vandal", "wpExpiry", "infinity", "wpReblock", "1"}},
			{"Special:Block", 200, "<strong>10.1.0.0/16</strong> is blocked until", []string{"wpTarget", "10.1.2.3/16", "wpExpiry", "1 day", "wpExpiry-other", "2 weeks", "wpAnonOnly", "1"}},
			{"Special:Unblock", 200, "was open for too long", []string{"wpEditToken", "", "wpTarget", "Vandal"}},
			{"Special:Unblock", 200, "There is no account called", []string{"wpTarget", "Nobody"}},
			{"Special:Unblock", 200, "Error:", []string{"wpTarget", "Norm"}},
			{"Special:Unblock", 200, "Error:", []string{"wpTarget", "10.1.2.3"}},
			{"Special:Unblock", 200, "<strong>10.1.0.0/16</strong> is not blocked any more", []string{"wpTarget", "10.1.0.0/16"}},
		} {
			for _, who := range []*client{norm, boss} {
				status, page := who.sent(tt.page, tt.fields...)
				if who == norm {
					wantPage(t, fmt.Sprint("Norm ", tt.fields), status, page, http.StatusForbidden, "for the people who look after this site")
					continue
				}
				wantPage(t, fmt.Sprint("Boss ", tt.fields), status, page, tt.status, tt.sees)
			}
		}
		page := from(t, server, "192.0.2.9").see("/wiki/Special:BlockList")
		wantPage(t, "the list", 200, html.UnescapeString(page), 200, "<bdi>Vandal</bdi>", "for good")
		if strings.Contains(page, "10.1.0.0") || strings.Contains(page, "Special:Unblock") {
			t.Errorf("a visitor sees what was lifted, or how to lift:\n%s", page)
		}
		list := boss.see("/wiki/Special:BlockList?wpTarget=vandal&kind=account")
		wantPage(t, "the list of Boss", 200, html.UnescapeString(list), 200, "/wiki/Special:Unblock?wpTarget=Vandal", "wpReblock=1")
		for _, query := range []string{"kind=range", "wpTarget=Norm", "wpTarget=%23x", "wpTarget=192.0.2.77", "wpTarget=a%23b"} {
			if strings.Contains(boss.see("/wiki/Special:BlockList?"+query), "<bdi>Vandal</bdi>") {
				t.Errorf("%s: finds Vandal", query)
			}
		}
		if status, page := boss.sent("Special:Unblock", "wpTarget", "Vandal", "wpReason", "sorry"); !strings.Contains(page, "is not blocked any more") {
			t.Errorf("%d %s", status, page)
		}
		log := boss.see("/wiki/Special:Log/block")
		wantPage(t, "the log", 200, log, 200, "spam &lt;i&gt;", "sorry", "changed the block, for good", "10.1.0.0/16")
	})
}

// Pages of the list continue behind a block, in both directions, and lose none.
func TestBlockListPages(t *testing.T) {
	cfg := testConfig(t)
	server := town(t, cfg)
	op := openOperator(t, cfg)
	const blocks = 120
	for i := range blocks {
		if _, err := op.Block(t.Context(), fmt.Sprintf("203.0.113.%d", i), BlockOptions{PreventCreate: true}); err != nil {
			t.Fatal(err)
		}
	}
	c := from(t, server, "192.0.2.9")
	walk := func(address, rel string) (seen []string, last string) {
		for address != "" {
			page := c.see(address)
			for _, m := range regexp.MustCompile(`<bdi>(203\.0\.113\.\d+)</bdi>`).FindAllStringSubmatch(page, -1) {
				seen = append(seen, m[1])
			}
			last, address = address, ""
			if m := regexp.MustCompile(`rel="` + rel + `" href="([^"]+)"`).FindStringSubmatch(page); m != nil {
				address = html.UnescapeString(m[1])
			}
		}
		return seen, last
	}
	older, last := walk("/wiki/Special:BlockList?kind=address", "next")
	slices.Sort(older)
	if len(older) != blocks || len(slices.Compact(older)) != blocks {
		t.Errorf("%d rows, want %d", len(older), blocks)
	}
	if newer, _ := walk(last, "prev"); len(newer) != blocks {
		t.Errorf("back: %d rows, want %d", len(newer), blocks)
	}
}

// TestMailQueuePage: the page tells where mail stands, but no address and no text of it; it is tried again on demand.
func TestMailQueuePage(t *testing.T) {
	onBothStores(t, func(t *testing.T, cfg Config) {
		server := town(t, cfg)
		boss, clerk := as(t, server, "Boss", "192.0.2.1"), as(t, server, "Clerk", "192.0.2.2")
		made := clerk.call(true, url.Values{
			"action": {"createaccount"}, "createtoken": {clerk.token("createaccount")}, "createreturnurl": {"http://example.org/"},
			"username": {"Newcomer"}, "password": {"Corr3ct-horse"}, "retype": {"Corr3ct-horse"}, "email": {"secret-mailbox@post.example"},
		})
		if fmt.Sprint(made["createaccount"]) != "map[status:PASS username:Newcomer]" {
			t.Fatal(made)
		}
		page := boss.see("/wiki/Special:MailQueue")
		wantPage(t, "the queue", 200, page, 200, "Waiting (1)", "Sent (0)", "<bdi>post.example</bdi>", "The oldest that waits")
		if strings.Contains(page, "secret-mailbox") || strings.Contains(page, "Newcomer") {
			t.Errorf("the page tells whose mail it is:\n%s", page)
		}
		if !strings.Contains(boss.see("/wiki/Special:MailQueue?state=dead"), "There is nothing here") {
			t.Error("mail that waits is among what was refused")
		}
		for _, tt := range []struct {
			who    *client
			status int
			sees   string
			fields []string
		}{
			{clerk, 403, "for the people who look after this site", []string{"wpRetry", "1"}},
			{boss, 200, "was open for too long", []string{"wpRetry", "1", "wpEditToken", "1"}},
			{boss, 200, "cannot be tried again now", []string{"wpRetry", "77"}},
			{boss, 200, "cannot be tried again now", []string{"wpRetry", "x"}},
			{boss, 200, "Waiting (1)", []string{"wpRetry", "1", "state", "queued"}},
		} {
			status, page := tt.who.sent("Special:MailQueue", tt.fields...)
			wantPage(t, fmt.Sprint(tt.fields), status, page, tt.status, tt.sees)
		}
	})
}

// TestLimitsPage: the page tells what is limited and who is at a limit; lifting one lets that network on, is told to other
// operators, and stands in no public log.
func TestLimitsPage(t *testing.T) {
	onBothStores(t, func(t *testing.T, cfg Config) {
		cfg.Throttle.Creations = []LimitConfig{{Count: 1, Per: Duration(24 * time.Hour), NetworkFactor: 16}}
		cfg.Throttle.Attempts = []LimitConfig{{Count: 50, Per: Duration(time.Hour)}}
		server := town(t, cfg)
		boss, clerk := as(t, server, "Boss", "192.0.2.1"), as(t, server, "Clerk", "192.0.2.2")
		visitor := from(t, server, "203.0.113.5")
		if got := visitor.tries("First"); got != "PASS" {
			t.Fatal(got)
		}
		if got := visitor.tries("Second"); got != "acct_creation_throttle_hit" {
			t.Fatal(got)
		}
		page := html.UnescapeString(boss.see("/wiki/Special:Limits"))
		wantPage(t, "the limits", 200, page, 200, "<bdi>203.0.113.5</bdi>", "Accounts made", "1 in 1 day", "16 in 1 day for a whole /48", "50 in 1 hour", "no limit")
		if strings.Contains(boss.see("/wiki/Special:Limits?search=203.0.114"), "203.0.113.5") {
			t.Error("a search finds another network")
		}
		found := html.UnescapeString(boss.see("/wiki/Special:Limits?search=203.0.113"))
		key := regexp.MustCompile(`name="wpLift" value="([^"]+)"`).FindStringSubmatch(found)
		if key == nil {
			t.Fatal(found)
		}
		for _, tt := range []struct {
			who    *client
			status int
			sees   string
			fields []string
		}{
			{clerk, 403, "for the people who look after this site", []string{"wpLift", key[1]}},
			{boss, 200, "was open for too long", []string{"wpLift", key[1], "wpEditToken", ""}},
			{boss, 200, "203.0.113.5", []string{"wpLift", "eventpass:1"}},
			{boss, 200, "Nobody is at a limit", []string{"wpLift", key[1]}},
		} {
			status, page := tt.who.sent("Special:Limits", tt.fields...)
			wantPage(t, fmt.Sprint(tt.fields), status, page, tt.status, tt.sees)
		}
		wantPage(t, "what was lifted", 200, boss.see("/wiki/Special:Limits"), 200, "Lifted lately", "<bdi>Boss</bdi>", "<bdi>203.0.113.5</bdi>")
		if got := visitor.tries("Second"); got != "PASS" {
			t.Errorf("after it was lifted: %s", got)
		}
		for about, public := range map[string]string{
			"Special:Log": boss.see("/wiki/Special:Log"),
			"logevents":   fmt.Sprint(boss.call(false, url.Values{"action": {"query"}, "list": {"logevents"}, "lelimit": {"max"}})),
		} {
			if strings.Contains(public, "203.0.113.5") || !strings.Contains(public, "First") {
				t.Errorf("%s: %s", about, public)
			}
		}
	})
}

// TestNewAccountsPage: each filter finds what it is for and nothing else, and no address is told.
func TestNewAccountsPage(t *testing.T) {
	onBothStores(t, func(t *testing.T, cfg Config) {
		server := town(t, cfg)
		boss, clerk := as(t, server, "Boss", "192.0.2.1"), as(t, server, "Clerk", "192.0.2.2")
		op := openOperator(t, cfg)
		pass, err := op.CreatePass(t.Context(), NewPass{Count: 5, For: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		if got := from(t, server, "203.0.113.5").tries("Self made"); got != "PASS" {
			t.Fatal(got)
		}
		if got := from(t, server, "203.0.113.6").with(pass.Code, "Guest"); got != "PASS" {
			t.Fatal(got)
		}
		if got := clerk.tries("Protege"); got != "PASS" {
			t.Fatal(got)
		}
		today := time.Now().UTC().Format("2006-01-02")
		for query, want := range map[string]string{
			"":                            "Self made,Guest,Protege",
			"page=Self":                   "Self made",
			"user=Clerk":                  "Protege",
			"how=self":                    "Self made,Guest",
			"how=other&user=Clerk":        "Protege",
			"how=byemail":                 "",
			"how=pass":                    "Guest",
			"from=" + today:               "Self made,Guest,Protege",
			"to=2001-01-01":               "",
			"from=2001-01-01&to=nonsense": "Self made,Guest,Protege",
			"how=pass&from=" + today + "&to=" + today: "Guest",
		} {
			page := boss.see("/wiki/Special:NewAccounts?" + query)
			for _, name := range []string{"Self made", "Guest", "Protege"} {
				if got := strings.Contains(page, "<bdi>"+name+"</bdi>"); got != slices.Contains(strings.Split(want, ","), name) {
					t.Errorf("%q finds %s: %v", query, name, got)
				}
			}
			if strings.Contains(page, "203.0.113.") {
				t.Errorf("%q tells an address", query)
			}
		}
		wantPage(t, "the link to block", 200, html.UnescapeString(boss.see("/wiki/Special:NewAccounts?page=Self")), 200, "/wiki/Special:Block?wpTarget=Self+made")
		wantPage(t, "where it leads", 200, boss.see("/wiki/Special:Block?wpTarget=Self+made"), 200, `value="Self made"`)
	})
}

// Accounts that began with an identity from elsewhere are told apart from those that did not.
func TestNewAccountsFromOutside(t *testing.T) {
	o := newOutside(t, nil, "example.net")
	op := openOperator(t, o.cfg)
	if _, err := op.CreateAccount(t.Context(), NewAccount{Name: "Boss", Password: "Corr3ct-horse", Groups: []string{"sysop"}}); err != nil {
		t.Fatal(err)
	}
	c := o.client()
	if got := verdict(o.through(c, "createaccount", "example.net", alice, named("Alice"))); got != "PASS" {
		t.Fatal(got)
	}
	boss := o.client()
	boss.signIn("Boss", "Corr3ct-horse")
	page := boss.see("/wiki/Special:NewAccounts?how=outside")
	if !strings.Contains(page, `rowheader"><bdi>Alice</bdi>`) || strings.Contains(page, `rowheader"><bdi>Boss</bdi>`) {
		t.Error(page)
	}
}

// TestFunnelIsKept: what looks after a server writes the figures within a minute, and what is left when it ends.
func TestFunnelIsKept(t *testing.T) {
	s := newServer(t, testConfig(t))
	web := httptest.NewServer(s.Handler())
	defer web.Close()
	at(t, web.URL).fetch(createPage)
	before := s.Writes()
	s.tidy(t.Context())
	if got := s.Writes() - before; got != 0 {
		t.Errorf("a look made the server write %d times", got)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	s.Upkeep(ctx)
	sums, err := s.store.Funnel(t.Context(), time.Now().Add(-2*time.Hour))
	if err != nil || len(sums) != 1 || sums[0].Step != auth.FunnelShown || sums[0].Count != 1 {
		t.Errorf("kept %v, %v", sums, err)
	}
}
