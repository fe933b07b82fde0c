package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"gatehouse/internal/message"
)

// The second explorer is about the client and the machine: every sequence of moves through one flow with all kinds of step,
// a captcha that is spent, a primary that sends away, a step that is required and one that is not.

// mortalStore is a fakeStore that forgets what is old and can lose its process: dieAfter counts the writes it still does.
type mortalStore struct {
	*fakeStore
	now      time.Time
	dieAfter int // -1: it lives
}

var errDead = errors.New("the process is gone")

func (s *mortalStore) write() error {
	if s.dieAfter == 0 {
		return errDead
	}
	if s.dieAfter > 0 {
		s.dieAfter--
	}
	return nil
}

// purge is what a store does with old rows, now and then.
func (s *mortalStore) purge() {
	for id, f := range s.flows {
		if !f.Expires.After(s.now) {
			delete(s.flows, id)
		}
	}
}

func (s *mortalStore) ClaimFlow(ctx context.Context, id FlowID) (Flow, error) {
	s.purge()
	if err := s.write(); err != nil {
		return Flow{}, err
	}
	return s.fakeStore.ClaimFlow(ctx, id)
}

func (s *mortalStore) PutFlow(ctx context.Context, f Flow) error {
	if err := s.write(); err != nil {
		return err
	}
	return s.fakeStore.PutFlow(ctx, f)
}

func (s *mortalStore) EndFlow(ctx context.Context, id FlowID) error {
	if err := s.write(); err != nil {
		return err
	}
	return s.fakeStore.EndFlow(ctx, id)
}

func (s *mortalStore) CreateAccount(ctx context.Context, d Draft) (a Account, err error) {
	if err := s.write(); err != nil {
		return a, err
	}
	return s.fakeStore.CreateAccount(ctx, d)
}

// voyage is one sequence of moves through one flow.
type voyage struct {
	t       *testing.T
	store   *mortalStore
	m       *Manager
	client  Client
	trail   []string
	asked   Response // the last answer that waits; zero where nothing does
	spent   int      // captchas
	passed  map[ProviderID]int
	visited map[string]bool
	older   []byte // the secret of the step before
}

// said is a submission with one word for whoever waits.
func said(word string) Answers { return Answers{{ID: "step", Values: map[string]string{"word": word}}} }

// step is a provider's that passes on "right", and does on anything else what it does.
func (v *voyage) step(id ProviderID, otherwise Response) func(*Creation) (Response, error) {
	return func(c *Creation) (Response, error) {
		if a, _ := c.Answers.Get("step"); a.Values["word"] != "right" {
			return otherwise, nil
		}
		v.passed[id]++
		return Passed(), nil
	}
}

func newVoyage(t *testing.T, visited map[string]bool) *voyage {
	v := &voyage{t: t, visited: visited, passed: map[ProviderID]int{}, client: visitor("me")}
	v.store = &mortalStore{fakeStore: newFakeStore(), now: time.Unix(1_800_000_000, 0), dieAfter: -1}
	ask := func(id ProviderID) Response {
		return Asked(message.New(message.Key(id)), Request{ID: "step", Fields: []Field{{Name: "word", Type: FieldString}}})
	}
	away := ask("primary")
	away.Status, away.RedirectTarget = Redirect, "https://id.example/"
	captcha := &spending{scripted: &scripted{id: "captcha", test: func(*Creation) Check { v.spent++; return Good() }}}
	primary := &scripted{id: "primary", begin: always(away), goOn: v.step("primary", Failed(message.New("no")))}
	required := &scripted{id: "required", beforeCommit: true, begin: always(ask("required")), goOn: v.step("required", ask("required"))}
	optional := &scripted{id: "optional", begin: always(ask("optional")), goOn: v.step("optional", ask("optional"))}
	cfg := Config{
		Pre: []PreProvider{captcha}, Primary: []PrimaryProvider{primary}, Secondary: []SecondaryProvider{optional, required},
		Accounts: v.store, Flows: v.store, Sealer: fakeSealer{}, Names: fakeNames{}, Groups: DefaultGroups(),
		Clock: func() time.Time { return v.store.now },
	}
	var err error
	if v.m, err = NewManager(cfg); err != nil {
		t.Fatal(err)
	}
	return v
}

// moves is all that can happen to a flow.
var moves = []struct {
	name string
	make func(*voyage)
}{
	{"begin", (*voyage).begin},
	{"right", func(v *voyage) { v.post(v.client, "right") }},
	{"wrong", func(v *voyage) { v.post(v.client, "wrong") }},
	{"replay", func(v *voyage) { v.refused(&fakeSession{id: "me", secret: v.older}) }},
	{"other session", func(v *voyage) { v.refused(&fakeSession{id: "other", secret: v.secret()}) }},
	{"expiry", func(v *voyage) { v.store.now = v.store.now.Add(FlowLifetime); v.asked = Response{} }},
	{"crash after the claim", func(v *voyage) { v.die(1) }},
	{"crash after the next write", func(v *voyage) { v.die(2) }},
	{"crash after the account", func(v *voyage) { v.die(3) }},
}

func (v *voyage) secret() []byte { return v.client.Session.FlowSecret() }

