package captcha

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/keyring"
	"gatehouse/internal/store"
)

// clock is moved by hand.
type clock struct{ now time.Time }

func (c *clock) time() time.Time { return c.now }

func testKeys(t testing.TB, c *clock, change func(*keyring.Config)) *keyring.Keyring {
	t.Helper()
	s, err := store.Open(t.Context(), "memory:", store.Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	cfg := keyring.Config{Store: s, Site: "wiki", PublicURL: "http://wiki.example", Clock: c.time}
	if change != nil {
		change(&cfg)
	}
	keys, err := keyring.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func newClock() *clock { return &clock{time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

var terms = Terms{Kind: CodeMath, Purpose: Creation, Difficulty: 70_000, Life: Lifetime, Holder: "ann"}

func mustMake(t testing.TB, m *Mint, with Terms) Challenge {
	t.Helper()
	c, err := m.Make(with)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// An id says all there is to a challenge, to every server with the keys (security checklist 31).
func TestIDSaysEverything(t *testing.T) {
	at := newClock()
	keys := testKeys(t, at, nil)
	made := mustMake(t, NewMint(keys, at.time, rand.Reader), terms)
	if strings.Trim(made.ID, "0123456789") != "" {
		t.Errorf("id %q", made.ID)
	}
	read, ok := NewMint(keys, at.time, rand.Reader).Read(made.ID)
	if !ok || read != made {
		t.Errorf("made %+v, read %+v %t", made, read, ok)
	}
	if read.Kind != CodeMath || read.Purpose != Creation || read.Difficulty != 70_000 || !read.Expires.Equal(at.now.Add(Lifetime)) {
		t.Errorf("%+v", read)
	}
	if !read.HeldBy("ann") || read.HeldBy("ben") || read.HeldBy("") {
		t.Error("another may answer, or the holder may not")
	}
	if other := mustMake(t, NewMint(keys, at.time, rand.Reader), terms); other.Seed == made.Seed || other.ID == made.ID {
		t.Error("two challenges are one")
	}
}

// Nothing of an id can be changed, and none has two spellings (security checklist 32).
func TestIDsAreNotToBeChanged(t *testing.T) {
	at := newClock()
	m := NewMint(testKeys(t, at, nil), at.time, rand.Reader)
	id := mustMake(t, m, terms).ID
	for i := range id {
		for _, d := range "0123456789" {
			if changed := id[:i] + string(d) + id[i+1:]; changed != id {
				if _, ok := m.Read(changed); ok {
					t.Fatalf("digit %d may be %c", i, d)
				}
			}
		}
	}
	for _, other := range []string{
		"", "0", id[1:], id[:len(id)-1], "0" + id, id + "0", " " + id, id + "\n", "+" + id[1:], "-" + id[1:],
		strings.Repeat("9", len(id)), strings.Repeat("0", len(id)), strings.ReplaceAll(id, "1", "١"),
		id[:5] + "_" + id[6:], id[:5] + "\x00" + id[6:],
	} {
		if _, ok := m.Read(other); ok && other != id {
			t.Errorf("%q is read", other)
		}
	}
}

func TestIDsExpire(t *testing.T) {
	at := newClock()
	m := NewMint(testKeys(t, at, nil), at.time, rand.Reader)
	c := mustMake(t, m, terms)
	at.now = at.now.Add(Lifetime - time.Second)
	if _, ok := m.Read(c.ID); !ok {
		t.Error("over before its time")
	}
	at.now = at.now.Add(time.Second)
	if _, ok := m.Read(c.ID); ok {
		t.Error("good after its time")
	}
}

// A challenge outlives the key it was signed with, and holds for one site alone.
func TestIDsAndKeys(t *testing.T) {
	at := newClock()
	keys := testKeys(t, at, func(c *keyring.Config) { c.RotateEvery, c.SignDelay = time.Hour, time.Minute })
	m := NewMint(keys, at.time, rand.Reader)
	at.now = at.now.Add(59 * time.Minute)
	before := mustMake(t, m, terms)
	at.now = at.now.Add(2 * time.Minute)
	for range 2 {
		if err := keys.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		at.now = at.now.Add(2 * time.Minute)
	}
	after := mustMake(t, m, terms)
	if c, ok := m.Read(before.ID); !ok || c.Seed != before.Seed {
		t.Error("a new key ends the challenges of before")
	}
	if _, ok := m.Read(after.ID); !ok {
		t.Error("the new key's challenge is not read")
	}
	if _, ok := NewMint(testKeys(t, at, nil), at.time, rand.Reader).Read(after.ID); ok {
		t.Error("another site reads it")
	}
}

func FuzzRead(f *testing.F) {
	at := newClock()
	m := NewMint(testKeys(f, at, nil), at.time, rand.Reader)
	id := mustMake(f, m, terms).ID
	f.Add(id)
	f.Add(strings.Repeat("9", len(id)))
	f.Fuzz(func(t *testing.T, text string) {
		if c, ok := m.Read(text); ok && c.ID != text {
			t.Errorf("%q is read as %q", text, c.ID)
		}
		if packed, ok := undigits(text); ok && digits(packed) != text {
			t.Errorf("%q has another spelling, %q", text, digits(packed))
		}
	})
}

func BenchmarkMake(b *testing.B) {
	at := newClock()
	m := NewMint(testKeys(b, at, nil), at.time, rand.Reader)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Make(Terms{Kind: CodeImage, Purpose: Creation, Life: Lifetime, Holder: auth.FlowID("someone")}); err != nil {
			b.Fatal(err)
		}
	}
}
