package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// connTo is a connection to a real net/http server with the handler.
func connTo(t *testing.T, h http.HandlerFunc) *conn {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	c := &conn{address: srv.Listener.Addr().String()}
	if err := c.dial(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.close)
	return c
}

func TestConnReadsWhatNetHTTPWrites(t *testing.T) {
	long := strings.Repeat("0123456789", 2000)
	c := connTo(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/short":
			w.Write([]byte("hello"))
		case "/chunks":
			w.Write([]byte(long[:7000]))
			w.(http.Flusher).Flush()
			w.Write([]byte(long[7000:]))
		case "/none":
			w.WriteHeader(http.StatusNoContent)
		case "/empty":
		}
	})
	for _, row := range []struct {
		path   string
		status int
		body   string
	}{
		{"/short", 200, "hello"}, {"/chunks", 200, long}, {"/none", 204, ""}, {"/empty", 200, ""}, {"/short", 200, "hello"},
	} {
		if err := c.do([]byte("GET " + row.path + " HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
			t.Fatalf("%s: %v", row.path, err)
		}
		if c.status != row.status || string(c.body) != row.body {
			t.Errorf("%s: %d with %d bytes, want %d with %d", row.path, c.status, len(c.body), row.status, len(row.body))
		}
	}
}

func TestHeader(t *testing.T) {
	head := []byte("Set-Cookies: no\r\nSet-Cookie:  a=b; Path=/\r\nSet-Cookie: second\r\nEmpty:\r\n")
	for _, row := range []struct {
		name, want string
		ok         bool
	}{
		{"Set-Cookie", "a=b; Path=/", true}, {"Empty", "", true}, {"Cookie", "", false}, {"Set", "", false},
	} {
		if got, ok := header(head, row.name); string(got) != row.want || ok != row.ok {
			t.Errorf("%s: %q %v", row.name, got, ok)
		}
	}
}

func TestCreationIsTwoWellFormedRequests(t *testing.T) {
	const token = "0123456789abcdef0123456789abcdef5f5f5f5f"
	c := connTo(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			if r.Header.Get("Cookie") != "" {
				t.Errorf("the token was fetched with cookies %q", r.Header.Get("Cookie"))
			}
			w.Header().Set("Set-Cookie", "site_session=abc.def; Path=/; HttpOnly")
			w.Write([]byte(`{"batchcomplete":"","query":{"tokens":{"createaccounttoken":"` + token + `+\\"}}}`))
			return
		}
		for name, want := range map[string]string{
			"action": "createaccount", "username": "Bench42", "password": password, "retype": password,
			"createtoken": token + `+\`, "createreturnurl": "http://127.0.0.1/", "format": "json",
		} {
			if got := r.PostFormValue(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		if got := r.Header.Get("Cookie"); got != "site_session=abc.def" {
			t.Errorf("cookie %q", got)
		}
		w.Write([]byte(`{"createaccount":{"status":"PASS","username":"Bench42"}}`))
	})
	if err := newCreation(c.address, "Bench").create(c, 42); err != nil {
		t.Error(err)
	}
}

func TestAnythingButPassIsRefused(t *testing.T) {
	for _, body := range []string{
		`{"createaccount":{"status":"FAIL","messagecode":"userexists"}}`, `{"error":{"code":"badtoken"}}`, `{}`, ``,
	} {
		c := connTo(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Set-Cookie", "s=1")
			if r.Method == http.MethodGet {
				w.Write([]byte(`{"query":{"tokens":{"createaccounttoken":"00+\\"}}}`))
				return
			}
			w.Write([]byte(body))
		})
		if err := newCreation(c.address, "Bench").create(c, 1); !isRefusal(err) {
			t.Errorf("%s: %v", body, err)
		}
	}
}
