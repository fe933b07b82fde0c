package keyring

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"gatehouse/auth"
)

// memoryStore keeps rows as a database would.
type memoryStore struct {
	mu    sync.Mutex
	rows  []auth.KeyRow
	reads int
	fail  error
}

func (s *memoryStore) Keys(context.Context) ([]auth.KeyRow, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads++
	return slices.Clone(s.rows), s.fail
}

func (s *memoryStore) AddKey(_ context.Context, row auth.KeyRow) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return false, s.fail
	}
	if slices.ContainsFunc(s.rows, func(have auth.KeyRow) bool { return have.ID == row.ID }) {
		return false, nil
	}
	s.rows = append(s.rows, row)
	return true, nil
}

func (s *memoryStore) readCount() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reads
}

var errStore = errors.New("the store is away")

// clock is moved by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func mustOpen(t testing.TB, c Config) *Keyring {
	t.Helper()
	k, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func mustMAC(t testing.TB, k *Keyring, p Purpose, parts ...[]byte) (KeyID, []byte) {
	t.Helper()
	id, tag, err := k.MAC(p, parts...)
	if err != nil {
		t.Fatal(err)
	}
	return id, tag[:]
}
