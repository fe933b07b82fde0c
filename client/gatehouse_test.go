package client_test

import (
	"context"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"gatehouse"
)

// startGatehouse runs a server of this module in the process, with the settings that set names; close it.
func startGatehouse(set ...string) (address string, stop func(), err error) {
	server, err := newGatehouse(set...)
	if err != nil {
		return "", nil, err
	}
	listener := httptest.NewServer(server.Handler())
	return listener.URL, func() {
		listener.Close()
		server.Close()
	}, nil
}

func newGatehouse(set ...string) (*gatehouse.Server, error) {
	cfg, err := gatehouse.Load(gatehouse.LoadOptions{Set: append([]string{
		"store.url=memory:", "password.hash=pbkdf2-sha512", "password.pbkdf2_iterations=1", "password.allow_weak=true",
		"throttle.creations=[]", "throttle.attempts=[]",
	}, set...)})
	if err != nil {
		return nil, err
	}
	return gatehouse.New(context.Background(), cfg, gatehouse.Options{Logger: slog.New(slog.DiscardHandler)})
}

// gatehouseAddress is where a server for this test is.
func gatehouseAddress(t *testing.T, set ...string) string {
	t.Helper()
	address, stop, err := startGatehouse(set...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return address
}

// exampleServer is the same for examples.
func exampleServer(set ...string) (address string, stop func()) {
	address, stop, err := startGatehouse(set...)
	if err != nil {
		log.Fatal(err)
	}
	return address, stop
}

// startPublic is a server that knows its own address.
func startPublic(t *testing.T, set ...string) *httptest.Server {
	t.Helper()
	var handler http.Handler
	listener := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(listener.Close)
	server, err := newGatehouse(append(set, "server.public_url="+listener.URL)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	handler = server.Handler()
	return listener
}