// begin starts anew and forgets the older flow, except where the name is taken by now.
func (v *voyage) begin() {
	spent, passed, asked := v.spent, v.passed, v.asked
	v.spent, v.passed = 0, map[ProviderID]int{}
	resp, err := v.m.BeginCreation(context.Background(), v.client, named("Zane"))
	if key(resp) == string(keyUserExists) {
		v.spent, v.passed = spent, passed
	}
	v.note(resp, err)
	if resp.Status == Fail {
		v.asked = asked
	}
}

// post goes on, and holds that this is possible exactly where an answer asked for it.
func (v *voyage) post(c Client, word string) {
	waited := v.asked.Status != ""
	resp, err := v.m.ContinueCreation(context.Background(), c, said(word))
	if !waited && (err != nil || key(resp) != string(keyCreateNotInProgress)) {
		v.fail("a flow that had ended went on: %v %v", resp, err)
	}
	v.note(resp, err)
}

// refused posts what is not this flow's: nobody is passed by it.
func (v *voyage) refused(s *fakeSession) {
	before := fmt.Sprint(v.passed, len(v.store.accounts))
	c := v.client
	c.Session = s
	resp, err := v.m.ContinueCreation(context.Background(), c, said("right"))
	if err != nil || key(resp) != string(keyCreateNotInProgress) || fmt.Sprint(v.passed, len(v.store.accounts)) != before {
		v.fail("it was taken: %v %v", resp, err)
	}
	if s.id == "me" && s.secret != nil { // whoever has the session's cookie and a wrong secret ends the flow
		v.asked = Response{}
	}
}

// die posts the right answer, and the process ends after so many writes, the claim being the first; another one comes. What
// the client would have got with the answer it has not got.
func (v *voyage) die(writes int) {
	had := *v.client.Session.(*fakeSession)
	v.store.dieAfter = writes
	_, err := v.m.ContinueCreation(context.Background(), v.client, said("right"))
	v.store.dieAfter = -1
	had.made++ // no two secrets are the same
	v.client.Session = &had
	if v.asked.Status != "" && writes == 1 && err == nil {
		v.fail("an answer came from a dead process")
	}
	v.asked = Response{}
}

// note keeps an answer and holds the promises.
func (v *voyage) note(resp Response, err error) {
	if err != nil {
		v.fail("a fault: %v", err)
	}
	v.asked = Response{}
	if resp.Status == UI || resp.Status == Redirect {
		v.asked = resp
	}
	v.visited[string(resp.Status)+" "+key(resp)] = true
	passHasEverything(v, resp)
}

// passHasEverything: no PASS, and no account, without the captcha and each required step.
func passHasEverything(v *voyage, resp Response) {
	if len(v.store.accounts) > 0 && (v.spent == 0 || v.passed["primary"] == 0 || v.passed["required"] == 0) {
		v.fail("an account after %d captchas and %v", v.spent, v.passed)
	}
	if resp.Status == Pass && (len(v.store.accounts) != 1 || v.passed["optional"] == 0) {
		v.fail("PASS with %d accounts, after %v", len(v.store.accounts), v.passed)
	}
}

// accountsAreLogged: no account without its log entry, and one account at most.
func accountsAreLogged(v *voyage) {
	if len(v.store.accounts) > 1 || len(v.store.accounts) != len(v.store.drafts) {
		v.fail("%d accounts of %d commits", len(v.store.accounts), len(v.store.drafts))
	}
	for _, d := range v.store.drafts {
		if d.Log.Action != LogCreate || d.Log.Target != "Zane" {
			v.fail("an account without its log entry: %+v", d.Log)
		}
	}
}

// stepsPassOnce: no continuation is accepted twice.
func stepsPassOnce(v *voyage) {
	for id, times := range v.passed {
		if times > 1 {
			v.fail("%s was passed %d times", id, times)
		}
	}
}

// nothingIsLeft: the rows of all that was left are gone once they are old.
func nothingIsLeft(v *voyage) {
	v.store.now = v.store.now.Add(FlowLifetime)
	v.store.purge()
	if len(v.store.flows) != 0 {
		v.fail("%d flows are left", len(v.store.flows))
	}
}

func (v *voyage) fail(format string, args ...any) {
	v.t.Helper()
	v.t.Errorf("%v: "+format, append([]any{v.trail}, args...)...)
}

// sail makes the moves of one path.
func (v *voyage) sail(path []int) {
	for _, i := range path {
		v.trail = append(v.trail, moves[i].name)
		before := v.secret()
		moves[i].make(v)
		if after := v.secret(); !slices.Equal(before, after) {
			v.older = before
		}
		accountsAreLogged(v)
		stepsPassOnce(v)
	}
	nothingIsLeft(v)
}

// TestExploreMoves makes every sequence of six moves that starts with a begin, and sees every answer that the flow has.
func TestExploreMoves(t *testing.T) {
	visited, paths := map[string]bool{}, 0
	for path := []int{0, 0, 0, 0, 0, 0}; path[0] == 0 && !t.Failed(); paths++ {
		newVoyage(t, visited).sail(path)
		for i := len(path) - 1; i >= 0; i-- {
			if path[i]++; path[i] < len(moves) || i == 0 {
				break
			}
			path[i] = 0
		}
	}
	for _, want := range []string{
		"REDIRECT primary", "UI required", "UI optional", "PASS ", "FAIL no", "FAIL " + string(keyCreateNotInProgress), "FAIL " + string(keyUserExists),
	} {
		if !visited[want] {
			t.Errorf("no path led to %q", want)
		}
	}
	t.Logf("%d paths to %d answers", paths, len(visited))
}
