package password

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

const (
	bcryptReads   = 72 // bytes of a password
	bcryptSaltLen = 22 // characters
	bcryptHashLen = 31
)

// bcryptHash is types bcrypt and bcrypt-sha384.
type bcryptHash struct {
	digested bool
	cost     int
	crypt    string // as crypt(3) writes it
}

// parseBcrypt reads cost$salt$digest. The letter of the version is not stored: PHP writes 2y.
func parseBcrypt(typ, rest string) (hash, error) {
	parts := strings.Split(rest, "$")
	if len(parts) != 3 || !isBcrypt64(parts[1], bcryptSaltLen) || !isBcrypt64(parts[2], bcryptHashLen) {
		return nil, ErrMalformed
	}
	cost, err := number(parts[0], maxBcryptCost)
	if err != nil {
		return nil, err
	}
	if cost < minBcryptCost {
		return nil, ErrMalformed
	}
	return bcryptHash{
		digested: typ == typeBcryptSHA384,
		cost:     cost,
		crypt:    fmt.Sprintf("$2y$%02d$%s%s", cost, parts[1], parts[2]),
	}, nil
}

func isBcrypt64(s string, length int) bool {
	const digits = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	return len(s) == length && strings.Trim(s, digits) == ""
}

func (h bcryptHash) matches(password string) (bool, error) {
	if h.digested {
		password = bcryptDigest(password)
	}
	err := bcrypt.CompareHashAndPassword([]byte(h.crypt), []byte(bcryptCut(password)))
	if errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("verify bcrypt: %w", err)
	}
	return true, nil
}

// cuts reports whether a match of password may say nothing of its end.
func (h bcryptHash) cuts(password string) bool { return !h.digested && bcryptCuts(password) }

func (h bcryptHash) meets(s Settings) bool { return s.Default == Bcrypt && h.cost >= s.BcryptCost }

// bcryptCuts reports whether bcrypt would not see where the password ends: it reads 72 bytes and, in C, up to a zero byte.
func bcryptCuts(password string) bool {
	return len(password) >= bcryptReads || strings.IndexByte(password, 0) >= 0
}

// bcryptCut is the part of password that C's bcrypt reads.
func bcryptCut(password string) string {
	password, _, _ = strings.Cut(password, "\x00")
	return password[:min(len(password), bcryptReads)]
}

// bcryptDigest stands for a password that bcrypt would cut: 64 characters, none of them zero. The key keeps the digest apart
// from bare SHA-384 sums that leaked elsewhere.
func bcryptDigest(password string) string {
	mac := hmac.New(sha512.New384, []byte("gatehouse "+typeBcryptSHA384))
	mac.Write([]byte(password))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
