package settings

import (
	"log/slog"
	"net/url"
	"strconv"
	"strings"
)

// Secret is a text that must not be shown. It prints itself hidden; Reveal gives it in clear. In settings "file:PATH"
// stands for what the file PATH holds.
type Secret string

// Reveal is the secret in clear.
func (s Secret) Reveal() string { return string(s) }

// Carries reports whether there is a secret in s. A reference to a file holds none.
func (s Secret) Carries() bool { return s != "" && !isReference(string(s)) }

// String is s where it carries no secret, else a stand-in.
func (s Secret) String() string {
	if s.Carries() {
		return hidden
	}
	return string(s)
}

// GoString keeps the secret out of %#v.
func (s Secret) GoString() string { return strconv.Quote(s.String()) }

// LogValue keeps the secret out of logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText keeps the secret out of JSON and the like.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText takes the text as it is.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = Secret(text)
	return nil
}

// SecretURL is an address that may hold a password. It prints itself without the password; Reveal gives it whole. In
// settings "file:PATH" stands for what the file PATH holds.
type SecretURL string

// Reveal is the address with its password.
func (s SecretURL) Reveal() string { return string(s) }

// Carries reports whether there is a password in s.
func (s SecretURL) Carries() bool { return s.String() != string(s) }

// String is s with its password replaced. What is no address may be anything and is hidden whole.
func (s SecretURL) String() string {
	text := string(s)
	if text == "" || isReference(text) {
		return text
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" || u.Opaque != "" && !isPathScheme(u.Scheme) {
		return maskUnparsed(text)
	}
	masked := false
	if _, has := u.User.Password(); has {
		u.User, masked = url.UserPassword(u.User.Username(), hidden), true
	}
	q := u.Query()
	for _, name := range []string{"password", "sslpassword"} {
		if q.Has(name) {
			q.Set(name, hidden)
			u.RawQuery, masked = q.Encode(), true
		}
	}
	if !masked {
		return text
	}
	return u.String()
}

// maskUnparsed shows a path as it is, however odd, and hides the rest.
func maskUnparsed(text string) string {
	if scheme, _, _ := strings.Cut(text, ":"); isPathScheme(scheme) {
		return text
	}
	return hidden
}

// isPathScheme tells addresses that are paths and have no password.
func isPathScheme(scheme string) bool { return scheme == "sqlite" || scheme == "memory" }

// GoString keeps the password out of %#v.
func (s SecretURL) GoString() string { return strconv.Quote(s.String()) }

// LogValue keeps the password out of logs.
func (s SecretURL) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText keeps the password out of JSON and the like.
func (s SecretURL) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText takes the text as it is.
func (s *SecretURL) UnmarshalText(text []byte) error {
	*s = SecretURL(text)
	return nil
}

// hidden stands in for a secret; an address keeps it unescaped.
const hidden = "xxxxx"

const referencePrefix = "file:"

func isReference(text string) bool { return strings.HasPrefix(text, referencePrefix) }
