package puzzle

import (
	"context"
	"crypto/subtle"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/captcha"
	"gatehouse/internal/message"
)

// Artist draws the word of a seed and says it. Both follow from the seed alone.
type Artist struct {
	// Word is the word, Normal the form in which it is compared with what was typed.
	Word   func(seed [32]byte) string
	Normal func(typed string) string
	// PNG draws a word, WAV says it in a language or the nearest to it that is spoken.
	PNG func(seed [32]byte, word string) ([]byte, error)
	WAV func(seed [32]byte, word, language string) ([]byte, error)
}

// Image has people read a picture, or listen to the same.
type Image struct {
	// scriptPath is the folder of index.php, without a slash at the end.
	scriptPath string
	artist     Artist
	slots      chan struct{}
	waiting    atomic.Int64
}

var _ captcha.Puzzle = (*Image)(nil)

// waitingPerSlot is how many drawings may wait for each that is under way. They take milliseconds.
const waitingPerSlot = 64

// NewImage makes the kind; scriptPath is the folder of index.php, without a slash at the end.
func NewImage(scriptPath string, artist Artist) *Image {
	return &Image{scriptPath: scriptPath, artist: artist, slots: make(chan struct{}, runtime.GOMAXPROCS(0))}
}

// Code implements captcha.Kind.
func (*Image) Code() captcha.Code { return captcha.CodeImage }

// Name implements captcha.Kind.
func (*Image) Name() string { return "image" }

// Life implements captcha.Puzzle.
func (*Image) Life() time.Duration { return captcha.Lifetime }

// Request implements captcha.Puzzle. The address is relative to the server's root, as clients expect it.
func (k *Image) Request(c captcha.Challenge) auth.Request {
	return imageShape().Request(c, k.scriptPath+"/index.php?title=Special:Captcha/image&wpCaptchaId="+c.ID)
}

func imageShape() captcha.Shape {
	return captcha.Shape{Type: "image", MIME: "image/png", Prompts: map[captcha.Purpose]message.Key{
		captcha.Creation: "fancycaptcha-createaccount", captcha.Login: "fancycaptcha-badlogin",
	}}
}

// Judge implements captcha.Puzzle.
func (k *Image) Judge(_ context.Context, c captcha.Challenge, a captcha.Attempt) (captcha.Verdict, error) {
	if len(a.Word) > maxWord {
		return captcha.Verdict{}, nil
	}
	typed, word := k.artist.Normal(a.Word), k.artist.Word(c.Seed)
	return captcha.Verdict{Right: subtle.ConstantTimeCompare([]byte(typed), []byte(word)) == 1}, nil
}

// Picture draws the challenge. An *auth.OverloadError: too many others are being drawn.
func (k *Image) Picture(ctx context.Context, c captcha.Challenge) ([]byte, error) {
	return k.inTurn(ctx, func() ([]byte, error) { return k.artist.PNG(c.Seed, k.artist.Word(c.Seed)) })
}

// Sound says the challenge in the language, or the nearest to it that is spoken, as Picture draws it.
func (k *Image) Sound(ctx context.Context, c captcha.Challenge, language string) ([]byte, error) {
	return k.inTurn(ctx, func() ([]byte, error) { return k.artist.WAV(c.Seed, k.artist.Word(c.Seed), language) })
}

// inTurn bounds how much is drawn at once, whoever asks: a picture costs more than anything else that is free to ask for.
func (k *Image) inTurn(ctx context.Context, draw func() ([]byte, error)) ([]byte, error) {
	defer k.waiting.Add(-1)
	if k.waiting.Add(1) > int64(cap(k.slots)*waitingPerSlot) {
		return nil, &auth.OverloadError{RetryAfter: time.Second}
	}
	select {
	case k.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-k.slots }()
	out, err := draw()
	if err != nil {
		return nil, fmt.Errorf("draw captcha: %w", err)
	}
	return out, nil
}
