package qr

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"
)

// TestSVG: the drawing is well formed, has one path for the dark modules, and nothing that a content policy stops.
func TestSVG(t *testing.T) {
	for _, text := range []string{"a", "otpauth://totp/Wiki:Ann?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Wiki", strings.Repeat("é", 500)} {
		drawn, err := SVG(text)
		if err != nil {
			t.Fatal(err)
		}
		d := xml.NewDecoder(strings.NewReader(drawn))
		for err == nil {
			_, err = d.Token()
		}
		if err != io.EOF {
			t.Errorf("%q: %v", text, err)
		}
		for _, bad := range []string{"style", "script", "href", "url(", text + "\""} {
			if strings.Contains(drawn, bad) {
				t.Errorf("%q: it has %q", text, bad)
			}
		}
	}
	if _, err := SVG(strings.Repeat("x", 4000)); err == nil {
		t.Error("a text that fits into no code was drawn")
	}
}

// TestPatterns: a version 1 code is 21 modules wide, and its corners are where readers look for them.
func TestPatterns(t *testing.T) {
	drawn, err := SVG("A")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`viewBox="0 0 29 29"`, "M4 4.5h7", "M18 4.5h7", "M4 24.5h7"} {
		if !strings.Contains(drawn, part) {
			t.Errorf("no %s in %s", part, drawn)
		}
	}
}
