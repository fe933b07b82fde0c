package special

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
)

func TestCreateSignOutSignIn(t *testing.T) {
	s := newTestSite(t, change{})
	b := s.browser(t)
	b.create("zane").leadsTo(t, createPath+"/done")
	b.get(createPath+"/done").want(t, 200, "Your account is ready", "<strong>Zane</strong>")

	b.post(logoutPath, b.get(logoutPath).want(t, 200, "Zane").form()).leadsTo(t, logoutPath)
	b.get(logoutPath).want(t, 200, "You are signed out")

	b.post(loginPath, b.get(loginPath).form("wpName", "Zane", "wpPassword", "three plain words")).leadsTo(t, "/")
	b.get("/").want(t, 200, "<strong>Zane</strong>")
	b.get(loginPath).want(t, 200, "You are signed in")
}

// The fields' names are those of the reference's form; the wire's own names do as well.
func TestCreateWithTheWiresNames(t *testing.T) {
	s := newTestSite(t, change{})
	b := s.browser(t)
	form := b.get(createPath).form("username", "Zane", "password", "three plain words", "retype", "three plain words")
	b.post(createPath, form).leadsTo(t, createPath+"/done")
}

func TestAfterCreation(t *testing.T) {
	s := newTestSite(t, change{})
	app := "/w/index.php?title=Special:CreateAccount&returnto=Main+Page&returntoquery=welcome%3Dyes"
	b := s.browser(t)
	form := b.get(app).want(t, 200).form("wpName", "Zane", "wpPassword", "three plain words", "retype", "three plain words")
	b.post(createPath, form).leadsTo(t, "/w/index.php?title=Main_Page&welcome=yes")
	b.get("/w/index.php?title=Main_Page&welcome=yes").want(t, 200, "<strong>Zane</strong>")

	hostile := s.browser(t)
	form.Set("returnto", "//evil.example")
	form.Set("wpName", "Zoe")
	form.Set("wpCreateaccountToken", hostile.get(createPath).form().Get("wpCreateaccountToken"))
	hostile.post(createPath, form).leadsTo(t, createPath+"/done")
}

// Who is signed in stays who they were.
func TestCreateForSomebodyElse(t *testing.T) {
	s := newTestSite(t, change{})
	b := s.browser(t)
	b.create("Organizer")
	b.get(createPath).want(t, 200, `name="reason"`, "Organizer")
	done := b.create("Guest", "reason", "Course").leadsTo(t, createPath+"/done?account=Guest").Header.Get("Location")
	b.get(done).want(t, 200, "The account is ready", "<strong>Guest</strong>", "still signed in as Organizer")
	b.get("/").want(t, 200, "<strong>Organizer</strong>")
	if e := s.store.log[1]; e.Action != auth.LogCreate2 || e.Performer != "Organizer" || e.Comment != "Course" {
		t.Errorf("logged %+v", e)
	}
}

// The page after a creation speaks of nothing but what its reader made.
func TestDoneCannotBeForged(t *testing.T) {
	s := newTestSite(t, change{})
	s.browser(t).create("Zane")
	stranger, other := s.browser(t), s.browser(t)
	other.create("Zoe")
	stranger.get(createPath+"/done").leadsTo(t, createPath)
	stranger.get(createPath+"/done?account=Zane").leadsTo(t, createPath)
	other.get(createPath+"/done?account=Zane").leadsTo(t, createPath)
	other.get(createPath+"/done?account=Nobody").leadsTo(t, createPath)
}

func TestRefusals(t *testing.T) {
	s := newTestSite(t, change{})
	s.browser(t).create("Zane")
	b := s.browser(t)
	const good = "three plain words"
	for _, c := range []struct {
		about  string
		fields []string
		want   []string
	}{
		{"nothing", nil, []string{"There are 2 problems", `href="#wpName"`, `href="#wpPassword"`, "Please type a user name."}},
		{"no password", []string{"wpName", "Zoe"}, []string{"There is a problem", `value="Zoe"`, `href="#wpPassword"`}},
		{"no repetition", []string{"wpName", "Zoe", "wpPassword", good}, []string{`href="#retype"`, "type the password again"}},
		{"taken", []string{"wpName", "zane", "wpPassword", good, "retype", good, "email", "z@example.org", "realname", "Z. Ane"},
			[]string{"This name is taken", `href="#wpName"`, `value="z@example.org"`, `value="Z. Ane"`,
				`name="wpSuggestion" value="Zane 2"`}},
		{"no name", []string{"wpName", "a@b", "wpPassword", good, "retype", good}, []string{`href="#wpName"`, `value="a@b"`}},
		{"two faults", []string{"wpName", "Zoe", "wpPassword", "short", "retype", "short"},
			[]string{"There are 2 problems", "too short", "easy to guess", `aria-describedby="wpPassword-help wpPassword-problem"`}},
		{"differing", []string{"wpName", "zoe_b", "wpPassword", good, "retype", "x"},
			[]string{`href="#retype"`, "Your name will be: Zoe b"}},
		{"address", []string{"wpName", "Zoe", "wpPassword", good, "retype", good, "email", "nowhere"}, []string{`href="#email"`}},
	} {
		p := b.post(createPath, b.get(createPath).form(c.fields...)).want(t, 200, append(c.want, "<title>Error: ")...)
		if strings.Contains(p.body, good) || strings.Contains(p.body, "short\"") {
			t.Errorf("%s: the page shows a password", c.about)
		}
	}
	if len(s.store.accounts) != 1 {
		t.Errorf("there are accounts %+v", s.store.accounts)
	}
}

