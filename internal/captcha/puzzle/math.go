// Package puzzle has the kinds of captcha that need nothing but a person: a sum, a question, the letters of a picture. Each
// makes its puzzle and its answer of a challenge's seed; the rest is internal/captcha's.
//
// It does not draw or speak: internal/captcha/picture and internal/captcha/speech do.
package puzzle

import (
	"context"
	"encoding/binary"
	"strconv"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/captcha"
	"gatehouse/internal/message"
)

// minus is the sign that sums are written with.
const minus = "−"

// Math poses sums that are easily done in the head. It stops only programs that were not written for it.
type Math struct{}

var _ captcha.Puzzle = Math{}

// Code implements captcha.Kind.
func (Math) Code() captcha.Code { return captcha.CodeMath }

// Name implements captcha.Kind.
func (Math) Name() string { return "math" }

// Life implements captcha.Puzzle.
func (Math) Life() time.Duration { return captcha.Lifetime }

// Request implements captcha.Puzzle.
func (Math) Request(c captcha.Challenge) auth.Request {
	text, _ := sum(c.Seed)
	return mathShape().Request(c, text)
}

func mathShape() captcha.Shape {
	return captcha.Shape{Type: "simple", MIME: "text/plain", Prompts: map[captcha.Purpose]message.Key{
		captcha.Creation: "captcha-createaccount", captcha.Login: "captcha-badlogin",
	}}
}

// Judge implements captcha.Puzzle. Blanks around the number do not matter, nor which minus it has.
func (Math) Judge(_ context.Context, c captcha.Challenge, a captcha.Attempt) (captcha.Verdict, error) {
	_, result := sum(c.Seed)
	typed := strings.ReplaceAll(strings.TrimSpace(a.Word), minus, "-")
	n, err := strconv.Atoi(typed)
	return captcha.Verdict{Right: err == nil && n == result && typed[0] != '+'}, nil
}

// sum makes a sum of 0 to 100 and 0 to 10, as the reference has them.
func sum(seed [32]byte) (text string, result int) {
	a, b := int(pick(seed, 0, 101)), int(pick(seed, 1, 11))
	if seed[31]&1 == 0 {
		return strconv.Itoa(a) + "+" + strconv.Itoa(b) + " =", a + b
	}
	return strconv.Itoa(a) + minus + strconv.Itoa(b) + " =", a - b
}

// pick gives a number below n out of one of the seed's words of 64 bits. What the remainder favours is nothing to speak of.
func pick(seed [32]byte, word int, n uint64) uint64 {
	return binary.BigEndian.Uint64(seed[8*word:]) % n
}
