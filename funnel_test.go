package gatehouse

import (
	"fmt"
	"html"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gatehouse/internal/store/postgres/postgrestest"
)

// somebody is one of a population: at an address of their own, by page or by program, in one language.
type somebody struct {
	*outside
	n              int
	name, language string
	program        *client
	person         *visitor
}

func (o *outside) somebody(n int, language string, sandbox bool) *somebody {
	jar, _ := cookiejar.New(nil) // it never fails
	address := netipOf(n)
	web := browser(jar)
	web.Transport = population{address, sandbox}
	return &somebody{
		outside: o, n: n, name: fmt.Sprintf("Person %d", n), language: language,
		program: &client{t: o.t, http: web, api: o.url + "/w/api.php"}, person: &visitor{outside: o, b: web},
	}
}

func netipOf(n int) string { return fmt.Sprintf("198.18.%d.%d", n/250, n%250+1) }

// population sends what it is given from an address, and says as the sandbox does that it is the sandbox.
type population struct {
	address string
	sandbox bool
}

func (p population) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("X-Forwarded-For", p.address)
	if p.sandbox {
		r.Header.Set("X-Gatehouse-Via", "sandbox")
	}
	return http.DefaultTransport.RoundTrip(r)
}

// The first steps.

func (s *somebody) looks() { s.person.open(createPage + "?uselang=" + s.language) }

func (s *somebody) asks() string {
	out := s.program.call(false, url.Values{
		"action": {"query"}, "meta": {"authmanagerinfo"}, "amirequestsfor": {"create"}, "uselang": {s.language},
	})
	return captchaOf(out)
}

func captchaOf(v any) string {
	id := regexp.MustCompile(`captchaId:map\[[^\]]*value:(\d+)`).FindStringSubmatch(fmt.Sprint(v))
	if id == nil {
		return ""
	}
	return id[1]
}

// sends fills in the form in view; right says whether the captcha is answered.
func (s *somebody) sends(right bool, more ...string) {
	id := ""
	for _, m := range hiddenField.FindAllStringSubmatch(s.person.body, -1) {
		if m[1] == "captchaId" {
			id = m[2]
		}
	}
	s.person.post(createPage, s.form(id, right, append([]string{"wpName", s.name}, more...)))
}

// submits begins a creation by program.
func (s *somebody) submits(id string, right bool, more ...string) map[string]any {
	f := s.form(id, right, append([]string{
		"action", "createaccount", "username", s.name, "createreturnurl", comesBack, "uselang", s.language, "captchaId", id,
	}, more...))
	if !f.Has("createtoken") {
		f.Set("createtoken", s.program.token("createaccount"))
	}
	a, _ := s.program.call(true, f)["createaccount"].(map[string]any)
	return a
}

func (s *somebody) form(id string, right bool, more []string) url.Values {
	f := url.Values{"captchaWord": {"0"}}
	if right {
		f.Set("captchaWord", s.server.word(s.t, id))
	}
	for i := 0; i < len(more); i += 2 {
		f.Set(more[i], more[i+1])
	}
	if !f.Has("example.net") {
		for name, value := range map[string]string{"password": "Corr3ct-horse", "retype": "Corr3ct-horse"} {
			if !f.Has(name) {
				f.Set(name, value)
			}
		}
	}
	return f
}

// steps answers a step by program.
func (s *somebody) steps(fields ...string) map[string]any {
	return s.program.step("createaccount", "createaccount", append(fields, "uselang", s.language)...)
}

func (s *somebody) must(a map[string]any, status string) map[string]any {
	s.t.Helper()
	if a["status"] != status {
		s.t.Fatalf("%s: %v, want %s", s.name, a, status)
	}
	return a
}

func (s *somebody) who() url.Values { return url.Values{"subject": {s.name}} }

// way is what some people do alike: how many they are, what each does, and the steps that each is counted at.
type way struct {
	what    string
	people  int
	client  string // the kind that they are counted as
	does    func(*somebody)
	reaches []string // steps; with a colon before it, the code of a refusal
}

