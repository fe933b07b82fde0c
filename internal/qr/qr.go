// Package qr draws QR codes as SVG, for pages and for programs that show what they are sent.
//
// The drawing is one path on white, without scripts, styles or references, so that it may stand in a page under any content
// policy. What the text means is its callers' business.
package qr

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
)

// quiet is the width of the margin that readers need, in modules.
const quiet = 4

// SVG draws text, at most some 2 300 bytes, as a document of its own.
func SVG(text string) (string, error) {
	code, err := qr.Encode(text, qr.M, qr.Unicode)
	if err != nil {
		return "", fmt.Errorf("draw a QR code: %w", err)
	}
	size := code.Bounds().Dx() + 2*quiet
	side := strconv.Itoa(size)
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ` + side + ` ` + side + `" width="` + strconv.Itoa(6*size) +
		`" height="` + strconv.Itoa(6*size) + `" shape-rendering="crispEdges">` +
		`<path fill="#fff" d="M0 0h` + side + `v` + side + `H0z"/><path stroke="#000" d="` + path(code) + `"/></svg>`, nil
}

// path is a line for each run of dark modules.
func path(code barcode.Barcode) string {
	var b strings.Builder
	size := code.Bounds().Dx()
	for y := range size {
		for x := 0; x < size; x++ {
			run := 0
			for x+run < size && dark(code, x+run, y) {
				run++
			}
			if run > 0 {
				fmt.Fprintf(&b, "M%d %d.5h%d", x+quiet, y+quiet, run)
				x += run
			}
		}
	}
	return b.String()
}

func dark(code barcode.Barcode, x, y int) bool {
	r, _, _, _ := code.At(x, y).RGBA()
	return r == 0
}
