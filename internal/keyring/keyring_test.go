package keyring

import (
	"errors"
	"sync"
	"testing"
	"time"
)

func TestOpenNeedsAStore(t *testing.T) {
	if _, err := Open(t.Context(), Config{}); err == nil {
		t.Error("no error")
	}
	if _, err := Open(t.Context(), Config{Store: &memoryStore{fail: errStore}}); !errors.Is(err, errStore) {
		t.Errorf("error %v, want the store's", err)
	}
}

func TestServersThatStartAtOnceShareOneKey(t *testing.T) {
	store := &memoryStore{}
	rings := make([]*Keyring, 8)
	var all sync.WaitGroup
	for i := range rings {
		all.Go(func() {
			k, err := Open(t.Context(), Config{Store: store, Site: "example"})
			if err != nil {
				t.Error(err)
				return
			}
			rings[i] = k
		})
	}
	all.Wait()
	if len(store.rows) != 1 {
		t.Fatalf("%d keys were added", len(store.rows))
	}
	id, tag := mustMAC(t, rings[0], "p", []byte("x"))
	for i, k := range rings {
		if !k.Verify("p", id, tag, []byte("x")) {
			t.Errorf("server %d has another key", i)
		}
	}
}

// Two servers, a rotation, and what each of them may do at which time.
func TestRotation(t *testing.T) {
	store, now := &memoryStore{}, newClock()
	config := Config{Store: store, Clock: now.Now, SignDelay: 10 * time.Minute, Retention: 48 * time.Hour}
	a, b := mustOpen(t, config), mustOpen(t, config)
	first, old := mustMAC(t, a, "p", []byte("x"))
	sealed, err := a.Seal("s", []byte("y"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}

	now.advance(10*time.Minute - time.Second)
	if id, _ := mustMAC(t, a, "p"); id != first {
		t.Errorf("key %d signs before its time", id)
	}
	now.advance(time.Second)
	second, fresh := mustMAC(t, a, "p", []byte("x"))
	if second != first+1 {
		t.Errorf("key %d signs after the rotation", second)
	}
	if id, _ := mustMAC(t, b, "p"); id != first {
		t.Errorf("a server that did not refresh signs with key %d", id)
	}
	if !b.Verify("p", second, fresh, []byte("x")) {
		t.Error("a server that did not refresh does not learn the new key")
	}

	now.advance(48*time.Hour - time.Nanosecond)
	for name, k := range map[string]*Keyring{"a": a, "b": b} {
		if !k.Verify("p", first, old, []byte("x")) {
			t.Errorf("%s: the old key verifies too short", name)
		}
	}
	now.advance(time.Nanosecond)
	for name, k := range map[string]*Keyring{"a": a, "b": b} {
		if k.Verify("p", first, old, []byte("x")) {
			t.Errorf("%s: the old key verifies too long", name)
		}
		if !k.Verify("p", second, fresh, []byte("x")) {
			t.Errorf("%s: the new key does not verify", name)
		}
		if got, err := k.Open("s", sealed, nil); err != nil || string(got) != "y" {
			t.Errorf("%s: what the old key sealed is lost: %q, %v", name, got, err)
		}
	}
}

func TestFlowOutlivesRotation(t *testing.T) {
	now := newClock()
	k := mustOpen(t, Config{Store: &memoryStore{}, Clock: now.Now})
	sealed, err := k.SealFlow([]byte("secret"), []byte("state"))
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	now.advance(15 * time.Minute)
	if got, err := k.OpenFlow([]byte("secret"), sealed); err != nil || string(got) != "state" {
		t.Errorf("OpenFlow = %q, %v", got, err)
	}
}

func TestRotatingAtOnceAddsOneKey(t *testing.T) {
	store := &memoryStore{}
	rings := []*Keyring{mustOpen(t, Config{Store: store}), mustOpen(t, Config{Store: store}), mustOpen(t, Config{Store: store})}
	var all sync.WaitGroup
	for _, k := range rings {
		all.Go(func() {
			if err := k.Rotate(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(store.rows) != 2 {
		t.Errorf("%d keys, want 2", len(store.rows))
	}
}

func TestRefreshRotates(t *testing.T) {
	store, now := &memoryStore{}, newClock()
	k := mustOpen(t, Config{Store: store, Clock: now.Now, RotateEvery: 24 * time.Hour})
	for _, step := range []struct {
		after time.Duration
		keys  int
	}{
		{24*time.Hour - time.Second, 1},
		{time.Second, 2},
		{time.Second, 2}, // the new key waits for its time and counts from then
		{24*time.Hour + 10*time.Minute - 2*time.Second, 2},
		{time.Second, 3},
	} {
		now.advance(step.after)
		if err := k.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(store.rows) != step.keys {
			t.Errorf("at %v: %d keys, want %d", now.Now(), len(store.rows), step.keys)
		}
	}
}

func TestRefreshOnAReadOnlySite(t *testing.T) {
	store, now := &memoryStore{}, newClock()
	k := mustOpen(t, Config{Store: store, Clock: now.Now, RotateEvery: 24 * time.Hour, ReadOnly: true})
	writer := mustOpen(t, Config{Store: store, Clock: now.Now})
	now.advance(48 * time.Hour)
	if err := k.Refresh(t.Context()); err != nil || len(store.rows) != 1 {
		t.Errorf("%d keys, want 1; %v", len(store.rows), err)
	}
	if err := errors.Join(writer.Rotate(t.Context()), k.Refresh(t.Context())); err != nil {
		t.Fatal(err)
	}
	if k.current.Load().find(2) == nil {
		t.Error("the key that another server added is not known")
	}
}

func TestUnknownIDsReloadRarely(t *testing.T) {
	store, now := &memoryStore{}, newClock()
	k := mustOpen(t, Config{Store: store, Clock: now.Now})
	tag := make([]byte, TagSize)
	before := store.readCount()
	for range 100 {
		k.Verify("p", 77, tag)
		k.Verify("p", 0, tag) // below the newest: cannot be new
	}
	if got := store.readCount() - before; got != 1 {
		t.Errorf("%d reads, want 1", got)
	}
	now.advance(reloadEvery - time.Nanosecond)
	k.Verify("p", 77, tag)
	if got := store.readCount() - before; got != 1 {
		t.Errorf("%d reads too early, want 1", got)
	}
	now.advance(time.Nanosecond)
	k.Verify("p", 77, tag)
	if got := store.readCount() - before; got != 2 {
		t.Errorf("%d reads, want 2", got)
	}
}

func TestKeysStayWhenTheStoreIsAway(t *testing.T) {
	store := &memoryStore{}
	k := mustOpen(t, Config{Store: store})
	id, tag := mustMAC(t, k, "p")
	store.fail = errStore
	if err := k.Refresh(t.Context()); !errors.Is(err, errStore) {
		t.Errorf("Refresh: %v, want the store's error", err)
	}
	if err := k.Rotate(t.Context()); !errors.Is(err, errStore) {
		t.Errorf("Rotate: %v, want the store's error", err)
	}
	if k.Verify("p", 9, tag) || !k.Verify("p", id, tag) {
		t.Error("the keys of before are not in use")
	}
	store.fail, store.rows = nil, nil
	if err := k.Refresh(t.Context()); err == nil || !k.Verify("p", id, tag) {
		t.Error("lost rows take the keys away")
	}
}

// A server whose clock is behind the one that made the first key can sign all the same.
func TestSlowClock(t *testing.T) {
	store, now := &memoryStore{}, newClock()
	fast := mustOpen(t, Config{Store: store, Clock: now.Now})
	slow := mustOpen(t, Config{Store: store, Clock: func() time.Time { return now.Now().Add(-time.Minute) }})
	id, tag := mustMAC(t, slow, "p")
	if !fast.Verify("p", id, tag) {
		t.Error("what the slow server signs does not verify")
	}
}

func TestReadersAndRotationsTogether(t *testing.T) {
	store, now := &memoryStore{}, newClock()
	k := mustOpen(t, Config{Store: store, Clock: now.Now})
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 200 {
				id, tag, err := k.MAC("p", []byte("x"))
				if err != nil || !k.Verify("p", id, tag[:], []byte("x")) {
					t.Errorf("own MAC of key %d does not verify: %v", id, err)
				}
			}
		})
	}
	for range 5 {
		if err := k.Rotate(t.Context()); err != nil {
			t.Error(err)
		}
		now.advance(11 * time.Minute)
	}
	all.Wait()
}
