package message

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/bidi"
)

// side is the way in which the text around a parameter is written, where parameters are kept apart from it. Names and addresses
// come from everywhere: a Hebrew one would carry the number behind it to its other end, and an English one does the same to an
// Arabic sentence.
type side int

const (
	noSide side = iota
	leftToRight
	rightToLeft
)

// edge is where a parameter begins or ends that is kept apart.
type edge int

const (
	begins edge = iota + 1
	ends
)

// isolate is the tag that keeps its content apart.
const isolate = "bdi"

// The characters that do the same where there are no tags: FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE.
const (
	firstStrongIsolate    = "\u2068"
	popDirectionalIsolate = "\u2069"
)

func sideOf(l Language) side {
	if p, ok := l.(Prepared); ok && p.Direction() == "rtl" {
		return rightToLeft
	}
	return leftToRight
}

// apart writes a parameter, between edges if it needs them.
func (w *writer) apart(s string, write func(string)) {
	if !w.side.turns(s) {
		write(s)
		return
	}
	w.mark(marked{edge: begins})
	write(s)
	w.mark(marked{edge: ends})
}

// turns reports whether s could turn round what stands beside it: it has a letter of the other direction, or a character that
// orders a direction. What is more than one line, or begins as a list does, stands for itself.
func (d side) turns(s string) bool {
	if d == noSide || s == "" || strings.ContainsRune(s, '\n') || strings.ContainsRune("*#", rune(s[0])) {
		return false
	}
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if d == rightToLeft && 'a' <= c|0x20 && c|0x20 <= 'z' {
				return true
			}
			i++
			continue
		}
		p, size := bidi.LookupString(s[i:])
		if size > 1 && d.turnedBy(p.Class()) {
			return true
		}
		i += max(size, 1)
	}
	return false
}

func (d side) turnedBy(c bidi.Class) bool {
	switch c {
	case bidi.L, bidi.LRE, bidi.LRO, bidi.LRI, bidi.PDF:
		return d == rightToLeft
	case bidi.R, bidi.AL, bidi.AN:
		return d == leftToRight
	case bidi.RLE, bidi.RLO, bidi.RLI, bidi.FSI, bidi.PDI:
		return true
	}
	return false
}

// bareLines takes the isolates off lines that are nothing but one parameter.
func bareLines(s string) string {
	if !strings.Contains(s, firstStrongIsolate) {
		return s
	}
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		inner, begun := strings.CutPrefix(line, firstStrongIsolate)
		inner, ended := strings.CutSuffix(inner, popDirectionalIsolate)
		if begun && ended && !strings.Contains(inner, popDirectionalIsolate) {
			lines[i] = inner
		}
	}
	return strings.Join(lines, "\n")
}