// population1000 are a thousand people, most of whom do not get an account.
func population1000() []way {
	return []way{
		{"look at the form", 170, "page", (*somebody).looks, []string{"shown"}},
		{"come from a blocked range", 10, "page", (*somebody).looks, []string{"closed"}},
		{"ask what is needed", 150, "api", func(s *somebody) { s.asks() }, []string{"shown"}},
		{"fail the captcha", 90, "page", func(s *somebody) {
			s.looks()
			s.sends(false)
		}, []string{"shown", "submitted", ":captcha-createaccount-fail"}},
		{"fail the captcha by program", 80, "api", func(s *somebody) {
			s.must(s.submits(s.asks(), false), "FAIL")
		}, []string{"shown", "submitted", ":captcha-createaccount-fail"}},
		{"want a name that is taken", 40, "api", func(s *somebody) {
			s.must(s.submits(s.asks(), true, "username", "Boss"), "FAIL")
		}, []string{"shown", "submitted", ":userexists"}},
		{"leave the name out", 30, "page", func(s *somebody) {
			s.looks()
			s.sends(true, "wpName", "")
		}, []string{"shown", "submitted", ":emptyfield"}},
		{"have an old token", 20, "api", func(s *somebody) {
			s.submits(s.asks(), true, "createtoken", "old")
		}, []string{"shown", "submitted", ":badtoken"}},
		{"leave at the other site, by program", 60, "api", func(s *somebody) {
			s.must(s.submits(s.asks(), true, "example.net", "1"), "REDIRECT")
		}, []string{"shown", "submitted", "captcha", "away"}},
		{"leave at the other site", 40, "page", func(s *somebody) {
			s.looks()
			s.sends(true, "example.net", "1")
		}, []string{"shown", "submitted", "captcha", "away"}},
		{"come back from there and skip", 30, "api", func(s *somebody) {
			begun := s.must(s.submits(s.asks(), true, "example.net", "1"), "REDIRECT")
			got := s.arrive(s.program.http, s.signIn(s.program.http, begun, s.who()))
			s.must(s.steps("code", got.Get("code"), "state", got.Get("state")), "UI")
			s.must(s.steps("skip2FASetup", "1"), "PASS")
		}, []string{"shown", "submitted", "captcha", "away", "returned", "made", "offered", "skipped", "done"}},
		{"skip the second factor", 120, "page", func(s *somebody) {
			s.looks()
			s.sends(true)
			s.person.post(createPage, url.Values{"skip2FASetup": {"1"}})
		}, []string{"shown", "submitted", "captcha", "made", "offered", "skipped", "done"}},
		{"set it up", 60, "api", func(s *somebody) {
			secret := setupOf(s.t, s.submits(s.asks(), true))["secret"].(string)
			s.must(s.steps("code", appCode(s.t, secret, 0)), "PASS")
		}, []string{"shown", "submitted", "captcha", "made", "offered", "factor", "done"}},
		{"leave at the second factor", 60, "api", func(s *somebody) {
			s.must(s.submits(s.asks(), true), "UI")
		}, []string{"shown", "submitted", "captcha", "made", "offered"}},
		{"try the sandbox", 30, "sandbox", func(s *somebody) {
			s.must(s.submits(s.asks(), true), "UI")
			s.must(s.steps("skip2FASetup", "1"), "PASS")
		}, []string{"shown", "submitted", "captcha", "made", "offered", "skipped", "done"}},
		{"fail the captcha once", 10, "page", func(s *somebody) {
			s.looks()
			s.sends(false)
			s.sends(true)
			s.person.post(createPage, url.Values{"skip2FASetup": {"1"}})
		}, []string{"shown", "submitted", ":captcha-createaccount-fail", "submitted", "captcha", "made", "offered", "skipped", "done"}},
	}
}

// populationLanguages are read in turn.
var populationLanguages = []string{"en", "es", "ar", "nan"}

// TestFunnelOfAThousand: a thousand people with known drop-offs are what /metrics and the operators' page tell, exactly; those
// who only look write nothing; and the page tells the same of a server that was started again.
func TestFunnelOfAThousand(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) { testFunnelOfAThousand(t, nil) })
	t.Run("PostgreSQL", func(t *testing.T) {
		address := postgrestest.URL(t)
		testFunnelOfAThousand(t, func(c *Config) { c.Store.URL = SecretURL(address) })
	})
}

func testFunnelOfAThousand(t *testing.T, set func(*Config)) {
	o := newOutside(t, func(c *Config) {
		c.Captcha.Kind, c.TOTP.AtCreation = "image", "optional"
		c.Server.TrustedProxies = []string{"127.0.0.0/8", "::1/128"}
		c.Throttle.Checks = nil
		if set != nil {
			set(c)
		}
	}, "example.net")
	op := openOperator(t, o.cfg)
	if _, err := op.CreateAccount(t.Context(), NewAccount{Name: "Boss", Password: "Corr3ct-horse", Groups: []string{"sysop"}}); err != nil {
		t.Fatal(err)
	}
	ways, part := population1000(), 1
	if testing.Short() {
		part = 10
	}
	want, n := map[string]int64{}, 0
	for i, w := range ways {
		if i == 1 { // all before only looked
			o.wroteNothing(func() { o.lookers(w, &n, part, want, op) })
			continue
		}
		run := func() { o.people(w, &n, part, want) }
		if i == 0 || i == 2 {
			o.wroteNothing(run)
			continue
		}
		run()
	}
	t.Logf("%d people", n)
	compare(t, "/metrics", o.funnelMetrics(), want)
	o.comparePage(want)
	o.server.writeFunnel(t.Context(), false)
	o.start()
	if got := o.funnelMetrics(); len(got) != 0 {
		t.Errorf("a server that was just started tells %v", got)
	}
	o.comparePage(want)
}

