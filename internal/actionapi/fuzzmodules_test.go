package actionapi

import (
	"bytes"
	"encoding/json"
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/i18n"
	"gatehouse/internal/username"
	"gatehouse/internal/usertext"
)

// The targets of what single modules read, and of whole calls.

// FuzzLogTitle holds that the title of an account's page leads to the account, in the one spelling it has.
func FuzzLogTitle(f *testing.F) {
	for _, s := range []string{"User:Zane", "user: zane", "User talk:Zane", "User:User:x", "Zane", ":User:a", "User:"} {
		f.Add(s)
	}
	c := &call{api: &api{Config: Config{Names: username.NewRules(username.Options{})}}}
	f.Fuzz(func(t *testing.T, text string) {
		name, ok := c.userOfTitle(text)
		if !ok {
			return
		}
		if again, ok := c.userOfTitle("User:" + string(name)); !ok || again != name {
			t.Errorf("%q is %q, and that is %q", text, name, again)
		}
		c.nameStart(text)
	})
}

// FuzzPageTitle holds that a title is read as itself again.
func FuzzPageTitle(f *testing.F) {
	for _, s := range []string{"main_Page", ":User:x#y", "Talk:User:x", "&amp;#65;", "Special:Log/newusers", "A&#769;", "~~~", "%41", "../x", "File: : x"} {
		f.Add(s)
	}
	s := newNamespaces("Test wiki")
	f.Fuzz(func(t *testing.T, raw string) {
		raw = usertext.Clean(raw) // as every parameter is
		read, why := s.parseTitle(raw)
		if !why.IsZero() {
			return
		}
		again, why := s.parseTitle(read.String())
		if !why.IsZero() || again.String() != read.String() || again.space.id != read.space.id {
			t.Errorf("%q is %q, and that is %q: %v", raw, read, again, why)
		}
		if len(read.text) > maxSpecialTitle || strings.ContainsAny(read.String(), "<>[]|{}#") {
			t.Errorf("%q is %q", raw, read)
		}
	})
}

// FuzzBlocked holds that places in the list of blocks lead back to themselves, and that a range is one that covers itself.
func FuzzBlocked(f *testing.F) {
	f.Add("20240229120000.000001|7", "192.0.2.7/24")
	f.Add("|", "::ffff:192.0.2.1/96")
	f.Add("20240229120000|7", "fe80::1%eth0")
	f.Fuzz(func(t *testing.T, position, text string) {
		if at, err := blockPosition(position); err == nil && position != "" {
			again, err := blockPosition(at.Created.Format(blockTimeLayout) + "|" + strconv.FormatInt(at.ID, 10))
			if err != nil || again.ID != at.ID || !again.Created.Equal(at.Created.Truncate(time.Microsecond)) {
				t.Errorf("%q is %+v, and that is %+v, %v", position, at, again, err)
			}
		}
		p, ok := usertext.Range(text)
		if !ok {
			return
		}
		again, ok := usertext.Range(p.String())
		if !ok || again != p || p.Addr().Is4In6() || p.Addr().Zone() != "" || !p.Contains(lastOf(p)) {
			t.Errorf("%q is %s, and that is %s, %v", text, p, again, ok)
		}
		_, _ = blockedRange(text)
	})
}

// FuzzExpiry holds that an end can be written down and read again, and that lengths of time lead forward.
func FuzzExpiry(f *testing.F) {
	for _, s := range []string{"never", "2 weeks 3 days", "+1 year", "65535 fortnights", "1 month", "now", "20300101000000", "1 day ago", "0 sec"} {
		f.Add(s)
	}
	now := time.Unix(1_700_000_000, 0).UTC()
	f.Fuzz(func(t *testing.T, text string) {
		end, ok := usertext.Expiry(text, now)
		if !ok || end.IsZero() {
			return
		}
		again, ok := usertext.Expiry(end.Format(time.RFC3339), now)
		if !ok || again.Unix() != end.Unix() {
			t.Errorf("%q is %s, and that is %s", text, end, again)
		}
		if _, absolute := usertext.Time(strings.TrimSpace(text)); !absolute && end.Before(now) {
			t.Errorf("%q is %s, before now", text, end)
		}
		if r := usertext.Reason(text); len([]rune(r)) > usertext.LongestReason || usertext.Reason(r) != r && len([]rune(text)) <= usertext.LongestReason {
			t.Errorf("the reason %q is %q", text, r)
		}
	})
}

// FuzzAcceptLanguage holds that what is told back of the header is short, and in the order in which it is liked.
func FuzzAcceptLanguage(f *testing.F) {
	for _, s := range []string{"de,en;q=0.5", "*", "de;q=1e-9, en;q=NaN,fr;q=Inf,it;q=-1", ";,;q=", strings.Repeat("a,", 100)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, header string) {
		o := &result.Object{}
		o.Put("all", acceptedLanguages(header))
		var read struct {
			All []struct {
				Q    float64
				Code string
			}
		}
		if err := json.Unmarshal(result.JSON{Modern: true}.Append(nil, o), &read); err != nil {
			t.Fatalf("%q: %v", header, err)
		}
		last := 1.0
		for _, l := range read.All {
			if l.Q <= 0 || l.Q > last || !i18n.IsCode(l.Code) {
				t.Errorf("%q: %+v", header, read)
			}
			last = l.Q
		}
		if len(read.All) > i18n.MaxAccepted {
			t.Errorf("%d languages", len(read.All))
		}
	})
}

