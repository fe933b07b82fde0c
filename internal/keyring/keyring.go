// Package keyring holds the server's keys: it authenticates and encrypts what the server hands out or stores and wants
// back unchanged.
//
// Keys have ids and are replaced without a break: a new key verifies on every server before the first one signs with it,
// and an old one goes on verifying. They lie in the store, wrapped by a master key that does not. What a MAC or a
// ciphertext means is the caller's business: the caller names a purpose, and what was made for one purpose, one site and
// one public address holds for no other.
//
// The neighbours are internal/websession (cookies), auth (flow states) and the stores, which implement Store.
package keyring

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"gatehouse/auth"
)

// KeyID is the number of a key.
type KeyID uint32

// Config is what a Keyring is built from. Store is required.
type Config struct {
	Store Store
	// MasterFile is the path of the master key. The file is made (mode 0600) if it is absent and no key in the store needs
	// it. "" wraps the keys with something that everybody knows: whoever reads the store can forge and decrypt all that the
	// keys protect. The caller warns then (Keyring.Unprotected) and names the setting that mends it.
	MasterFile string
	// Site and PublicURL are covered by every MAC and ciphertext.
	Site, PublicURL string
	// SignDelay is how long a new key only verifies; 0 = 10 minutes. It must exceed the time between two calls of Refresh
	// and the difference of the servers' clocks.
	SignDelay time.Duration
	// Retention is how long a replaced key goes on verifying MACs; 0 = 48 hours. It must exceed the life of everything that
	// carries one.
	Retention time.Duration
	// RotateEvery is the age at which Refresh replaces the signing key; 0 = never.
	RotateEvery time.Duration
	// ReadOnly keeps Refresh from adding a key. Open still makes the first one: nothing works without it.
	ReadOnly bool
	Clock    func() time.Time // nil = time.Now
	// Random gives key material; nil = crypto/rand. It must be safe for concurrent use.
	Random io.Reader
	Logger *slog.Logger // nil = silent
}

const (
	defaultSignDelay = 10 * time.Minute
	defaultRetention = 48 * time.Hour
	// reloadEvery is the least time between two reads of the store that unknown key ids cause: they come from outside.
	reloadEvery = 10 * time.Second
	// reloadTimeout bounds such a read, for which a visitor waits.
	reloadTimeout = 2 * time.Second
)

// Keyring is safe for concurrent use. Readers share no lock.
type Keyring struct {
	cfg     Config
	wrap    wrappers
	current atomic.Pointer[snapshot]

	reload     sync.Mutex // held while an unknown id is looked up
	reloadedAt time.Time
}

// Open loads the keys, and makes the first one if there is none. Of several servers that start at once on one store all
// end up with the same key. It is an error that names the file if the keys need another master key than the one there is.
func Open(ctx context.Context, c Config) (*Keyring, error) {
	if c.Store == nil {
		return nil, errors.New("open keyring: a store is required")
	}
	k := &Keyring{cfg: withDefaults(c)}
	rows, err := c.Store.Keys(ctx)
	if err != nil {
		return nil, fmt.Errorf("open keyring: read keys: %w", err)
	}
	if k.wrap, err = k.loadWrappers(rows); err != nil {
		return nil, fmt.Errorf("open keyring: %w", err)
	}
	if len(rows) == 0 {
		if rows, err = k.addKey(ctx, 1, k.cfg.Clock()); err != nil {
			return nil, fmt.Errorf("open keyring: %w", err)
		}
	}
	if err := k.install(rows); err != nil {
		return nil, fmt.Errorf("open keyring: %w", err)
	}
	return k, nil
}

