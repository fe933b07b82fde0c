package actionapi

import (
	"net/http/httptest"
	"strings"
	"testing"

	"gatehouse/auth"
	"gatehouse/internal/i18n"
)

// TestRateLimits: limits are told to those whom they hold.
func TestRateLimits(t *testing.T) {
	s := newSite(t, change{api: func(c *Config) {
		c.RateLimits = []RateLimit{{"createaccount", "ip", 6, 86400}, {"createaccount", "user", 6, 86400}}
	}})
	s.create(t, "Ann")
	s.create(t, "Chief", "sysop")
	const ip, user = `"ip":{"hits":6,"seconds":86400}`, `"user":{"hits":6,"seconds":86400}`
	for who, want := range map[string]string{
		"":      `"ratelimits":{"createaccount":{` + ip + `}},"theoreticalratelimits":{"createaccount":{` + ip + `}}`,
		"Ann":   `"ratelimits":{"createaccount":{` + ip + `,` + user + `}},"theoreticalratelimits":{"createaccount":{` + ip + `,` + user + `}}`,
		"Chief": `"ratelimits":{},"theoreticalratelimits":{"createaccount":{` + ip + `,` + user + `}}`,
	} {
		c := s.client(t)
		if who != "" {
			c = s.signedIn(t, who)
		}
		if a := c.get("action=query&meta=userinfo&uiprop=ratelimits|theoreticalratelimits&format=json&formatversion=2"); !strings.Contains(a.text, want) {
			t.Errorf("%s: %s", who, a.text)
		}
	}
}

func TestAcceptLanguage(t *testing.T) {
	s := newSite(t, change{})
	for header, want := range map[string]string{
		"":                                 `[]`,
		"de":                               `[{"q":1,"code":"de"}]`,
		"fr;q=0.5, de-AT , en ; q = 0.80":  `[{"q":1,"code":"de-at"},{"q":0.8,"code":"en"},{"q":0.5,"code":"fr"}]`,
		"*;q=0.5,x y,é,de;q=0,en;q=2,fr;q": `[{"q":1,"code":"fr"}]`,
		"a;q=NaN,b;q=-1,c;q=1e-9,d;q=x":    `[{"q":0.000000001,"code":"c"}]`,
	} {
		r := httptest.NewRequest("GET", "/w/api.php?action=query&meta=userinfo&uiprop=acceptlang&format=json&formatversion=2", nil)
		r.Header.Set("Accept-Language", header)
		if a := s.client(t).do(r); !strings.Contains(a.text, `"acceptlang":`+want+`}`) {
			t.Errorf("%q: %s, want %s", header, a.text, want)
		}
	}
	long := httptest.NewRequest("GET", "/w/api.php?action=query&meta=userinfo&uiprop=acceptlang&format=json", nil)
	long.Header.Set("Accept-Language", strings.Repeat("en,", 5000))
	a := s.client(t).do(long)
	if all, _ := a.at("query.userinfo.acceptlang").([]any); len(all) != i18n.MaxAccepted || a.at("query.userinfo.acceptlang.0.*") != "en" {
		t.Errorf("%d of 5000", len(all))
	}
}

// TestCentralIDs: accounts belong to this site and to no other.
func TestCentralIDs(t *testing.T) {
	s := newSite(t, change{})
	s.create(t, "Ann")
	ann := s.signedIn(t, "Ann")
	for query, want := range map[string]string{
		"meta=userinfo&uiprop=centralids":                                  `"centralids":{"local":1},"attachedlocal":{"local":true}}`,
		"meta=userinfo&uiprop=centralids&uiattachedwiki=other":             `"attachedwiki":{"local":false}`,
		"meta=userinfo&uiprop=centralids&uiattachedwiki=wiki":              `"attachedwiki":{"local":true}`,
		"list=users&ususers=Ann&usprop=centralids&usattachedwiki=wiki":     `"attachedlocal":{"local":true},"attachedwiki":{"local":true}`,
		"list=allusers&auprop=centralids&auattachedwiki=other":             `"attachedwiki":{"local":false}`,
		"meta=userinfo&uiprop=options|groupmemberships|hasmsg|unreadcount": `"options":{"language":"en"},"groupmemberships":[],"messages":false,"unreadcount":0`,
	} {
		if a := ann.get("action=query&format=json&formatversion=2&" + query); !strings.Contains(a.text, want) {
			t.Errorf("%s: %s", query, a.text)
		}
	}
}

// TestAllUsersIsFull: pages are full whatever is filtered, and nothing is told twice.
func TestAllUsersIsFull(t *testing.T) {
	groups := auth.DefaultGroups()
	groups["muted"] = auth.Group{Revoke: []auth.Right{auth.RightNoRateLimit}}
	s := newSite(t, change{groups: groups})
	for i, in := range [][]string{{"sysop"}, {"bot"}, nil, {"bot", "sysop"}, {"sysop", "muted"}, nil, {"bureaucrat"}, {"bot"}} {
		s.create(t, string(rune('A'+i)), in...)
	}
	for query, want := range map[string]string{
		"augroup=sysop|bot":                         "ABDEH",
		"auexcludegroup=sysop|bot":                  "CFG",
		"aurights=noratelimit":                      "ADG", // E is muted
		"aurights=bot|noratelimit":                  "ABDGH",
		"aurights=noratelimit&augroup=bot":          "D",
		"aurights=createaccount&auprefix=":          "ADE",
		"augroup=sysop|bot&audir=descending":        "HEDBA",
		"augroup=sysop&aufrom=B&auto=D":             "D",
		"aurights=skipcaptcha&auexcludegroup=muted": "ABDH",
	} {
		got, more := "", ""
		for range 10 {
			a := s.client(t).get("action=query&list=allusers&aulimit=2&format=json&" + query + more)
			rows, _ := a.at("query.allusers").([]any)
			for _, r := range rows {
				got += r.(map[string]any)["name"].(string)
			}
			next, ok := a.at("continue.aufrom").(string)
			if !ok {
				break
			}
			if len(rows) != 2 {
				t.Errorf("%s: a page of %d", query, len(rows))
			}
			more = "&aufrom=" + next + "&continue=-||"
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
	if a := s.client(t).get("action=query&list=allusers&augroup=bot&auexcludegroup=sysop&format=json"); a.code() != "invalidparammix" {
		t.Errorf("both: %s", a.text)
	}
}
