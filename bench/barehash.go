package main

import (
	"context"
	"crypto/pbkdf2"
	"crypto/sha512"
	"runtime"
	"sync"
	"time"

	"golang.org/x/crypto/argon2"
)

// hash is a password hash as the server is told to compute it.
type hash struct {
	name     string
	settings []string
	compute  func(password string, salt []byte)
}

// The reference's own hash, and the server's default.
func reference() hash {
	const iterations, length = 30_000, 64
	return hash{
		name: "PBKDF2-SHA512, 30 000 iterations", settings: weakPBKDF2(iterations),
		compute: func(password string, salt []byte) {
			// Errors are for lengths out of bounds only.
			_, _ = pbkdf2.Key(sha512.New, password, salt, iterations, length)
		},
	}
}

func standard() hash {
	const memory, passes, lanes, length = 19 << 10, 2, 1, 32
	return hash{
		name: "argon2id, 19 MiB, 2 passes",
		compute: func(password string, salt []byte) {
			argon2.IDKey([]byte(password), salt, passes, memory, lanes, length)
		},
	}
}

// bare computes hashes on all cores with nothing else to do. It is a turn.
func (h hash) bare(_ context.Context, d time.Duration) (part, error) {
	var (
		all  sync.WaitGroup
		salt [16]byte
	)
	s := newSample()
	s.elapsed = d
	end := time.Now().Add(d)
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for {
				began := time.Now()
				h.compute(password, salt[:])
				done := time.Now()
				if done.After(end) {
					return
				}
				s.add(done.Sub(began), nil)
			}
		})
	}
	all.Wait()
	return part{sample: s}, nil
}
