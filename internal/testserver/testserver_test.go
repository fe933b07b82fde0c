package testserver

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"gatehouse"
)

const testBase = "http://127.0.0.1:8080"

// start makes a test server that stands at testBase for clients of visitor.
func start(t *testing.T, o Options, set ...string) *Server {
	t.Helper()
	if o.Scenario == "" {
		o.Scenario = Plain
	}
	o.Sources.Set = append(o.Sources.Set, set...)
	cfg, err := Settings(o)
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(t.Context(), o, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// visitor is a client program with a cookie jar. It reaches the server without a network.
type visitor struct {
	t      *testing.T
	server *Server
	// base is the space's address, without a slash at the end.
	base string
	jar  http.CookieJar
	// seen gets every answer, headers and all; nil = nobody looks.
	seen io.Writer
}

func newVisitor(t *testing.T, s *Server, base string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t: t, server: s, base: base, jar: jar}
}

// do sends a request and gives status, headers and body. A dropped connection is status 0.
func (v *visitor) do(method, path string, header http.Header, body string) (status int, answer http.Header, text string) {
	v.t.Helper()
	r := httptest.NewRequest(method, v.base+path, strings.NewReader(body))
	r.RemoteAddr = "127.0.0.1:40000"
	for name, values := range header {
		r.Header[name] = values
	}
	for _, c := range v.jar.Cookies(r.URL) {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	func() {
		defer func() {
			if fault := recover(); fault == http.ErrAbortHandler {
				w.Code = 0
			} else if fault != nil {
				panic(fault)
			}
		}()
		v.server.Handler().ServeHTTP(w, r)
	}()
	got := w.Result()
	v.jar.SetCookies(r.URL, got.Cookies())
	if v.seen != nil {
		fmt.Fprintf(v.seen, "%s %s\n%d\n", method, path, w.Code)
		if err := got.Header.Write(v.seen); err != nil {
			v.t.Fatal(err)
		}
		fmt.Fprintf(v.seen, "\n%s\n", w.Body)
	}
	return w.Code, got.Header, w.Body.String()
}

// control makes a call of the control API and decodes the answer.
func (v *visitor) control(method, path, body string, into any) int {
	v.t.Helper()
	status, _, text := v.do(method, "/_test/"+path, http.Header{header: {"1"}}, body)
	if into != nil {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			v.t.Fatalf("%s %s answers %s: %v", method, path, text, err)
		}
	}
	return status
}

// must is a control call that has to work.
func (v *visitor) must(method, path, body string) {
	v.t.Helper()
	var answer json.RawMessage
	if status := v.control(method, path, body, &answer); status != http.StatusOK {
		v.t.Fatalf("%s %s answers %d %s", method, path, status, answer)
	}
}

// answer is what the tests read of api.php.
type answer struct {
	CreateAccount struct{ Status, Username, MessageCode, RedirectTarget string }
	ClientLogin   struct{ Status, MessageCode string }
	Query         struct {
		Tokens   map[string]string
		General  map[string]any
		UserInfo struct{ Name string }
	}
	Error struct{ Code, Info string }
}

func (v *visitor) get(query string) (int, http.Header, answer) {
	v.t.Helper()
	return v.decoded(v.do(http.MethodGet, "/w/api.php?format=json&"+query, nil, ""))
}

func (v *visitor) post(form url.Values) (int, http.Header, answer) {
	v.t.Helper()
	form.Set("format", "json")
	return v.decoded(v.do(http.MethodPost, "/w/api.php", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, form.Encode()))
}

func (v *visitor) decoded(status int, h http.Header, text string) (int, http.Header, answer) {
	v.t.Helper()
	var a answer
	if strings.HasPrefix(h.Get("Content-Type"), "application/json") {
		if err := json.Unmarshal([]byte(text), &a); err != nil {
			v.t.Fatalf("%s: %v", text, err)
		}
	}
	return status, h, a
}

func (v *visitor) token(kind string) string {
	v.t.Helper()
	_, _, a := v.get("action=query&meta=tokens&type=" + kind)
	return a.Query.Tokens[kind+"token"]
}

const goodPassword = "a-long-pass-phrase"

func (v *visitor) creation(name, token string) url.Values {
	return url.Values{
		"action": {"createaccount"}, "username": {name}, "password": {goodPassword}, "retype": {goodPassword},
		"createreturnurl": {"http://localhost/"}, "createtoken": {token},
	}
}

func (v *visitor) create(name string) answer {
	v.t.Helper()
	_, _, a := v.post(v.creation(name, v.token("createaccount")))
	return a
}

func (v *visitor) mustCreate(name string) {
	v.t.Helper()
	if a := v.create(name); a.CreateAccount.Status != "PASS" {
		v.t.Fatalf("creating %s: %+v", name, a)
	}
}

func seed(n uint64) *uint64 { return &n }

// Whatever limits there are, a test server has none of them.
func TestEveryLimitIsOff(t *testing.T) {
	cfg, err := Settings(Options{Scenario: Full})
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []any{cfg.Throttle, cfg.Mail} {
		v := reflect.ValueOf(table)
		for i := range v.NumField() {
			if f := v.Field(i); f.Kind() == reflect.Slice && f.Len() > 0 {
				t.Errorf("%s has a limit", v.Type().Field(i).Name)
			}
		}
	}
	if len(cfg.Captcha.WrongAnswers) > 0 {
		t.Error("wrong answers to captchas have a limit")
	}
}

// Nothing limits a suite: neither accounts, nor attempts, nor questions, nor sign-ins.
func TestNoLimits(t *testing.T) {
	v := newVisitor(t, start(t, Options{}), testBase)
	for i := range 100 {
		v.mustCreate(fmt.Sprint("Member ", i))
	}
	for range 20 {
		_, _, a := v.post(url.Values{
			"action": {"clientlogin"}, "username": {"Member 1"}, "password": {"wrong"}, "loginreturnurl": {"http://localhost/"}, "logintoken": {v.token("login")},
		})
		if a.ClientLogin.MessageCode != "wrongpassword" {
			t.Fatalf("got %+v", a)
		}
	}
}

// Two runs with one seed are alike in every byte, two seeds are not, and spaces do not touch each other.
func TestSeed(t *testing.T) {
	run := func(n uint64, disturb bool) string {
		s := start(t, Options{Seed: seed(n)})
		var seen strings.Builder
		first := newVisitor(t, s, testBase)
		first.must("POST", "spaces", `{"name": "other"}`)
		other := newVisitor(t, s, testBase+"/s/other")
		first.seen = &seen
		for i := range 20 {
			first.mustCreate(fmt.Sprint("Member ", i))
			if disturb {
				other.mustCreate(fmt.Sprint("Stranger ", i))
			}
		}
		first.do("GET", "/wiki/Special:Log/newusers", nil, "")
		first.get("action=query&meta=siteinfo|userinfo&list=logevents|allusers&curtimestamp=1")
		first.must("POST", "reset", "")
		first.create("Member 1")
		return seen.String()
	}
	one := run(1, false)
	if again := run(1, true); again != one {
		t.Errorf("the second run differs:\n%s", difference(one, again))
	}
	if run(2, false) == one {
		t.Error("another seed gives the same run")
	}
	if strings.Contains(one, "FAIL") {
		t.Error("a creation failed")
	}
}

// difference is the first line in which two texts differ.
func difference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return x[i] + "\n" + y[i]
		}
	}
	return "one is longer"
}

