package actionapi

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
)

// blockAll makes a site with five blocks: of Ann, twice of Bob, of an address and of a range.
func blockAll(t *testing.T) *site {
	t.Helper()
	s := newSite(t, change{})
	ann, bob := s.create(t, "Ann"), s.create(t, "Bob")
	start := time.Now().Add(-time.Hour).Truncate(time.Second)
	for i, b := range []auth.Block{
		{Account: ann.ID, Reason: "see [[User:Bob]]", PreventCreate: true},
		{Account: bob.ID, Reason: "first", AnonymousOnly: true},
		{Range: netip.MustParsePrefix("198.51.100.7/32"), PreventCreate: true, AnonymousOnly: true},
		{Range: netip.MustParsePrefix("198.51.100.0/24"), PreventCreate: true},
		{Account: bob.ID, Reason: "second", PreventCreate: true, Expires: start.Add(25 * time.Hour)},
	} {
		b.By, b.Created = "Boss", start.Add(time.Duration(i)*time.Minute)
		_, err := s.store.AddBlock(t.Context(), b)
		must(t, err)
	}
	return s
}

func targets(a answer) string {
	rows, _ := a.at("query.blocks").([]any)
	var out []string
	for _, r := range rows {
		out = append(out, fmt.Sprint(r.(map[string]any)["user"]))
	}
	return strings.Join(out, " ")
}

