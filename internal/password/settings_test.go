package password

import (
	"crypto/rand"
	"strings"
	"testing"
)

func TestSettingsBounds(t *testing.T) {
	for _, tt := range []struct {
		name     string
		settings Settings
		good     bool
	}{
		{"zero", Settings{}, true},
		{"pbkdf2 at its floor", Settings{Default: PBKDF2SHA512, PBKDF2Iterations: FloorPBKDF2Iterations}, true},
		{"pbkdf2 under it", Settings{PBKDF2Iterations: FloorPBKDF2Iterations - 1}, false},
		{"pbkdf2 under it, allowed", Settings{PBKDF2Iterations: 1, AllowWeak: true}, true},
		{"bcrypt at its floor", Settings{Default: Bcrypt, BcryptCost: FloorBcryptCost}, true},
		{"bcrypt under it", Settings{BcryptCost: FloorBcryptCost - 1}, false},
		{"bcrypt at its least", Settings{BcryptCost: minBcryptCost, AllowWeak: true}, true},
		{"bcrypt under its least", Settings{BcryptCost: minBcryptCost - 1, AllowWeak: true}, false},
		{"bcrypt at its most", Settings{BcryptCost: maxBcryptCost}, true},
		{"bcrypt above its most", Settings{BcryptCost: maxBcryptCost + 1}, false},
		{"argon2 memory at its floor", Settings{Argon2Memory: FloorArgon2Memory}, true},
		{"argon2 memory under it", Settings{Argon2Memory: FloorArgon2Memory - 1}, false},
		{"argon2 memory at its least", Settings{Argon2Memory: minArgon2Memory, AllowWeak: true}, true},
		{"argon2 memory under its least", Settings{Argon2Memory: minArgon2Memory - 1, AllowWeak: true}, false},
		{"argon2 memory at its most", Settings{Argon2Memory: maxArgon2Memory}, true},
		{"argon2 memory above its most", Settings{Argon2Memory: maxArgon2Memory + 1}, false},
		{"argon2 passes under their floor", Settings{Argon2Passes: FloorArgon2Passes - 1}, false},
		{"argon2 passes × memory at the most", Settings{Argon2Memory: maxArgon2Memory, Argon2Passes: 8}, true},
		{"argon2 passes × memory above it", Settings{Argon2Memory: maxArgon2Memory, Argon2Passes: 9}, false},
		{"negative", Settings{PBKDF2Iterations: -1, AllowWeak: true}, false},
		{"unknown hash", Settings{Default: "md5"}, false},
	} {
		if _, err := NewHasher(tt.settings, rand.Reader); (err == nil) != tt.good {
			t.Errorf("%s: NewHasher = %v", tt.name, err)
		}
	}
	err := Settings{Default: "md5", BcryptCost: 1, Argon2Passes: 1}.Validate()
	if err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("Validate = %v, want three faults", err)
	}
}
