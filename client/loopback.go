package client

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Loopback is an address of this machine to which a browser can be sent back (RFC 8252, 7.3): a port of the loopback
// interface that listens for as long as one walk lasts. Its URL is the walk's ReturnURL.
type Loopback struct {
	listener net.Listener
	server   *http.Server
	path     string
	returned chan url.Values

	mu   sync.Mutex
	last *string // the query of the last return; a page that is loaded again is none
}

// ListenLoopback opens a free port of 127.0.0.1, or of ::1 on a machine without.
func ListenLoopback() (*Loopback, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		var err6 error
		if listener, err6 = net.Listen("tcp", "[::1]:0"); err6 != nil {
			return nil, fmt.Errorf("listen for the browser's return: %w", errors.Join(err, err6))
		}
	}
	// The path is not to be guessed by other programs of this machine, which could answer in the browser's place.
	l := &Loopback{listener: listener, path: "/" + rand.Text(), returned: make(chan url.Values, 1)}
	l.server = &http.Server{Handler: http.HandlerFunc(l.serve), ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 64 << 10}
	go l.server.Serve(listener) // ends with Close
	return l, nil
}

// URL is the address to return to.
func (l *Loopback) URL() string { return "http://" + l.listener.Addr().String() + l.path }

// Wait waits for the browser and gives the parameters it came back with. Each return can be had once; a walk may have several.
func (l *Loopback) Wait(ctx context.Context) (url.Values, error) {
	select {
	case values := <-l.returned:
		return values, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the browser: %w", ctx.Err())
	}
}

// Close frees the port. A page on its way to the browser gets there first.
func (l *Loopback) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if l.server.Shutdown(ctx) == nil {
		return nil
	}
	return l.server.Close() // of a browser that has connected ahead and says nothing
}

func (l *Loopback) serve(w http.ResponseWriter, r *http.Request) {
	// Another host name would be some page's that had its name lead here.
	if r.URL.Path != l.path || r.Method != http.MethodGet || r.Host != l.listener.Addr().String() {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	io.WriteString(w, "Done here. Close this page and go back to the program that opened it.\n")
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last == nil || *l.last != r.URL.RawQuery {
		select {
		case l.returned <- r.URL.Query():
			l.last = &r.URL.RawQuery
		default: // nobody has taken the one before
		}
	}
}