func TestBlocks(t *testing.T) {
	s := blockAll(t)
	get := func(query string) answer {
		return s.client(t).get("action=query&list=blocks&format=json&formatversion=2&" + query)
	}
	a := get("bkids=4&bkprop=*")
	for path, want := range map[string]any{
		"id": 4.0, "user": "198.51.100.0/24", "userid": 0.0, "by": "Boss", "byid": 0.0, "expiry": "infinity", "reason": "", "parsedreason": "",
		"rangestart": "198.51.100.0", "rangeend": "198.51.100.255", "automatic": false, "anononly": false, "nocreate": true,
		"autoblock": false, "noemail": false, "hidden": false, "allowusertalk": true, "partial": false,
	} {
		if got := a.at("query.blocks.0." + path); got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
	if !strings.Contains(a.text, `"restrictions":[]`) || !strings.Contains(get("bkids=1&bkprop=parsedreason|range").text, `{"parsedreason":"see <a href=\"/wiki/User:Bob\">User:Bob</a>"}`) {
		t.Errorf("got %s", a.text)
	}
	const all = "Bob 198.51.100.0/24 198.51.100.7 Bob Ann"
	for query, want := range map[string]string{
		"":                             all,
		"bkdir=newer":                  "Ann Bob 198.51.100.7 198.51.100.0/24 Bob",
		"bklimit=2":                    "Bob 198.51.100.0/24",
		"bkids=1|5|77":                 "Bob Ann",
		"bkusers=bob|198.51.100.7":     "Bob 198.51.100.7 Bob",
		"bkusers=198.51.100.9/24":      "198.51.100.0/24",
		"bkip=198.51.100.7":            "198.51.100.0/24 198.51.100.7",
		"bkip=198.51.100.0/25":         "198.51.100.0/24",
		"bkip=198.51.0.0/16":           "",
		"bkip=2001:db8::1":             "",
		"bkshow=account":               "Bob Bob Ann",
		"bkshow=!account|!range":       "198.51.100.7",
		"bkshow=temp":                  "Bob",
		"bkshow=!temp|range":           "198.51.100.0/24",
		"bkshow=":                      all,
		"bkend=2001-01-01T00:00:00Z":   all,
		"bkstart=2001-01-01T00:00:00Z": "",
		"bkshow=nosuch":                all, // with a warning
	} {
		if got := targets(get(query)); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
	for query, code := range map[string]string{
		"bkip=x": "param_ip", "bkip=198.0.0.0/15": "cidrtoobroad", "bkip=2001::/18": "cidrtoobroad", "bkip=::ffff:1.2.3.0/120": "param_ip",
		"bkip=1.2.3.4&bkusers=Ann": "invalidparammix", "bkusers=Ann|%23": "baduser", "bkshow=temp|!temp": "show", "bkids=x": "badinteger",
		"bkcontinue=x": "badcontinue", "bkcontinue=20240101000000.000000|0": "badcontinue", "bkcontinue=1|2": "badcontinue",
	} {
		if a := get(query); a.code() != code && !strings.Contains(query, "%23") {
			t.Errorf("%s: %s", query, a.text)
		}
	}
}

// TestBlocksContinue walks the list in pages, in both directions, beside another list that is longer.
func TestBlocksContinue(t *testing.T) {
	s := blockAll(t)
	for _, dir := range []string{"older", "newer"} {
		all := targets(s.client(t).get("action=query&list=blocks&format=json&bkdir=" + dir))
		var got, names []string
		query := ""
		for range 8 {
			a := s.client(t).get("action=query&list=blocks|allusers&bklimit=2&aulimit=1&format=json&bkdir=" + dir + query)
			if t := targets(a); t != "" {
				got = append(got, t)
			}
			if name, ok := a.at("query.allusers.0.name").(string); ok {
				names = append(names, name)
			}
			next, _ := a.at("continue").(map[string]any)
			if next == nil {
				break
			}
			query = ""
			for name, value := range next {
				query += "&" + name + "=" + value.(string)
			}
		}
		if g := strings.Join(got, " "); g != all || strings.Join(names, " ") != "Ann Bob" {
			t.Errorf("%s: got %q and %v, want %q", dir, g, names, all)
		}
	}
}

// TestSeveralBlocks: what hits the caller or somebody else is told whole.
func TestSeveralBlocks(t *testing.T) {
	s := blockAll(t)
	a := s.client(t).get("action=query&list=users&ususers=Ann|Bob|Nobody&usprop=blockinfo&format=json&formatversion=2")
	for path, want := range map[string]any{
		"0.blockid": 1.0, "0.blockcomponents": nil, "0.blocknocreate": true, "1.blockid": nil, "1.blockedby": "", "1.blockedbyid": 0.0,
		"1.blocknocreate": true, "1.blockanononly": false, "1.blockexpiry": "infinite", "1.blockcomponents.0.blockid": 2.0,
		"1.blockcomponents.1.blockreason": "second", "1.blockcomponents.1.blockpartial": false, "2.missing": true, "2.blockid": nil,
	} {
		if got := a.at("query.users." + path); got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
	if !strings.Contains(a.text, `"blockid":null`) {
		t.Errorf("the id of several blocks: %s", a.text)
	}
	a = s.client(t).get("action=query&list=allusers&auprop=blockinfo&format=json&formatversion=2")
	if a.at("query.allusers.0.blockid") != 1.0 || a.at("query.allusers.1.blockcomponents.0.blockid") != 2.0 {
		t.Errorf("allusers: %s", a.text)
	}
}

// TestOwnBlocks: blocks of addresses hit whom they are meant for.
func TestOwnBlocks(t *testing.T) {
	s := newSite(t, change{})
	s.create(t, "Ann")
	s.create(t, "Chief", "sysop")
	for _, b := range []auth.Block{{By: "Boss", AnonymousOnly: true}, {By: "Boss"}} {
		b.Range = netip.MustParsePrefix("192.0.2.0/24") // where every client of a test is
		_, err := s.store.AddBlock(t.Context(), b)
		must(t, err)
	}
	for _, tt := range []struct {
		who       string
		id        any
		component any
	}{{"", nil, 1.0}, {"Ann", 2.0, nil}, {"Chief", nil, nil}} {
		c := s.client(t)
		if tt.who != "" {
			c = s.signedIn(t, tt.who)
		}
		a := c.get("action=query&meta=userinfo&uiprop=blockinfo&format=json&formatversion=2")
		if a.at("query.userinfo.blockid") != tt.id || a.at("query.userinfo.blockcomponents.0.blockid") != tt.component {
			t.Errorf("%q: %s", tt.who, a.text)
		}
	}
}
