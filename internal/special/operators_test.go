package special

import (
	"context"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
)

// idle is a site on which nothing is to be looked after.
type idle struct{}

func (idle) ListBlocks(context.Context, auth.BlockQuery) ([]auth.Block, error) { return nil, nil }
func (idle) Mails(context.Context, auth.MailQuery) ([]auth.MailRow, error)     { return nil, nil }
func (idle) MailStates(context.Context) (map[auth.MailState]int64, error) {
	return map[auth.MailState]int64{}, nil
}
func (idle) MailCount(context.Context) (auth.MailCount, error) { return auth.MailCount{}, nil }
func (idle) RequeueMail(context.Context, int64) (auth.MailRow, bool, error) {
	return auth.MailRow{}, false, auth.ErrNotFound
}
func (idle) Rules() []auth.LimitRule                                        { return []auth.LimitRule{{Act: "create"}} }
func (idle) Full(context.Context, auth.FullQuery) ([]auth.FullLimit, error) { return nil, nil }
func (idle) Lift(context.Context, auth.Account, string) (bool, error)       { return false, nil }
func (idle) Lifted(context.Context, int) ([]auth.LogEntry, error)           { return nil, nil }
func (idle) Sums(context.Context, time.Time) ([]auth.FunnelSum, error)      { return nil, nil }

// rightsOfPages are the pages of operators and who may see them; empty = everybody who may read.
var rightsOfPages = map[title]auth.Right{
	titleNewAccounts: auth.RightBlock, titleBlock: auth.RightBlock, titleUnblock: auth.RightBlock, titleBlockList: "",
	titleEventPasses: auth.RightEventPass, titleMailQueue: auth.RightMailQueue, titleLimits: auth.RightLimits, titleFunnel: auth.RightFunnel,
}

// TestRightsOfOperators: with its right, and nothing else, somebody sees a page; without it, with all others, they do not.
func TestRightsOfOperators(t *testing.T) {
	groups := auth.GroupPolicy{auth.GroupEverybody: {Grant: []auth.Right{auth.RightRead, auth.RightCreateAccount}}}
	all := []auth.Right{auth.RightBlock, auth.RightEventPass, auth.RightMailQueue, auth.RightLimits, auth.RightFunnel, auth.RightUserRights}
	for _, r := range all {
		groups["has-"+string(r)] = auth.Group{Grant: []auth.Right{r}}
		lacks := auth.Group{Revoke: []auth.Right{r}}
		for _, other := range all {
			if other != r {
				lacks.Grant = append(lacks.Grant, other)
			}
		}
		groups["lacks-"+string(r)] = lacks
	}
	s := newTestSite(t, change{auth: func(c *auth.Config) { c.Groups = groups }})
	for page, right := range rightsOfPages {
		address := "/wiki/" + string(page)
		anonymous := s.browser(t)
		if right == "" {
			anonymous.get(address).want(t, http.StatusOK, "")
			continue
		}
		denied := anonymous.get(address).want(t, http.StatusForbidden, "Sign in")
		if strings.Contains(denied.body, "Special:Operators") {
			t.Errorf("%s: a visitor is led to the pages of operators", page)
		}
		with, without := s.member(t, "has-"+string(right)), s.member(t, "lacks-"+string(right))
		if got := with.get(address).want(t, http.StatusOK, ""); !strings.Contains(got.body, `href="/wiki/Special:Operators"`) {
			t.Errorf("%s: who may see it is not led to the list", page)
		}
		without.get(address).want(t, http.StatusForbidden, "")
		without.post(address, nil).want(t, without.postStatus(page), "")
		if page == titleUnblock { // the list of blocks leads there
			continue
		}
		list := with.get("/wiki/Special:Operators").want(t, http.StatusOK, `href="`+address+`"`)
		for other, needed := range rightsOfPages {
			if needed != right && needed != "" && strings.Contains(list.body, `href="/wiki/`+string(other)+`"`) {
				t.Errorf("who has %s is led to %s", right, other)
			}
		}
		if list := without.get("/wiki/Special:Operators"); strings.Contains(list.body, `href="`+address+`"`) {
			t.Errorf("who lacks %s is led to %s", right, page)
		}
	}
	plain := s.member(t)
	plain.get("/wiki/Special:Operators").want(t, http.StatusForbidden, "for the people who look after this site")
	if strings.Contains(plain.get("/").body, "Special:Operators") {
		t.Error("who looks after nothing is led to the pages of operators")
	}
}

// postStatus is what a form without the right is answered with: pages that take none say so.
func (b *browser) postStatus(page title) int {
	if page == titleNewAccounts || page == titleFunnel {
		return http.StatusMethodNotAllowed
	}
	return http.StatusForbidden
}

// member is somebody who is signed in and in the groups.
func (s *testSite) member(t testing.TB, groups ...string) *browser {
	t.Helper()
	b := s.browser(t)
	b.create("Member " + strconv.Itoa(len(s.store.accounts)))
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	s.store.accounts[len(s.store.accounts)-1].Groups = groups
	return b
}

// busy counts what is done to mail and limits.
type busy struct {
	idle
	done int
}

func (b *busy) RequeueMail(context.Context, int64) (auth.MailRow, bool, error) {
	b.done++
	return auth.MailRow{}, true, nil
}

func (b *busy) Lift(context.Context, auth.Account, string) (bool, error) {
	b.done++
	return true, nil
}

// TestDeedsOfOperators: nothing is done for a form without a token, from another site, on a site that is read-only, or that
// was only asked for.
func TestDeedsOfOperators(t *testing.T) {
	deed := &busy{}
	readOnly := ""
	site := func() *testSite {
		return newTestSite(t, change{pages: func(c *Config) { c.Mail, c.Limits, c.ReadOnly = deed, deed, readOnly }})
	}
	s := site()
	boss := s.member(t, auth.GroupSysop)
	for _, tt := range []struct {
		page, field string
	}{{"/wiki/Special:MailQueue", "wpRetry"}, {"/wiki/Special:Limits", "wpLift"}} {
		fields := func() url.Values {
			return url.Values{tt.field: {"1"}, csrfField: {boss.token(t)}}
		}
		boss.get(tt.page+"?"+fields().Encode()).want(t, http.StatusOK, "")
		boss.post(tt.page, url.Values{tt.field: {"1"}}).want(t, http.StatusOK, "open for too long")
		r, err := http.NewRequest(http.MethodPost, s.URL+tt.page, strings.NewReader(fields().Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		boss.do(r, nil).want(t, http.StatusForbidden, "")
		if deed.done != 0 {
			t.Fatalf("%s: done without a token, or for another site", tt.page)
		}
		boss.post(tt.page, fields()).leadsTo(t, tt.page)
		if deed.done != 1 {
			t.Errorf("%s: done %d times", tt.page, deed.done)
		}
		deed.done = 0
	}
	readOnly = "moving house"
	s = site()
	boss = s.member(t, auth.GroupSysop)
	boss.post("/wiki/Special:Limits", url.Values{"wpLift": {"1"}, csrfField: {boss.token(t)}}).want(t, http.StatusOK, "moving house")
	if deed.done != 0 {
		t.Error("done on a site that is read-only")
	}
}

// token is that of the forms of somebody who is signed in.
func (b *browser) token(t testing.TB) string {
	t.Helper()
	m := regexp.MustCompile(`name="wpEditToken" value="([^"]+)"`).FindStringSubmatch(b.get("/wiki/Special:Block").body)
	if m == nil {
		t.Fatal("no token")
	}
	return html.UnescapeString(m[1])
}
