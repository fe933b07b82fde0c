package captcha

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/authtest"
	"gatehouse/internal/captcha"
	"gatehouse/internal/message"
	"gatehouse/internal/store"
	limits "gatehouse/internal/throttle"
	"gatehouse/internal/username"
)

// desk takes the answer "right", and writes down what it is asked.
type desk struct {
	mu             sync.Mutex // Ask is called by many at once
	asked          []captcha.Asker
	judged, probed int
	fail           error
}

func (d *desk) Ask(ctx context.Context, who captcha.Asker) (auth.Request, error) {
	d.mu.Lock()
	d.asked = append(d.asked, who)
	d.mu.Unlock()
	c := captcha.Challenge{ID: "12", Purpose: who.Purpose}
	s := captcha.Shape{Type: "simple", MIME: "text/plain", Prompts: map[captcha.Purpose]message.Key{
		captcha.Creation: "captcha-createaccount", captcha.Login: "captcha-badlogin",
	}}
	return s.Request(c, "1+1 ="), errors.Join(d.fail, ctx.Err())
}

func (d *desk) verdict(a captcha.Attempt) (captcha.Verdict, error) {
	switch a.Word {
	case "away":
		return captcha.Verdict{Fault: "http"}, d.fail
	case "expired":
		return captcha.Verdict{Reason: message.New("own-reason")}, d.fail
	}
	return captcha.Verdict{Right: a.Word == "right" && a.ID == "12"}, d.fail
}

func (d *desk) KindOf(context.Context, captcha.Attempt) (string, error) { return "math", d.fail }

func (d *desk) Judge(_ context.Context, a captcha.Attempt) (captcha.Verdict, error) {
	d.judged++
	return d.verdict(a)
}

func (d *desk) Probe(_ context.Context, a captcha.Attempt) (captcha.Verdict, error) {
	d.probed++
	return d.verdict(a)
}

type house struct {
	t    *testing.T
	desk *desk
	now  time.Time
	*Provider
}

const passRequest auth.RequestID = "EventPass"

func newHouse(t *testing.T, change func(*Config)) *house {
	t.Helper()
	h := &house{t: t, desk: &desk{}, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "gatehouse.db"), store.Options{
		Migrate: true, Clock: func() time.Time { return h.now },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	c := Config{
		Desk: h.desk, Store: s, Creations: true, Logins: true,
		FailedLogins:       limits.Rules{{Count: 3, Per: 5 * time.Minute}, {Count: 8, Per: time.Hour}},
		FailedLoginsOfName: limits.Rules{{Count: 6, Per: 10 * time.Minute}},
		WrongAnswers:       limits.Rules{{Count: 4, Per: time.Minute}},
		Pass:               passRequest,
		Exempt:             []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("2001:db8::/32")},
		Names:              username.NewRules(username.Options{}), Allows: auth.DefaultGroups().Allows,
	}
	if change != nil {
		change(&c)
	}
	if h.Provider, err = New(c); err != nil {
		t.Fatal(err)
	}
	return h
}

func TestProvider(t *testing.T) {
	authtest.Run(t, authtest.Case{
		New:        func(t *testing.T) auth.Provider { return newHouse(t, nil).Provider },
		Submission: map[string]string{"captchaId": "12", "captchaWord": "right"},
	})
}

func visitor(addr string) auth.Creator { return auth.Creator{Addr: netip.MustParseAddr(addr)} }

func member(groups ...string) auth.Creator {
	c := visitor("192.0.2.1")
	c.Account = auth.Account{ID: 5, Name: "Norm", Groups: groups}
	return c
}

func (h *house) offers(action auth.Action, who auth.Creator) bool {
	h.t.Helper()
	rs, err := h.Requests(h.t.Context(), auth.Options{Action: action, Creator: who, Visitor: func() auth.FlowID { return "jar" }})
	if err != nil {
		h.t.Fatal(err)
	}
	return len(rs) == 1
}

