package puzzle

import (
	"context"
	"encoding/binary"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"gatehouse/auth"
	"gatehouse/internal/captcha"
)

func challenge(n uint64) captcha.Challenge {
	c := captcha.Challenge{ID: "7", Purpose: captcha.Creation}
	for i := range 4 {
		n = n*6364136223846793005 + 1442695040888963407
		binary.BigEndian.PutUint64(c.Seed[8*i:], n)
	}
	return c
}

func right(t *testing.T, k captcha.Puzzle, c captcha.Challenge, word string) bool {
	t.Helper()
	v, err := k.Judge(t.Context(), c, captcha.Attempt{ID: c.ID, Word: word})
	if err != nil {
		t.Fatal(err)
	}
	return v.Right
}

// info is what a request shows.
func info(t *testing.T, r auth.Request) string {
	t.Helper()
	for i, want := range []struct {
		name string
		typ  auth.FieldType
	}{{"captchaId", auth.FieldHidden}, {"captchaInfo", auth.FieldNull}, {"captchaWord", auth.FieldString}} {
		if f := r.Fields[i]; f.Name != want.name || f.Type != want.typ || f.Optional || f.Sensitive {
			t.Errorf("field %d is %+v", i, f)
		}
	}
	return *r.Fields[1].Value
}

var shape = regexp.MustCompile(`^(\d{1,3})([+−])(\d{1,2}) =$`)

// The sums are as the reference poses them, all of them.
func TestMath(t *testing.T) {
	texts := map[string]bool{}
	for n := range uint64(20_000) {
		c := challenge(n)
		text := info(t, Math{}.Request(c))
		texts[text] = true
		m := shape.FindStringSubmatch(text)
		if m == nil {
			t.Fatalf("%q", text)
		}
		a, _ := strconv.Atoi(m[1])
		b, _ := strconv.Atoi(m[3])
		if a > 100 || b > 10 {
			t.Fatalf("%q", text)
		}
		if m[2] == minus {
			b = -b
		}
		if n < 500 && !right(t, Math{}, c, strconv.Itoa(a+b)) {
			t.Fatalf("%q is not %d", text, a+b)
		}
	}
	if len(texts) < 2200 { // of 101 × 11 × 2
		t.Errorf("%d different sums", len(texts))
	}
}

func TestMathAnswers(t *testing.T) {
	var below, above captcha.Challenge
	for n := uint64(0); below.ID == "" || above.ID == ""; n++ {
		c := challenge(n)
		switch _, result := sum(c.Seed); {
		case result == -3:
			below = c
		case result == 104:
			above = c
		}
	}
	for _, word := range []string{"-3", "−3", " -3\n", "-03"} {
		if !right(t, Math{}, below, word) {
			t.Errorf("%q is not -3", word)
		}
	}
	for _, word := range []string{"3", "--3", "- 3", "", "−", "–3"} {
		if right(t, Math{}, below, word) {
			t.Errorf("%q is -3", word)
		}
	}
	for _, word := range []string{"104", "\t104 "} {
		if !right(t, Math{}, above, word) {
			t.Errorf("%q is not 104", word)
		}
	}
	for _, word := range []string{"+104", "104.0", "1e2", "0x68", "104a", "105", "100+4", strings.Repeat("1", 100_000)} {
		if right(t, Math{}, above, word) {
			t.Errorf("%q is 104", word)
		}
	}
}

func TestQuestion(t *testing.T) {
	k := NewQuestion([]QA{
		{"What is the capital of <b>France</b>?", []string{"Paris", "paris  City"}},
		{"Straße?", []string{"STRASSE"}},
		{"2?", []string{"two", " "}},
	})
	asked := map[string]captcha.Challenge{}
	for n := range uint64(200) {
		c := challenge(n)
		asked[info(t, k.Request(c))] = c
	}
	if len(asked) != 3 {
		t.Fatalf("%d questions are asked", len(asked))
	}
	for _, row := range []struct {
		question, word string
		want           bool
	}{
		{"What is the capital of <b>France</b>?", "paris", true}, {"What is the capital of <b>France</b>?", "  PARIS\n", true},
		{"What is the capital of <b>France</b>?", "Paris \t city", true}, {"What is the capital of <b>France</b>?", "pariscity", false},
		{"What is the capital of <b>France</b>?", "", false}, {"What is the capital of <b>France</b>?", "STRASSE", false},
		{"Straße?", "straße", true}, {"Straße?", "Ｓｔｒａｓｓｅ", true},
		{"2?", "Two", true}, {"2?", " ", false}, {"2?", strings.Repeat("x", 100_000), false},
	} {
		if got := right(t, k, asked[row.question], row.word); got != row.want {
			t.Errorf("%q to %q: %t", row.word, row.question, got)
		}
	}
}

func artist() Artist {
	return Artist{
		Word:   func(seed [32]byte) string { return strconv.Itoa(int(seed[0]) + 100) },
		Normal: func(typed string) string { return strings.ReplaceAll(typed, " ", "") },
		PNG: func(_ [32]byte, word string) ([]byte, error) {
			if word == "355" {
				return nil, errors.New("out of ink")
			}
			return []byte("picture of " + word), nil
		},
		WAV: func(_ [32]byte, word, language string) ([]byte, error) { return []byte(language + " for " + word), nil },
	}
}

func TestImage(t *testing.T) {
	k := NewImage("/w", artist())
	c := challenge(1)
	c.Seed[0] = 23
	if got, want := info(t, k.Request(c)), "/w/index.php?title=Special:Captcha/image&wpCaptchaId=7"; got != want {
		t.Errorf("the picture is at %s", got)
	}
	if !right(t, k, c, "123") || !right(t, k, c, "1 23") || right(t, k, c, "124") || right(t, k, c, "") ||
		right(t, k, c, strings.Repeat(" ", 100_000)+"123") {
		t.Error("the wrong answers are right")
	}
	png, err := k.Picture(t.Context(), c)
	if err != nil || string(png) != "picture of 123" {
		t.Errorf("%s %v", png, err)
	}
	wav, err := k.Sound(t.Context(), c, "de")
	if err != nil || string(wav) != "de for 123" {
		t.Errorf("%s %v", wav, err)
	}
	c.Seed[0] = 255
	if _, err := k.Picture(t.Context(), c); err == nil {
		t.Error("a picture without ink")
	}
}

// No more is drawn at once than there are processors, and no more waits than can be drawn in a moment.
func TestDrawingIsBounded(t *testing.T) {
	a, begun, on := artist(), make(chan struct{}, 10_000), make(chan struct{})
	a.PNG = func([32]byte, string) ([]byte, error) {
		begun <- struct{}{}
		<-on
		return nil, nil
	}
	k := NewImage("/w", a)
	var all sync.WaitGroup
	most := cap(k.slots) * waitingPerSlot
	for range most {
		all.Go(func() {
			if _, err := k.Picture(context.Background(), challenge(1)); err != nil {
				t.Error(err)
			}
		})
	}
	for range cap(k.slots) {
		<-begun
	}
	for k.waiting.Load() < int64(most) {
		if len(begun) > 0 {
			t.Fatal("too many are drawn at once")
		}
	}
	var busy *auth.OverloadError
	if _, err := k.Picture(t.Context(), challenge(1)); !errors.As(err, &busy) {
		t.Errorf("one too many: %v", err)
	}
	close(on)
	all.Wait()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for range cap(k.slots) {
		k.slots <- struct{}{}
	}
	if _, err := k.Picture(gone, challenge(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("who went away waits: %v", err)
	}
}
