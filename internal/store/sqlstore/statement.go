package sqlstore

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// statement is a text under construction with its arguments. SQLite binds $n in the order in which they appear, not by n;
// arg numbers them in that order as long as the text is written from left to right.
type statement struct {
	text  strings.Builder
	fixed string // a whole text, in the place of one under construction
	args  []any
}

// add appends parts to the text.
func (s *statement) add(parts ...string) *statement {
	for _, p := range parts {
		s.text.WriteString(p)
	}
	return s
}

// arg gives the placeholder of a new argument. It must be added to the text before the next one is asked for, and may be
// repeated after that.
func (s *statement) arg(v any) string {
	if t, ok := v.(string); ok {
		v = text(t)
	}
	s.args = append(s.args, v)
	return "$" + strconv.Itoa(len(s.args))
}

// addArg appends the placeholder of a new argument.
func (s *statement) addArg(v any) *statement { return s.add(s.arg(v)) }

// cast appends ", CAST(argument AS type)": in places where PostgreSQL could not infer the type.
func (s *statement) cast(sqlType string, v any) *statement {
	return s.add(`, CAST(`).addArg(v).add(` AS `, sqlType, `)`)
}

func (s *statement) String() string {
	if s.fixed != "" {
		return s.fixed
	}
	return s.text.String()
}

// list adds the arguments vs, parted by commas.
func list[T any](s *statement, vs []T) {
	for i, v := range vs {
		if i > 0 {
			s.add(", ")
		}
		s.addArg(v)
	}
}

// padded repeats the last of vs until the length is a power of two. Lists in a statement then have few lengths, and
// statements are prepared once for each text.
func padded[T any](vs []T) []T {
	n := 1
	for n < len(vs) {
		n *= 2
	}
	out := make([]T, 0, n)
	out = append(out, vs...)
	for len(out) < n {
		out = append(out, vs[len(vs)-1])
	}
	return out
}

// text replaces what one of the engines would not store as it is: NUL and bytes that are no UTF-8.
func text[S ~string](s S) string {
	t := string(s)
	if strings.IndexByte(t, 0) < 0 && utf8.ValidString(t) {
		return t
	}
	return strings.ReplaceAll(strings.ToValidUTF8(t, "\uFFFD"), "\x00", "\uFFFD")
}

// afterPrefix is the least text behind all texts that begin with prefix, or "" if there is none.
func afterPrefix(prefix string) string {
	for prefix != "" {
		last, size := utf8.DecodeLastRuneInString(prefix)
		prefix = prefix[:len(prefix)-size]
		if last == utf8.MaxRune {
			continue
		}
		last++
		if last == 0xD800 {
			last = 0xE000
		}
		return prefix + string(last)
	}
	return ""
}
