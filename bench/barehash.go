package main

import (
	"context"
	"crypto/pbkdf2"
	"crypto/sha512"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
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

// otherHashes are what else can be chosen, at the settings that are the default.
func otherHashes() []hash {
	const iterations, length, cost = 210_000, 64, 12
	return []hash{
		{
			name: "PBKDF2-SHA512, 210 000 iterations", settings: []string{"password.hash=pbkdf2-sha512"},
			compute: func(password string, salt []byte) { _, _ = pbkdf2.Key(sha512.New, password, salt, iterations, length) },
		},
		{
			name: "bcrypt, cost 12", settings: []string{"password.hash=bcrypt"},
			compute: func(password string, _ []byte) { _, _ = bcrypt.GenerateFromPassword([]byte(password), cost) },
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
		// computed counts the last ones too, which end too late to count for the rate but took their time.
		computed atomic.Int64
	)
	s := newSample()
	s.elapsed = d
	m, err := startMeter(os.Getpid(), 0)
	if err != nil {
		return part{}, err
	}
	end := time.Now().Add(d)
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for {
				began := time.Now()
				h.compute(password, salt[:])
				done := time.Now()
				computed.Add(1)
				if done.After(end) {
					return
				}
				s.add(done.Sub(began), nil)
			}
		})
	}
	all.Wait()
	u, err := m.read()
	// As much as those that count took.
	u.Server *= time.Since(m.start).Seconds() / d.Seconds() * float64(s.latency.TotalCount()) / float64(max(computed.Load(), 1))
	u.Generator = u.Server
	return part{s, u}, err
}
