package password

import (
	"errors"
	"fmt"
)

// Kind names the hash that new passwords get.
type Kind string

// The kinds of new hashes.
const (
	Argon2id     Kind = "argon2id"
	PBKDF2SHA512 Kind = "pbkdf2-sha512"
	Bcrypt       Kind = "bcrypt"
)

// The floors of new hashes, which are the defaults too.
const (
	FloorPBKDF2Iterations = 210_000
	FloorBcryptCost       = 12
	FloorArgon2Memory     = 19 << 10 // KiB
	FloorArgon2Passes     = 2
)

// Settings choose how new passwords are hashed. The zero value is argon2id at its floor.
type Settings struct {
	Default          Kind // empty = Argon2id
	PBKDF2Iterations int  // 0 = the floor, here and below
	BcryptCost       int
	Argon2Memory     int // KiB
	Argon2Passes     int
	// AllowWeak lets the costs go below their floors: for tests and benchmarks.
	AllowWeak bool
}

// Validate reports every fault of s, joined.
func (s Settings) Validate() error {
	s = s.withDefaults()
	var faults []error
	switch s.Default {
	case Argon2id, PBKDF2SHA512, Bcrypt:
	default:
		faults = append(faults, fmt.Errorf("unknown password hash %q", s.Default))
	}
	for _, c := range s.costs() {
		faults = append(faults, c.check(s.AllowWeak))
	}
	if s.Argon2Memory*s.Argon2Passes > maxArgon2Work {
		faults = append(faults, fmt.Errorf("argon2id memory × passes is above %d", maxArgon2Work))
	}
	return errors.Join(faults...)
}

func (s Settings) withDefaults() Settings {
	if s.Default == "" {
		s.Default = Argon2id
	}
	orDefault(&s.PBKDF2Iterations, FloorPBKDF2Iterations)
	orDefault(&s.BcryptCost, FloorBcryptCost)
	orDefault(&s.Argon2Memory, FloorArgon2Memory)
	orDefault(&s.Argon2Passes, FloorArgon2Passes)
	return s
}

func orDefault(v *int, fallback int) {
	if *v == 0 {
		*v = fallback
	}
}

// argon2 are the parameters of new argon2id hashes, once s is valid.
func (s Settings) argon2() argon2Params {
	return argon2Params{id: true, memory: uint32(s.Argon2Memory), passes: uint32(s.Argon2Passes), lanes: 1}
}

// cost is one number of the settings with its bounds. least is what the algorithm itself needs; most is also the most that is
// believed of a stored hash, so that a new one can be read again.
type cost struct {
	name               string
	value              int
	least, floor, most int
}

func (s Settings) costs() []cost {
	return []cost{
		{"pbkdf2 iterations", s.PBKDF2Iterations, 1, FloorPBKDF2Iterations, maxPBKDF2Work},
		{"bcrypt cost", s.BcryptCost, minBcryptCost, FloorBcryptCost, maxBcryptCost},
		{"argon2id memory", s.Argon2Memory, minArgon2Memory, FloorArgon2Memory, maxArgon2Memory},
		{"argon2id passes", s.Argon2Passes, 1, FloorArgon2Passes, maxArgon2Passes},
	}
}

func (c cost) check(allowWeak bool) error {
	floor := c.floor
	if allowWeak {
		floor = c.least
	}
	if c.value < floor || c.value > c.most {
		return fmt.Errorf("%s of %d is not between %d and %d", c.name, c.value, floor, c.most)
	}
	return nil
}
