package auth

import (
	"context"
	"errors"
	"testing"

	"gatehouse/internal/message"
)

// choices walks a tree of decisions: each run of the body takes one path, pick by pick, until every path was taken.
type choices struct{ taken, of []int }

func (c *choices) pick(depth *int, n int) int {
	if *depth == len(c.taken) {
		c.taken, c.of = append(c.taken, 0), append(c.of, n)
	}
	*depth++
	return c.taken[*depth-1]
}

// next moves to the next path; false after the last.
func (c *choices) next(used int) bool {
	c.taken, c.of = c.taken[:used], c.of[:used]
	for i := used - 1; i >= 0; i-- {
		if c.taken[i]++; c.taken[i] < c.of[i] {
			c.taken, c.of = c.taken[:i+1], c.of[:i+1]
			return true
		}
	}
	return false
}

// walk is one path through a creation: what each provider answered and what the client did.
type walk struct {
	t     *testing.T
	c     *choices
	depth int

	store   *fakeStore
	primary *scripted

	primaryPassed, requiredDone bool
	trail                       string
}

var errBroken = errors.New("broken on purpose")

// step lets a provider answer whatever it may, and notes what was passed.
func (w *walk) step(who string, menu []Response, passed *bool) func(*Creation) (Response, error) {
	return func(c *Creation) (Response, error) {
		i := w.c.pick(&w.depth, len(menu)+1)
		if i == len(menu) {
			w.trail += " " + who + ":error"
			return Response{}, errBroken
		}
		r := menu[i]
		w.trail += " " + who + ":" + string(r.Status)
		if passed != nil {
			*passed = r.Status == Pass || r.Status == Abstain
		}
		return r, nil
	}
}

// TestExploreCreations takes every path of up to four submissions through the phase table, every provider answering
// everything it may, and holds the flow's promises at every turn.
func TestExploreCreations(t *testing.T) {
	c, paths := &choices{}, 0
	for {
		w := &walk{t: t, c: c, store: newFakeStore()}
		w.run()
		paths++
		if t.Failed() || !c.next(w.depth) {
			break
		}
	}
	t.Logf("%d paths", paths)
}

func (w *walk) run() {
	field := Field{Name: "code", Type: FieldString}
	ask := Asked(message.New("more"), Request{ID: "more", Fields: []Field{field}})
	away := Redirected("https://id.example/", Request{ID: "back", Fields: []Field{field}})
	no := Failed(message.New("no"))
	w.primary = &scripted{id: "primary"}
	w.primary.begin = w.step("primary", []Response{Passed(), no, Abstained(), away}, &w.primaryPassed)
	w.primary.goOn = w.step("primary+", []Response{Passed(), no, away}, &w.primaryPassed)
	required := &scripted{id: "required", beforeCommit: true}
	required.begin = w.step("required", []Response{Passed(), Abstained(), ask, no}, &w.requiredDone)
	required.goOn = w.step("required+", []Response{Passed(), ask, no}, &w.requiredDone)
	optional := &scripted{id: "optional"}
	optional.begin = w.step("optional", []Response{Passed(), ask, no}, nil)
	optional.goOn = w.step("optional+", []Response{Passed(), ask}, nil)

	m := newTestManager(w.t, w.store, func(cfg *Config) {
		cfg.Primary = []PrimaryProvider{w.primary}
		cfg.Secondary = []SecondaryProvider{optional, required}
	})
	client := visitor("me")
	resp, err := m.BeginCreation(context.Background(), client, named("Zane"))
	w.check(resp, err)
	for range 3 {
		stale := client
		stale.Session = &fakeSession{id: "me", secret: []byte("planted")}
		switch w.c.pick(&w.depth, 3) {
		case 0:
			w.trail += " |continue"
			waiting := err == nil && (resp.Status == UI || resp.Status == Redirect)
			resp, err = m.ContinueCreation(context.Background(), client, nil)
			if !waiting && (err != nil || key(resp) != "authmanager-create-not-in-progress") {
				w.t.Errorf("%s: a flow that had ended went on: %v %v", w.trail, resp, err)
			}
		case 1:
			w.trail += " |planted cookie"
			resp, err = m.ContinueCreation(context.Background(), stale, nil)
			if err != nil || key(resp) != "authmanager-create-not-in-progress" {
				w.t.Errorf("%s: a foreign secret continued the flow: %v %v", w.trail, resp, err)
			}
		case 2:
			return
		}
		w.check(resp, err)
	}
}

// check holds what must be true after every submission.
func (w *walk) check(r Response, err error) {
	w.t.Helper()
	fail := func(format string, args ...any) {
		w.t.Helper()
		w.t.Errorf("%s: "+format, append([]any{w.trail}, args...)...)
	}
	made := len(w.store.accounts)
	if made > 1 || made != len(w.store.drafts) {
		fail("%d accounts from %d commits", made, len(w.store.drafts))
	}
	if made == 1 && (!w.primaryPassed || !w.requiredDone) {
		fail("an account without primary (%v) or required step (%v)", w.primaryPassed, w.requiredDone)
	}
	for _, d := range w.store.drafts {
		if d.Log.Action != LogCreate || d.Log.Target != "Zane" {
			fail("an account without its log entry: %+v", d.Log)
		}
	}
	switch {
	case err != nil:
		if !errors.Is(err, errBroken) && made == 0 {
			fail("unexpected error %v", err)
		}
	case r.Status == Pass:
		if made != 1 || r.Username != "Zane" {
			fail("PASS for %q with %d accounts", r.Username, made)
		}
	case r.Status == Abstain:
		fail("ABSTAIN left the manager")
	}
	if err != nil || r.Status == Pass || r.Status == Fail {
		for id, f := range w.store.flows {
			if !f.claimed {
				fail("flow %s can still be continued", id)
			}
		}
	}
}
