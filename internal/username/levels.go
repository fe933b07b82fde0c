package username

import (
	"net/netip"
	"strings"
	"unicode"
)

// valid reports whether a user may exist under the canonical title text.
func (r *Rules) valid(text string) bool {
	if strings.Contains(text, "/") || isAddressLike(text) || isRange(text) {
		return false
	}
	// A name must mean itself as a title of the main namespace: `User:User talk:x` leaves one that does not.
	if kind, _ := r.prefix(text); kind != unknownPrefix {
		return false
	}
	for _, c := range text {
		if forbidden(c) || !r.allowInvisible && invisible(c) {
			return false
		}
	}
	return true
}

// creatable reports whether a usable name may be given to a new account: short enough for its log titles, free of what
// separates wikis and options, and not like the names of temporary accounts.
func creatable(text string) bool {
	return len(text) <= maxCreatableBytes && !strings.ContainsAny(text, "@:>=") && !strings.HasPrefix(text, "~")
}

// forbidden characters are those that the reference refuses in user names, though titles may have them.
func forbidden(c rune) bool {
	switch {
	case c >= 0x80 && c <= 0xA0, c >= 0x2000 && c <= 0x200F, c >= 0x2028 && c <= 0x202F, c == 0x3000:
		return true
	}
	return c >= 0xE000 && c <= 0xF8FF
}

// invisible characters show nothing of their own, so that two names with and without them look alike. The reference lets
// them through (docs/divergences.md).
func invisible(c rune) bool {
	const brailleBlank = 0x2800
	switch {
	case c < 0x80:
		return false
	case unicode.Is(unicode.Cf, c):
		return !unicode.Is(unicode.Prepended_Concatenation_Mark, c) // those are signs that enclose digits
	}
	return c == brailleBlank ||
		unicode.In(c, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, unicode.Noncharacter_Code_Point)
}

// isAddressLike reports whether text is an IP address or could be taken for one: `300.300.300.300`, `192.0.2.xxx`.
func isAddressLike(text string) bool {
	if _, err := netip.ParseAddr(text); err == nil {
		return true
	}
	groups := strings.Split(text, ".")
	if len(groups) != 4 {
		return false
	}
	for i, g := range groups {
		if !shortNumber(g) && !(i == 3 && g == "xxx") {
			return false
		}
	}
	return true
}

// shortNumber is one to three ASCII digits.
func shortNumber(s string) bool {
	return len(s) >= 1 && len(s) <= 3 && strings.Trim(s, "0123456789") == ""
}

// isRange reports whether text is a range from one address to another. Ranges in CIDR form have a slash.
func isRange(text string) bool {
	from, to, found := strings.Cut(text, "-")
	return found && isAddressLike(strings.TrimSpace(from)) && isAddressLike(strings.TrimSpace(to))
}
