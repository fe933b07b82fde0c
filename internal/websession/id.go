package websession

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"strings"

	"gatehouse/auth"
)

// The random bytes in a session id, which is 32 characters of 0-9a-v, and in the secret of a remembered sign-in, 32
// hexadecimal digits. Both have the reference's shape.
const (
	sessionIDBytes  = 20
	sessionIDLength = sessionIDBytes * 8 / 5
	rememberBytes   = 16
)

func sessionIDText(b []byte) string { return strings.ToLower(base32.HexEncoding.EncodeToString(b)) }

func rememberText(b []byte) string { return hex.EncodeToString(b) }

func isSessionID(s string) bool {
	if len(s) != sessionIDLength {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'v') {
			return false
		}
	}
	return true
}

// digest is what the store knows of a cookie's value. The values are random and long, so one plain hash is enough.
func digest(value string) auth.SessionID {
	sum := sha256.Sum256([]byte(value))
	return auth.SessionID(hex.EncodeToString(sum[:]))
}
