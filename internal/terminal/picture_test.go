package terminal

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"
)

func environ(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func TestStyle(t *testing.T) {
	for _, c := range []struct {
		getenv func(string) string
		want   pictureStyle
	}{
		{environ(), blocks}, {environ("TERM", "dumb", "KITTY_WINDOW_ID", "1"), none}, {environ("KITTY_WINDOW_ID", "1"), kitty}, {environ("TERM", "xterm-kitty"), kitty},
		{environ("TERM_PROGRAM", "ghostty"), kitty}, {environ("TERM_PROGRAM", "iTerm.app"), iterm}, {environ("TERM_PROGRAM", "WezTerm"), iterm}, {environ("LC_TERMINAL", "iTerm2"), iterm},
		{environ("KITTY_WINDOW_ID", "1", "TMUX", "/tmp/x"), blocks}, {environ("TERM", "screen-256color", "LC_TERMINAL", "iTerm2"), blocks},
	} {
		if got := style(c.getenv); got != c.want {
			t.Errorf("got %v, want %v", got, c.want)
		}
	}
}

// noisy is a picture that compresses badly.
func noisy(width, height int) image.Image {
	random := rand.New(rand.NewPCG(1, 2))
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range img.Pix {
		img.Pix[i] = uint8(random.UintN(256)) | 0x80*uint8(i%4/3)
	}
	return img
}

// TestKittyChunks: what is sent in pieces is the picture again, and only the last piece says that it is the last.
func TestKittyChunks(t *testing.T) {
	var b bytes.Buffer
	if err := showKitty(&b, noisy(80, 60)); err != nil {
		t.Fatal(err)
	}
	pieces := regexp.MustCompile("\x1b_G([^;]*);([^\x1b]*)\x1b\\\\").FindAllStringSubmatch(b.String(), -1)
	var text string
	for i, p := range pieces {
		first, last := i == 0, i == len(pieces)-1
		if strings.HasPrefix(p[1], "a=T,f=100,") != first || strings.HasSuffix(p[1], "m=0") != last || len(p[2]) > 4096 {
			t.Errorf("piece %d of %d: %s, %d bytes", i, len(pieces), p[1], len(p[2]))
		}
		text += p[2]
	}
	coded, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(pieces) < 2 {
		t.Fatalf("%d pieces, %v", len(pieces), err)
	}
	if img, err := png.Decode(bytes.NewReader(coded)); err != nil || img.Bounds().Dx() != 80 {
		t.Errorf("the picture: %v", err)
	}
}

// TestBlocks: two pixels a character, in as many colours as there are, no wider than the terminal.
func TestBlocks(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 2, 3))
	img.Set(0, 0, color.Black)
	img.Set(1, 0, color.White)
	img.Set(0, 1, color.White)
	img.Set(1, 1, color.Black)
	img.Set(0, 2, color.RGBA{R: 255, A: 255})
	for colours, want := range map[palette]string{
		coloursNone: "▀▄\n▀ \n",
		coloursAll:  "\x1b[38;2;0;0;0;48;2;255;255;255m▀\x1b[38;2;255;255;255;48;2;0;0;0m▀\x1b[0m\n\x1b[38;2;255;0;0;48;2;255;255;255m▀\x1b[38;2;255;255;255;48;2;255;255;255m▀\x1b[0m\n",
		colours256:  "\x1b[38;5;16;48;5;231m▀\x1b[38;5;231;48;5;16m▀\x1b[0m\n\x1b[38;5;196;48;5;231m▀\x1b[38;5;231;48;5;231m▀\x1b[0m\n",
	} {
		var b bytes.Buffer
		if err := showBlocks(&b, img, 80, colours); err != nil || b.String() != want {
			t.Errorf("%v: %q, %v\nwant %q", colours, b.String(), err, want)
		}
	}
	var b bytes.Buffer
	if err := showBlocks(&b, noisy(500, 100), 40, coloursNone); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n != 39 {
			t.Errorf("a line of %d", n)
		}
	}
}

// TestShowRefuses what is no picture, and what is too large to be one of a captcha.
func TestShowRefuses(t *testing.T) {
	var large bytes.Buffer
	if err := png.Encode(&large, image.NewGray(image.Rect(0, 0, largestSide+1, 1))); err != nil {
		t.Fatal(err)
	}
	terminal := &Terminal{in: os.Stdin, out: &bytes.Buffer{}, getenv: environ()}
	for _, picture := range [][]byte{nil, []byte("<svg/>"), large.Bytes()} {
		if err := terminal.Show(picture); err == nil {
			t.Errorf("%.20q is shown", picture)
		}
	}
}

func TestQR(t *testing.T) {
	var b bytes.Buffer
	if err := drawQR(&b, "otpauth://totp/A:Zane?secret=6CO32AKVEP2XMIV5&issuer=A"); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	width := len([]rune(strings.TrimSuffix(strings.TrimPrefix(lines[0], "\x1b[30;107m"), "\x1b[0m")))
	if width < 25 || len(lines) != (width+1)/2 || strings.Trim(strings.TrimSuffix(strings.TrimPrefix(lines[0], "\x1b[30;107m"), "\x1b[0m"), " ") != "" {
		t.Errorf("%d lines of %d:\n%s", len(lines), width, b.String())
	}
	if err := drawQR(&b, strings.Repeat("x", 10_000)); err == nil {
		t.Error("a text longer than any code is drawn")
	}
}
