package password

import (
	"strings"
	"unicode/utf8"

	"gatehouse/internal/message"
	"gatehouse/internal/password/common"
	"gatehouse/internal/username"
)

// The findings of a policy. Their keys are their codes on the wire.
const (
	keyTooShort  message.Key = "passwordtooshort" // the minimum
	keyLikeName  message.Key = "password-substring-username-match"
	keyForbidden message.Key = "password-login-forbidden"
	keyTooLong   message.Key = "passwordtoolong" // the maximum
	keyCommon    message.Key = "passwordincommonlist"
)

// The bounds of a policy that names none.
const (
	DefaultMinimumLength = 8
	DefaultMaximumLength = 4096
)

// Policy is what a new password must be. The zero value is the default policy. There are no rules about kinds of
// characters, and nothing expires.
type Policy struct {
	MinimumLength int // code points; 0 = DefaultMinimumLength
	MaximumLength int // code points; 0 = DefaultMaximumLength
	// Forbidden are words that no password may be, for example the site's name.
	Forbidden []string
}

// Check gives all findings about a new password of the account called name, in the order of the protocol; none means
// good. Extras are what else is known of the person, such as the real name and the part of the address before the "@":
// like the name and the forbidden words, a password may not be one of them, letter case and trailing digits ignored.
func (p Policy) Check(name username.Name, password string, extras ...string) []message.Message {
	var found []message.Message
	length := utf8.RuneCountInString(password)
	if least := p.minimum(); length < least {
		found = append(found, message.New(keyTooShort, message.Int(int64(least))))
	}
	if within(password, string(name)) || sameWord(password, string(name)) {
		found = append(found, message.New(keyLikeName))
	}
	if isSample(name, password) || p.isForbidden(password, extras) {
		found = append(found, message.New(keyForbidden))
	}
	found = append(found, p.CheckSignIn(password)...)
	if length <= p.maximum() && common.Contains(password) {
		found = append(found, message.New(keyCommon))
	}
	return found
}

// CheckSignIn gives the findings that refuse even the right password at a sign-in, before any work is spent on it.
func (p Policy) CheckSignIn(password string) []message.Message {
	if most := p.maximum(); utf8.RuneCountInString(password) > most {
		return []message.Message{message.New(keyTooLong, message.Int(int64(most)))}
	}
	return nil
}

func (p Policy) minimum() int {
	if p.MinimumLength == 0 {
		return DefaultMinimumLength
	}
	return p.MinimumLength
}

func (p Policy) maximum() int {
	if p.MaximumLength == 0 {
		return DefaultMaximumLength
	}
	return p.MaximumLength
}

func (p Policy) isForbidden(password string, extras []string) bool {
	for _, words := range [][]string{p.Forbidden, extras} {
		for _, w := range words {
			if sameWord(password, w) {
				return true
			}
		}
	}
	return false
}

func within(password, name string) bool {
	return strings.Contains(strings.ToLower(name), strings.ToLower(password))
}

// sameWord compares without letter case and trailing digits. Digits alone have no stem to compare.
func sameWord(password, word string) bool {
	stem := common.Stem(password)
	return stem != "" && stem == common.Stem(word)
}

// isSample knows the passwords of documentation and test suites, which the reference refuses too: one for every name,
// and some for one name each.
func isSample(name username.Name, password string) bool {
	switch password {
	case "ExamplePassword":
		return true
	case "Passpass":
		return name == "Useruser"
	case "Passpass1":
		return name == "Useruser1"
	case "testpass":
		return name == "Apitestsysop" || name == "Apitestuser"
	}
	return false
}
