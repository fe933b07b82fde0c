package special

import (
	"fmt"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
)

// fillLog writes n entries, every third of them made by Organizer.
func fillLog(s *memoryStore, n int) {
	for i := 1; i <= n; i++ {
		e := auth.LogEntry{
			ID: int64(i), Type: auth.LogNewUsers, Action: auth.LogCreate, Target: auth.Name(fmt.Sprintf("User %03d", i)),
			Time: time.Unix(int64(1_700_000_000+i/4), 0), // several a second
		}
		e.Performer = e.Target
		if i%3 == 0 {
			e.Action, e.Performer, e.Comment = auth.LogCreate2, "Organizer", "Course"
		}
		s.log = append(s.log, e)
	}
}

var (
	rowName  = regexp.MustCompile(`<th scope="row" role="rowheader"><bdi>([^<]*)</bdi>`)
	turnLink = regexp.MustCompile(`rel="(prev|next)" href="([^"]*)"`)
)

func (p seen) rows() (names []string, turns map[string]string) {
	for _, m := range rowName.FindAllStringSubmatch(p.body, -1) {
		names = append(names, m[1])
	}
	turns = map[string]string{}
	for _, m := range turnLink.FindAllStringSubmatch(p.body, -1) {
		turns[m[1]] = html.UnescapeString(m[2])
	}
	return names, turns
}

// Every entry is shown once on the way there and once on the way back, for any number of entries.
func TestPaging(t *testing.T) {
	for _, n := range []int{0, 1, 9, 10, 11, 30, 31} {
		s := newTestSite(t, change{})
		fillLog(s.store, n)
		b := s.browser(t)
		var there, back []string
		path := "/wiki/Special:Log/newusers?limit=10"
		for path != "" {
			p := b.get(path).want(t, 200)
			names, turns := p.rows()
			if len(names) > 10 {
				t.Fatalf("%d entries on a page", len(names))
			}
			there = append(there, names...)
			if path = turns["next"]; path == "" {
				back, path = names, turns["prev"]
				break
			}
		}
		for path != "" {
			names, turns := b.get(path).want(t, 200).rows()
			back = append(slices.Clone(names), back...)
			if turns["next"] == "" {
				t.Errorf("%d entries: no way forth again from %s", n, path)
			}
			path = turns["prev"]
		}
		if len(there) != n || !slices.Equal(there, back) || n > 0 && there[0] != fmt.Sprintf("User %03d", n) {
			t.Errorf("%d entries: there %v, back %v", n, there, back)
		}
	}
}

// What is added meanwhile moves nothing.
func TestPagingWhileTheLogGrows(t *testing.T) {
	s := newTestSite(t, change{})
	fillLog(s.store, 20)
	b := s.browser(t)
	_, turns := b.get("/wiki/Special:Log?limit=5").rows()
	b.create("Late")
	names, turns := b.get(turns["next"]).rows()
	if names[0] != "User 015" {
		t.Errorf("the second page begins with %s", names[0])
	}
	if names, _ = b.get(turns["prev"]).rows(); names[0] != "User 020" {
		t.Errorf("the page before begins with %s", names[0])
	}
}

func TestFilters(t *testing.T) {
	s := newTestSite(t, change{})
	fillLog(s.store, 120)
	b := s.browser(t)
	for query, want := range map[string]int{
		"": defaultLogRows, "?limit=500": 120, "?limit=100000": 120, "?limit=-3": defaultLogRows, "?limit=x": defaultLogRows,
		"?page=User+01": 10, "?page=user_01": 10, "?page=User:User+01": 10, "?page=User+018": 1, "?page=Nobody": 0,
		"?user=Organizer": 40, "?user=organizer&page=User+01": 3, "?user=Nobody": 0,
		"?offset=nonsense": defaultLogRows, "?offset=1.x": defaultLogRows, "?type=newusers": defaultLogRows,
	} {
		names, turns := b.get("/wiki/Special:Log"+query).want(t, 200).rows()
		if len(names) != want {
			t.Errorf("%s: %d entries, want %d", query, len(names), want)
		}
		if next := turns["next"]; next != "" && strings.Contains(query, "user=") != strings.Contains(next, "user=") {
			t.Errorf("%s: the next page forgets the filter: %s", query, next)
		}
	}
	b.get("/wiki/Special:Log?user=Organizer&limit=7").want(t, 200, "<strong>Organizer</strong>",
		`<input type="hidden" name="user" value="Organizer">`, `<input type="hidden" name="limit" value="7">`)
	b.get("/wiki/Special:Log?page=x&user=Nobody").want(t, 200, "There is nothing here")
	b.get("/wiki/Special:Log/delete").want(t, http.StatusNotFound)
	b.get("/wiki/Special:Log?type=delete").want(t, http.StatusNotFound)
}

