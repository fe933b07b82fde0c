package proofofwork

import (
	"context"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/captcha"
	"gatehouse/internal/message"
)

// Life is how long a challenge can be answered: less than others, because nobody has to think.
const Life = 10 * time.Minute

// Kind is the captcha that lets the visitor's computer do some work.
type Kind struct{ difficulty int64 }

var _ captcha.Puzzle = Kind{}

// NewKind makes the kind; difficulty is that of challenges which have none of their own, within the bounds of this package.
func NewKind(difficulty int64) Kind { return Kind{difficulty} }

// Code implements captcha.Kind.
func (Kind) Code() captcha.Code { return captcha.CodeWork }

// Name implements captcha.Kind.
func (Kind) Name() string { return "proof-of-work" }

// Life implements captcha.Puzzle.
func (Kind) Life() time.Duration { return Life }

// Request implements captcha.Puzzle: captchaInfo has the protocol's challenge, and captchaWord takes its payload.
func (k Kind) Request(c captcha.Challenge) auth.Request {
	var text string
	if p, err := k.puzzle(c); err == nil {
		text, _ = p.Challenge.Text() // nothing in it cannot be written
	}
	return captcha.Shape{Type: "altcha", MIME: "application/json", Prompts: map[captcha.Purpose]message.Key{
		captcha.Creation: "gatehouse-captcha-work-createaccount", captcha.Login: "gatehouse-captcha-work-badlogin",
	}}.Request(c, text)
}

// Judge implements captcha.Puzzle.
func (k Kind) Judge(_ context.Context, c captcha.Challenge, a captcha.Attempt) (captcha.Verdict, error) {
	p, err := k.puzzle(c)
	return captcha.Verdict{Right: err == nil && p.Solves(a.Word)}, nil
}

func (k Kind) puzzle(c captcha.Challenge) (Puzzle, error) {
	difficulty := int64(c.Difficulty)
	if difficulty == 0 {
		difficulty = k.difficulty
	}
	return New(c.Seed[:], Terms{ID: c.ID, Purpose: c.Purpose.Trigger(), Difficulty: difficulty, Expires: c.Expires})
}
