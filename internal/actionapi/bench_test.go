package actionapi

import (
	"io"
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

// BenchmarkOverHTTP is both calls through net/http, beside a handler that writes the same bytes and does nothing else.
func BenchmarkOverHTTP(b *testing.B) {
	s := newSite(b, change{api: func(c *Config) { c.Observe = nil }})
	for name, query := range map[string]string{
		"token":  "action=query&meta=tokens&type=createaccount&format=json&formatversion=2",
		"fields": "action=query&meta=authmanagerinfo%7Ctokens&amirequestsfor=create&type=createaccount&format=json&formatversion=2",
	} {
		seen := httptest.NewRecorder()
		s.ServeHTTP(seen, httptest.NewRequest("GET", "/w/api.php?"+query, nil))
		bare := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			for name, values := range seen.Header() {
				w.Header()[name] = values
			}
			_, _ = w.Write(seen.Body.Bytes())
		})
		b.Run(name, func(b *testing.B) { overHTTP(b, s, query) })
		b.Run(name+"-bare", func(b *testing.B) { overHTTP(b, bare, query) })
	}
}

func overHTTP(b *testing.B, h http.Handler, query string) {
	server := httptest.NewServer(h)
	defer server.Close()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			resp, err := server.Client().Get(server.URL + "/w/api.php?" + query)
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
	})
}
