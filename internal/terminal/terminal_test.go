package terminal

import (
	"errors"
	"strings"
	"testing"
)

// What the terminal would do with the keys of a line is done here where it hides them.
func TestReadRaw(t *testing.T) {
	for typed, want := range map[string]string{
		"secret\r":                    "secret",
		"secret\nnext\n":              "secret",
		"secrt\x7fet\r":               "secret",
		"\x7f\bx\r":                   "x",
		"caf\u00e9\x7fe\r":            "cafe",
		"wrong\x15right\r":            "right",
		"end\x04ing\r":                "ending",
		"\r":                          "",
		strings.Repeat("x", 9) + "\r": strings.Repeat("x", 9),
	} {
		if got, err := readRaw(strings.NewReader(typed)); got != want || err != nil {
			t.Errorf("%q: %q, %v", typed, got, err)
		}
	}
	for typed, want := range map[string]error{
		"\x04": ErrEnded, "abc\x03": ErrEnded, "abc": ErrEnded,
		strings.Repeat("x", longestLine+1) + "\r": errLong,
	} {
		if _, err := readRaw(strings.NewReader(typed)); !errors.Is(err, want) {
			t.Errorf("%.9q: %v, want %v", typed, err, want)
		}
	}
}
