// Package password turns passwords into what is stored of them and back into a verdict, judges new passwords by policy,
// and rations the work that hashing is.
//
// Hasher writes and verifies MediaWiki's stored strings. Policy says what is wrong with a password. Budget bounds the
// hashes in flight and the queue before them. The package stores nothing, knows no flow and no HTTP: provider/password is
// its main user. Common passwords are package common's.
//
// A password is a text in Unicode form C, which the edge gave it. From there on its bytes are never trimmed, folded or
// cut. Nothing here logs or returns a password or puts one into an error.
package password

import (
	"encoding/base64"
	"fmt"
	"io"

	"golang.org/x/crypto/bcrypt"
)

const (
	saltSize   = 16
	argon2Size = 32
	pbkdf2Size = 64
)

// Hasher hashes new passwords as its settings say and verifies every stored form. It is safe for concurrent use if its
// source of salts is.
type Hasher struct {
	settings Settings
	salts    io.Reader
}

// NewHasher builds a Hasher that draws salts from salts. Bcrypt draws its own from crypto/rand.
func NewHasher(s Settings, salts io.Reader) (*Hasher, error) {
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("password settings: %w", err)
	}
	return &Hasher{settings: s.withDefaults(), salts: salts}, nil
}

// Hash gives the string to store for password. It costs what the settings say: call it within Ticket.Run.
func (h *Hasher) Hash(password string) (string, error) {
	switch h.settings.Default {
	case PBKDF2SHA512:
		return h.hashPBKDF2(password)
	case Bcrypt:
		return h.hashBcrypt(password)
	}
	return h.hashArgon2(password)
}

func (h *Hasher) hashArgon2(password string) (string, error) {
	salt, err := h.salt()
	if err != nil {
		return "", err
	}
	p := h.settings.argon2()
	digest := p.derive(password, salt, argon2Size)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf(":argon2:$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s",
		p.memory, p.passes, p.lanes, b64.EncodeToString(salt), b64.EncodeToString(digest)), nil
}

func (h *Hasher) hashPBKDF2(password string) (string, error) {
	salt, err := h.salt()
	if err != nil {
		return "", err
	}
	p := pbkdf2Params{algorithm: "sha512", iterations: h.settings.PBKDF2Iterations, size: pbkdf2Size}
	digest, err := p.derive(password, salt)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	b64 := base64.StdEncoding
	return fmt.Sprintf(":pbkdf2:sha512:%d:%d:%s:%s",
		p.iterations, p.size, b64.EncodeToString(salt), b64.EncodeToString(digest)), nil
}

// hashBcrypt writes MediaWiki's form where bcrypt reads the password to its end, and a form of our own, over a digest of the
// password, where it would not.
func (h *Hasher) hashBcrypt(password string) (string, error) {
	typ := typeBcrypt
	if bcryptCuts(password) {
		typ, password = typeBcryptSHA384, bcryptDigest(password)
	}
	out, err := bcrypt.GenerateFromPassword([]byte(password), h.settings.BcryptCost)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	rest := string(out[len("$2a$12$"):])
	return fmt.Sprintf(":%s:%d$%s$%s", typ, h.settings.BcryptCost, rest[:bcryptSaltLen], rest[bcryptSaltLen:]), nil
}

func (h *Hasher) salt() ([]byte, error) {
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(h.salts, salt); err != nil {
		return nil, fmt.Errorf("draw salt: %w", err)
	}
	return salt, nil
}

// Verify reports whether password is what stored was made from, and, if so, whether it should be hashed again and stored
// anew. An empty stored string is no valid password: nothing matches it, in no time. Errors are ErrUnknownFormat,
// ErrMalformed and ErrTooCostly, told before any work.
//
// A hash of the settings' kind that is at least as strong as they ask stays; every other one is due for replacement. But
// where bcrypt may have ignored a part of the password, nothing is known of that part, so it must not replace the old hash.
func (h *Hasher) Verify(stored, password string) (ok, needsRehash bool, err error) {
	if stored == "" {
		return false, false, nil
	}
	parsed, err := parse(stored)
	if err != nil {
		return false, false, err
	}
	ok, err = parsed.matches(password)
	if err != nil || !ok {
		return false, false, err
	}
	if b, isBcrypt := parsed.(bcryptHash); isBcrypt && b.cuts(password) {
		return true, false, nil
	}
	return true, !parsed.meets(h.settings), nil
}
