package username

import (
	"html"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A name is the title of a page in the user namespace, so it is cleaned and judged as one (docs/protocol.md, "Names").

// prefixKind tells what the text before a first colon is.
type prefixKind int

const (
	unknownPrefix prefixKind = iota // part of the name
	userPrefix                      // removed
	otherPrefix                     // another namespace or wiki: not a user
)

// namespaces are the names and aliases of an English site's namespaces.
func namespaces(siteName string) map[string]prefixKind {
	kinds := map[string]prefixKind{"special": otherPrefix, "media": otherPrefix, "talk": otherPrefix}
	subjects := []string{"user", "project", "file", "image", "mediawiki", "template", "help", "category"}
	if key := prefixKey(siteName); key != "" {
		subjects = append(subjects, key)
	}
	for _, s := range subjects {
		kinds[s], kinds[s+" talk"] = otherPrefix, otherPrefix
	}
	kinds["user"] = userPrefix // last: a site may be called "User"
	return kinds
}

// prefixKey is how a prefix is looked up.
func prefixKey(s string) string { return strings.ToLower(oneBlank(norm.NFC.String(s))) }

// title turns text into the canonical text of a page title in the user namespace; false if it is none.
func (r *Rules) title(text string) (string, bool) {
	text = norm.NFC.String(oneBlank(withoutMarks(decoded(text))))
	if kind, rest := r.prefix(text); kind == userPrefix {
		text = rest
	} else if kind == otherPrefix {
		return "", false
	}
	// What a colon leads to is the main namespace, also behind a removed prefix.
	if text == "" || text[0] == ':' || !titleText(text) {
		return "", false
	}
	text = norm.NFC.String(upperFirst(text))
	return text, len(text) <= maxBytes
}

// prefix splits text at its first colon and tells what stands before it.
func (r *Rules) prefix(text string) (prefixKind, string) {
	before, after, found := strings.Cut(text, ":")
	if !found {
		return unknownPrefix, ""
	}
	key := strings.ToLower(strings.TrimRight(before, " "))
	return r.prefixes[key], strings.TrimLeft(after, " ")
}

// titleText reports whether text has only what a title may have. The caller has refused '#'.
func titleText(text string) bool {
	for i := range len(text) {
		if !titleByte(text[i]) {
			return false
		}
		if text[i] == '%' && i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2]) {
			return false
		}
	}
	// Of the relative paths only these two matter: the others have a slash, which valid refuses.
	return text != "." && text != ".." &&
		!strings.Contains(text, "~~~") &&
		!strings.ContainsRune(text, utf8.RuneError) &&
		!hasReference(text)
}

func titleByte(b byte) bool {
	return b >= 0x80 || isAlnum(b) || strings.IndexByte(" %!\"$&'()*,-./:;=?@\\^_`~+", b) >= 0
}

func isAlnum(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z'
}

func isHex(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'A' && b <= 'F' || b >= 'a' && b <= 'f'
}

// oneBlank makes one blank of each run of blanks and underscores, none at the ends.
func oneBlank(text string) string {
	return strings.Join(strings.FieldsFunc(text, isBlank), " ")
}

func isBlank(c rune) bool {
	switch c {
	case ' ', '_', 0xA0, 0x1680, 0x180E, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000:
		return true
	}
	return c >= 0x2000 && c <= 0x200A
}

// withoutMarks removes the marks of writing direction that come along when a name is copied.
func withoutMarks(text string) string {
	return strings.Map(func(c rune) rune {
		if c == 0x200E || c == 0x200F || c >= 0x202A && c <= 0x202E {
			return -1
		}
		return c
	}, text)
}

// decoded replaces the named character references of HTML, once. Unknown ones stay, for titleText to refuse.
func decoded(text string) string {
	if !strings.Contains(text, "&") {
		return text
	}
	var b strings.Builder
	for {
		start, end, found := reference(text)
		if !found {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(text[:start])
		b.WriteString(decodedOne(text[start:end]))
		text = text[end:]
	}
}

// decodedOne gives the character of a whole reference, or ref itself. The library also decodes names that only begin
// with a known one ("&notit;"), which leaves a letter and the semicolon: more than the two characters a reference has at most.
func decodedOne(ref string) string {
	if s := html.UnescapeString(ref); utf8.RuneCountInString(s) <= 2 {
		return s
	}
	return ref
}

func hasReference(text string) bool {
	_, _, found := reference(text)
	return found
}

// reference finds the first thing that looks like a named character reference: an ampersand, letters, digits or
// non-ASCII bytes, a semicolon.
func reference(text string) (start, end int, found bool) {
	start = -1
	for i := range len(text) {
		switch b := text[i]; {
		case b == '&':
			start = i
		case b == ';' && start >= 0 && i > start+1:
			return start, i + 1, true
		case b < 0x80 && !isAlnum(b):
			start = -1
		}
	}
	return 0, 0, false
}
