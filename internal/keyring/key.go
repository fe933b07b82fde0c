package keyring

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"gatehouse/auth"
)

// snapshot is the set of keys at one moment. It never changes, so that readers need no lock.
type snapshot struct{ keys []*key } // by id, never empty

// key is one key and its times.
type key struct {
	id        KeyID
	signsFrom time.Time
	// verifiesUntil is when the key stops verifying, once another has replaced it; zero = not in sight.
	verifiesUntil time.Time
	unprotected   bool
	*material
}

// material is what is made from a key's secret. It outlives the snapshots that the key is in.
type material struct {
	wrapped []byte
	derived derivations
}

func (s *snapshot) newest() *key { return s.keys[len(s.keys)-1] }

// find goes from the newest key to the oldest: nearly all traffic is about the newest one or two.
func (s *snapshot) find(id KeyID) *key {
	if s == nil {
		return nil
	}
	for _, k := range slices.Backward(s.keys) {
		if k.id == id {
			return k
		}
	}
	return nil
}

// signer is the newest key whose time has come. A server whose clock is slow signs with the oldest one.
func (s *snapshot) signer(now time.Time) *key {
	for _, k := range slices.Backward(s.keys) {
		if !k.signsFrom.After(now) {
			return k
		}
	}
	return s.keys[0]
}

func (k *key) verifies(now time.Time) bool {
	return k.verifiesUntil.IsZero() || now.Before(k.verifiesUntil)
}

// unwrapAll makes a snapshot of rows. It takes over the material of old where a row is the same.
func (k *Keyring) unwrapAll(rows []auth.KeyRow, old *snapshot) (*snapshot, error) {
	if len(rows) == 0 {
		return nil, errors.New("the store has lost its keys")
	}
	s := &snapshot{}
	for _, row := range rows {
		next, err := k.unwrapOne(row, old)
		if err != nil {
			return nil, err
		}
		s.keys = append(s.keys, next)
	}
	slices.SortFunc(s.keys, func(a, b *key) int { return int(int64(a.id) - int64(b.id)) })
	for i, next := range s.keys[1:] {
		s.keys[i].verifiesUntil = next.signsFrom.Add(k.cfg.Retention)
	}
	return s, nil
}

func (k *Keyring) unwrapOne(row auth.KeyRow, old *snapshot) (*key, error) {
	if row.ID < 1 || row.ID > math.MaxUint32 {
		return nil, fmt.Errorf("key %d: no such number", row.ID)
	}
	out := &key{id: KeyID(row.ID), signsFrom: row.SignsFrom}
	w, err := k.wrap.of(row)
	if err != nil {
		return nil, err
	}
	out.unprotected = w.open
	if had := old.find(out.id); had != nil && bytes.Equal(had.wrapped, row.Wrapped) {
		out.material = had.material
		return out, nil
	}
	secret, err := w.unwrap(out.id, row.Wrapped)
	if err != nil {
		return nil, fmt.Errorf("unwrap key %d: %w", row.ID, err)
	}
	out.material = &material{
		wrapped: row.Wrapped,
		derived: derivations{secret: secret, site: k.cfg.Site, publicURL: k.cfg.PublicURL},
	}
	return out, nil
}