// FuzzArguments compares the arguments of messages with a replacement one by one.
func FuzzArguments(f *testing.F) {
	f.Add("$1 and $2, $10", "a", "$1")
	f.Add("$", "", "$2")
	f.Fuzz(func(t *testing.T, text, first, second string) {
		got := withArguments(text, []string{first, second})
		var want strings.Builder
		for rest := text; rest != ""; {
			switch {
			case strings.HasPrefix(rest, "$1"):
				want.WriteString(first)
				rest = rest[2:]
			case strings.HasPrefix(rest, "$2"):
				want.WriteString(second)
				rest = rest[2:]
			default:
				want.WriteByte(rest[0])
				rest = rest[1:]
			}
		}
		if got != want.String() {
			t.Errorf("%q with %q, %q is %q", text, first, second, got)
		}
	})
}

// FuzzComment holds that the comment of a stranger becomes links of this site and text, and nothing else.
func FuzzComment(f *testing.F) {
	for _, s := range []string{"because", "[[User:A|<b>]]", "[[javascript:x|y]] [[", "]][[]]", "[[a|b|c]]&lt;", "[[\"onclick=x]]"} {
		f.Add(s)
	}
	c := &call{api: &api{Config: Config{Site: Site{ArticlePath: "/wiki/"}}}}
	link := regexp.MustCompile(`<a href="/wiki/[^"<>]*">([^<>]*)</a>`)
	f.Fuzz(func(t *testing.T, text string) {
		got := c.parseComment(text)
		if rest := link.ReplaceAllString(got, "$1"); strings.ContainsAny(rest, "<>\"'") {
			t.Errorf("%q becomes %q", text, got)
		}
		if shown := html.UnescapeString(link.ReplaceAllString(got, "$1")); len(shown) > len(text) {
			t.Errorf("%q shows as %q", text, shown)
		}
	})
}

// FuzzAPI sends whole calls to a site of real parts: none may meet a fault, and what comes back has to be of the format that
// was asked for and of a size that follows from the call's.
func FuzzAPI(f *testing.F) {
	for _, s := range []struct{ query, body, cookie, origin string }{
		{"action=query&meta=tokens|userinfo|siteinfo&siprop=*&uiprop=*", "", "", ""},
		{"action=query&list=users|allusers|logevents&ususers=A|\x1f&lelimit=max", "errorformat=html", "", "http://x"},
		{"origin=http://x&errorformat=raw", "action=createaccount&createtoken=%2B%5C&createreturnurl=http://x", "wiki_session=x", "http://x"},
		{"action=login&errorformat=wikitext&uselang=qqx", "lgname=A&lgpassword=b&lgtoken=x", "wikiUserID=1;wikiToken=x", "*"},
		{"maxlag=-2&callback=f&curtimestamp", "action=clientlogin&logincontinue=&logintoken=x&username[]=y", "", ""},
		{"action=paraminfo&modules=query+*&helpformat=html", "", "", ""},
		{"action=help&wrap", "", "", ""},
		{"meta=allmessages&amargs=a|b&amenableparser&titles=A|Special:x|<&indexpageids", "action=query&list=blocks&bkprop=*&bkip=192.0.2.0/24", "", ""},
		{"wrappedhtml&list=blocks&bkshow=ip|!range", "action=query&revids=1|2", "", ""},
	} {
		f.Add(s.query, s.body, s.cookie, s.origin)
	}
	var faults bytes.Buffer
	s := newSite(f, change{api: func(c *Config) { c.Observe = nil; c.Logger = textLogger(&faults) }})
	s.create(f, "Ann")
	f.Fuzz(func(t *testing.T, query, body, cookie, origin string) {
		faults.Reset()
		for _, format := range []string{"json", "jsonfm", "xml", "php"} {
			r := httptest.NewRequest("POST", "/w/api.php", strings.NewReader(body+"&format="+format))
			r.URL.RawQuery = query
			r.Header = http.Header{"Content-Type": {formType}, "Cookie": {cookie}, "Origin": {origin}}
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if strings.Contains(faults.String(), "level=ERROR") {
				t.Fatalf("a fault: %s", faults.String())
			}
			checkAnswer(t, format, len(query)+len(body), w)
		}
	})
}

func checkAnswer(t *testing.T, format string, sent int, w *httptest.ResponseRecorder) {
	t.Helper()
	switch w.Code {
	case http.StatusOK, http.StatusForbidden, http.StatusRequestEntityTooLarge:
	default:
		t.Errorf("status %d", w.Code)
	}
	if w.Body.Len() > 1<<20+64*sent {
		t.Errorf("%d bytes sent, %d answered", sent, w.Body.Len())
	}
	if kind := w.Header().Get("Content-Type"); strings.HasPrefix(kind, "application/json") && !json.Valid(w.Body.Bytes()) {
		t.Errorf("%s is not JSON: %s", format, w.Body)
	}
}
