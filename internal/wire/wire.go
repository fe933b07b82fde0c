// Package wire is the one place where the names of the wire are spelled: token types, log types, and the table of codes.
// It maps and does nothing else; how a code reaches a client (header, status, document) is the edges' business, and the id
// of a request is its provider's.
package wire

import (
	"strings"

	"gatehouse/internal/message"
)

// Code gives the code of m, as clients see it in messagecode and in errors: m.Code if it is set, else what the table has
// for the key, else the key itself without a leading "apierror-" or "apiwarn-". Every character but letters, digits,
// hyphen and underscore becomes an underscore.
func Code(m message.Message) string {
	if m.Code != "" {
		return clean(m.Code)
	}
	if code, ok := irregular(m.Key); ok {
		return code
	}
	return regular(m.Key)
}

// regular is the code that follows from the key alone.
func regular(key message.Key) string {
	code := string(key)
	for _, prefix := range []string{"apierror-", "apiwarn-"} {
		if rest, ok := strings.CutPrefix(code, prefix); ok {
			return clean(rest)
		}
	}
	return clean(code)
}

// clean replaces what a code may not have. A character outside ASCII becomes one underscore for each of its bytes, as in
// the reference.
func clean(code string) string {
	for i := range len(code) {
		if !inCode(code[i]) {
			return cleaned(code)
		}
	}
	return code
}

func cleaned(code string) string {
	out := []byte(code)
	for i, c := range out {
		if !inCode(c) {
			out[i] = '_'
		}
	}
	return string(out)
}

func inCode(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}
