package picture

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"strings"
	"sync"
	"testing"
)

func seedOf(i int) [32]byte { return [32]byte{byte(i), byte(i >> 8)} }

// The word of a seed is a promise between instances and between versions: one draws what another compares.
func TestWordIsFixed(t *testing.T) {
	for i, want := range []string{"397388", "377839", "427200", "079814"} {
		if got := Word(seedOf(i)); got != want {
			t.Errorf("word %d is %s, and was %s", i, got, want)
		}
	}
}

// Words are unpredictable as far as their seed is: all digits come about equally often at every place (security checklist 31).
func TestWordsAreEven(t *testing.T) {
	const words = 5000
	var count [Length]map[byte]int
	for i := range words {
		word := Word(seedOf(i))
		if !valid(word) {
			t.Fatalf("%q is no word", word)
		}
		for place := range Length {
			if count[place] == nil {
				count[place] = map[byte]int{}
			}
			count[place][word[place]]++
		}
	}
	for place, digits := range count {
		for digit := byte('0'); digit <= '9'; digit++ {
			if n := digits[digit]; n < words/10*4/5 || n > words/10*6/5 {
				t.Errorf("%c stands %d times of %d at place %d", digit, n, words, place)
			}
		}
	}
}

func TestPNGIsTheSameEveryTime(t *testing.T) {
	var one, other Painter
	first, err := one.PNG(seedOf(1), "123456")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := one.PNG(seedOf(2), "987650"); err != nil { // leaves its memory behind
		t.Fatal(err)
	}
	for _, p := range []*Painter{&one, &other} {
		again, err := p.PNG(seedOf(1), "123456")
		if err != nil || !bytes.Equal(first, again) {
			t.Errorf("the second picture differs (%v)", err)
		}
	}
	otherSeed, err := one.PNG(seedOf(3), "123456")
	if err != nil || bytes.Equal(first, otherSeed) {
		t.Errorf("another seed draws the same picture (%v)", err)
	}
}

func TestPNGIsSmallAndGrey(t *testing.T) {
	var p Painter
	for i := range 100 {
		file, err := p.PNG(seedOf(i), Word(seedOf(i)))
		if err != nil {
			t.Fatal(err)
		}
		if len(file) > 12<<10 {
			t.Errorf("picture %d has %d bytes", i, len(file))
		}
		img, err := png.Decode(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		paletted, ok := img.(*image.Paletted)
		if !ok || img.Bounds() != image.Rect(0, 0, Width, Height) || len(paletted.Palette) > 16 {
			t.Errorf("picture %d is a %T of %v", i, img, img.Bounds())
		}
	}
}

// What a picture shows, it shows whole.
func TestDigitsStayInside(t *testing.T) {
	for i := range 150 {
		var c canvas
		r := randomness(seedOf(i), "picture")
		w := newWave(r)
		c.fields(r)
		for place, digit := range []byte(Word(seedOf(i))) {
			c.digit(r, w, digit, place)
			if b := c.dirty; b.x0 <= 0 || b.y0 <= 0 || b.x1 >= Width || b.y1 >= Height {
				t.Errorf("picture %d cuts the %c at place %d: %+v", i, digit, place, b)
			}
			c.swap()
		}
	}
}

func TestPNGRefusesOtherWords(t *testing.T) {
	var p Painter
	for _, word := range []string{"", "12345", "1234567", "12345a", "12345٣", strings.Repeat("1", 1<<20)} {
		if out, err := p.PNG(seedOf(1), word); !errors.Is(err, ErrWord) || out != nil {
			t.Errorf("a word of %d bytes gives %d bytes and %v", len(word), len(out), err)
		}
	}
}

func TestPainterIsShared(t *testing.T) {
	var p Painter
	want, err := p.PNG(seedOf(7), "704219")
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 5 {
				if got, err := p.PNG(seedOf(7), "704219"); err != nil || !bytes.Equal(got, want) {
					t.Errorf("a picture drawn beside others differs (%v)", err)
				}
			}
		})
	}
	group.Wait()
}

func TestNormal(t *testing.T) {
	for _, tt := range []struct{ typed, want string }{
		{"123456", "123456"},
		{" 123 456\n", "123456"},
		{"123\u00a0456", "123456"},
		{"١٢٣٤٥٠", "123450"},
		{"۱۲۳۴۵۶", "123456"},
		{"१२३४५६", "123456"},
		{"１２３４５６", "123456"},
		{"𝟏𝟐𝟑𝟘𝟙𝟚", "123012"},
		{"12345o", "12345o"},
		{"-12345", "-12345"},
		{"", ""},
	} {
		if got := Normal(tt.typed); got != tt.want {
			t.Errorf("Normal(%q) = %q, want %q", tt.typed, got, tt.want)
		}
	}
}

func FuzzNormal(f *testing.F) {
	f.Add("12 ٣ x")
	f.Fuzz(func(t *testing.T, typed string) {
		if once := Normal(typed); Normal(once) != once {
			t.Errorf("%q becomes %q, which changes again", typed, once)
		}
	})
}

// BenchmarkPNG is what one picture costs: go test -bench PNG -benchmem ./internal/captcha/picture
func BenchmarkPNG(b *testing.B) {
	var p Painter
	bytes := 0
	for i := 0; b.Loop(); i++ {
		out, err := p.PNG(seedOf(i), Word(seedOf(i)))
		if err != nil {
			b.Fatal(err)
		}
		bytes += len(out)
	}
	b.ReportMetric(float64(bytes)/float64(b.N), "bytes/picture")
}
