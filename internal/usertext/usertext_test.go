package usertext

import (
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestClean(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"ASCII", "a ~\x7f", "a ~\x7f"},
		{"blanks stay where they are", "  a  ", "  a  "},
		{"tab and line ends", "a\tb\r\nc", "a\tb\r\nc"},
		{"zero byte", "a\x00b", "a\uFFFDb"},
		{"escape", "\x1b[31m", "\uFFFD[31m"},
		{"decomposed", "Cafe\u0301", "Caf\u00e9"},
		{"compatibility forms stay", "\uFB01\u2460", "\uFB01\u2460"},
		{"bytes that are no text, one by one", "a\xff\xc3b", "a\uFFFD\uFFFDb"},
		{"half of a pair", "\xed\xa0\x80", "\uFFFD\uFFFD\uFFFD"},
		{"no characters", "\uFFFE\uFFFF", "\uFFFD\uFFFD"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Clean(c.in); got != c.want {
				t.Errorf("Clean(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func FuzzClean(f *testing.F) {
	f.Add("a\x00\xffe\u0301")
	f.Fuzz(func(t *testing.T, s string) {
		once := Clean(s)
		if !utf8.ValidString(once) || !norm.NFC.IsNormalString(once) {
			t.Errorf("Clean(%q) = %q, which is not clean", s, once)
		}
		if twice := Clean(once); twice != once {
			t.Errorf("cleaned twice %q is %q and then %q", s, once, twice)
		}
	})
}
