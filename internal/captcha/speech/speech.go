// Package speech says the digits of a captcha, for people who cannot see its picture: a WAV file in one of several languages.
//
// The same seed, word and language give the same file. Another seed says the same word with other voices, at another pace and
// pitch, over another murmur, so that nobody recognises digits by comparing bytes. That is all it does against programs:
// speech recognition understands what people understand (docs/captcha.md).
//
// The voices were recorded from espeak-ng by the program in gen and are part of the binary. The package knows no HTTP and
// decides nothing; package captcha says what is spoken and to whom.
package speech

import (
	"crypto/sha256"
	_ "embed" // for the samples
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// Rate is how many samples a second has: a telephone's 8000 would lose most of an s. Files are mono, eight bits a sample, which
// every browser plays.
const Rate = 11025

// MaxLength is how many digits may be said at once.
const MaxLength = 10

// Fallback is the language of whoever speaks none of Languages.
const Fallback = "en"

// ErrWord is the answer to a word that is not 1 to MaxLength digits from 0 to 9.
var ErrWord = errors.New("speech: a word is one to ten digits from 0 to 9")

//go:embed samples.bin
var embedded string

// Speaker says words. It does not change and may be used by many goroutines.
type Speaker struct{ voices map[string][][10]clip }

// New reads the samples.
func New() (*Speaker, error) {
	voices, err := parse(embedded)
	if err != nil {
		return nil, fmt.Errorf("read voices: %w", err)
	}
	return &Speaker{voices}, nil
}

// Languages gives the codes of the languages that are spoken, sorted.
func (s *Speaker) Languages() []string {
	out := make([]string, 0, len(s.voices))
	for l := range s.voices {
		out = append(out, l)
	}
	slices.Sort(out)
	return out
}

// Language gives the language that is spoken to who asks for code, such as "de-at": that language whatever its variant, or
// else Fallback.
func (s *Speaker) Language(code string) string {
	base, _, _ := strings.Cut(strings.ToLower(code), "-")
	if _, ok := s.voices[base]; ok {
		return base
	}
	return Fallback
}

// WAV says word, digit by digit, in the language that Language gives for code. A file has about one second a digit, 80 kB
// for six. ErrWord if the word cannot be said.
func (s *Speaker) WAV(seed [32]byte, word, code string) ([]byte, error) {
	if word == "" || len(word) > MaxLength || strings.Trim(word, "0123456789") != "" {
		return nil, ErrWord
	}
	m := mixer{
		voices: s.voices[s.Language(code)],
		r:      rand.New(rand.NewChaCha8(sha256.Sum256(append(seed[:], "speech"...)))),
	}
	m.say(word)
	m.murmur()
	return file(m.sound, m.r), nil
}