func TestSuggestionFillsTheName(t *testing.T) {
	s := newTestSite(t, change{})
	b := s.browser(t)
	form := b.get(createPath).form("wpName", "Zane", "email", "z@example.org", "wpSuggestion", "Zane 4")
	p := b.post(createPath, form).want(t, 200, `value="Zane 4"`, `value="z@example.org"`)
	if strings.Contains(p.body, "Error:") || len(s.store.accounts) != 0 {
		t.Error("a suggestion is not a submission")
	}
}

func TestFormsNeedTheirToken(t *testing.T) {
	s := newTestSite(t, change{})
	mine, theirs := s.browser(t), s.browser(t)
	good := func(token string) url.Values {
		return url.Values{
			"wpName": {"Zane"}, "wpPassword": {"three plain words"}, "retype": {"three plain words"},
			"authAction": {"create"}, "wpCreateaccountToken": {token},
		}
	}
	foreign := theirs.get(createPath).form().Get("wpCreateaccountToken")
	other := mine.get(loginPath).form().Get("wpLoginToken")
	own := mine.get(createPath).form().Get("wpCreateaccountToken")
	for about, token := range map[string]string{"none": "", "foreign": foreign, "of another type": other, "nobody's": `+\`} {
		p := mine.post(createPath, good(token)).want(t, 200, "open for too long", `value="Zane"`)
		if len(s.store.accounts) != 0 {
			t.Fatalf("%s: an account was made: %s", about, p.body)
		}
	}
	// In the address it does not count.
	mine.post(createPath+"?wpCreateaccountToken="+url.QueryEscape(own), good("")).want(t, 200, "open for too long")
	mine.post(createPath, good(own)).leadsTo(t, createPath+"/done")
	// The token of before the sign-in is dead.
	again := good(own)
	again.Set("wpName", "Zoe")
	mine.post(createPath, again).want(t, 200, "open for too long")
}

// Fields in the address are not read from there, but for showing them in an empty form.
func TestOnlyTheBodyCounts(t *testing.T) {
	s := newTestSite(t, change{})
	b := s.browser(t)
	p := b.get(createPath+"?wpName=Zane&wpPassword=three+plain+words&retype=three+plain+words").want(t, 200, `value="Zane"`)
	if strings.Contains(p.body, "three") {
		t.Error("a password from the address stands in the page")
	}
	b.post(createPath+"?wpName=Zane&wpPassword=three+plain+words&retype=three+plain+words", p.form()).
		want(t, 200, "There are 2 problems")
}

// Fields that the form does not have change nothing.
func TestUnknownFields(t *testing.T) {
	s := newTestSite(t, change{})
	s.browser(t).create("Zane", "groups", "sysop", "id", "77", "user_id", "77", "reason", "smuggled",
		"emailconfirmed", "1", "creator", "Zoe", "captchaId", "1")
	a, e := s.store.accounts[0], s.store.log[0]
	if a.ID != 1 || len(a.Groups) != 0 || !a.EmailConfirmed.IsZero() || e.Comment != "" || e.PerformerID != 1 {
		t.Errorf("made %+v, logged %+v", a, e)
	}
}

func TestFormsOfOtherSites(t *testing.T) {
	s := newTestSite(t, change{})
	for _, c := range []struct {
		header, value string
		taken         bool
	}{
		{"Sec-Fetch-Site", "cross-site", false}, {"Sec-Fetch-Site", "same-site", false},
		{"Sec-Fetch-Site", "same-origin", true}, {"Sec-Fetch-Site", "none", true},
		{"Origin", "https://evil.example", false}, {"Origin", s.URL, true},
		{"Origin", "null", true}, // what browsers say on plain http, because our pages send no referrer
	} {
		b := s.browser(t)
		form := b.get(createPath).form("wpName", "Zane", "wpPassword", "x", "retype", "y")
		r, err := http.NewRequest(http.MethodPost, s.URL+createPath, strings.NewReader(form.Encode()))
		check(t, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set(c.header, c.value)
		p := b.do(r, nil)
		if taken := p.StatusCode != http.StatusForbidden; taken != c.taken {
			t.Errorf("%s: %s: status %d", c.header, c.value, p.StatusCode)
		}
		if !c.taken && !strings.Contains(p.body, "Another site sent this form") {
			t.Errorf("%s: %s: not explained", c.header, c.value)
		}
	}
}

func TestWhoMayNotCreate(t *testing.T) {
	closed := auth.DefaultGroups()
	closed[auth.GroupEverybody] = auth.Group{Grant: []auth.Right{auth.RightRead}}
	for about, c := range map[string]struct {
		set  func(*testSite, *auth.Config)
		want []string
	}{
		"read-only": {func(_ *testSite, c *auth.Config) { c.ReadOnly = "We are moving." }, []string{"We are moving."}},
		"no right":  {func(_ *testSite, c *auth.Config) { c.Groups = closed }, []string{"Administrators"}},
		"blocked": {func(s *testSite, _ *auth.Config) {
			s.store.blocks = []auth.Block{{ID: 7, By: "Zoe", Reason: "vandalism", PreventCreate: true, Created: time.Unix(1, 0)}}
		}, []string{"vandalism", "Zoe", "192.0.2.7"}},
	} {
		var s *testSite
		s = newTestSite(t, change{auth: func(a *auth.Config) { c.set(s, a) }, before: func(made *testSite) { s = made }})
		b := s.browser(t)
		for _, p := range []seen{b.get(createPath), b.post(createPath, url.Values{"wpName": {"Zane"}})} {
			p.want(t, http.StatusForbidden, append(c.want, "You cannot create an account here")...)
			if strings.Contains(p.body, `name="wpName"`) {
				t.Errorf("%s: there is a form all the same", about)
			}
		}
	}
}

func TestOverload(t *testing.T) {
	s := newTestSite(t, change{})
	s.passwords.busy = &auth.OverloadError{RetryAfter: 1500 * time.Millisecond}
	p := s.browser(t).create("Zane", "email", "z@example.org").
		want(t, http.StatusServiceUnavailable, "Error:", "try again in 2 seconds", `value="Zane"`, `value="z@example.org"`)
	if got := p.Header.Get("Retry-After"); got != "2" {
		t.Errorf("Retry-After: %q", got)
	}
}

func TestFaultsShowAReferenceAlone(t *testing.T) {
	s := newTestSite(t, change{})
	b := s.browser(t)
	form := b.get(createPath).form("wpName", "Zane", "wpPassword", "three plain words", "retype", "three plain words")
	s.store.broken = errors.New("disk on fire")
	for _, p := range []seen{b.post(createPath, form), b.get("/wiki/Special:Log")} {
		p.want(t, http.StatusInternalServerError, "Something went wrong", "<code>")
		if strings.Contains(p.body, "fire") {
			t.Error("the page tells what broke inside")
		}
	}
}

func TestLargeForms(t *testing.T) {
	s := newTestSite(t, change{})
	b := s.browser(t)
	form := b.get(createPath).form("wpName", strings.Repeat("x", maxFormBytes))
	b.post(createPath, form).want(t, http.StatusRequestEntityTooLarge, "too large")
	many := url.Values{}
	for i := range maxFormFields + 1 {
		many.Set(fmt.Sprint(i), "")
	}
	b.post(createPath, many).want(t, http.StatusRequestEntityTooLarge, "too large")
	delete(many, "0")
	b.post(createPath, many).want(t, 200)
}

// Names and texts full of markup come out as text.
func TestEscaping(t *testing.T) {
	s := newTestSite(t, change{})
	b := s.browser(t)
	const evil = `'''Bold''' "x" 'y' & Sons ''`
	b.create(evil).leadsTo(t, createPath+"/done")
	made := s.store.accounts[0].Name
	marked := `<script>alert(1)</script>[https://evil.example x]{{PLURAL:1|a|b}}$1`
	b.create("Guest", "reason", marked)
	b.create("Guest", "reason", marked, "email", `"><b>`)
	for _, path := range []string{
		"/", createPath, createPath + "/done", createPath + "/done?account=Guest", logoutPath, loginPath,
		"/wiki/Special:Log", "/wiki/Special:Log?user=" + url.QueryEscape(string(made)),
		"/wiki/Special:Log?page=" + url.QueryEscape(marked), createPath + "?wpName=" + url.QueryEscape(marked),
		createPath + "?uselang=" + url.QueryEscape(`"><script>alert(1)</script>`) + "&returnto=" + url.QueryEscape(`"><b>`),
		"/wiki/" + url.PathEscape(`"><b>`),
	} {
		p := b.get(path)
		for _, bad := range []string{"<b>", "<script>alert", `<a href="https://evil`, `'''`} {
			if strings.Contains(p.body, bad) {
				t.Errorf("%s: %q in\n%s", path, bad, p.body)
			}
		}
	}
	b.get("/").want(t, 200, "<strong>"+htmlText(string(made))+"</strong>")
}

func htmlText(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;").Replace(s)
}
