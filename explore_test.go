package gatehouse

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"gatehouse/auth"
	"gatehouse/internal/store/postgres/postgrestest"
)

// The explorer of moves in auth proves the flow against a store of its own. This one makes the same moves, from outside,
// against a whole server on each database: a question that is spent, a provider that is a redirect away, a second factor
// that is required.

// mortal lets a server do so many more writes of flows and accounts, and then none: its process is gone.
type mortal struct {
	auth.FlowStore
	auth.AccountStore
	left  int // -1: it lives
	flows map[auth.FlowID]bool
}

var errGone = errors.New("the process is gone")

func (m *mortal) write() error {
	if m.left == 0 {
		return errGone
	}
	if m.left > 0 {
		m.left--
	}
	return nil
}

func (m *mortal) PutFlow(ctx context.Context, f auth.Flow) error {
	if err := m.write(); err != nil {
		return err
	}
	m.flows[f.ID] = true
	return m.FlowStore.PutFlow(ctx, f)
}

func (m *mortal) ClaimFlow(ctx context.Context, id auth.FlowID) (auth.Flow, error) {
	if err := m.write(); err != nil {
		return auth.Flow{}, err
	}
	return m.FlowStore.ClaimFlow(ctx, id)
}

func (m *mortal) EndFlow(ctx context.Context, id auth.FlowID) error {
	if err := m.write(); err != nil {
		return err
	}
	return m.FlowStore.EndFlow(ctx, id)
}

func (m *mortal) CreateAccount(ctx context.Context, d auth.Draft) (auth.Account, error) {
	if err := m.write(); err != nil {
		return auth.Account{}, err
	}
	return m.AccountStore.CreateAccount(ctx, d)
}

// explorer is one server under every path.
type explorer struct {
	*outside
	store *mortal
	seen  map[string]bool
}

func newExplorer(t *testing.T, set func(*Config)) *explorer {
	e := &explorer{store: &mortal{left: -1, flows: map[auth.FlowID]bool{}}, seen: map[string]bool{}}
	e.outside = newOutside(t, func(c *Config) {
		c.Captcha.Kind, c.TOTP.AtCreation = "question", "required"
		c.Captcha.Questions = []QuestionConfig{{Question: "What colour is the sky?", Answers: []string{"blue"}}}
		set(c)
	}, "example.net")
	e.wired = func(cfg *auth.Config) {
		e.store.FlowStore, e.store.AccountStore = cfg.Flows, cfg.Accounts
		cfg.Flows, cfg.Accounts = e.store, e.store
	}
	e.start()
	return e
}

// expedition is one path: one client, one name, one person at the provider.
type expedition struct {
	*explorer
	client *client
	name   string
	trail  []string
	// asked is the last answer that waits, nil where none does; older is the jar of the step before.
	asked map[string]any
	older http.CookieJar
	// back is what the browser brought from the provider, secret what the app was told.
	back   url.Values
	secret string
	// made is how many accounts there must be.
	made int
}

// ways is all that may happen to a flow, and when it may.
var ways = []struct {
	name string
	open func(*expedition) bool
	walk func(*expedition)
}{
	{"begin", always, (*expedition).begin},
	{"right", always, func(x *expedition) { x.note(x.post(x.client, true)) }},
	{"wrong", waits, func(x *expedition) { x.note(x.post(x.client, false)) }},
	{"replay", func(x *expedition) bool { return x.older != nil }, (*expedition).replay},
	{"other session", waits, (*expedition).elsewhere},
	{"expiry", waits, func(x *expedition) { x.clock.pass(auth.FlowLifetime); x.asked = nil }},
	{"restart", waits, func(x *expedition) { x.start() }},
	{"crash after the claim", waits, func(x *expedition) { x.die(1) }},
	{"crash after the next write", waits, func(x *expedition) { x.die(2) }},
	{"crash after the account", waits, func(x *expedition) { x.die(3) }},
}

func always(*expedition) bool  { return true }
func waits(x *expedition) bool { return x.asked != nil }

func (x *expedition) begin() {
	id, _ := x.client.asked("create")
	if id == "" {
		x.fail("no captcha is asked for")
	}
	x.note(x.client.begin("createaccount", "example.net", url.Values{"username": {x.name}, "captchaId": {id}, "captchaWord": {"blue"}}))
}

// fields are what the step that waits wants, or something else.
func (x *expedition) fields(right bool) url.Values {
	fields := url.Values{"state": {"1"}, "code": {"1"}}
	switch {
	case right && x.secret != "":
		code, err := totp.GenerateCode(strings.ReplaceAll(x.secret, " ", ""), x.clock.now())
		if err != nil {
			x.t.Fatal(err)
		}
		fields.Set("code", code)
	case right && x.back != nil:
		fields = x.back
	}
	return fields
}

func (x *expedition) post(c *client, right bool) map[string]any {
	before := cookiesOf(c)
	answer := c.goOnWith("createaccount", x.fields(right))
	if x.asked == nil && answer["messagecode"] != "authmanager-create-not-in-progress" {
		x.fail("a flow that had ended went on: %v", answer)
	}
	if now := cookiesOf(c); c == x.client && !sameCookies(before, now, c.api) {
		x.older = before
	}
	return answer
}

// note keeps an answer, and does at the provider and in the app what it asks for.
func (x *expedition) note(answer map[string]any) {
	x.seen[verdict(answer)] = true
	x.asked, x.secret = nil, ""
	switch answer["status"] {
	case "REDIRECT":
		x.asked = answer
		b := browser(nil)
		x.back = x.arrive(b, x.signIn(b, answer, url.Values{"subject": {x.name}, "preferred_username": {x.name}}))
	case "UI":
		x.asked = answer
		x.secret = setupOf(x.t, answer)["secret"].(string)
	case "PASS":
		x.made++
	}
}

