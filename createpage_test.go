package gatehouse

import (
	"bytes"
	"database/sql"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// createPage200 asks for the form of a new account as a stranger does.
func createPage200(t testing.TB, h http.Handler) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "http://127.0.0.1/wiki/Special:CreateAccount", nil)
	r.Header.Set("Accept-Language", "ar,en;q=0.5")
	h.ServeHTTP(answer, r)
	if answer.Code != http.StatusOK {
		t.Fatalf("%d: %s", answer.Code, answer.Body)
	}
	return answer
}

// formKinds are the forms that a server may show, from the plainest to the one with the most in it.
func formKinds(t testing.TB, kind string) Config {
	cfg := DefaultConfig()
	cfg.Store.URL = SecretURL("sqlite:" + filepath.Join(t.TempDir(), "gatehouse.db"))
	cfg.Captcha.Kind = kind
	if kind == "image" {
		cfg.Captcha.Others, cfg.TOTP.AtCreation = []string{"math", "mail", "proof-of-work"}, "optional"
	}
	return cfg
}

// Looking at the form writes nothing: who does not go on leaves nothing behind.
func TestFormWritesNothing(t *testing.T) {
	for _, kind := range []string{"none", "image"} {
		cfg := formKinds(t, kind)
		s := newServer(t, cfg)
		createPage200(t, s.Handler())
		db, err := sql.Open("sqlite", cfg.Store.URL.Reveal()[len("sqlite:"):])
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		look, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer look.Close()
		version := func() (n int) {
			if err := look.QueryRowContext(t.Context(), "PRAGMA data_version").Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		before := version()
		for range 20 {
			createPage200(t, s.Handler())
		}
		if after := version(); after != before {
			t.Errorf("%s: 20 visitors wrote %d times", kind, after-before)
		}
	}
}

// The form for a new account, and the time of the processor that it takes: figure cpu-ms/op.
func BenchmarkCreateAccountPage(b *testing.B) {
	for _, kind := range []string{"none", "image"} {
		b.Run(kind, func(b *testing.B) {
			s, err := New(b.Context(), formKinds(b, kind), Options{Logger: slog.New(slog.DiscardHandler)})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			h, before := s.Handler(), processor(b)
			for b.Loop() {
				createPage200(b, h)
			}
			b.ReportMetric((processor(b)-before)*1000/float64(b.N), "cpu-ms/op")
			b.ReportMetric(0, "ns/op") // the machine may have other things to do
		})
	}
}

// processor is how many seconds of the processor this process has had.
func processor(b *testing.B) float64 {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return float64(used.Utime.Nano()+used.Stime.Nano()) / 1e9
}

// firstFlight is what a server may send before it hears anything: ten segments of 1460 bytes (RFC 6928).
const firstFlight = 10 * 1460

// The heaviest form, in the language whose letters take the most bytes, with all that it loads and nothing compressed, stays under
// 50 kB; and what is needed to paint its head arrives in the first flight.
func TestFormIsLight(t *testing.T) {
	cfg := testConfig(t)
	cfg.Captcha.Kind, cfg.Captcha.Others = "proof-of-work", []string{"image", "math", "mail"}
	cfg.Server.PublicURL, cfg.Passkeys.AtCreation = "http://localhost:8080", "optional"
	c := newClient(t, newServer(t, cfg).Handler())
	for _, language := range []string{"en", "ar", "hi", "ru", "ja"} {
		resp, body := c.page("/wiki/Special:CreateAccount?uselang="+language, nil)
		weight, seen := len(body), map[string]bool{}
		for _, m := range regexp.MustCompile(`(?:href|src|data-worker)="(/w/static/[^"]+)"`).FindAllStringSubmatch(body, -1) {
			if _, file := c.page(m[1], nil); !seen[m[1]] {
				weight, seen[m[1]] = weight+len(file), true
			}
		}
		var head bytes.Buffer
		if err := resp.Header.Write(&head); err != nil {
			t.Fatal(err)
		}
		shown := head.Len() + strings.Index(body, "</h1>")
		t.Logf("%s: the page %d, with %d files %d; the heading after %d", language, len(body), len(seen), weight, shown)
		if weight > 50_000 || len(seen) < 4 {
			t.Errorf("%s: %d bytes in %d files", language, weight, len(seen))
		}
		if shown > firstFlight {
			t.Errorf("%s: the heading comes after %d bytes", language, shown)
		}
	}
}
