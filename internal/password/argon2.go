package password

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

type argon2Params struct {
	id     bool   // argon2id; else argon2i
	memory uint32 // KiB
	passes uint32
	lanes  uint8
}

// argon2Hash is type argon2.
type argon2Hash struct {
	argon2Params
	salt, digest []byte
}

// parseArgon2 reads $variant$v=19$m=memory,t=passes,p=lanes$salt$digest, as PHP's password_hash writes it.
func parseArgon2(rest string) (hash, error) {
	parts := strings.Split(rest, "$")
	if len(parts) != 6 || parts[0] != "" {
		return nil, ErrMalformed
	}
	if parts[2] != "v=19" {
		return nil, fmt.Errorf("%w: another version of argon2", ErrUnknownFormat)
	}
	params, err := parseArgon2Params(parts[1], parts[3])
	if err != nil {
		return nil, err
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[4])
	digest, digestErr := base64.RawStdEncoding.DecodeString(parts[5])
	if saltErr != nil || digestErr != nil || len(salt) < 8 || len(digest) < minDigest || len(digest) > maxDigest {
		return nil, ErrMalformed
	}
	return argon2Hash{params, salt, digest}, nil
}

func parseArgon2Params(variant, list string) (argon2Params, error) {
	if variant != "argon2id" && variant != "argon2i" {
		return argon2Params{}, fmt.Errorf("%w: another variant of argon2", ErrUnknownFormat)
	}
	parts := strings.Split(list, ",")
	if len(parts) != 3 {
		return argon2Params{}, ErrMalformed
	}
	most := []int{maxArgon2Memory, maxArgon2Passes, maxArgon2Lanes}
	values := make([]int, len(parts))
	for i, name := range []string{"m=", "t=", "p="} {
		digits, found := strings.CutPrefix(parts[i], name)
		if !found {
			return argon2Params{}, ErrMalformed
		}
		var err error
		if values[i], err = number(digits, most[i]); err != nil {
			return argon2Params{}, err
		}
	}
	p := argon2Params{id: variant == "argon2id", memory: uint32(values[0]), passes: uint32(values[1]), lanes: uint8(values[2])}
	return p, p.check()
}

func (p argon2Params) check() error {
	if p.passes < 1 || p.lanes < 1 || p.memory < minArgon2Memory*uint32(p.lanes) {
		return ErrMalformed
	}
	if uint64(p.memory)*uint64(p.passes) > maxArgon2Work {
		return fmt.Errorf("%w: %d passes over %d KiB", ErrTooCostly, p.passes, p.memory)
	}
	return nil
}

func (p argon2Params) derive(password string, salt []byte, size int) []byte {
	if p.id {
		return argon2.IDKey([]byte(password), salt, p.passes, p.memory, p.lanes, uint32(size))
	}
	return argon2.Key([]byte(password), salt, p.passes, p.memory, p.lanes, uint32(size))
}

func (h argon2Hash) matches(password string) (bool, error) {
	got := h.derive(password, h.salt, len(h.digest))
	return subtle.ConstantTimeCompare(got, h.digest) == 1, nil
}

func (h argon2Hash) meets(s Settings) bool {
	want := s.argon2()
	return s.Default == Argon2id && h.id && h.memory >= want.memory && h.passes >= want.passes &&
		len(h.salt) >= saltSize && len(h.digest) >= argon2Size
}
