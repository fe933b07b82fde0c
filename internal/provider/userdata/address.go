package userdata

import "strings"

// MaxAddress is the length of an address, in bytes: what SMTP's shortest line for a recipient holds.
const MaxAddress = 500

// ValidAddress reports whether s may be an account's e-mail address. The rule is the reference's: wider than mail servers
// like it in the local part, ASCII only, no quotes, comments, blanks or control characters anywhere.
func ValidAddress(s string) bool {
	local, domain, found := strings.Cut(s, "@")
	if !found || local == "" || len(s) > MaxAddress {
		return false
	}
	for i := range len(local) {
		if !isAlnum(local[i]) && strings.IndexByte("!#$%&'*+-./=?^_`{|}~", local[i]) < 0 {
			return false
		}
	}
	for label := range strings.SplitSeq(domain, ".") {
		if !isLabel(label) {
			return false
		}
	}
	return true
}

func isLabel(s string) bool {
	for i := range len(s) {
		if !isAlnum(s[i]) && s[i] != '-' {
			return false
		}
	}
	return s != ""
}

func isAlnum(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z'
}
