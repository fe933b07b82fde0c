package totp

import (
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
)

// What every authenticator app can do: RFC 6238 with SHA-1, six digits, half a minute.
const (
	digits = 6
	period = 30 * time.Second
	// drift is how many steps a clock may be off, in both directions.
	drift = 1
)

// The sizes of secrets, in bytes. New ones have as many as the hash; what other programs made may have fewer.
const (
	secretBytes    = 20
	minSecretBytes = 10
	maxSecretBytes = 128
)

// ErrBadSecret says that a text is no secret of an authenticator app.
var ErrBadSecret = errors.New("a secret is 16 to 205 letters and digits of Base32: A to Z and 2 to 7")

// compact drops what people type between the groups of a code or secret, and puts it into capitals.
func compact(typed string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '\t', '\n', '\r', '\u00a0':
			return -1
		}
		return r
	}, typed))
}

// grouped writes a code as people read it best.
func grouped(code string) string {
	var b strings.Builder
	for i, r := range []byte(code) {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteByte(r)
	}
	return b.String()
}

func newSecret(random io.Reader) (string, error) { return randomLetters(random, secretBytes) }

// randomLetters gives n random bytes in Base32, without padding.
func randomLetters(random io.Reader, n int) (string, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(random, b); err != nil {
		return "", fmt.Errorf("make a secret: %w", err)
	}
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b), nil
}

// cleanSecret brings a secret that somebody wrote into the form that is stored.
func cleanSecret(typed string) (string, error) {
	s := strings.TrimRight(compact(typed), "=")
	b, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(s)
	if err != nil || len(b) < minSecretBytes || len(b) > maxSecretBytes {
		return "", ErrBadSecret
	}
	return s, nil
}

// stepAt numbers the half minutes since 1970.
func stepAt(t time.Time) int64 { return t.Unix() / int64(period/time.Second) }

// matchingStep gives the newest step around now, and after the one that was used last, that has this code; 0 = none has.
// Every step is tried, whichever fits.
func matchingStep(secret, code string, now time.Time, used int64) int64 {
	var found int64
	current := stepAt(now)
	for step := max(current-drift, 1); step <= current+drift; step++ {
		if hasCode(secret, code, step) && step > used {
			found = step
		}
	}
	return found
}

func hasCode(secret, code string, step int64) bool {
	ok, err := hotp.ValidateCustom(code, uint64(step), secret, hotp.ValidateOpts{Digits: otp.Digits(digits), Algorithm: otp.AlgorithmSHA1})
	return err == nil && ok // an error is a code or secret of another form
}

// isCode reports whether a text has the form of a code of an app.
func isCode(s string) bool {
	return len(s) == digits && strings.Trim(s, "0123456789") == ""
}

// keyURI is what authenticator apps read from a QR code: the issuer stands in front of the account, and by itself for those
// that want it there.
func keyURI(issuer, account, secret string) string {
	issuer = strings.ReplaceAll(issuer, ":", "") // what parts it from the account
	return "otpauth://totp/" + url.PathEscape(issuer) + ":" + url.PathEscape(account) +
		"?secret=" + secret + "&issuer=" + strings.ReplaceAll(url.QueryEscape(issuer), "+", "%20")
}
