package password

import (
	"strings"
	"testing"
)

// FuzzStored holds that no stored string panics, costs more than the bounds say, or matches without being understood.
func FuzzStored(f *testing.F) {
	for _, stored := range vectors {
		f.Add(stored, vectorPassword)
	}
	f.Add(":bcrypt-sha384:4$"+strings.Repeat("a", 22)+"$"+strings.Repeat("b", 31), "x")
	f.Add(":argon2:$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA", "\x00")
	h := newHasher(f, cheap(Argon2id))
	f.Fuzz(func(t *testing.T, stored, password string) {
		parsed, err := parse(stored)
		if err != nil || !isCheap(t, parsed) {
			return
		}
		if _, _, err := h.Verify(stored, password); err != nil {
			t.Fatalf("understood, but Verify answers %v", err)
		}
	})
}

// isCheap keeps a fuzzer fast, and fails where the bounds let something through.
func isCheap(t *testing.T, h hash) bool {
	switch h := h.(type) {
	case pbkdf2Hash:
		if h.iterations*h.blocks() > maxPBKDF2Work {
			t.Fatal("too many iterations")
		}
		return h.iterations < 100
	case bcryptHash:
		if h.cost > maxBcryptCost {
			t.Fatal("too high a cost")
		}
		return h.cost == minBcryptCost
	case argon2Hash:
		if h.memory > maxArgon2Memory || h.memory*h.passes > maxArgon2Work || h.lanes > maxArgon2Lanes {
			t.Fatal("too much memory or work")
		}
		return h.memory*h.passes < 1024
	}
	return true
}

func BenchmarkHash(b *testing.B) {
	for _, kind := range []Kind{Argon2id, PBKDF2SHA512, Bcrypt} {
		b.Run(string(kind), func(b *testing.B) {
			h := newHasher(b, Settings{Default: kind})
			b.ReportAllocs()
			for b.Loop() {
				if _, err := h.Hash(vectorPassword); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("pbkdf2-sha512 30000", func(b *testing.B) {
		h := newHasher(b, Settings{Default: PBKDF2SHA512, PBKDF2Iterations: 30_000, AllowWeak: true})
		for b.Loop() {
			if _, err := h.Hash(vectorPassword); err != nil {
				b.Fatal(err)
			}
		}
	})
}
