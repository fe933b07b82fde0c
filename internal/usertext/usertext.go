// Package usertext brings what people sent into the one form that the rest of the program reads. Every way in uses it: the
// API, the pages and the operator's tool. A password or a name given on one way would else not be the same on another.
//
// It is pure and judges nothing: what a name or a password may be is for username and password to say.
package usertext

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Clean gives s as valid UTF-8 in normal form C. Bytes that are no text become U+FFFD, and so do control characters but tab,
// line feed and carriage return.
func Clean(s string) string {
	if plain(s) {
		return s
	}
	return norm.NFC.String(strings.Map(visible, s)) // Map also replaces invalid bytes, one by one
}

// plain is true for printable ASCII, which is clean.
func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= utf8.RuneSelf || c < ' ' && c != '\t' && c != '\n' && c != '\r' {
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
