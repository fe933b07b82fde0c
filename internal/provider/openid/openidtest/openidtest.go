// Package openidtest is a small OpenID Connect provider that signs in whomever its visitor names: for tests, and for a test
// server that carries one inside. It asks for no password, so never put it where anybody trusts what it says.
//
// It is a plain http.Handler, knows nothing of package testing and nothing of the rest of this module. It does what the
// specifications ask of a provider in the authorization code flow with PKCE (S256), and with Tamper it does what they forbid.
package openidtest

import (
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// User is somebody to sign in.
type User struct {
	Subject           string
	PreferredUsername string
	Name              string
	Email             string
	EmailVerified     bool
}

// Options are what a Provider is made of.
type Options struct {
	// Issuer is the address that the handler answers at, without a slash at the end.
	Issuer string
	// ClientID and ClientSecret are the one client it knows; without a secret the client is a public one.
	ClientID, ClientSecret string
	Clock                  func() time.Time // nil = time.Now
	// Key signs; nil = a fresh one. Making one takes a while.
	Key *rsa.PrivateKey
	// Random makes codes and tokens; nil = crypto/rand.
	Random io.Reader
}

// Tamper is how the provider breaks the rules. Every function may be nil; what they get they may change.
type Tamper struct {
	// Metadata, Keys, Claims and UserInfo change documents. Header changes that of the ID token.
	Metadata, Keys, Header, Claims, UserInfo func(map[string]any)
	// Reply changes what the browser is sent back with.
	Reply func(map[string]string)
	// Sign makes another signature of an ID token.
	Sign func(input string) []byte
	// Instead answers a request in the provider's place, if it returns true.
	Instead func(w http.ResponseWriter, r *http.Request) bool
}

// Provider is the provider. It is safe for concurrent use.
type Provider struct {
	options Options
	mux     *http.ServeMux

	mu     sync.Mutex
	tamper Tamper
	keys   []signingKey
	grants map[string]grant
	access map[string]User
	asked  map[string]int
	made   int
}

type signingKey struct {
	id  string
	key *rsa.PrivateKey
}

// grant is a code that waits to be redeemed.
type grant struct {
	user                       User
	redirect, nonce, challenge string
	expires                    time.Time
}

// New makes a provider.
func New(o Options) (*Provider, error) {
	if o.Issuer == "" || o.ClientID == "" {
		return nil, errors.New("openidtest: an issuer and a client are required")
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	p := &Provider{
		options: o, mux: http.NewServeMux(), grants: map[string]grant{}, access: map[string]User{}, asked: map[string]int{},
	}
	p.mux.HandleFunc("GET /.well-known/openid-configuration", p.metadata)
	p.mux.HandleFunc("GET /keys", p.publishKeys)
	p.mux.HandleFunc("GET /authorize", p.askWho)
	p.mux.HandleFunc("POST /authorize", p.signIn)
	p.mux.HandleFunc("POST /token", p.redeem)
	p.mux.HandleFunc("GET /userinfo", p.userInfo)
	if o.Key == nil {
		return p, p.AddKey()
	}
	p.sign(o.Key)
	return p, nil
}

// AddKey makes a fresh key and signs with it from now on. The older ones stay published.
func (p *Provider) AddKey() error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return fmt.Errorf("make key: %w", err)
	}
	p.sign(key)
	return nil
}

// sign has a key sign from now on.
func (p *Provider) sign(key *rsa.PrivateKey) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.made++
	p.keys = append([]signingKey{{id: "key-" + strconv.Itoa(p.made), key: key}}, p.keys...)
}

// DropOldKeys leaves only the key that signs now.
func (p *Provider) DropOldKeys() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys = p.keys[:1]
}

// Tamper breaks rules from now on; the zero value keeps them all again.
func (p *Provider) Tamper(t Tamper) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tamper = t
}

// Asked counts the requests for a path since the provider was made.
func (p *Provider) Asked(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked[path]
}

// PublicKey is that of the key that signs now.
func (p *Provider) PublicKey() *rsa.PublicKey {
	p.mu.Lock()
	defer p.mu.Unlock()
	return &p.keys[0].key.PublicKey
}

// ServeHTTP implements http.Handler.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked[r.URL.Path]++
	instead := p.tamper.Instead
	p.mu.Unlock()
	if instead != nil && instead(w, r) {
		return
	}
	p.mux.ServeHTTP(w, r)
}

func (p *Provider) now() time.Time { return p.options.Clock() }

// tampering is what is tampered with now.
func (p *Provider) tampering() Tamper {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tamper
}
