package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// loadOn is a load on a server that refuses every tenth request.
func loadOn(t *testing.T, clients int) (load, *atomic.Int64) {
	t.Helper()
	var asked atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1)%10 == 0 {
			w.WriteHeader(http.StatusTeapot)
		}
		w.Write([]byte("yes"))
	}))
	t.Cleanup(srv.Close)
	address := srv.Listener.Addr().String()
	return load{
		address: address, clients: clients, task: fetch(get(address, tokenQuery, ""), "yes"), number: new(atomic.Int64),
	}, &asked
}

func TestFirstSendsExactlySoMany(t *testing.T) {
	l, asked := loadOn(t, 7)
	s := l.first(context.Background(), 200)
	if asked.Load() != 200 || s.latency.TotalCount() != 180 || s.refused != 20 || s.broken != 0 {
		t.Errorf("asked %d, succeeded %d, refused %d, broken %d", asked.Load(), s.latency.TotalCount(), s.refused, s.broken)
	}
}

func TestArrivalsAllCome(t *testing.T) {
	l, asked := loadOn(t, 2)
	s := l.arrivals(context.Background(), 1000, 200*time.Millisecond)
	if asked.Load() != 200 || s.latency.TotalCount()+s.refused != 200 || s.broken != 0 {
		t.Errorf("asked %d, succeeded %d, refused %d, broken %d", asked.Load(), s.latency.TotalCount(), s.refused, s.broken)
	}
}

// The first of ten visitors holds the only client for 20 ms; the last, who came within a millisecond, has waited for it.
func TestArrivalsCountTheWait(t *testing.T) {
	const held = 20 * time.Millisecond
	var first atomic.Bool
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if first.CompareAndSwap(false, true) {
			<-time.After(held)
		}
		w.Write([]byte("yes"))
	}))
	t.Cleanup(srv.Close)
	address := srv.Listener.Addr().String()
	l := load{address: address, clients: 1, task: fetch(get(address, tokenQuery, ""), "yes"), number: new(atomic.Int64)}
	s := l.arrivals(context.Background(), 10_000, time.Millisecond)
	if n := s.latency.TotalCount(); n != 10 {
		t.Fatalf("%d arrivals", n)
	}
	if shortest := time.Duration(s.latency.Min()) * time.Microsecond; shortest < held-time.Millisecond {
		t.Errorf("somebody waited for %s only", shortest)
	}
}

func TestSaturateCountsBrokenConnections(t *testing.T) {
	l := load{address: "127.0.0.1:1", clients: 2, task: fetch(nil, ""), number: new(atomic.Int64)}
	if s := l.saturate(context.Background(), 50*time.Millisecond); s.broken == 0 || s.why == nil || s.latency.TotalCount() != 0 {
		t.Errorf("succeeded %d, broken %d, %v", s.latency.TotalCount(), s.broken, s.why)
	}
}

func TestBareWritesWhatWasCaptured(t *testing.T) {
	original := connTo(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Add("Set-Cookie", "a=1")
		w.Header().Add("Set-Cookie", "b=2")
		w.Write([]byte(`{"some":"thing"}`))
	})
	request := get("x", tokenQuery, "")
	if err := original.do(request); err != nil {
		t.Fatal(err)
	}
	a := captured(original)
	encoded, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "answer")
	if err := os.WriteFile(file, encoded, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	said := make(lines)
	go func() { said <- serveError(serveBare(ctx, file, said)) }()
	bare := &conn{address: strings.TrimSpace(<-said)}
	if err := bare.dial(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	defer bare.close()
	if err := bare.do(request); err != nil {
		t.Fatal(err)
	}
	if again := captured(bare); !reflect.DeepEqual(again, a) {
		t.Errorf("bare wrote %v %s, the original %v %s", again.Header, again.Body, a.Header, a.Body)
	}
}

// lines is a writer whose every write can be received.
type lines chan string

func (l lines) Write(p []byte) (int, error) {
	l <- string(p)
	return len(p), nil
}

func serveError(err error) string {
	if err != nil {
		return err.Error()
	}
	return ""
}