func answers(name, word string) auth.Answers {
	as := auth.Answers{{ID: "p", Values: map[string]string{"username": name}}}
	if word != "" {
		as = append(as, auth.Answer{ID: captcha.RequestID, Values: map[string]string{"captchaId": "12", "captchaWord": word}})
	}
	return as
}

func told(t *testing.T, c auth.Check, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	out := ""
	for _, m := range c.Findings {
		out += string(m.Key)
		for _, p := range m.Params {
			out += " " + p.Text
		}
	}
	return out
}

func (h *house) create(who auth.Creator, word string) string {
	h.t.Helper()
	check, err := h.TestForCreation(h.t.Context(), &auth.Creation{Creator: who, Visitor: "jar", Answers: answers("Zane", word)})
	return told(h.t, check, err)
}

// Who is asked, and who is not.
func TestWhoIsAsked(t *testing.T) {
	confirmed := member()
	confirmed.Account.EmailConfirmed = time.Unix(1, 0)
	for _, row := range []struct {
		what   string
		change func(*Config)
		who    auth.Creator
		asked  bool
	}{
		{"a visitor", nil, visitor("192.0.2.1"), true},
		{"a visitor by IPv6", nil, visitor("2001:db9::1"), true},
		{"an exempt address", nil, visitor("198.51.100.7"), false},
		{"the address behind it", nil, visitor("198.51.101.0"), true},
		{"an exempt IPv6 address", nil, visitor("2001:db8::7"), false},
		{"an exempt address, wrapped", nil, visitor("::ffff:198.51.100.7"), false},
		{"a member", nil, member(), true},
		{"a bot", nil, member("bot"), false},
		{"a sysop", nil, member("sysop"), false},
		{"a bureaucrat", nil, member("bureaucrat"), true},
		{"a confirmed member", nil, confirmed, true},
		{"a confirmed member where that is enough", func(c *Config) { c.SkipConfirmed = true }, confirmed, false},
		{"another member there", func(c *Config) { c.SkipConfirmed = true }, member(), true},
		{"a visitor where sign-ins alone are guarded", func(c *Config) { c.Creations = false }, visitor("192.0.2.1"), false},
	} {
		h := newHouse(t, row.change)
		if got := h.offers(auth.ActionCreate, row.who); got != row.asked {
			t.Errorf("%s: asked %t", row.what, got)
		}
		want := ""
		if row.asked {
			want = "captcha-createaccount-fail"
		}
		if got := h.create(row.who, ""); got != want {
			t.Errorf("%s: told %q", row.what, got)
		}
		if got := h.create(row.who, "right"); got != "" {
			t.Errorf("%s: told %q of the right answer", row.what, got)
		}
	}
}

func TestWhatIsTold(t *testing.T) {
	h := newHouse(t, nil)
	for word, want := range map[string]string{
		"right": "", "wrong": "captcha-createaccount-fail", "": "captcha-createaccount-fail", "away": "captcha-error http",
		"expired": "own-reason",
	} {
		if got := h.create(visitor("192.0.2.1"), word); got != want {
			t.Errorf("%q: %q", word, got)
		}
	}
	h.offers(auth.ActionCreate, visitor("192.0.2.1"))
	if got := h.desk.asked[0]; got.Purpose != captcha.Creation || got.Visitor != "jar" {
		t.Errorf("asked %+v", got)
	}
	h.desk.fail = errors.New("the store is away")
	if _, err := h.TestForCreation(t.Context(), &auth.Creation{Creator: visitor("192.0.2.9"), Answers: answers("Z", "right")}); err == nil {
		t.Error("a fault is a verdict")
	}
}

// A pass that holds is enough; one that was not looked at yet keeps the captcha from being told first.
func TestEventPass(t *testing.T) {
	h := newHouse(t, nil)
	c := &auth.Creation{Creator: visitor("192.0.2.1"), Subject: auth.Subject{Pass: 3}}
	if check, err := h.TestForCreation(t.Context(), c); told(t, check, err) != "" {
		t.Error("a pass is not enough")
	}
	for pass, want := range map[string]string{"code": "", "": "captcha-createaccount-fail"} {
		c := &auth.Creation{Creator: visitor("192.0.2.1"), Answers: auth.Answers{{ID: passRequest, Values: map[string]string{"eventpass": pass}}}}
		if check, err := h.TestRefused(t.Context(), c); told(t, check, err) != want {
			t.Errorf("pass %q: %v", pass, check)
		}
	}
}

