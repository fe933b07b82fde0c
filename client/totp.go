package client

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// TOTP gives the code of that moment for a secret in Base32, as authenticators do (RFC 6238: SHA-1, six digits, 30 s).
// Blanks, hyphens and small letters in the secret do not matter.
func TOTP(secret string, at time.Time) (string, error) {
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(bareSecret(secret))
	if err != nil || len(key) == 0 {
		return "", errors.New("compute code: the secret is no Base32")
	}
	mac := hmac.New(sha1.New, key)
	_ = binary.Write(mac, binary.BigEndian, uint64(at.Unix())/30) // hashes do not fail
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0xf
	number := binary.BigEndian.Uint32(sum[offset:]) & 0x7fffffff
	return fmt.Sprintf("%06d", number%1_000_000), nil
}

func bareSecret(secret string) string {
	return strings.TrimRight(strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(secret)), "=")
}

// TwoFactor is the offer to set up two-factor authentication.
type TwoFactor struct {
	Secret  string // in Base32, in groups as the wiki writes it
	Account string
	// Code is the name of the field that takes the authenticator's code.
	Code string
}

// TwoFactor finds the offer among the step's requests, whatever its id: it is the one that brings a secret.
func (s Step) TwoFactor() (TwoFactor, bool) {
	for _, r := range s.Requests {
		if r.Metadata["secret"] == "" {
			continue
		}
		for _, f := range r.Fields {
			if f.TakesAnswer() && f.Type != Button && f.Type != Checkbox {
				return TwoFactor{Secret: r.Metadata["secret"], Account: r.Metadata["account"], Code: f.Name}, true
			}
		}
	}
	return TwoFactor{}, false
}

// KeyURI is what an authenticator reads from a QR code. issuer is who asks for the codes: the wiki's name.
func (t TwoFactor) KeyURI(issuer string) string {
	label := url.PathEscape(issuer) + ":" + url.PathEscape(t.Account)
	return "otpauth://totp/" + label + "?secret=" + bareSecret(t.Secret) + "&issuer=" + url.PathEscape(issuer)
}
