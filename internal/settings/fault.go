package settings

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Fault is one thing that is wrong with the settings.
type Fault struct {
	// Key is the setting, for example "server.listen" or "oidc[0].issuer"; the file's path if the whole file is at fault.
	Key string
	// Value is what was given, shortened and without secrets; empty where there is none to show.
	Value string
	// Want says what is wrong and what would be right.
	Want string
	// Origin is where the value came from: a file's path, a variable's name, an option; empty if it was not loaded.
	Origin string
}

func (f Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.Key)
	if f.Value != "" {
		b.WriteString(" = " + f.Value)
	}
	if f.Origin != "" && f.Origin != f.Key {
		b.WriteString(" (from " + f.Origin + ")")
	}
	return b.String() + ": " + f.Want
}

// Faults are all faults found, in the order found. The empty list is no error: use Err.
type Faults []Fault

func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// Err is fs as an error, nil if there is no fault.
func (fs Faults) Err() error {
	if len(fs) == 0 {
		return nil
	}
	return fs
}

// Unwrap lets errors.As find a single Fault.
func (fs Faults) Unwrap() []error {
	out := make([]error, len(fs))
	for i, f := range fs {
		out[i] = f
	}
	return out
}

// Has reports whether key, a part of it or what it is part of is among the faults.
func (fs Faults) Has(key string) bool {
	for _, f := range fs {
		if within(f.Key, key) || within(key, f.Key) {
			return true
		}
	}
	return false
}

// within reports whether inner is outer or a part of it.
func within(inner, outer string) bool {
	rest, ok := strings.CutPrefix(inner, outer)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// baseKey cuts the place in a list: "oidc[0].issuer" is set with "oidc".
func baseKey(key string) string {
	base, _, _ := strings.Cut(key, "[")
	return base
}

const longestShown = 80

// Show writes a value for a fault: texts quoted, long ones cut, secrets hidden.
func Show(v any) string {
	var s string
	switch v := v.(type) {
	case string:
		s = strconv.Quote(v)
	case fmt.Stringer:
		s = strconv.Quote(v.String())
	default:
		s = fmt.Sprint(v)
	}
	if len(s) <= longestShown {
		return s
	}
	cut := longestShown
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
