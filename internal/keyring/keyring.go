// Package keyring holds the server's keys: it authenticates and encrypts what the server hands out or stores and wants
// back unchanged.
//
// Keys have ids and are replaced without a break. They lie in the store, wrapped by a master key that does not. What a
// MAC or a ciphertext means is the caller's business: the caller names a purpose, and what was made for one purpose, one
// site or one public address holds for no other. The neighbours are internal/websession (cookies), auth (flow states) and
// the stores, which implement Store.
package keyring

import (
	"context"
	"io"
	"log/slog"
	"time"
)

// Purpose separates the uses of the keys. Purposes are constants of the program, never made from what a visitor sent.
type Purpose string

// KeyID is the number of a key.
type KeyID uint32

// TagSize is the length of a MAC, in bytes. A MAC may be cut, but not below MinTagSize.
const (
	TagSize    = 32
	MinTagSize = 8
)

// Config is what a Keyring is built from.
type Config struct {
	Store Store
	// MasterFile is the path of the master key; it is made if it is absent and the store has no keys yet. "" stores the keys
	// practically in clear: whoever reads the store can forge everything. The caller warns (Keyring.Unprotected).
	MasterFile string
	// Site and PublicURL are covered by every MAC and ciphertext.
	Site, PublicURL string
	// SignDelay is how long a new key only verifies. It must exceed the time between two calls of Refresh.
	SignDelay time.Duration
	// Retention is how long a replaced key verifies MACs. It must exceed the life of everything that carries one.
	Retention time.Duration
	// RotateEvery is the age at which Refresh replaces the signing key; 0 = never.
	RotateEvery time.Duration
	Clock       func() time.Time
	// Random gives key material; it must be safe for concurrent use.
	Random io.Reader
	Logger *slog.Logger
}

// Keyring is safe for concurrent use. Readers share no lock.
type Keyring struct{}

// Open loads the keys, and makes the first one if there is none. Of several servers that start at once on one store all
// end up with the same key.
func Open(ctx context.Context, c Config) (*Keyring, error) { return &Keyring{}, nil }

// Unprotected reports whether the keys are stored without a master key.
func (k *Keyring) Unprotected() bool { return false }

// Refresh reads the keys again, and replaces the signing key when its time has come. Call it about once a minute.
func (k *Keyring) Refresh(ctx context.Context) error { return nil }

// Rotate adds a key that signs after Config.SignDelay.
func (k *Keyring) Rotate(ctx context.Context) error { return nil }

// MAC authenticates the parts, whose borders count, with the signing key.
func (k *Keyring) MAC(p Purpose, parts ...[]byte) (KeyID, [TagSize]byte) {
	return 0, [TagSize]byte{}
}

// Verify reports whether tag, whole or cut to at least MinTagSize bytes, is the MAC of parts by the key id.
func (k *Keyring) Verify(p Purpose, id KeyID, tag []byte, parts ...[]byte) bool { return false }

// Seal encrypts plain; aad is authenticated with it and not contained.
func (k *Keyring) Seal(p Purpose, plain, aad []byte) ([]byte, error) { return nil, nil }

// Open decrypts what Seal made for the same purpose and aad. It never stops opening what an old key sealed.
func (k *Keyring) Open(p Purpose, sealed, aad []byte) ([]byte, error) { return nil, nil }

// SealFlow implements auth.Sealer.
func (k *Keyring) SealFlow(secret, plain []byte) ([]byte, error) { return nil, nil }

// OpenFlow implements auth.Sealer.
func (k *Keyring) OpenFlow(secret, sealed []byte) ([]byte, error) { return nil, nil }
