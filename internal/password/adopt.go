package password

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// Adopt gives the string to store for a hash that was made elsewhere. It reads what Verify reads, and the forms that other
// programs write: PHC strings of argon2, crypt(3)'s bcrypt, and PBKDF2 as passlib and Django have it. Bare and salted MD5 sums,
// which anybody guesses through in a day, come out inside PBKDF2 at the cost of the settings, so that they never stand in the
// store by themselves: that costs as much as a new hash. Everything else costs nothing.
//
// Empty stays empty: an account that no password opens. Its errors are ErrUnknownFormat, ErrMalformed and ErrTooCostly, told
// before any work, or a fault of the source of salts.
func (h *Hasher) Adopt(foreign string) (string, error) {
	if foreign == "" {
		return "", nil
	}
	stored, parsed, err := recognized(foreign)
	if err != nil {
		return "", err
	}
	if sum, ok := parsed.(md5Hash); ok {
		return h.wrap(sum)
	}
	return stored, nil
}

// Recognize reports whether Adopt would take foreign, with the errors that it would give. It costs nothing.
func Recognize(foreign string) error {
	if foreign == "" {
		return nil
	}
	_, _, err := recognized(foreign)
	return err
}

func recognized(foreign string) (stored string, parsed hash, err error) {
	if len(foreign) > maxStored {
		return "", nil, ErrMalformed
	}
	if stored, err = storedForm(foreign); err != nil {
		return "", nil, err
	}
	parsed, err = parse(stored)
	if sum, ok := parsed.(md5Hash); ok && strings.Contains(sum.salt, "!") { // it parts the layers of what Adopt makes
		return "", nil, ErrMalformed
	}
	return stored, parsed, err
}

// storedForm spells a foreign hash as this package does. What it does not know it gives back.
func storedForm(foreign string) (string, error) {
	switch {
	case strings.HasPrefix(foreign, "$argon2"):
		return ":" + typeArgon2 + ":" + foreign, nil
	case strings.HasPrefix(foreign, "$2a$"), strings.HasPrefix(foreign, "$2b$"), strings.HasPrefix(foreign, "$2y$"):
		cost, rest, _ := strings.Cut(foreign[len("$2y$"):], "$")
		if len(rest) != bcryptSaltLen+bcryptHashLen {
			return "", ErrMalformed
		}
		return fmt.Sprintf(":%s:%s$%s$%s", typeBcrypt, strings.TrimPrefix(cost, "0"), rest[:bcryptSaltLen], rest[bcryptSaltLen:]), nil
	case strings.HasPrefix(foreign, "$pbkdf2"):
		return fromPasslib(foreign)
	case strings.HasPrefix(foreign, "pbkdf2_"):
		return fromDjango(foreign)
	}
	return foreign, nil
}

// fromPasslib reads $pbkdf2-digest$rounds$salt$checksum, whose base 64 has a dot for the plus and no padding.
func fromPasslib(foreign string) (string, error) {
	parts := strings.Split(foreign[1:], "$")
	if len(parts) != 4 {
		return "", ErrMalformed
	}
	digest, named := strings.CutPrefix(parts[0], "pbkdf2-")
	if !named {
		digest = "sha1"
	}
	plain := func(s string) ([]byte, error) {
		return base64.RawStdEncoding.DecodeString(strings.ReplaceAll(s, ".", "+"))
	}
	salt, saltErr := plain(parts[2])
	sum, sumErr := plain(parts[3])
	if saltErr != nil || sumErr != nil {
		return "", ErrMalformed
	}
	return pbkdf2Stored(digest, parts[1], salt, sum), nil
}

// fromDjango reads pbkdf2_digest$rounds$salt$checksum, whose salt is text.
func fromDjango(foreign string) (string, error) {
	parts := strings.Split(foreign, "$")
	if len(parts) != 4 {
		return "", ErrMalformed
	}
	sum, err := base64.StdEncoding.DecodeString(parts[3])
	if err != nil {
		return "", ErrMalformed
	}
	return pbkdf2Stored(strings.TrimPrefix(parts[0], "pbkdf2_"), parts[1], []byte(parts[2]), sum), nil
}

func pbkdf2Stored(digest, rounds string, salt, sum []byte) string {
	b64 := base64.StdEncoding
	return fmt.Sprintf(":%s:%s:%s:%d:%s:%s", typePBKDF2, digest, rounds, len(sum), b64.EncodeToString(salt), b64.EncodeToString(sum))
}

// wrap hashes a sum as if it were a password.
func (h *Hasher) wrap(sum md5Hash) (string, error) {
	typ := typePBKDF2LegacyA
	if sum.salted {
		typ = typePBKDF2LegacyB
	}
	salt, err := h.salt()
	if err != nil {
		return "", err
	}
	p := pbkdf2Params{algorithm: "sha512", iterations: h.settings.PBKDF2Iterations, size: pbkdf2Size}
	digest, err := p.derive(sum.hexDigest, salt)
	if err != nil {
		return "", fmt.Errorf("wrap hash: %w", err)
	}
	b64 := base64.StdEncoding
	return fmt.Sprintf(":%s:!%s:%d:%d!%s!%s!%s", typ, p.algorithm, p.iterations, p.size, sum.salt,
		b64.EncodeToString(salt), b64.EncodeToString(digest)), nil
}
