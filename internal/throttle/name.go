package throttle

import (
	"crypto/sha256"
	"encoding/hex"

	"golang.org/x/text/unicode/norm"

	"gatehouse/auth"
	"gatehouse/internal/username"
)

// maxTyped bounds what is looked at of a name that cannot be one.
const maxTyped = 4096

// NameKey stands for a typed name in keys, which are short and show nobody what was typed. All spellings of one account's
// name have one key; two accounts never do, or signing in to one would clear the count of guesses at the other.
func NameKey(names auth.Names, typed string) string {
	if canonical, ok := names.Canonical(typed, username.Usable); ok {
		typed = string(canonical)
	} else {
		typed = norm.NFC.String(typed[:min(len(typed), maxTyped)])
	}
	sum := sha256.Sum256([]byte(typed))
	return hex.EncodeToString(sum[:16])
}

// TypedName is the name in a submission; every request of a sign-in that asks for one gets the same.
func TypedName(as auth.Answers) string {
	for _, a := range as {
		if name := a.Values[auth.FieldUsername]; name != "" {
			return name
		}
	}
	return ""
}