func withDefaults(c Config) Config {
	if c.SignDelay == 0 {
		c.SignDelay = defaultSignDelay
	}
	if c.Retention == 0 {
		c.Retention = defaultRetention
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// Unprotected reports whether the key that signs is stored without a master key.
func (k *Keyring) Unprotected() bool { return k.signer().unprotected }

// Refresh reads the keys again, and replaces the signing key if it is as old as Config.RotateEvery or was stored before
// there was a master key. Call it about once a minute. After an error the keys of before stay in use.
func (k *Keyring) Refresh(ctx context.Context) error {
	if err := k.load(ctx); err != nil {
		return fmt.Errorf("refresh keys: %w", err)
	}
	if k.cfg.ReadOnly {
		return nil
	}
	newest := k.current.Load().newest()
	aged := k.cfg.RotateEvery > 0 && !k.cfg.Clock().Before(newest.signsFrom.Add(k.cfg.RotateEvery))
	if aged || (newest.unprotected && k.cfg.MasterFile != "") {
		return k.Rotate(ctx)
	}
	return nil
}

// Rotate adds a key that signs once Config.SignDelay has passed. If several servers rotate at once, one key is added.
func (k *Keyring) Rotate(ctx context.Context) error {
	newest := k.current.Load().newest()
	if newest.id == math.MaxUint32 {
		return errors.New("rotate keys: no number is left")
	}
	rows, err := k.addKey(ctx, newest.id+1, k.cfg.Clock().Add(k.cfg.SignDelay))
	if err != nil {
		return fmt.Errorf("rotate keys: %w", err)
	}
	if err := k.install(rows); err != nil {
		return fmt.Errorf("rotate keys: %w", err)
	}
	return nil
}

// addKey offers the store a fresh key of that id, which another server may have filled first, and gives what it holds.
func (k *Keyring) addKey(ctx context.Context, id KeyID, signsFrom time.Time) ([]auth.KeyRow, error) {
	var secret [secretSize]byte
	if _, err := io.ReadFull(k.cfg.Random, secret[:]); err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	row := auth.KeyRow{ID: int64(id), Created: k.cfg.Clock(), SignsFrom: signsFrom}
	row.Wrapped = k.wrap.best().wrap(id, secret)
	added, err := k.cfg.Store.AddKey(ctx, row)
	if err != nil {
		return nil, fmt.Errorf("add key %d: %w", id, err)
	}
	if added {
		k.cfg.Logger.InfoContext(ctx, "key added", "id", id, "signs from", signsFrom)
	}
	rows, err := k.cfg.Store.Keys(ctx)
	if err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	return rows, nil
}

func (k *Keyring) load(ctx context.Context) error {
	rows, err := k.cfg.Store.Keys(ctx)
	if err != nil {
		return err
	}
	return k.install(rows)
}

// install makes rows the keys in use. What was derived from a key that stays is kept. Of two that install at once, the one
// that knows more keys wins.
func (k *Keyring) install(rows []auth.KeyRow) error {
	for {
		old := k.current.Load()
		next, err := k.unwrapAll(rows, old)
		if err != nil {
			return err
		}
		if old != nil && len(old.keys) > len(next.keys) {
			return nil
		}
		if k.current.CompareAndSwap(old, next) {
			return nil
		}
	}
}

// find gives the key with that id, or nil. An id beyond the newest key may be one that another server added: then, and not
// more often than reloadEvery, the store is asked.
func (k *Keyring) find(id KeyID) *key {
	s := k.current.Load()
	if found := s.find(id); found != nil || id < s.newest().id {
		return found
	}
	k.reload.Lock()
	defer k.reload.Unlock()
	if found := k.current.Load().find(id); found != nil {
		return found
	}
	now := k.cfg.Clock()
	if since := now.Sub(k.reloadedAt); since >= 0 && since < reloadEvery {
		return nil
	}
	k.reloadedAt = now
	ctx, cancel := context.WithTimeout(context.Background(), reloadTimeout)
	defer cancel()
	if err := k.load(ctx); err != nil {
		k.cfg.Logger.Error("reload keys", "error", err)
	}
	return k.current.Load().find(id)
}

func (k *Keyring) signer() *key { return k.current.Load().signer(k.cfg.Clock()) }
