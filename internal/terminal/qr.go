package terminal

import (
	"fmt"
	"image/color"
	"io"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// quiet is the margin that scanners want around a code, in modules.
const quiet = 2

// ShowQR draws a QR code, black on white whatever the terminal's colours are.
func (t *Terminal) ShowQR(text string) error {
	if style(t.getenv) == none {
		return nil
	}
	return drawQR(t.out, text)
}

func drawQR(w io.Writer, text string) error {
	code, err := qr.Encode(text, qr.L, qr.Auto)
	if err != nil {
		return fmt.Errorf("draw QR code: %w", err)
	}
	size := code.Bounds().Dx()
	black := func(x, y int) int {
		x, y = x-quiet, y-quiet
		if x < 0 || y < 0 || x >= size || y >= size || code.At(x, y) != color.Black {
			return 0
		}
		return 1
	}
	var b strings.Builder
	for y := 0; y < size+2*quiet; y += 2 {
		b.WriteString("\x1b[30;107m") // black on bright white
		for x := range size + 2*quiet {
			b.WriteString([]string{" ", "▀", "▄", "█"}[black(x, y)+2*black(x, y+1)])
		}
		b.WriteString("\x1b[0m\n")
	}
	_, err = io.WriteString(w, b.String())
	return err
}