// TestRefusals: row 50 of the security checklist. The test mode starts on nothing real, and where others reach it only when told.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		set  []string
		host bool
		want string
	}{
		{[]string{"store.url=sqlite:gatehouse.db"}, false, "leave store.url out"},
		{[]string{"store.url=postgres://gatehouse:hush@db/accounts"}, false, "leave store.url out"},
		{[]string{"keys.file=/etc/gatehouse/master.key"}, false, "leave keys.file out"},
		{[]string{"mail.smtp=smtp://mail.example.org"}, false, "leave mail.smtp out"},
		{[]string{"server.admin_listen=127.0.0.1:9090"}, false, "leave server.admin_listen out"},
		{[]string{"server.listen=0.0.0.0:8080"}, false, "--allow-public"},
		{[]string{"server.listen=:8080"}, false, "--allow-public"},
		{[]string{"server.listen=[::]:8080"}, false, "--allow-public"},
		{[]string{"server.listen=192.0.2.1:8080"}, false, "--allow-public"},
		{[]string{"server.listen=testserver:8080"}, false, "--allow-public"},
		{[]string{"server.listen=0.0.0.0:8080"}, true, ""},
		{[]string{"server.listen=127.0.0.2:8080"}, false, ""},
		{[]string{"server.listen=[::1]:8080"}, false, ""},
		{[]string{"server.listen=localhost:8080"}, false, ""},
		{[]string{"store.url=memory:"}, false, ""},
	} {
		_, err := Settings(Options{Scenario: Plain, AllowPublic: c.host, Sources: gatehouse.LoadOptions{Set: c.set}})
		switch no, refused := err.(Refusal); {
		case c.want == "" && err != nil:
			t.Errorf("%v is refused: %v", c.set, err)
		case c.want != "" && (!refused || !strings.Contains(string(no), c.want)):
			t.Errorf("%v: want a refusal with %q, got %v", c.set, c.want, err)
		case strings.Contains(fmt.Sprint(err), "hush"):
			t.Errorf("%v: the refusal tells the password", c.set)
		}
	}
	if _, err := Settings(Options{Scenario: "hard"}); err == nil {
		t.Error("there is a scenario \"hard\"")
	}
}

func TestHosts(t *testing.T) {
	s := start(t, Options{AllowHosts: []string{"testserver"}})
	for host, want := range map[string]int{
		"127.0.0.1:8080": 200, "localhost": 200, "LOCALHOST.:1": 200, "a.localhost:80": 200, "[::1]:8080": 200, "127.1.2.3": 200,
		"testserver:8080": 200, "TestServer": 200,
		"evil.example": 421, "192.0.2.1:8080": 421, "localhost.evil.example": 421, "": 421, "testserver.evil.example": 421, "[::2]": 421,
	} {
		r := httptest.NewRequest("GET", "/w/api.php?format=json", nil)
		r.Host = host
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%q is answered with %d, want %d: %s", host, w.Code, want, w.Body)
		}
	}
}

// A container's name becomes the address that answers tell.
func TestPublicAddress(t *testing.T) {
	s := start(t, Options{AllowHosts: []string{"testserver"}, AllowPublic: true}, "server.listen=0.0.0.0:8080")
	if s.URL() != "http://testserver:8080" {
		t.Errorf("it stands at %s", s.URL())
	}
}
