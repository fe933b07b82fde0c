package terminal

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/gif"
	_ "image/jpeg"
	"image/png"
	"io"
	"strings"
)

// largestSide bounds the pictures that are decoded, in pixels.
const largestSide = 4000

// Show shows a PNG, JPEG or GIF as well as the terminal can.
func (t *Terminal) Show(picture []byte) error {
	config, _, err := image.DecodeConfig(bytes.NewReader(picture))
	if err != nil {
		return fmt.Errorf("read picture: %w", err)
	}
	if config.Width > largestSide || config.Height > largestSide || config.Width == 0 || config.Height == 0 {
		return errors.New("read picture: it is too large")
	}
	img, _, err := image.Decode(bytes.NewReader(picture))
	if err != nil {
		return fmt.Errorf("read picture: %w", err)
	}
	switch style(t.getenv) {
	case kitty:
		err = showKitty(t.out, img)
	case iterm:
		err = showITerm(t.out, picture)
	case blocks:
		err = showBlocks(t.out, img, t.width(), paletteOf(t.getenv))
	}
	return err
}

type pictureStyle int

const (
	blocks pictureStyle = iota
	kitty
	iterm
	none
)

// style tells how the terminal shows pictures, by the names that terminals put into the environment.
func style(getenv func(string) string) pictureStyle {
	program := getenv("TERM_PROGRAM")
	switch {
	case getenv("TERM") == "dumb":
		return none
	case getenv("TMUX") != "" || strings.HasPrefix(getenv("TERM"), "screen"): // they keep escapes for themselves
		return blocks
	case getenv("KITTY_WINDOW_ID") != "" || getenv("TERM") == "xterm-kitty" || program == "ghostty":
		return kitty
	case program == "iTerm.app" || program == "WezTerm" || getenv("LC_TERMINAL") == "iTerm2":
		return iterm
	}
	return blocks
}

// showKitty sends a PNG in Kitty's graphics protocol: Base64 in chunks of 4096.
func showKitty(w io.Writer, img image.Image) error {
	var coded bytes.Buffer
	if err := png.Encode(&coded, img); err != nil {
		return err
	}
	text := base64.StdEncoding.EncodeToString(coded.Bytes())
	for head := "a=T,f=100,"; ; head = "" {
		chunk := text[:min(len(text), 4096)]
		text = text[len(chunk):]
		more := 0
		if text != "" {
			more = 1
		}
		if _, err := fmt.Fprintf(w, "\x1b_G%sm=%d;%s\x1b\\", head, more, chunk); err != nil {
			return err
		}
		if text == "" {
			_, err := fmt.Fprintln(w)
			return err
		}
	}
}

// showITerm sends the file as it is in iTerm2's protocol for inline images.
func showITerm(w io.Writer, picture []byte) error {
	_, err := fmt.Fprintf(w, "\x1b]1337;File=inline=1;size=%d:%s\a\n", len(picture), base64.StdEncoding.EncodeToString(picture))
	return err
}

// palette is how many colours a terminal has.
type palette int

const (
	colours256 palette = iota
	coloursAll
	coloursNone
)

func paletteOf(getenv func(string) string) palette {
	switch {
	case getenv("NO_COLOR") != "":
		return coloursNone
	case getenv("COLORTERM") == "truecolor" || getenv("COLORTERM") == "24bit":
		return coloursAll
	}
	return colours256
}

// showBlocks draws two pixels in each character: the upper half block's own colour and the one behind it.
func showBlocks(w io.Writer, img image.Image, columns int, colours palette) error {
	bounds := img.Bounds()
	width := min(bounds.Dx(), columns-1, 160)
	height := max(1, bounds.Dy()*width/bounds.Dx())
	small := make([][]color.RGBA, height+1) // one more, so that the last line has two
	for y := range small {
		small[y] = make([]color.RGBA, width)
		for x := range small[y] {
			small[y][x] = average(img, image.Rect(
				bounds.Min.X+x*bounds.Dx()/width, bounds.Min.Y+y*bounds.Dy()/height,
				bounds.Min.X+(x+1)*bounds.Dx()/width, bounds.Min.Y+(y+1)*bounds.Dy()/height))
		}
	}
	var b strings.Builder
	for y := 0; y < height; y += 2 {
		for x := range width {
			b.WriteString(halfBlock(small[y][x], small[y+1][x], colours))
		}
		if colours != coloursNone {
			b.WriteString("\x1b[0m")
		}
		b.WriteString("\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// average is the mean colour of a part, before white.
func average(img image.Image, part image.Rectangle) color.RGBA {
	part.Max.X, part.Max.Y = max(part.Max.X, part.Min.X+1), max(part.Max.Y, part.Min.Y+1)
	part = part.Intersect(img.Bounds())
	var sum [3]uint64
	n := uint64(part.Dx()) * uint64(part.Dy())
	if n == 0 {
		return color.RGBA{R: 255, G: 255, B: 255, A: 255}
	}
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			r, g, b, a := img.At(x, y).RGBA()
			sum[0], sum[1], sum[2] = sum[0]+uint64(r+0xffff-a), sum[1]+uint64(g+0xffff-a), sum[2]+uint64(b+0xffff-a)
		}
	}
	return color.RGBA{R: uint8(sum[0] / n >> 8), G: uint8(sum[1] / n >> 8), B: uint8(sum[2] / n >> 8), A: 255}
}

func halfBlock(upper, lower color.RGBA, colours palette) string {
	switch colours {
	case coloursAll:
		return fmt.Sprintf("\x1b[38;2;%d;%d;%d;48;2;%d;%d;%dm▀", upper.R, upper.G, upper.B, lower.R, lower.G, lower.B)
	case colours256:
		return fmt.Sprintf("\x1b[38;5;%d;48;5;%dm▀", cube(upper), cube(lower))
	}
	return []string{" ", "▀", "▄", "█"}[dark(upper)+2*dark(lower)]
}

// cube is the nearest of the 216 colours, or of the greys, that terminals with 256 have.
func cube(c color.RGBA) int {
	if c.R == c.G && c.G == c.B && c.R > 8 && c.R < 238 {
		return 232 + (int(c.R)-8)/10
	}
	step := func(v uint8) int { return (int(v)*5 + 127) / 255 }
	return 16 + 36*step(c.R) + 6*step(c.G) + step(c.B)
}

func dark(c color.RGBA) int {
	if 299*int(c.R)+587*int(c.G)+114*int(c.B) < 128_000 {
		return 1
	}
	return 0
}
