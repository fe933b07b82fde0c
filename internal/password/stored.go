package password

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// The errors of reading a stored hash. None of them repeats the hash.
var (
	// ErrUnknownFormat: the type, or a variant of it, is none that can be verified.
	ErrUnknownFormat = errors.New("unknown format of password hash")
	// ErrMalformed: the type is known and the rest does not fit it.
	ErrMalformed = errors.New("malformed password hash")
	// ErrTooCostly: verifying it would take more work or memory than is ever spent on one hash.
	ErrTooCostly = errors.New("password hash too costly to verify")
)

// The types of stored strings, MediaWiki's names but for the last.
const (
	typeA             = "A"
	typeB             = "B"
	typePBKDF2        = "pbkdf2"
	typePBKDF2LegacyA = "pbkdf2-legacyA"
	typePBKDF2LegacyB = "pbkdf2-legacyB"
	typeBcrypt        = "bcrypt"
	typeArgon2        = "argon2"
	// typeBcryptSHA384 is ours: bcrypt over a digest of a password that bcrypt would cut. MediaWiki cannot read it.
	typeBcryptSHA384 = "bcrypt-sha384"
)

// The bounds of what is believed of a stored string: somebody else may have written it. Each lets at most a few seconds of
// work and a quarter of a gigabyte through.
const (
	maxStored       = 1024 // bytes of the string
	minDigest       = 16   // bytes of a digest that proves something
	maxDigest       = 256
	maxPBKDF2Work   = 5_000_000 // iterations × blocks of output
	minBcryptCost   = 4
	maxBcryptCost   = 16
	maxArgon2Memory = 256 << 10 // KiB
	maxArgon2Passes = 64
	maxArgon2Work   = 2 << 20 // KiB × passes
	maxArgon2Lanes  = 16
	minArgon2Memory = 8 // KiB a lane
)

// hash is a stored string that was understood.
type hash interface {
	// matches derives and compares, in constant time.
	matches(password string) (bool, error)
	// meets reports whether the settings would make a hash of this kind, no stronger than it.
	meets(s Settings) bool
}

// parse reads a stored string. Old installations hold bare MD5 sums of 32 hex digits: they are read as type A. (Where they
// were salted with the account's id, whoever imports them writes :B:id:sum instead.)
func parse(stored string) (hash, error) {
	if len(stored) > maxStored {
		return nil, ErrMalformed
	}
	if !strings.HasPrefix(stored, ":") {
		if len(stored) == md5HexLen {
			return parseA(stored)
		}
		return nil, ErrUnknownFormat
	}
	typ, rest, found := strings.Cut(stored[1:], ":")
	if !found {
		return nil, ErrMalformed
	}
	switch typ {
	case typeA:
		return parseA(rest)
	case typeB:
		return parseB(rest)
	case typePBKDF2:
		return parsePBKDF2(rest)
	case typePBKDF2LegacyA, typePBKDF2LegacyB:
		return parseLayered(typ, rest)
	case typeBcrypt, typeBcryptSHA384:
		return parseBcrypt(typ, rest)
	case typeArgon2:
		return parseArgon2(rest)
	}
	return nil, ErrUnknownFormat
}

// number reads a decimal of digits alone, up to most; more is ErrTooCostly.
func number(s string, most int) (int, error) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, ErrMalformed
	}
	n, err := strconv.Atoi(s)
	if err != nil || n > most {
		return 0, fmt.Errorf("%w: a parameter is above %d", ErrTooCostly, most)
	}
	return n, nil
}
