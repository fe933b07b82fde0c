package captcha

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// Marks remembers which challenges were answered.
type Marks interface {
	// SpendMark stores the mark, durably before it returns, and reports whether it was the first to: of any number of callers on
	// any number of servers one is. The mark may be forgotten after it expires.
	SpendMark(ctx context.Context, mark string, expires time.Time) (bool, error)
	// ReleaseMark takes the mark back, which was found not to count.
	ReleaseMark(ctx context.Context, mark string) error
}

// markKept is how much longer than its challenge a mark is kept: the clocks of servers and database differ.
const markKept = time.Hour

// What is observed.
const (
	Shown  = "shown"  // a challenge was handed out
	Solved = "solved" // the answer was right
	Failed = "failed" // the answer was wrong, late, or no answer of ours
)

// Event is something to count.
type Event struct {
	// What is Shown, Solved or Failed.
	What string
	// Kind is the kind's name; empty where no kind could be read from what was sent.
	Kind    string
	Trigger string
}

// Config is what a Desk is made of. All but Observe is required.
type Config struct {
	Mint  *Mint
	Marks Marks
	// Kinds are all kinds whose challenges may be out, in any order.
	Kinds  []Kind
	Ladder Ladder
	// Observe is told what happens, for counting; nil = nobody is told.
	Observe func(Event)
}

// Desk hands out challenges and takes answers. It is safe for concurrent use.
type Desk struct {
	cfg   Config
	kinds map[Code]Kind
}

// NewDesk checks the parts: two kinds with one code, and kinds that are not exactly one of Puzzle, Outside and
// Deferred, are faults.
func NewDesk(c Config) (*Desk, error) {
	if c.Mint == nil || c.Marks == nil || c.Ladder == nil || len(c.Kinds) == 0 {
		return nil, errors.New("captcha: a mint, marks, a ladder and kinds are required")
	}
	if c.Observe == nil {
		c.Observe = func(Event) {}
	}
	d := &Desk{cfg: c, kinds: map[Code]Kind{}}
	for _, k := range c.Kinds {
		if sorts(k) != 1 {
			return nil, fmt.Errorf("captcha: %s must be ours, outside or deferred, and one of them only", k.Name())
		}
		if d.kinds[k.Code()] != nil {
			return nil, fmt.Errorf("captcha: %s and %s have one code", d.kinds[k.Code()].Name(), k.Name())
		}
		d.kinds[k.Code()] = k
	}
	return d, nil
}

// sorts counts what k implements of the sorts of kinds.
func sorts(k Kind) (n int) {
	_, puzzle := k.(Puzzle)
	_, outside := k.(Outside)
	_, deferred := k.(Deferred)
	for _, is := range []bool{puzzle, outside, deferred} {
		if is {
			n++
		}
	}
	return n
}

// The metadata of a request where visitors have a choice: the kind that it is of, and all that may be asked for, with bars
// between them (docs/protocol.md).
const (
	DatumKind  = "kind"
	DatumKinds = "kinds"
)

// Ask gives the request to show to who, with a fresh challenge. It stores nothing.
func (d *Desk) Ask(ctx context.Context, who Asker) (auth.Request, error) {
	choice, ways, err := d.cfg.Ladder.Choose(ctx, who)
	if err != nil {
		return auth.Request{}, fmt.Errorf("choose captcha: %w", err)
	}
	r, err := d.request(choice, who)
	if err == nil && len(ways) > 1 {
		r.Metadata = append(slices.Clip(r.Metadata),
			auth.Datum{Name: DatumKind, Value: choice.Kind.Name()}, auth.Datum{Name: DatumKinds, Value: strings.Join(ways, "|")})
	}
	return r, err
}

