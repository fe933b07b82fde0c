package openid

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"gatehouse/auth"
	"gatehouse/auth/authtest"
)

// nobodys is a store in which nothing is linked.
type nobodys struct{ Store }

func (nobodys) IdentitiesOf(context.Context, auth.AccountID) ([]auth.Identity, error) {
	return nil, nil
}

type noSealer struct{ auth.Sealer }

func testDesk(t *testing.T) *Desk {
	t.Helper()
	d, err := New(Config{
		Store: nobodys{}, Sealer: noSealer{}, ReturnURL: "https://accounts.example.org/wiki/Special:OpenIDConnectReturn",
		Providers: []Settings{{Name: "example.net", Issuer: "https://openid.example.net", ClientID: "ABC"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestProvider(t *testing.T) {
	authtest.Run(t, authtest.Case{
		New:        func(t *testing.T) auth.Provider { return testDesk(t).Providers()[0] },
		Submission: map[string]string{"example.net": "1"},
	})
}

func TestNew(t *testing.T) {
	whole := Config{Store: nobodys{}, Sealer: noSealer{}, ReturnURL: "x"}
	for about, change := range map[string]func(*Config){
		"no store": func(c *Config) { c.Store = nil }, "no sealer": func(c *Config) { c.Sealer = nil },
		"no address":     func(c *Config) { c.ReturnURL = "" },
		"half a setting": func(c *Config) { c.Providers = []Settings{{Name: "x", Issuer: "https://x.example"}} },
	} {
		c := whole
		change(&c)
		if _, err := New(c); err == nil {
			t.Errorf("%s: built", about)
		}
	}
	if _, err := New(whole); err != nil {
		t.Error(err)
	}
}

// TestPublicAddresses covers the addresses of row 43 of the security checklist.
func TestPublicAddresses(t *testing.T) {
	for text, want := range map[string]bool{
		"1.1.1.1": true, "8.8.8.8": true, "2606:4700::1111": true, "::ffff:1.1.1.1": true,
		"127.0.0.1": false, "127.9.9.9": false, "::1": false, "::": false, "0.0.0.0": false, "0.1.2.3": false, "10.0.0.1": false,
		"172.16.0.1": false, "172.31.255.255": false, "172.32.0.1": true, "192.168.1.1": false, "100.64.0.1": false, "100.128.0.1": true,
		"169.254.169.254": false, "fe80::1": false, "fe80::1%eth0": false, "fd00::1": false, "fec0::1": false, "224.0.0.1": false, "ff02::1": false,
		"255.255.255.255": false, "240.0.0.1": false, "198.18.0.1": false, "192.0.2.1": false, "2001:db8::1": false, "64:ff9b::7f00:1": false,
		"2002:7f00:1::": false, "::ffff:127.0.0.1": false, "::127.0.0.1": false, "::ffff:10.0.0.1": false,
	} {
		if got := isPublic(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

// TestClientStaysOutside: the client for public providers connects to nothing on this machine, by address or by name, and its
// redirects lead nowhere else either. It covers row 43 of the security checklist.
func TestClientStaysOutside(t *testing.T) {
	asked := 0
	inside := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer inside.Close()
	c := newClient(false)
	for _, address := range []string{inside.URL, strings.Replace(inside.URL, "127.0.0.1", "localhost", 1)} {
		if resp, err := c.Get(address); err == nil || !strings.Contains(err.Error(), "not a public address") {
			t.Errorf("%s: %v, %v", address, resp, err)
		}
	}
	if _, err := c.Get(strings.Replace(inside.URL, "https", "http", 1)); err == nil || !strings.Contains(err.Error(), "is not https") {
		t.Errorf("plain http: %v", err)
	}
	if asked > 0 {
		t.Error("it was asked")
	}
}

func TestClientBounds(t *testing.T) {
	paths := map[string]int{}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		paths[r.URL.Path]++
		switch r.URL.Path {
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		case "/once":
			http.Redirect(w, r, "/fits", http.StatusFound)
		case "/fits":
			io.WriteString(w, `"`+strings.Repeat("x", maxAnswer-2)+`"`)
		case "/long":
			io.WriteString(w, `"`+strings.Repeat("x", maxAnswer)+`"`)
		}
	}))
	defer web.Close()
	c := newClient(true)
	var text string
	for path, fine := range map[string]bool{"/fits": true, "/once": true, "/long": false, "/round": false} {
		if err := getJSON(t.Context(), c, web.URL+path, "", &text); (err == nil) != fine {
			t.Errorf("%s: %v", path, err)
		}
	}
	if paths["/round"] != maxRedirects+1 {
		t.Errorf("went round %d times", paths["/round"])
	}
	if err := getJSON(t.Context(), c, web.URL+"/once", "secret", &text); err == nil {
		t.Error("a redirect was followed with a secret")
	}
}

func TestProposals(t *testing.T) {
	for claims, want := range map[string][2]string{
		`{"preferred_username":"alice"}`:                              {"alice", ""},
		`{"preferred_username":"al_ice@example.net"}`:                 {"al ice", ""},
		`{"nickname":"al","name":"Alice"}`:                            {"al", ""},
		`{"name":" Alice  W "}`:                                       {"Alice W", ""},
		`{"email":"a.w@example.net"}`:                                 {"a.w", ""},
		`{"email":"a@example.net","email_verified":true}`:             {"a", "a@example.net"},
		`{"email":"a@example.net","email_verified":"true"}`:           {"a", "a@example.net"},
		`{"email":"a@example.net","email_verified":"no"}`:             {"a", ""},
		`{"email":"a@example.net","email_verified":1}`:                {"a", ""},
		`{"preferred_username":"A/B#C|D"}`:                            {"A B C D", ""},
		`{"preferred_username":"","nickname":"\u0000x","email":null}`: {"x", ""},
		`{}`: {"", ""},
	} {
		var p person
		if err := json.Unmarshal([]byte(claims), &p); err != nil {
			t.Errorf("%s: %v", claims, err)
		}
		if got := [2]string{p.proposedName(), p.verifiedEmail()}; got != want {
			t.Errorf("%s: %q, want %q", claims, got, want)
		}
	}
}

// FuzzClaims reads what a provider may write into a token.
func FuzzClaims(f *testing.F) {
	f.Add(`{"iss":"x","sub":"y","aud":["a","b"],"exp":1e9,"iat":1.5,"email_verified":"true"}`)
	f.Add(`{"aud":7,"exp":"x","iat":-1e300}`)
	f.Fuzz(func(t *testing.T, text string) {
		var c claims
		if json.Unmarshal([]byte(text), &c) != nil {
			return
		}
		if name := c.proposedName(); strings.ContainsAny(name, "#<>[]|{}/:\x00\n") || name != strings.TrimSpace(name) {
			t.Errorf("proposes %q", name)
		}
	})
}
