package keyring

import (
	"path/filepath"
	"sync"
	"testing"

	"gatehouse/internal/store"
)

// Servers that start at once on one real store end up with one key.
func TestOnARealStore(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(dir, "gatehouse.db"), store.Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	config := Config{Store: s, MasterFile: filepath.Join(dir, "gatehouse.key")}
	rings := make([]*Keyring, 4)
	var all sync.WaitGroup
	for i := range rings {
		all.Go(func() {
			var err error
			if rings[i], err = Open(t.Context(), config); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if t.Failed() {
		return
	}
	if err := rings[0].Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	id, tag := mustMAC(t, rings[0], "p")
	for i, k := range append(rings, mustOpen(t, config)) {
		if !k.Verify("p", id, tag) {
			t.Errorf("server %d has another key", i)
		}
	}
	if rows, err := s.Keys(t.Context()); err != nil || len(rows) != 2 {
		t.Errorf("%d keys, %v", len(rows), err)
	}
}