func (d *Desk) request(choice Choice, who Asker) (auth.Request, error) {
	switch k := choice.Kind.(type) {
	case Outside:
		d.observe(Shown, k, who.Purpose)
		return k.Ask(who.Purpose), nil
	case Deferred:
		d.observe(Shown, k, who.Purpose)
		return k.Announce(who.Purpose), nil
	case Puzzle:
		c, err := d.make(k, who, choice.Difficulty)
		if err != nil {
			return auth.Request{}, err
		}
		return k.Request(c), nil
	}
	return auth.Request{}, fmt.Errorf("choose captcha: %T is no kind", choice.Kind)
}

// Renew gives a fresh challenge of the kind, easiest where it has difficulties, that is good for whatever the visitor answers
// it for. ok is false if the site has no such kind.
func (d *Desk) Renew(code Code, visitor auth.FlowID) (c Challenge, ok bool, err error) {
	puzzle, ok := d.kinds[code].(Puzzle)
	if !ok {
		return Challenge{}, false, nil
	}
	c, err = d.make(puzzle, Asker{Purpose: Either, Visitor: visitor}, 0)
	return c, true, err
}

// Kind gives the kind with this code, nil if challenges of it are never out.
func (d *Desk) Kind(code Code) Kind { return d.kinds[code] }

func (d *Desk) make(k Puzzle, who Asker, difficulty uint32) (Challenge, error) {
	c, err := d.cfg.Mint.Make(Terms{
		Kind: k.Code(), Purpose: who.Purpose, Difficulty: difficulty, Life: k.Life(), Holder: who.Visitor,
	})
	if err == nil {
		d.observe(Shown, k, who.Purpose)
	}
	return c, err
}

// Find gives the challenge of an id that can still be answered, as far as can be told without reading the store, and its kind.
func (d *Desk) Find(id string) (Challenge, Puzzle, bool) {
	c, ok := d.cfg.Mint.Read(id)
	if !ok {
		return Challenge{}, nil, false
	}
	k, ok := d.kinds[c.Kind].(Puzzle)
	return c, k, ok
}

// Judge takes an answer. A challenge that can be answered is spent by it, right or wrong, before the answer is looked at; one
// that is unknown, expired, somebody else's, for something else, or without an answer is not.
func (d *Desk) Judge(ctx context.Context, a Attempt) (Verdict, error) {
	v, k, err := d.judge(ctx, a, false)
	if err != nil {
		return Verdict{}, err
	}
	if k != nil {
		v.Kind = k.Name()
	}
	what := Failed
	if v.Right {
		what = Solved
	}
	if !v.Later {
		d.observe(what, k, a.Purpose)
	}
	return v, nil
}

// Probe is Judge for an answer that comes to nothing for other reasons: a right one stays good. A verifier outside is not
// asked, because it would not say the same twice.
func (d *Desk) Probe(ctx context.Context, a Attempt) (Verdict, error) {
	v, k, err := d.judge(ctx, a, true)
	if err == nil && !v.Right && !v.Later {
		d.observe(Failed, k, a.Purpose)
	}
	return v, err
}

// KindOf names the kind that Judge would find in a; empty if none. It spends nothing and asks nobody.
func (d *Desk) KindOf(ctx context.Context, a Attempt) (string, error) {
	if a.ID != "" {
		_, k, ok := d.Find(a.ID)
		if !ok {
			return "", nil
		}
		return k.Name(), nil
	}
	choice, _, err := d.cfg.Ladder.Choose(ctx, a.Asker)
	if err != nil {
		return "", fmt.Errorf("choose captcha: %w", err)
	}
	return choice.Kind.Name(), nil
}

// Settle counts what became of the step of a deferred kind.
func (d *Desk) Settle(k Kind, p Purpose, right bool) {
	what := Failed
	if right {
		what = Solved
	}
	d.observe(what, k, p)
}