func TestRefusedElsewhere(t *testing.T) {
	h := newHouse(t, nil)
	for word, want := range map[string]string{"right": "", "wrong": "captcha-createaccount-fail", "": "captcha-createaccount-fail"} {
		c := &auth.Creation{Creator: visitor("192.0.2.1"), Answers: answers("Zane", word)}
		if check, err := h.TestRefused(t.Context(), c); told(t, check, err) != want {
			t.Errorf("%q: %v", word, check)
		}
	}
	if h.desk.judged != 0 || h.desk.probed != 3 {
		t.Errorf("judged %d, probed %d", h.desk.judged, h.desk.probed)
	}
	check, err := h.TestRefused(t.Context(), &auth.Creation{Creator: visitor("198.51.100.1"), Answers: answers("Zane", "")})
	if told(t, check, err) != "" {
		t.Error("who is not asked is refused")
	}
}

// The limit on wrong answers, from both sides: at the limit not even the right one counts, and none is spent.
func TestWrongAnswers(t *testing.T) {
	h := newHouse(t, nil)
	who := visitor("192.0.2.1")
	for range 4 {
		h.create(who, "wrong")
		h.create(who, "") // no answer is no wrong answer
	}
	judged := h.desk.judged
	if got := h.create(who, "right"); got != "captcha-createaccount-fail" || h.desk.judged != judged {
		t.Errorf("after four wrong answers: %q", got)
	}
	if got := h.create(visitor("192.0.2.2"), "right"); got != "" {
		t.Errorf("another address: %q", got)
	}
	h.now = h.now.Add(time.Minute)
	if got := h.create(who, "right"); got != "" {
		t.Errorf("a minute later: %q", got)
	}
	norm := member()
	for range 8 {
		if got := h.create(norm, "right"); got != "" {
			t.Fatalf("a member before twice as many: %q", got)
		}
		h.create(norm, "wrong")
	}
	if got := h.create(norm, "right"); got == "" {
		t.Error("members may be wrong for ever")
	}
}

func (h *house) login(addr, name, word string, status auth.Status) string {
	h.t.Helper()
	l := &auth.Login{Creator: visitor(addr), Visitor: "jar", Answers: answers(name, word)}
	check, err := h.TestForLogin(h.t.Context(), l)
	got := told(h.t, check, err)
	r := auth.Response{Status: status, Account: auth.Account{ID: 3, Name: auth.Name(name)}}
	if got != "" {
		r.Status = auth.Fail
	}
	h.LoginEnded(h.t.Context(), l, r)
	return got
}

// Three failed sign-ins from an address and it is asked, until the window ends; signing in does not change that.
func TestFailedSignInsOfAnAddress(t *testing.T) {
	h := newHouse(t, nil)
	const addr = "192.0.2.1"
	for i := range 3 {
		if h.offers(auth.ActionLogin, visitor(addr)) {
			t.Errorf("asked after %d", i)
		}
		if got := h.login(addr, fmt.Sprint("Name ", i), "", auth.Fail); got != "" {
			t.Errorf("sign-in %d: %q", i+1, got)
		}
	}
	if !h.offers(auth.ActionLogin, visitor(addr)) || h.offers(auth.ActionLogin, visitor("192.0.2.2")) {
		t.Error("not asked, or another address is")
	}
	if got := h.desk.asked[len(h.desk.asked)-1].Purpose; got != captcha.Login {
		t.Errorf("asked for %v", got)
	}
	if got := h.login(addr, "Norm", "", auth.Pass); got != "wrongpassword" {
		t.Errorf("without an answer: %q", got)
	}
	if got := h.login(addr, "Norm", "wrong", auth.Pass); got != "wrongpassword" {
		t.Errorf("with a wrong answer: %q", got)
	}
	if got := h.login(addr, "Norm", "away", auth.Pass); got != "captcha-error http" {
		t.Errorf("with a verifier that is away: %q", got)
	}
	if got := h.login(addr, "Norm", "right", auth.Pass); got != "" {
		t.Errorf("with the right answer: %q", got)
	}
	if !h.offers(auth.ActionLogin, visitor(addr)) {
		t.Error("signing in to one's own account ends the asking")
	}
	h.now = h.now.Add(5 * time.Minute)
	if h.offers(auth.ActionLogin, visitor(addr)) {
		t.Error("asked after the window")
	}
	h.login(addr, "A", "", auth.Fail)
	h.login(addr, "B", "", auth.Fail)
	if !h.offers(auth.ActionLogin, visitor(addr)) {
		t.Error("the longer window does not count on while the shorter one is full")
	}
}