// TestKindsOfLogs: each log is by itself under its name, and all of them are together.
func TestKindsOfLogs(t *testing.T) {
	s := newTestSite(t, change{})
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	end := &auth.LogDetails{Duration: "1 day", Expires: at.AddDate(0, 0, 1)}
	for i, e := range []auth.LogEntry{
		{Type: auth.LogNewUsers, Action: auth.LogCreate, Target: "Guest", Performer: "Guest"},
		{Type: auth.LogBlock, Action: auth.LogBlockNew, Target: "192.0.2.0/24", Details: end},
		{Type: auth.LogBlock, Action: auth.LogBlockNew, Target: "Guest", Details: &auth.LogDetails{Duration: "infinity"}},
		{Type: auth.LogBlock, Action: auth.LogBlockChanged, Target: "Guest", Details: end},
		{Type: auth.LogBlock, Action: auth.LogBlockLifted, Target: "Guest"},
		{Type: auth.LogRights, Action: auth.LogRights, Target: "Guest", Details: &auth.LogDetails{NewGroups: []string{"bot", "sysop"}}},
	} {
		e.ID, e.Time = int64(i+1), at
		if e.Performer == "" {
			e.Performer = "Boss"
		}
		s.store.log = append(s.store.log, e)
	}
	b := s.browser(t)
	for path, want := range map[string]int{"": 6, "/newusers": 1, "/block": 4, "/Block": 4, "?type=rights": 1, "/block?page=192.0": 1, "?user=Boss": 5} {
		if names, _ := b.get("/wiki/Special:Log"+path).want(t, 200).rows(); len(names) != want {
			t.Errorf("%s: %d rows, want %d", path, len(names), want)
		}
	}
	b.get("/wiki/Special:Log/block").want(t, 200, "<h1>Blocks</h1>", `<a href="/wiki/Special:Log/block" aria-current="page">Blocks</a>`,
		"<bdi>192.0.2.0/24</bdi>", `<a href="/wiki/Special:Log/block?user=Boss"><bdi>Boss</bdi></a>, blocked until `,
		", blocked for good<", ", changed the block, until ", ", lifted the block<")
	b.get("/wiki/Special:Log/rights").want(t, 200, ", groups from none to bot, sysop<")
}

func TestRows(t *testing.T) {
	s := newTestSite(t, change{})
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for i, action := range []string{auth.LogCreate, auth.LogCreate2, auth.LogByEmail, auth.LogAutoCreate} {
		s.store.log = append(s.store.log, auth.LogEntry{
			ID: int64(i + 1), Type: auth.LogNewUsers, Action: action, Target: "Guest", Performer: "Organizer", Comment: "Why", Time: at,
		})
	}
	b := s.browser(t)
	b.get("/wiki/Special:Log/NewUsers").want(t, 200, `<time datetime="2026-03-04T05:06:07Z" title="2026-03-04T05:06:07Z">`,
		">themselves<", `<a href="/wiki/Special:Log/newusers?user=Organizer"><bdi>Organizer</bdi></a>, password sent by e-mail<`,
		">automatically<", ">Why<")
}

func TestPrivateSite(t *testing.T) {
	groups := auth.DefaultGroups()
	groups[auth.GroupEverybody] = auth.Group{Grant: []auth.Right{auth.RightCreateAccount}}
	groups[auth.GroupUser] = auth.Group{Grant: []auth.Right{auth.RightRead}}
	s := newTestSite(t, change{
		auth: func(c *auth.Config) { c.Groups = groups }, pages: func(c *Config) { c.Private = true },
	})
	b := s.browser(t)
	b.get("/wiki/Special:Log").want(t, http.StatusForbidden, "Please sign in first", "returnto=Special%3ALog%2Fnewusers")
	b.create("Zane").leadsTo(t, createPath+"/done")
	b.get("/wiki/Special:Log").want(t, 200, "<bdi>Zane</bdi></th>")
}

// FuzzPosition holds that a place in the log is written so that it is read as the same, and that no made-up one is before
// the first entry.
func FuzzPosition(f *testing.F) {
	f.Add("1772600767000000000.7", int64(0), int64(1))
	f.Add("-1.-1", int64(-1), int64(2))
	f.Add("9999999999999999999.1", int64(1), int64(3))
	f.Fuzz(func(t *testing.T, text string, nanos, id int64) {
		if at, ok := parsePosition(text); ok && at.ID < 1 {
			t.Errorf("%q is %+v", text, at)
		}
		at := auth.LogPosition{Time: time.Unix(0, nanos).UTC(), ID: id}
		if again, ok := parsePosition(formatPosition(at)); ok != (id > 0) || ok && again != at {
			t.Errorf("%+v is written as %s and read as %+v, %v", at, formatPosition(at), again, ok)
		}
	})
}
