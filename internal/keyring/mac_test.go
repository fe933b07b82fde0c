package keyring

import (
	"bytes"
	"testing"
)

func TestVerify(t *testing.T) {
	store := &memoryStore{}
	config := Config{Store: store, Site: "example", PublicURL: "https://example.org"}
	k := mustOpen(t, config)
	id, tag := mustMAC(t, k, "one", []byte("ab"), []byte("c"))

	otherSite, otherURL := config, config
	otherSite.Site, otherURL.PublicURL = "example2", "http://example.org"
	tests := []struct {
		name  string
		by    *Keyring
		p     Purpose
		id    KeyID
		tag   []byte
		parts [][]byte
		want  bool
	}{
		{"the same", k, "one", id, tag, [][]byte{[]byte("ab"), []byte("c")}, true},
		{"cut", k, "one", id, tag[:MinTagSize], [][]byte{[]byte("ab"), []byte("c")}, true},
		{"cut too short", k, "one", id, tag[:MinTagSize-1], [][]byte{[]byte("ab"), []byte("c")}, false},
		{"too long", k, "one", id, append(bytes.Clone(tag), 0), [][]byte{[]byte("ab"), []byte("c")}, false},
		{"no tag", k, "one", id, nil, [][]byte{[]byte("ab"), []byte("c")}, false},
		{"another purpose", k, "two", id, tag, [][]byte{[]byte("ab"), []byte("c")}, false},
		{"another border", k, "one", id, tag, [][]byte{[]byte("a"), []byte("bc")}, false},
		{"one part more", k, "one", id, tag, [][]byte{[]byte("ab"), []byte("c"), nil}, false},
		{"another key", k, "one", id + 1, tag, [][]byte{[]byte("ab"), []byte("c")}, false},
		{"key 0", k, "one", 0, tag, [][]byte{[]byte("ab"), []byte("c")}, false},
		{"another server", mustOpen(t, config), "one", id, tag, [][]byte{[]byte("ab"), []byte("c")}, true},
		{"another site", mustOpen(t, otherSite), "one", id, tag, [][]byte{[]byte("ab"), []byte("c")}, false},
		{"another address", mustOpen(t, otherURL), "one", id, tag, [][]byte{[]byte("ab"), []byte("c")}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.by.Verify(tt.p, tt.id, tt.tag, tt.parts...); got != tt.want {
				t.Errorf("Verify = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestVerifyRefusesEveryChangedByte(t *testing.T) {
	k := mustOpen(t, Config{Store: &memoryStore{}})
	data := []byte("what was signed")
	id, tag := mustMAC(t, k, "p", data)
	for i := range tag {
		changed := bytes.Clone(tag)
		changed[i] ^= 1
		if k.Verify("p", id, changed, data) {
			t.Errorf("byte %d of the MAC may be changed", i)
		}
	}
	for i := range data {
		changed := bytes.Clone(data)
		changed[i] ^= 1
		if k.Verify("p", id, tag, changed) {
			t.Errorf("byte %d of the data may be changed", i)
		}
	}
}

func BenchmarkMAC(b *testing.B) {
	k := mustOpen(b, Config{Store: &memoryStore{}})
	data := make([]byte, 40)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, _, err := k.MAC("p", data); err != nil {
				b.Error(err)
			}
		}
	})
}
