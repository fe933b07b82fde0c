package password

import (
	"crypto/md5"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	stdhash "hash"
	"strings"
)

type pbkdf2Params struct {
	algorithm  string // PHP's name
	iterations int
	size       int // bytes of the digest
}

// pbkdf2Hash is type pbkdf2 and, with a layer, its legacy forms.
type pbkdf2Hash struct {
	pbkdf2Params
	salt, digest []byte
	// layer is what was hashed in place of the password itself; nil = the password.
	layer func(password string) string
}

// parsePBKDF2 reads algorithm:iterations:size:salt:digest.
func parsePBKDF2(rest string) (hash, error) {
	parts := strings.Split(rest, ":")
	if len(parts) != 5 {
		return nil, ErrMalformed
	}
	return pbkdf2From(parts[:3], parts[3], parts[4])
}

// parseLayered reads !algorithm:iterations:size!inner salt!salt!digest: the parameters of both layers, then the arguments of
// both, the inner layer being type A (no salt) or B.
func parseLayered(typ, rest string) (hash, error) {
	parts := strings.Split(rest, "!")
	if len(parts) != 5 || parts[0] != "" {
		return nil, ErrMalformed
	}
	params, innerSalt := strings.Split(parts[1], ":"), parts[2]
	if len(params) != 3 || (typ == typePBKDF2LegacyA && innerSalt != "") {
		return nil, ErrMalformed
	}
	h, err := pbkdf2From(params, parts[3], parts[4])
	if err != nil {
		return nil, err
	}
	h.layer = md5Hex
	if typ == typePBKDF2LegacyB {
		h.layer = func(password string) string { return md5SaltedHex(innerSalt, password) }
	}
	return h, nil
}

func pbkdf2From(params []string, salt, digest string) (h pbkdf2Hash, err error) {
	h.algorithm = params[0]
	if h.newDigest() == nil {
		return h, ErrUnknownFormat
	}
	if h.iterations, err = number(params[1], maxPBKDF2Work); err != nil {
		return h, err
	}
	if h.size, err = number(params[2], maxDigest); err != nil {
		return h, err
	}
	var saltErr, digestErr error
	h.salt, saltErr = base64.StdEncoding.DecodeString(salt)
	h.digest, digestErr = base64.StdEncoding.DecodeString(digest)
	if saltErr != nil || digestErr != nil || h.iterations < 1 || h.size < minDigest || len(h.digest) != h.size {
		return h, ErrMalformed
	}
	if h.iterations*h.blocks() > maxPBKDF2Work {
		return h, fmt.Errorf("%w: %d iterations of %d blocks", ErrTooCostly, h.iterations, h.blocks())
	}
	return h, nil
}

func (p pbkdf2Params) blocks() int {
	n := p.newDigest()().Size()
	return (p.size + n - 1) / n
}

func (p pbkdf2Params) derive(password string, salt []byte) ([]byte, error) {
	return pbkdf2.Key(p.newDigest(), password, salt, p.iterations, p.size)
}

// newDigest finds the algorithm by the name that PHP has for it, nil if there is none.
func (p pbkdf2Params) newDigest() func() stdhash.Hash {
	switch p.algorithm {
	case "sha512":
		return sha512.New
	case "sha384":
		return sha512.New384
	case "sha512/256":
		return sha512.New512_256
	case "sha512/224":
		return sha512.New512_224
	case "sha256":
		return sha256.New
	case "sha224":
		return sha256.New224
	case "sha1":
		return sha1.New
	case "md5":
		return md5.New
	case "sha3-512":
		return func() stdhash.Hash { return sha3.New512() }
	case "sha3-384":
		return func() stdhash.Hash { return sha3.New384() }
	case "sha3-256":
		return func() stdhash.Hash { return sha3.New256() }
	case "sha3-224":
		return func() stdhash.Hash { return sha3.New224() }
	}
	return nil
}

func (h pbkdf2Hash) matches(password string) (bool, error) {
	if h.layer != nil {
		password = h.layer(password)
	}
	got, err := h.derive(password, h.salt)
	if err != nil {
		return false, fmt.Errorf("verify pbkdf2: %w", err)
	}
	return subtle.ConstantTimeCompare(got, h.digest) == 1, nil
}

func (h pbkdf2Hash) meets(s Settings) bool {
	return s.Default == PBKDF2SHA512 && h.layer == nil && h.algorithm == "sha512" &&
		h.iterations >= s.PBKDF2Iterations && h.size >= pbkdf2Size && len(h.salt) >= saltSize
}
