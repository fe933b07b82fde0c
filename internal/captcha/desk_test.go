package captcha

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/auth"
)

// letters is a kind whose answer is "right"; "broken" is a fault of ours.
type letters struct {
	code   Code
	judged atomic.Int64
}

func (k *letters) Code() Code          { return k.code }
func (k *letters) Name() string        { return fmt.Sprint("letters ", k.code) }
func (k *letters) Life() time.Duration { return Lifetime }
func (k *letters) Request(c Challenge) auth.Request {
	return Shape{Type: "letters", MIME: "text/plain"}.Request(c, "Say right.")
}

func (k *letters) Judge(_ context.Context, _ Challenge, a Attempt) (Verdict, error) {
	k.judged.Add(1)
	if a.Word == "broken" {
		return Verdict{}, errors.New("broken")
	}
	return Verdict{Right: a.Word == "right"}, nil
}

// elsewhere is a kind of somebody else.
type elsewhere struct{}

func (elsewhere) Code() Code               { return CodeHCaptcha }
func (elsewhere) Name() string             { return "elsewhere" }
func (elsewhere) Ask(Purpose) auth.Request { return auth.Request{ID: RequestID} }
func (elsewhere) Verify(_ context.Context, a Attempt) (Verdict, error) {
	if a.Word == "away" {
		return Verdict{Fault: "http"}, nil
	}
	return Verdict{Right: a.Word == "right"}, nil
}

// marks counts what is stored.
type marks struct {
	mu     sync.Mutex
	set    map[string]bool
	writes int
}

func (m *marks) SpendMark(_ context.Context, mark string, _ time.Time) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.writes++
	if m.set[mark] {
		return false, nil
	}
	m.set[mark] = true
	return true, nil
}

func (m *marks) ReleaseMark(_ context.Context, mark string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.set, mark)
	return nil
}

type counter struct {
	t     *testing.T
	desk  *Desk
	kind  *letters
	marks *marks
	clock *clock
	seen  map[Event]int
	mu    sync.Mutex
}

