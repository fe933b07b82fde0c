package password

import (
	"crypto/md5"
	"crypto/subtle"
	"encoding/hex"
	"strings"
)

const md5HexLen = 2 * md5.Size

// md5Hash is type A, and type B if it is salted. It is only ever read.
type md5Hash struct {
	salted    bool
	salt      string
	hexDigest string
}

func parseA(rest string) (hash, error) {
	digest, err := parseMD5(rest)
	if err != nil {
		return nil, err
	}
	return md5Hash{hexDigest: digest}, nil
}

func parseB(rest string) (hash, error) {
	salt, sum, found := strings.Cut(rest, ":")
	if !found {
		return nil, ErrMalformed
	}
	digest, err := parseMD5(sum)
	if err != nil {
		return nil, err
	}
	return md5Hash{salted: true, salt: salt, hexDigest: digest}, nil
}

func parseMD5(s string) (hexDigest string, err error) {
	digest, err := hex.DecodeString(s)
	if err != nil || len(digest) != md5.Size {
		return "", ErrMalformed
	}
	return strings.ToLower(s), nil
}

func (h md5Hash) matches(password string) (bool, error) {
	inner := md5Hex(password)
	if h.salted {
		inner = md5SaltedHex(h.salt, password)
	}
	return subtle.ConstantTimeCompare([]byte(inner), []byte(h.hexDigest)) == 1, nil
}

func (md5Hash) meets(Settings) bool { return false }

func md5Hex(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

func md5SaltedHex(salt, password string) string { return md5Hex(salt + "-" + md5Hex(password)) }
