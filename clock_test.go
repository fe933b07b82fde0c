package gatehouse

import (
	"testing"
	"time"

	"gatehouse/internal/seam"
)

// TestStoreKeepsItsOwnClock: on PostgreSQL all instances go by the database's clock; only a seam replaces it.
func TestStoreKeepsItsOwnClock(t *testing.T) {
	if s := newServer(t, testConfig(t)); s.storeClock != nil {
		t.Error("the store was given this machine's clock")
	}
	s, err := build(t.Context(), testConfig(t), Options{}, seam.Seam{Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.storeClock == nil {
		t.Error("the store was not given the clock of the seam")
	}
}
