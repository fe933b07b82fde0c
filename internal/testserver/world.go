package testserver

import (
	crand "crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"time"
)

// clock is a space's time: the machine's, or one that stands still; tests move both forward. It is safe for concurrent use.
type clock struct {
	mu sync.Mutex
	// still is where the clock stands; zero = it runs with the machine's.
	still  time.Time
	offset time.Duration
}

// Now is the time of the space.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.still.IsZero() {
		return time.Now().Add(c.offset)
	}
	return c.still.Add(c.offset)
}

// longestAdvance is how far a clock goes in all. Beyond it dates would leave the forms that clients read.
const longestAdvance = 50 * 365 * 24 * time.Hour

func (c *clock) advance(d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d < 0 {
		return fmt.Errorf("time goes forward only; POST /_test/reset begins again")
	}
	if d > longestAdvance-c.offset {
		return fmt.Errorf("the clock goes at most %d years ahead; POST /_test/reset begins again", longestAdvance/(365*24*time.Hour))
	}
	c.offset += d
	return nil
}

func (c *clock) isStill() bool { return !c.still.IsZero() }

// randomness gives each part of a server its own stream, so that what one part uses up moves nothing for another. It is safe
// for concurrent use.
type randomness struct {
	key   [sha256.Size]byte
	mu    sync.Mutex
	parts map[string]*stream
}

// seeded gives the randomness of one space: other names of spaces, and other seeds, have other streams.
func seeded(seed uint64, space string) *randomness {
	var number [8]byte
	binary.BigEndian.PutUint64(number[:], seed)
	return &randomness{key: sha256.Sum256(append(number[:], space...)), parts: map[string]*stream{}}
}

// part gives the stream of that name. Who asks again goes on where the stream stands.
func (r *randomness) part(name string) io.Reader {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.parts[name] == nil {
		r.parts[name] = &stream{source: rand.NewChaCha8(sha256.Sum256(append(r.key[:], name...)))}
	}
	return r.parts[name]
}

// unseeded is the randomness of spaces without a seed.
func unseeded(string) io.Reader { return crand.Reader }

// stream can be told in advance by whoever knows the seed.
type stream struct {
	mu     sync.Mutex
	source *rand.ChaCha8
}

// Read fills p and never fails.
func (s *stream) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.source.Read(p)
}
