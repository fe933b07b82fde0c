package actionapi

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// discard is a ResponseWriter that keeps headers only.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(int)             {}

func benchmarkGet(b *testing.B, query string) {
	s := newSite(b, change{api: func(c *Config) { c.Observe = nil }})
	before := s.store.Writes()
	r := httptest.NewRequest("GET", "/w/api.php?"+query, nil)
	b.ReportAllocs()
	for b.Loop() {
		s.ServeHTTP(&discard{header: http.Header{}}, r)
	}
	if s.store.Writes() != before {
		b.Fatalf("%d writes for anonymous visitors", s.store.Writes()-before)
	}
}

// BenchmarkToken is a visitor's first call.
func BenchmarkToken(b *testing.B) {
	benchmarkGet(b, "action=query&meta=tokens&type=createaccount&format=json&formatversion=2")
}

// BenchmarkTokenAndFields is the same with the fields to show.
func BenchmarkTokenAndFields(b *testing.B) {
	benchmarkGet(b, "action=query&meta=authmanagerinfo%7Ctokens&amirequestsfor=create&type=createaccount&format=json&formatversion=2")
}

// BenchmarkBare is a handler that writes as many bytes and does nothing else.
func BenchmarkBare(b *testing.B) {
	body := make([]byte, 120)
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write(body)
	})
	r := httptest.NewRequest("GET", "/", nil)
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(&discard{header: http.Header{}}, r)
	}
}
