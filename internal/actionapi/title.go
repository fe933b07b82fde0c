package actionapi

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"gatehouse/internal/message"
)

// title names a page, in the one form that titles have.
type title struct {
	space namespace
	// text is what follows the namespace.
	text string
}

// String is the title as people write it.
func (t title) String() string {
	if t.space.name == "" {
		return t.text
	}
	return t.space.name + ":" + t.text
}

// Why a title is none.
const (
	titleEmpty        message.Key = "title-invalid-empty"
	titleNoText       message.Key = "title-invalid-utf8"
	titleTwoSpaces    message.Key = "title-invalid-talk-namespace"
	titleCharacters   message.Key = "title-invalid-characters"
	titleRelative     message.Key = "title-invalid-relative"
	titleTildes       message.Key = "title-invalid-magic-tilde"
	titleTooLong      message.Key = "title-invalid-too-long"
	titleLeadingColon message.Key = "title-invalid-leading-colon"
)

// The longest titles, in bytes; those of special pages may carry more behind them.
const (
	maxTitle        = 255
	maxSpecialTitle = 512
	// maxTitleInput bounds the work on what may still shrink to a title: blanks and character references.
	maxTitleInput = 4096
)

// parseTitle reads a title, or says why it is none.
func (s namespaces) parseTitle(raw string) (t title, why message.Message) {
	if len(raw) > maxTitleInput {
		return t, message.New(titleTooLong, message.Num(maxTitle))
	}
	if strings.Contains(raw, "&") {
		raw = norm.NFC.String(html.UnescapeString(raw))
	}
	if strings.ContainsRune(raw, utf8.RuneError) {
		return t, message.New(titleNoText)
	}
	text, _, _ := strings.Cut(oneBlank(withoutMarks(raw)), "#")
	t.space, text = s.cutPrefix(strings.TrimSpace(text))
	t.text = text
	if why := s.judgeTitle(t); !why.IsZero() {
		return t, why
	}
	t.text = norm.NFC.String(upperFirst(text))
	return t, message.Message{}
}

// cutPrefix parts a title into its namespace and the rest. A colon in front leads to the main namespace.
func (s namespaces) cutPrefix(text string) (namespace, string) {
	if rest, ok := strings.CutPrefix(text, ":"); ok {
		text = strings.TrimSpace(rest)
	}
	before, after, ok := strings.Cut(text, ":")
	if !ok {
		return s.main(), text
	}
	if space, known := s.find(before); known {
		return space, strings.TrimSpace(after)
	}
	return s.main(), text
}

func (s namespaces) judgeTitle(t title) message.Message {
	most := maxTitle
	if t.space.id == spaceSpecial {
		most = maxSpecialTitle
	}
	if t.space.id == spaceTalk {
		if space, _ := s.cutPrefix(t.text); space.id != spaceMain {
			return message.New(titleTwoSpaces)
		}
	}
	switch bad := badInTitle(t.text); {
	case bad != "":
		return message.New(titleCharacters, message.Plaintext(bad))
	case isRelative(t.text):
		return message.New(titleRelative)
	case strings.Contains(t.text, "~~~"):
		return message.New(titleTildes)
	case len(t.text) > most:
		return message.New(titleTooLong, message.Num(int64(most)))
	case t.text == "":
		return message.New(titleEmpty)
	case t.text[0] == ':':
		return message.New(titleLeadingColon)
	}
	return message.Message{}
}

// badInTitle gives the first thing that no title has: brackets, bars, control characters, and what an address would read
// as one of these.
func badInTitle(text string) string {
	for i, r := range text {
		rest := text[i:]
		switch {
		case strings.ContainsRune("<>[]|{}", r), unicode.IsControl(r):
			return string(r)
		case r == '%' && len(rest) > 2 && isHex(rest[1]) && isHex(rest[2]):
			return rest[:3]
		case r == '&':
			if name, _, ok := strings.Cut(rest[1:], ";"); ok && isReference(name) {
				return rest[:len(name)+2]
			}
		}
	}
	return ""
}

// isReference reports whether name, between an ampersand and a semicolon, reads like a character.
func isReference(name string) bool {
	for _, r := range name {
		if r < utf8.RuneSelf && !('0' <= r && r <= '9' || 'a' <= r|0x20 && r|0x20 <= 'z' || r == '#') {
			return false
		}
	}
	return name != ""
}

// isRelative reports whether browsers would read a part of the text as another place.
func isRelative(text string) bool {
	for part := range strings.SplitSeq(text, "/") {
		if part == "." || part == ".." {
			return true
		}
	}
	return false
}

// withoutMarks removes the marks of writing direction that come along when a title is copied.
func withoutMarks(s string) string {
	return strings.Map(func(r rune) rune {
		if r == 0x200E || r == 0x200F || 0x202A <= r && r <= 0x202E {
			return -1
		}
		return r
	}, s)
}

// oneBlank makes one blank of each run of blanks and underscores, none at the ends.
func oneBlank(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return r == '_' || unicode.Is(unicode.Zs, r) || r == 0x2028 || r == 0x2029
	}), " ")
}

func upperFirst(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToTitle(r)) + s[size:]
}