// people send a way's people along it, and add to want what they are to be counted as.
func (o *outside) people(w way, n *int, part int, want map[string]int64) {
	for i := range w.people / part {
		*n++
		language := populationLanguages[i%len(populationLanguages)]
		w.does(o.somebody(*n, language, w.client == "sandbox"))
		for _, step := range w.reaches {
			want[step+" "+w.client+" "+language]++
		}
	}
}

// lookers are people whose range is blocked.
func (o *outside) lookers(w way, n *int, part int, want map[string]int64, op *Operator) {
	before := *n
	*n = 900 // their addresses, which nobody else has
	if _, err := op.Block(o.t.Context(), "198.18.3.0/24", BlockOptions{PreventCreate: true}); err != nil {
		o.t.Fatal(err)
	}
	o.people(w, n, max(part/10, 1), want)
	if _, err := op.Unblock(o.t.Context(), "198.18.3.0/24"); err != nil {
		o.t.Fatal(err)
	}
	*n += before - 900
}

// wroteNothing wants that what is done makes this server write nothing, not even when it keeps the figures.
func (o *outside) wroteNothing(do func()) {
	o.t.Helper()
	before := o.server.Writes()
	do()
	o.server.writeFunnel(o.t.Context(), false)
	if got := o.server.Writes() - before; got != 0 {
		o.t.Errorf("who only looks made the server write %d times", got)
	}
}

var funnelLine = regexp.MustCompile(`(?m)^gatehouse_funnel_(steps|refusals)_total\{client="([a-z]+)",(?:code="([^"]+)",)?language="([a-z-]+)"(?:,step="([a-z]+)")?\} (\d+)$`)

// funnelMetrics are the figures of /metrics, as want has them.
func (o *outside) funnelMetrics() map[string]int64 {
	w := httptest.NewRecorder()
	o.server.adminHandler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	out := map[string]int64{}
	for _, m := range funnelLine.FindAllStringSubmatch(w.Body.String(), -1) {
		what := m[5]
		if m[1] == "refusals" {
			what = ":" + m[3]
		}
		count, _ := strconv.ParseInt(m[6], 10, 64)
		out[what+" "+m[2]+" "+m[4]] = count
	}
	return out
}

func compare(t *testing.T, where string, got, want map[string]int64) {
	t.Helper()
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if got[key] != want[key] {
			t.Errorf("%s: %s is %d, want %d", where, key, got[key], want[key])
		}
	}
	for key, n := range got {
		if _, ok := want[key]; !ok {
			t.Errorf("%s: %s is %d, want none", where, key, n)
		}
	}
}

// labelsOfSteps are the steps as the page names them in English.
var labelsOfSteps = map[string]string{
	"closed": "Turned away without a form", "shown": "Form shown", "submitted": "Form sent in", "captcha": "Captcha passed",
	"away": "Sent to another site", "returned": "Back from there", "made": "Account made", "offered": "Second factor offered",
	"factor": "Second factor set up", "skipped": "Second factor skipped", "done": "Finished",
}

// comparePage wants the figures on the page: of all, of each language, and of each kind of client.
func (o *outside) comparePage(want map[string]int64) {
	o.t.Helper()
	boss := o.client()
	if got := boss.signIn("Boss", "Corr3ct-horse"); got != "PASS" {
		o.t.Fatalf("the operator: %s", got)
	}
	filters := map[string]func(client, language string) bool{"": func(string, string) bool { return true }}
	for _, l := range populationLanguages {
		filters["&language="+l] = func(_, language string) bool { return language == l }
	}
	for _, c := range []string{"page", "api", "sandbox", "account"} {
		filters["&client="+c] = func(client, _ string) bool { return client == c }
	}
	for query, fits := range filters {
		sums, refused := map[string]int64{}, int64(0)
		for key, n := range want {
			part := strings.Split(key, " ")
			if !fits(part[1], part[2]) {
				continue
			}
			if code, is := strings.CutPrefix(part[0], ":"); is {
				sums["<code>"+code+"</code>"] += n
				refused += n
				continue
			}
			sums[labelsOfSteps[part[0]]] += n
		}
		for _, label := range labelsOfSteps {
			sums[label] += 0
		}
		sums["Refused"] = refused
		compare(o.t, "the page "+query, figuresOn(boss.see("/wiki/Special:Funnel?period=1d"+query)), sums)
	}
}

var figureRow = regexp.MustCompile(`<tr><th scope="row">([^\n]*?)</th><td>([\d,]+)</td>(?:<td>[^<]*</td>)?</tr>`)

func figuresOn(page string) map[string]int64 {
	out := map[string]int64{}
	for _, m := range figureRow.FindAllStringSubmatch(page, -1) {
		n, _ := strconv.ParseInt(strings.ReplaceAll(m[2], ",", ""), 10, 64)
		out[html.UnescapeString(m[1])] = n
	}
	return out
}

// see opens a page with the program's cookies.
func (c *client) see(path string) string {
	c.t.Helper()
	resp := c.fetch(path)
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		c.t.Errorf("%s: %s", path, resp.Status)
	}
	return string(body)
}