func newCounter(t *testing.T, ladder func(k *letters) Ladder) *counter {
	t.Helper()
	c := &counter{t: t, kind: &letters{code: CodeMath}, marks: &marks{set: map[string]bool{}}, clock: newClock(), seen: map[Event]int{}}
	var err error
	c.desk, err = NewDesk(Config{
		Mint: NewMint(testKeys(t, c.clock, nil), c.clock.time, rand.Reader), Marks: c.marks,
		Kinds: []Kind{c.kind, &letters{code: CodeQuestion}, elsewhere{}}, Ladder: ladder(c.kind),
		Observe: func(e Event) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.seen[e]++
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// only is a Ladder of one kind.
type only struct{ kind Kind }

func (o only) Choose(context.Context, Asker) (Choice, []string, error) {
	return Choice{Kind: o.kind}, nil, nil
}

func (o only) Accepts(_ context.Context, _ Asker, c Choice) (bool, error) {
	return c.Kind.Code() == o.kind.Code(), nil
}

func onlyLetters(k *letters) Ladder { return only{k} }

var ann = Asker{Purpose: Creation, Visitor: "ann"}

func (c *counter) ask(who Asker) string {
	c.t.Helper()
	r, err := c.desk.Ask(c.t.Context(), who)
	if err != nil {
		c.t.Fatal(err)
	}
	return *r.Fields[0].Value
}

func (c *counter) judge(who Asker, id, word string) bool {
	c.t.Helper()
	v, err := c.desk.Judge(c.t.Context(), Attempt{Asker: who, ID: id, Word: word})
	if err != nil {
		c.t.Fatal(err)
	}
	return v.Right
}

// A challenge is spent by its first answer, right or wrong (security checklist 31).
func TestAnswersCountOnce(t *testing.T) {
	c := newCounter(t, onlyLetters)
	for _, first := range []bool{true, false} {
		id, word := c.ask(ann), "wrong"
		if first {
			word = "right"
		}
		if c.judge(ann, id, word) != first {
			t.Errorf("%s is judged %t", word, !first)
		}
		if c.judge(ann, id, "right") {
			t.Errorf("a second answer counts after %s", word)
		}
	}
	if got := c.kind.judged.Load(); got != 2 {
		t.Errorf("%d answers were compared", got)
	}
	if c.seen[Event{Shown, "letters 2", "createaccount"}] != 2 || c.seen[Event{Solved, "letters 2", "createaccount"}] != 1 ||
		c.seen[Event{Failed, "letters 2", "createaccount"}] != 3 {
		t.Errorf("seen %v", c.seen)
	}
}

// What cannot be an answer spends nothing, and is not compared.
func TestWhatSpendsNothing(t *testing.T) {
	c := newCounter(t, onlyLetters)
	id := c.ask(ann)
	for what, try := range map[string]struct {
		who      Asker
		id, word string
	}{
		"no word":            {ann, id, ""},
		"no id":              {ann, "", "right"},
		"an unknown id":      {ann, id[1:] + "0", "right"},
		"somebody else":      {Asker{Purpose: Creation, Visitor: "ben"}, id, "right"},
		"nobody":             {Asker{Purpose: Creation}, id, "right"},
		"for something else": {Asker{Purpose: Login, Visitor: "ann"}, id, "right"},
	} {
		if c.judge(try.who, try.id, try.word) {
			t.Errorf("%s counts", what)
		}
	}
	other, _, err := c.desk.Renew(CodeQuestion, "ann")
	if err != nil || c.judge(ann, other.ID, "right") {
		t.Errorf("a kind that the ladder does not accept counts, %v", err)
	}
	if c.marks.writes != 0 || c.kind.judged.Load() != 0 {
		t.Errorf("%d marks, %d answers compared", c.marks.writes, c.kind.judged.Load())
	}
	if !c.judge(ann, id, "right") {
		t.Error("the challenge did not survive")
	}
	late := c.ask(ann)
	c.clock.now = c.clock.now.Add(Lifetime)
	if c.judge(ann, late, "right") {
		t.Error("a late answer counts")
	}
}

// Renewed challenges are good for whatever comes first, and once.
func TestRenewed(t *testing.T) {
	c := newCounter(t, onlyLetters)
	if _, ok, _ := c.desk.Renew(CodeImage, "ann"); ok {
		t.Error("there is a picture")
	}
	n, ok, err := c.desk.Renew(CodeMath, "ann")
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	login := Asker{Purpose: Login, Visitor: "ann"}
	if !c.judge(login, n.ID, "right") || c.judge(ann, n.ID, "right") {
		t.Error("not once")
	}
}

// A probe spends a wrong answer and leaves a right one good; of many at once one is compared.
func TestProbe(t *testing.T) {
	c := newCounter(t, onlyLetters)
	probe := func(id, word string) bool {
		t.Helper()
		v, err := c.desk.Probe(t.Context(), Attempt{Asker: ann, ID: id, Word: word})
		if err != nil {
			t.Fatal(err)
		}
		return v.Right
	}
	id := c.ask(ann)
	twice := probe(id, "right")
	twice = probe(id, "right") && twice
	if !twice || !c.judge(ann, id, "right") || probe(id, "right") {
		t.Error("a right answer that is probed is not good once more")
	}
	id = c.ask(ann)
	if probe(id, "wrong") || c.judge(ann, id, "right") {
		t.Error("a wrong answer that is probed does not spend")
	}
	if probe("", "") {
		t.Error("nothing is good")
	}
}

func TestOneOfManyAtOnce(t *testing.T) {
	c := newCounter(t, onlyLetters)
	id := c.ask(ann)
	var right atomic.Int64
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			if c.judge(ann, id, "right") {
				right.Add(1)
			}
		})
	}
	all.Wait()
	if right.Load() != 1 || c.kind.judged.Load() != 1 {
		t.Errorf("%d are right, %d compared", right.Load(), c.kind.judged.Load())
	}
}

func TestOutside(t *testing.T) {
	c := newCounter(t, func(*letters) Ladder { return only{elsewhere{}} })
	r, err := c.desk.Ask(t.Context(), ann)
	if err != nil || len(r.Fields) != 0 {
		t.Fatal(r, err)
	}
	if !c.judge(ann, "", "right") || c.judge(ann, "", "wrong") || c.marks.writes != 0 {
		t.Error("the verifier is not heard, or marks are stored")
	}
	if v, err := c.desk.Probe(t.Context(), Attempt{Asker: ann, Word: "wrong"}); err != nil || !v.Right {
		t.Error("a verifier outside is asked twice")
	}
	v, err := c.desk.Judge(t.Context(), Attempt{Asker: ann, Word: "away"})
	if err != nil || v.Right || v.Fault != "http" {
		t.Errorf("%+v %v", v, err)
	}
}

func TestFaults(t *testing.T) {
	c := newCounter(t, onlyLetters)
	if _, err := c.desk.Judge(t.Context(), Attempt{Asker: ann, ID: c.ask(ann), Word: "broken"}); err == nil {
		t.Error("a fault is a verdict")
	}
	k := &letters{code: CodeMath}
	for what, cfg := range map[string]Config{
		"nothing":  {},
		"two":      {Mint: c.desk.cfg.Mint, Marks: c.marks, Ladder: only{k}, Kinds: []Kind{k, k}},
		"neither":  {Mint: c.desk.cfg.Mint, Marks: c.marks, Ladder: only{k}, Kinds: []Kind{neither{}}},
		"no kinds": {Mint: c.desk.cfg.Mint, Marks: c.marks, Ladder: only{k}},
	} {
		if _, err := NewDesk(cfg); err == nil {
			t.Errorf("%s makes a desk", what)
		}
	}
}

type neither struct{}

func (neither) Code() Code   { return CodeWork }
func (neither) Name() string { return "neither" }
