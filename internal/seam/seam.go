// Package seam is where a test server takes hold of what a server has from outside: its clock, its randomness, its
// way to others and the list of its providers.
//
// It is data alone. The root package wires a server with it (NewStaged), internal/testserver fills it in, and nobody else
// may import it: whoever runs a server for people has no word for a clock that can be moved or for randomness that can be
// told in advance.
package seam

import (
	"crypto/rand"
	"io"
	"net/http"
	"time"

	"gatehouse/auth"
)

// Seam replaces parts of a server. The zero value replaces nothing.
type Seam struct {
	// Clock tells the time; nil = time.Now. It must be safe for concurrent use.
	Clock func() time.Time
	// Random gives the named part of the server its randomness; nil = crypto/rand for all of them. A part is asked for once,
	// when the server is built, and its reader must be safe for concurrent use.
	Random func(part string) io.Reader
	// Outgoing reaches OpenID providers; nil = the network.
	Outgoing http.RoundTripper
	// Providers may add to what the Manager runs, or order it otherwise; nil = as wired.
	Providers func(*auth.Config)
}

// Filled is s with the real thing wherever it replaces nothing.
func (s Seam) Filled() Seam {
	if s.Clock == nil {
		s.Clock = time.Now
	}
	if s.Random == nil {
		s.Random = func(string) io.Reader { return rand.Reader }
	}
	if s.Providers == nil {
		s.Providers = func(*auth.Config) {}
	}
	return s
}
