package mail

import (
	"errors"
	"strings"

	"golang.org/x/net/idna"
)

// Address is an e-mail address in the form in which addresses are compared: the domain in lower case and ASCII, the local
// part exactly as it was given, because only its own server knows what is equal there.
type Address struct{ Local, Domain string }

func (a Address) String() string { return a.Local + "@" + a.Domain }

// ErrAddress is what is no address that mail can be sent to.
var ErrAddress = errors.New("not an e-mail address")

// maxAddress is the longest address, in bytes; an account's may be 255.
const maxAddress = 320

// ParseAddress reads one address without a name: whatever it accepts is one recipient on one line. The local part is ASCII
// without quotes; the domain may be written in any script.
func ParseAddress(s string) (Address, error) {
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || len(s) > maxAddress {
		return Address{}, ErrAddress
	}
	local, domain := s[:at], s[at+1:]
	if strings.ContainsFunc(local, func(r rune) bool { return !isLocal(r) }) {
		return Address{}, ErrAddress
	}
	ascii, ok := asciiDomain(domain)
	if !ok {
		return Address{}, ErrAddress
	}
	return Address{Local: local, Domain: ascii}, nil
}

func isLocal(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("!#$%&'*+-./=?^_`{|}~", r)
}

// asciiDomain gives the domain as it is compared and sent. What is ASCII already is only put into lower case: an account
// may have an address whose domain no registry would give away.
func asciiDomain(domain string) (string, bool) {
	ascii := domain
	if strings.ContainsFunc(domain, func(r rune) bool { return r >= 0x80 }) {
		var err error
		if ascii, err = idna.Lookup.ToASCII(domain); err != nil {
			return "", false
		}
	}
	ascii = strings.ToLower(ascii)
	for label := range strings.SplitSeq(ascii, ".") {
		if label == "" || strings.ContainsFunc(label, func(r rune) bool { return !isLabel(r) }) {
			return "", false
		}
	}
	return ascii, true
}

func isLabel(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' }

// mailbox guesses which mailbox an address leads to, for limits and nothing else: letter case and what stands behind a "+"
// are taken to make no difference, nor dots where a great provider ignores them. Two people who are counted as one by it
// share a limit and nothing more.
func (a Address) mailbox() string {
	local := strings.ToLower(a.Local)
	if cut, _, found := strings.Cut(local, "+"); found && cut != "" {
		local = cut
	}
	domain := a.Domain
	if domain == "googlemail.com" {
		domain = "gmail.com"
	}
	if domain == "gmail.com" {
		local = strings.ReplaceAll(local, ".", "")
	}
	return local + "@" + domain
}