func (d *Desk) judge(ctx context.Context, a Attempt, probe bool) (Verdict, Kind, error) {
	switch {
	case a.ID == "":
		return d.judgeWithoutID(ctx, a, probe)
	case a.Word == "":
		return Verdict{}, nil, nil
	}
	c, puzzle, ok := d.Find(a.ID)
	if !ok || !c.Purpose.Serves(a.Purpose) || !c.HeldBy(a.Visitor) {
		return Verdict{}, nil, nil
	}
	good, err := d.cfg.Ladder.Accepts(ctx, a.Asker, Choice{Kind: puzzle, Difficulty: c.Difficulty})
	if err != nil {
		return Verdict{}, nil, fmt.Errorf("accept captcha: %w", err)
	}
	if !good {
		return Verdict{}, puzzle, nil
	}
	v, err := d.spend(ctx, c, a)
	if err == nil && probe && v.Right {
		err = d.cfg.Marks.ReleaseMark(ctx, c.mark())
	}
	if err != nil {
		return Verdict{}, nil, fmt.Errorf("judge captcha: %w", err)
	}
	return v, puzzle, nil
}

// spend has the answer compared if it is the first.
func (d *Desk) spend(ctx context.Context, c Challenge, a Attempt) (Verdict, error) {
	first, err := d.cfg.Marks.SpendMark(ctx, c.mark(), c.Expires.Add(markKept))
	if err != nil || !first {
		return Verdict{}, err
	}
	return d.kinds[c.Kind].(Puzzle).Judge(ctx, c, a)
}

// judgeWithoutID lets the kind that would be asked decide: one that is outside verifies the answer, a deferred one will
// ask for one.
func (d *Desk) judgeWithoutID(ctx context.Context, a Attempt, probe bool) (Verdict, Kind, error) {
	choice, _, err := d.cfg.Ladder.Choose(ctx, a.Asker)
	if err != nil {
		return Verdict{}, nil, fmt.Errorf("choose captcha: %w", err)
	}
	if deferred, ok := choice.Kind.(Deferred); ok && a.Purpose == Creation {
		return Verdict{Later: true}, deferred, nil
	}
	outside, ok := choice.Kind.(Outside)
	if !ok || a.Word == "" {
		return Verdict{}, nil, nil
	}
	if probe {
		return Verdict{Right: true}, nil, nil
	}
	v, err := outside.Verify(ctx, a)
	if err != nil {
		return Verdict{}, nil, fmt.Errorf("verify captcha: %w", err)
	}
	return v, outside, nil
}

func (d *Desk) observe(what string, k Kind, p Purpose) {
	e := Event{What: what, Trigger: p.Trigger()}
	if k != nil {
		e.Kind = k.Name()
	}
	d.cfg.Observe(e)
}

// mark names the challenge among those that were answered. The expiry is part of it: nonces are short.
func (c Challenge) mark() string {
	return strconv.Itoa(int(c.Purpose)) + " " + hex.EncodeToString(c.Nonce[:]) + " " + strconv.FormatInt(c.Expires.Unix(), 10)
}

// RequestID identifies the request of every kind.
const RequestID auth.RequestID = "CaptchaAuthenticationRequest"

// The fields of the request.
const (
	FieldID   = "captchaId"
	FieldInfo = "captchaInfo"
	FieldWord = "captchaWord"
)

// Shape is what the requests of one kind differ in.
type Shape struct {
	Type, MIME string
	// Prompts are what people are told to do, by purpose; Either is never asked.
	Prompts map[Purpose]message.Key
}

// Request is what every puzzle asks: its id, what has to be solved, and the answer.
func (s Shape) Request(c Challenge, info string) auth.Request {
	return auth.Request{
		ID:       RequestID,
		Metadata: []auth.Datum{{Name: "type", Value: s.Type}, {Name: "mime", Value: s.MIME}},
		Required: auth.RequiredAlways,
		Fields: []auth.Field{
			{
				Name: FieldID, Type: auth.FieldHidden, Value: &c.ID,
				Label: message.New("captcha-id-label"), Help: message.New("captcha-id-help"),
			},
			{
				Name: FieldInfo, Type: auth.FieldNull, Value: &info,
				Label: message.New(s.Prompts[c.Purpose]), Help: message.New("captcha-info-help"),
			},
			{
				Name: FieldWord, Type: auth.FieldString,
				Label: message.New("captcha-label"), Help: message.New("captcha-help"),
			},
		},
	}
}