// replay sends the right answer with the cookies of the step before: nobody is passed by it, and the flow is over.
func (x *expedition) replay() {
	old := at(x.t, x.url)
	old.http.Jar = x.older
	x.older = nil
	x.refused(old)
	x.asked = nil
}

// elsewhere sends it from another client, to whom it is nothing.
func (x *expedition) elsewhere() { x.refused(at(x.t, x.url)) }

func (x *expedition) refused(c *client) {
	before := x.accounts()
	asked := x.asked
	answer := x.post(c, true)
	if x.asked = asked; answer["messagecode"] != "authmanager-create-not-in-progress" || x.accounts() != before {
		x.fail("it was taken: %v", answer)
	}
}

// die posts the right answer to a server that ends after so many writes, of which the claim is the first. What the client
// would have got with the answer it has not got.
func (x *expedition) die(writes int) {
	kept, atEnd := cookiesOf(x.client), x.secret != ""
	token := x.client.token("createaccount")
	form := x.fields(true)
	form.Set("action", "createaccount")
	form.Set("createtoken", token)
	form.Set("createcontinue", "1")
	x.store.left = writes
	out := x.client.call(true, form)
	x.store.left = -1
	if answer, _ := out["createaccount"].(map[string]any); answer["status"] == "PASS" && writes < 3 {
		x.fail("a process that could not finish said PASS")
	}
	x.start()
	x.client.http.Jar, x.asked, x.secret = kept, nil, ""
	if writes > 1 && atEnd && x.made == 0 { // the claim, then the account
		x.made = x.accounts()
	}
}

// accounts is how many accounts have the name; each has its entry in the log, and no entry is without one.
func (x *expedition) accounts() int {
	x.t.Helper()
	out := x.client.call(false, url.Values{
		"action": {"query"}, "list": {"users|logevents"}, "ususers": {x.name}, "letype": {"newusers"}, "leuser": {x.name}, "leprop": {"type"},
	})["query"].(map[string]any)
	found := 0
	if _, missing := out["users"].([]any)[0].(map[string]any)["missing"]; !missing {
		found = 1
	}
	if entries := len(out["logevents"].([]any)); entries != found {
		x.fail("%d accounts, %d entries in the log", found, entries)
	}
	return found
}

func cookiesOf(c *client) http.CookieJar {
	jar, err := cookiejar.New(nil)
	if err != nil {
		c.t.Fatal(err)
	}
	u, err := url.Parse(c.api)
	if err != nil {
		c.t.Fatal(err)
	}
	jar.SetCookies(u, c.http.Jar.Cookies(u))
	return jar
}

func sameCookies(a, b http.CookieJar, address string) bool {
	u, _ := url.Parse(address)
	return fmt.Sprint(a.Cookies(u)) == fmt.Sprint(b.Cookies(u))
}

func (x *expedition) fail(format string, args ...any) {
	x.t.Helper()
	x.t.Fatalf("%v: "+format, append([]any{x.trail}, args...)...)
}

// travel makes the moves of one path as far as they are open, and gives how many were. There is an account exactly where one was
// made, and afterwards nothing is left.
func (x *expedition) travel(path []int) int {
	defer x.nothingIsLeft()
	for n, i := range path {
		if !ways[i].open(x) {
			return n
		}
		x.trail = append(x.trail, ways[i].name)
		ways[i].walk(x)
		if found := x.accounts(); found != x.made {
			x.fail("%d accounts, and %d were made", found, x.made)
		}
	}
	return len(path)
}

// nothingIsLeft: with the clock back where it was, what was purged is seen to be gone and not just too old.
func (x *expedition) nothingIsLeft() {
	x.clock.pass(auth.FlowLifetime)
	if err := x.server.store.Purge(x.t.Context()); err != nil {
		x.t.Fatal(err)
	}
	x.clock.pass(-auth.FlowLifetime)
	for id := range x.store.flows {
		if _, err := x.server.store.PeekFlow(x.t.Context(), id); !errors.Is(err, auth.ErrNotFound) {
			x.fail("a flow is left: %v", err)
		}
	}
	clear(x.store.flows)
	x.clock.pass(auth.FlowLifetime + time.Minute)
}

// TestExploreMovesOnStores makes every sequence of four moves that starts with a begin, on both databases.
func TestExploreMovesOnStores(t *testing.T) {
	if testing.Short() {
		t.Skip("one client, some thousand requests: takes half a minute")
	}
	t.Run("SQLite", func(t *testing.T) { explore(t, func(*Config) {}) })
	t.Run("PostgreSQL", func(t *testing.T) {
		address, key := postgrestest.URL(t), t.TempDir()+"/master.key"
		explore(t, func(c *Config) { c.Store.URL, c.Keys.File = SecretURL(address), key })
	})
}

func explore(t *testing.T, set func(*Config)) {
	e, paths := newExplorer(t, set), 0
	for path := []int{0, 0, 0, 0}; path[0] == 0; paths++ {
		x := &expedition{explorer: e, client: e.outside.client(), name: fmt.Sprintf("Zane %d", paths)}
		last := min(x.travel(path), len(path)-1)
		clear(path[last+1:])
		for i := last; i >= 0; i-- {
			if path[i]++; path[i] < len(ways) || i == 0 {
				break
			}
			path[i] = 0
		}
	}
	for _, want := range []string{
		"REDIRECT", "oathauth-create-ui", "oathauth-create-failed", "PASS", wrongState,
		"authmanager-create-not-in-progress", "userexists",
	} {
		if !e.seen[want] {
			t.Errorf("no path led to %q", want)
		}
	}
	t.Logf("%d paths to %v", paths, e.seen)
}
