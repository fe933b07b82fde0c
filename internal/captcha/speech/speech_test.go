package speech

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

func speaker(t testing.TB) *Speaker {
	t.Helper()
	s, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestLanguages(t *testing.T) {
	s := speaker(t)
	want := []string{"ar", "de", "en", "es", "fr", "hi", "hu", "ja", "ru", "zh"}
	if got := s.Languages(); !slices.Equal(got, want) {
		t.Errorf("speaks %v, want %v", got, want)
	}
	for code, want := range map[string]string{
		"hu": "hu", "de-at": "de", "zh-hans": "zh", "ES": "es", "": "en", "xx": "en", "en-gb": "en", "tlh-x": "en",
	} {
		if got := s.Language(code); got != want {
			t.Errorf("%q is answered in %s, want %s", code, got, want)
		}
	}
}

// The same challenge is always the same file, and another one never is, though the word be the same (security checklist 31).
func TestWAVFollowsFromSeed(t *testing.T) {
	one, other := speaker(t), speaker(t)
	first := wav(t, one, [32]byte{1}, "407719", "en")
	if !bytes.Equal(first, wav(t, other, [32]byte{1}, "407719", "en")) {
		t.Error("the same challenge sounds different")
	}
	for name, next := range map[string][]byte{
		"seed":     wav(t, one, [32]byte{2}, "407719", "en"),
		"word":     wav(t, one, [32]byte{1}, "407718", "en"),
		"language": wav(t, one, [32]byte{1}, "407719", "hu"),
	} {
		if bytes.Equal(first, next) {
			t.Errorf("another %s sounds the same", name)
		}
	}
}

// No stretch of sound comes back with another seed: a table of known bytes finds no digit.
func TestNoStretchRepeats(t *testing.T) {
	s := speaker(t)
	const stretch = 88 // 8 ms
	seen := map[string]bool{}
	first := wav(t, s, [32]byte{1}, "1111111111", "en")[44:]
	for i := range len(first) - stretch {
		seen[string(first[i:i+stretch])] = true
	}
	for seed := range byte(10) {
		next := wav(t, s, [32]byte{2, seed}, "1111111111", "en")[44:]
		for i := range len(next) - stretch {
			if seen[string(next[i:i+stretch])] {
				t.Fatalf("seed %d repeats the stretch at %d", seed, i)
			}
		}
	}
}

func TestWAVIsAWellFormedFile(t *testing.T) {
	s := speaker(t)
	for _, language := range s.Languages() {
		for seed := range byte(20) {
			out := wav(t, s, [32]byte{seed}, "0123456789"[seed%5:seed%5+6], language)
			le := binary.LittleEndian
			if string(out[:4]) != "RIFF" || string(out[8:16]) != "WAVEfmt " || string(out[36:40]) != "data" {
				t.Fatalf("%s: begins with %q", language, out[:44])
			}
			samples := int(le.Uint32(out[40:]))
			if int(le.Uint32(out[4:])) != len(out)-8 || samples+samples%2+44 != len(out) || le.Uint32(out[24:]) != Rate {
				t.Errorf("%s: the header says %d samples, the file has %d bytes", language, samples, len(out))
			}
			if seconds := float64(samples) / Rate; seconds < 4 || seconds > 11 {
				t.Errorf("%s: six digits take %.1f s", language, seconds)
			}
		}
	}
}

// Every clip is a word: no shorter than people can say one, and loud somewhere.
func TestClips(t *testing.T) {
	for language, voices := range speaker(t).voices {
		for v, voice := range voices {
			for digit, c := range voice {
				samples := c.samples()
				if seconds := float64(len(samples)) / Rate; seconds < .12 || seconds > 1.1 {
					t.Errorf("%s, voice %d: %d takes %.2f s", language, v, digit, seconds)
				}
				if loudest := slices.Max(samples); loudest < 6000 {
					t.Errorf("%s, voice %d: %d is no louder than %d", language, v, digit, loudest)
				}
			}
		}
	}
}

func TestWAVRefusesOtherWords(t *testing.T) {
	s := speaker(t)
	wav(t, s, [32]byte{}, "0", "en")
	wav(t, s, [32]byte{}, "0123456789", "en")
	for _, word := range []string{"", "12345678901", "12a", "١٢٣", " 1", "1\x00", strings.Repeat("1", 1<<20)} {
		if out, err := s.WAV([32]byte{}, word, "en"); !errors.Is(err, ErrWord) || out != nil {
			t.Errorf("a word of %d bytes gives %d bytes and %v", len(word), len(out), err)
		}
	}
}

// What is packed comes back as it was, but for what four bits a sample cannot say.
func TestBuild(t *testing.T) {
	var voice [10][]int16
	for digit := range voice {
		for i := range 400 {
			voice[digit] = append(voice[digit], int16(float64(digit+1)*700*math.Sin(float64(i)/6)))
		}
	}
	voices, err := parse(string(Build([]Recordings{{Language: Fallback, Voices: [][10][]int16{voice}}})))
	if err != nil {
		t.Fatal(err)
	}
	for digit, c := range voices[Fallback][0] {
		got := c.samples()
		for i := 100; i < 400; i++ { // the steps have grown by then
			if off := int(got[i]) - int(voice[digit][i]); off < -700 || off > 700 {
				t.Fatalf("digit %d, sample %d is %d, and was %d", digit, i, got[i], voice[digit][i])
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("")
	f.Add("\x02en\x01\x01\x00x")
	f.Add(embedded[:2000])
	f.Fuzz(func(t *testing.T, packed string) {
		voices, err := parse(packed)
		if err == nil && len(voices[Fallback]) == 0 {
			t.Error("a speaker without voices")
		}
	})
}

func wav(t *testing.T, s *Speaker, seed [32]byte, word, language string) []byte {
	t.Helper()
	out, err := s.WAV(seed, word, language)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// BenchmarkWAV is what one sound costs: go test -bench WAV -benchmem ./internal/captcha/speech
func BenchmarkWAV(b *testing.B) {
	s := speaker(b)
	bytes := 0
	for i := 0; b.Loop(); i++ {
		out, err := s.WAV([32]byte{byte(i), byte(i >> 8)}, "407719", "en")
		if err != nil {
			b.Fatal(err)
		}
		bytes += len(out)
	}
	b.ReportMetric(float64(bytes)/float64(b.N), "bytes/file")
}
