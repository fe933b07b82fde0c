package actionapi

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// listSeparator in front of a value separates its parts, so that they may contain bars.
const listSeparator = "\x1f"

// repair makes what was sent valid: UTF-8 in form C without control characters but tab, line feed and carriage return.
func (s *sent) repair() {
	for i, v := range s.list {
		s.list[i] = clean(v)
	}
	if plain(s.text) {
		return
	}
	fixed := cleanValue(s.text)
	s.repaired = s.repaired || fixed != s.text
	s.text = fixed
}

// cleanValue is clean, but leaves the separators of a list that begins with one.
func cleanValue(v string) string {
	rest, isList := strings.CutPrefix(v, listSeparator)
	if !isList {
		return clean(v)
	}
	parts := strings.Split(rest, listSeparator)
	for i, p := range parts {
		parts[i] = clean(p)
	}
	return listSeparator + strings.Join(parts, listSeparator)
}

func clean(v string) string {
	if plain(v) {
		return v
	}
	return norm.NFC.String(strings.Map(visible, v)) // Map also replaces invalid bytes, one by one
}

// plain is true for printable ASCII, which needs no repair.
func plain(v string) bool {
	for i := 0; i < len(v); i++ {
		if c := v[i]; c >= utf8.RuneSelf || c < ' ' && c != '\t' && c != '\n' && c != '\r' {
			return false
		}
	}
	return true
}

// visible replaces what no text may contain.
func visible(r rune) rune {
	switch {
	case r == '\t' || r == '\n' || r == '\r':
		return r
	case r < ' ', r == 0xFFFE, r == 0xFFFF:
		return utf8.RuneError
	}
	return r
}
