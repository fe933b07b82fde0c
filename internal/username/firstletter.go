package username

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// upperFirst puts the first character of text into title case, as version 1.43 of the reference does it: ß gives Ss, ǆ gives ǅ.
func upperFirst(text string) string {
	if text == "" {
		return ""
	}
	if c := text[0]; c < utf8.RuneSelf {
		if c < 'a' || c > 'z' {
			return text
		}
		return string(c-'a'+'A') + text[1:]
	}
	c, size := utf8.DecodeRuneInString(text)
	return titleCase(c) + text[size:]
}

// titleCase is Unicode's full title case of one character, without regard to language. The standard library knows only
// the mappings to one character.
func titleCase(c rune) string {
	if s := expanded(c); s != "" {
		return s
	}
	if t := unicode.ToTitle(c); t != c || !unicode.IsLower(c) {
		return string(t)
	}
	// The other lower-case letters without a counterpart, such as ΐ, become their base letter's counterpart with the marks.
	parts := norm.NFD.String(string(c))
	base, size := utf8.DecodeRuneInString(parts)
	return norm.NFC.String(string(unicode.ToTitle(base)) + parts[size:])
}

// expanded gives the title case of the letters that become several letters, "" for all others.
func expanded(c rune) string {
	switch c {
	case 0x00DF: // ß
		return "Ss"
	case 0x0149: // ŉ
		return "ʼN"
	case 0x0587: // և
		return "Եւ"
	case 0x1E9A: // ẚ
		return "Aʾ"
	case 0xFB00: // ﬀ
		return "Ff"
	case 0xFB01: // ﬁ
		return "Fi"
	case 0xFB02: // ﬂ
		return "Fl"
	case 0xFB03: // ﬃ
		return "Ffi"
	case 0xFB04: // ﬄ
		return "Ffl"
	case 0xFB05, 0xFB06: // ﬅ ﬆ
		return "St"
	case 0xFB13: // ﬓ
		return "Մն"
	case 0xFB14: // ﬔ
		return "Մե"
	case 0xFB15: // ﬕ
		return "Մի"
	case 0xFB16: // ﬖ
		return "Վն"
	case 0xFB17: // ﬗ
		return "Մխ"
	}
	return ""
}
