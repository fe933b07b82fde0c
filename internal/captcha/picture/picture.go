// Package picture draws the picture of a captcha: a row of digits that people read and text recognition does not.
//
// The word and its picture follow from a seed, so that nothing is stored while nobody answers. The words are digits alone:
// every keyboard in the world types them, and package speech says them in many languages.
//
// It is not a store of challenges and knows no HTTP: package captcha decides what a seed is, how long it lives and who may
// draw. docs/captcha.md has how well people and programs read the pictures.
package picture

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"sync"
	"unicode"
)

// The size of a picture in pixels, which is twice what a page shows it at, for screens that are finer than a page's units.
const (
	Width  = 480
	Height = 160
)

// Length is how many digits a word has.
const Length = 6

// ErrWord is the answer to a word that is not Length digits.
var ErrWord = errors.New("picture: a word is six digits from 0 to 9")

// Word gives the word of a seed: Length digits, each as likely as any other. Who does not know the seed learns nothing of it
// from other words or pictures.
func Word(seed [32]byte) string {
	r := randomness(seed, "word")
	word := make([]byte, Length)
	for i := range word {
		word[i] = '0' + byte(r.IntN(10))
	}
	return string(word)
}

// Normal brings what a person typed into the spelling of Word: digits of any script become 0 to 9, and white space goes.
// Anything else stays as it is, and so is not equal to any word.
func Normal(typed string) string {
	out := make([]rune, 0, Length)
	for _, r := range typed {
		switch {
		case unicode.IsSpace(r):
		case unicode.Is(unicode.Nd, r):
			out = append(out, '0'+digitValue(r))
		default:
			out = append(out, r)
		}
	}
	return string(out)
}

// digitValue relies on Unicode's rule that digits stand in runs of ten, from zero to nine.
func digitValue(r rune) rune {
	for _, run := range unicode.Nd.R16 {
		if rune(run.Lo) <= r && r <= rune(run.Hi) {
			return (r - rune(run.Lo)) % 10
		}
	}
	for _, run := range unicode.Nd.R32 {
		if rune(run.Lo) <= r && r <= rune(run.Hi) {
			return (r - rune(run.Lo)) % 10
		}
	}
	return 0
}

// Painter draws pictures. The zero value is ready; it keeps the memory of a picture for the next one and may be used by many
// goroutines at once, of which each takes one canvas (about 160 kB) and one compressor (about 1 MB) while it draws.
type Painter struct {
	canvases    sync.Pool
	compressors compressors
}

// PNG draws word for people to read: grey, Width by Height, always the same bytes for the same seed and word on one machine.
// The word is normally Word(seed); another one gives ErrWord unless it is Length digits.
func (p *Painter) PNG(seed [32]byte, word string) ([]byte, error) {
	if !valid(word) {
		return nil, ErrWord
	}
	c, ok := p.canvases.Get().(*canvas)
	if !ok {
		c = new(canvas)
	}
	defer p.canvases.Put(c)
	c.ground = [Width * Height]uint8{}
	draw(c, randomness(seed, "picture"), word)
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed, BufferPool: &p.compressors}
	if err := encoder.Encode(&out, c.image()); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func valid(word string) bool {
	for i := range len(word) {
		if word[i] < '0' || word[i] > '9' {
			return false
		}
	}
	return len(word) == Length
}

// randomness gives the stream of a seed for one purpose. What one stream shows says nothing about another.
func randomness(seed [32]byte, purpose string) *rand.Rand {
	return rand.New(rand.NewChaCha8(sha256.Sum256(append(seed[:], purpose...))))
}

// image turns the darkness into sixteen greys in place: few enough for a small file, and enough for smooth edges. The
// lightest is not white and the darkest not black, so that it glares on no page.
func (c *canvas) image() *image.Paletted {
	const light, dark = 240, 30
	greys := make(color.Palette, 16)
	for i := range greys {
		greys[i] = color.Gray{Y: uint8(light - i*(light-dark)/15)}
	}
	for i, g := range c.ground {
		c.ground[i] = g >> 4
	}
	return &image.Paletted{Pix: c.ground[:], Stride: Width, Rect: image.Rect(0, 0, Width, Height), Palette: greys}
}

// compressors keeps what PNG files are compressed with.
type compressors struct{ pool sync.Pool }

func (c *compressors) Get() *png.EncoderBuffer {
	b, _ := c.pool.Get().(*png.EncoderBuffer)
	return b
}

func (c *compressors) Put(b *png.EncoderBuffer) { c.pool.Put(b) }