// A name is asked about wherever guesses at it come from, under every spelling; who signs in to it ends that.
func TestFailedSignInsOfAName(t *testing.T) {
	h := newHouse(t, nil)
	spellings := []string{"Jo Ann", "jo_Ann", " jo  Ann ", "User:Jo Ann", "Jo Ann", "Jo_Ann"}
	for i, name := range spellings {
		if got := h.login(fmt.Sprintf("192.0.2.%d", i), name, "", auth.Fail); got != "" {
			t.Errorf("guess %d: %q", i, got)
		}
	}
	const addr = "192.0.2.77"
	if h.offers(auth.ActionLogin, visitor(addr)) {
		t.Error("a stranger to it all is asked")
	}
	if got := h.login(addr, "jo Ann", "", auth.Pass); got != "wrongpassword" {
		t.Errorf("signing in to the name: %q", got)
	}
	if !h.offers(auth.ActionLogin, visitor(addr)) {
		t.Error("whoever needs an answer is not asked for one")
	}
	if got := h.login("192.0.2.78", "Ada", "", auth.Pass); got != "" {
		t.Errorf("another name: %q", got)
	}
	if got := h.login(addr, "Jo Ann", "right", auth.Pass); got != "" {
		t.Errorf("with the right answer: %q", got)
	}
	if got := h.login("192.0.2.79", "Jo Ann", "", auth.Pass); got != "" {
		t.Errorf("after its owner signed in: %q", got)
	}
}

func TestSignInsThatAreNotGuarded(t *testing.T) {
	for what, change := range map[string]func(*Config){
		"off":     func(c *Config) { c.Logins = false },
		"no rule": func(c *Config) { c.FailedLogins, c.FailedLoginsOfName = nil, nil },
		"exempt":  func(c *Config) { c.Exempt = []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")} },
		"closed":  func(c *Config) { c.ReadOnly = true },
	} {
		h := newHouse(t, change)
		for range 10 {
			if got := h.login("192.0.2.1", "Norm", "", auth.Fail); got != "" {
				t.Errorf("%s: %q", what, got)
			}
		}
		if h.offers(auth.ActionLogin, visitor("192.0.2.1")) {
			t.Errorf("%s: asked", what)
		}
	}
}

// Nothing is written while people look, and nothing by who signs in without trouble.
func TestLookingWritesNothing(t *testing.T) {
	h := newHouse(t, nil)
	writes := func() uint64 { return h.cfg.Store.(interface{ Writes() uint64 }).Writes() }
	before := writes()
	for range 20 {
		h.offers(auth.ActionCreate, visitor("192.0.2.1"))
		h.offers(auth.ActionLogin, visitor("192.0.2.1"))
	}
	h.login("192.0.2.1", "Norm", "", auth.Pass)
	if got := writes(); got != before {
		t.Errorf("%d writes", got-before)
	}
}

func TestNewWantsItsParts(t *testing.T) {
	if _, err := New(Config{}); err == nil {
		t.Error("a provider of nothing")
	}
}
