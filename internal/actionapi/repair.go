package actionapi

import (
	"strings"

	"gatehouse/internal/usertext"
)

// listSeparator in front of a value separates its parts, so that they may contain bars.
const listSeparator = "\x1f"

// repair makes what was sent valid: UTF-8 in form C without control characters but tab, line feed and carriage return.
func (s *sent) repair() {
	for i, v := range s.list {
		s.list[i] = usertext.Clean(v)
	}
	fixed := cleanValue(s.text)
	s.repaired = s.repaired || fixed != s.text
	s.text = fixed
}

// cleanValue cleans a text, but leaves the separators of a list that begins with one.
func cleanValue(v string) string {
	rest, isList := strings.CutPrefix(v, listSeparator)
	if !isList {
		return usertext.Clean(v)
	}
	var b strings.Builder
	b.Grow(len(v))
	for part := range strings.SplitSeq(rest, listSeparator) {
		b.WriteString(listSeparator)
		b.WriteString(usertext.Clean(part))
	}
	return b.String()
}
