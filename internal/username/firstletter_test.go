package username

import (
	"testing"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

func TestFirstLetter(t *testing.T) {
	for _, c := range []struct{ raw, want string }{
		{"é", "É"}, {"я", "Я"}, {"ⓐ", "Ⓐ"}, {"ⅰ", "Ⅰ"}, {"\U00010428", "\U00010400"}, {"\uab70", "\u13a0"},
		{"ß", "Ss"},
		{"ǆ", "ǅ"}, {"ǅ", "ǅ"}, {"Ǆ", "ǅ"},
		{"\u0149", "\u02bcN"},
		{"\ufb01", "Fi"}, {"\ufb06", "St"},
		{"ı", "I"},
		{"\u0390", "\u03aa\u0301"},
		{"\u10d0", "\u10d0"},
		{"\u1c80", "\u0412"},
		{"\u0130", "\u0130"}, {"i\u0307", "\u0130"},
		{"\u0301a", "\u0301a"},
		{"漢", "漢"}, {"ש", "ש"}, {"7", "7"}, {"\U0001F600", "\U0001F600"},
		{"a", "A"}, {"z", "Z"}, {"A", "A"}, {"@a", "@a"}, {"{", "{"}, {"", ""},
		{"àb", "Àb"}, {"fOO", "FOO"},
	} {
		if got := norm.NFC.String(upperFirst(c.raw)); got != c.want {
			t.Errorf("upperFirst(%+q) = %+q, want %+q", c.raw, got, c.want)
		}
	}
}

// The table of expansions and the rule for letters with marks must give Unicode's full mapping of every character.
func TestTitleCaseOfEveryCharacter(t *testing.T) {
	title := cases.Title(language.Und, cases.NoLower)
	for c := rune(1); c <= utf8.MaxRune; c++ {
		if !utf8.ValidRune(c) {
			continue
		}
		want := norm.NFC.String(title.String(string(c)))
		if got := norm.NFC.String(upperFirst(string(c))); got != want {
			t.Errorf("upperFirst(%U) = %+q, want %+q", c, got, want)
		}
	}
}

// A first letter is settled after one application.
func TestFirstLetterOfEveryCharacter(t *testing.T) {
	for c := rune(1); c <= utf8.MaxRune; c++ {
		if !utf8.ValidRune(c) {
			continue
		}
		once := norm.NFC.String(upperFirst(string(c) + "x"))
		if twice := norm.NFC.String(upperFirst(once)); twice != once {
			t.Errorf("%U gives %+q and then %+q", c, once, twice)
		}
	}
}
