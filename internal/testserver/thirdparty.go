package testserver

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"gatehouse"
	"gatehouse/client"
	"gatehouse/internal/provider/openid/openidtest"
)

// What the provider inside is called. The name is that of the protocol's own example.
const (
	openidName   = "example.net"
	openidPath   = "/_openid" // after the space's path
	openidClient = "ABC"
	openidSecret = "known to everybody"
)

// thirdParty is the OpenID provider inside a space. It signs in whom it was told to, or asks who is there.
type thirdParty struct {
	provider *openidtest.Provider
	handler  http.Handler
	issuer   string

	mu     sync.Mutex
	person url.Values // the form as it fills it in; nil = it asks
}

// openidSettings are those of the provider at issuer.
func openidSettings(issuer string) []gatehouse.OIDCConfig {
	return []gatehouse.OIDCConfig{{
		Name: openidName, Issuer: issuer, ClientID: openidClient, ClientSecret: openidSecret, AllowPrivate: true,
	}}
}

func (s *Server) newThirdParty(sp *space, clock func() time.Time, random io.Reader) (*thirdParty, error) {
	key, err := s.openidKey()
	if err != nil {
		return nil, err
	}
	t := &thirdParty{issuer: sp.base() + openidPath}
	t.provider, err = openidtest.New(openidtest.Options{
		Issuer: t.issuer, ClientID: openidClient, ClientSecret: openidSecret, Clock: clock, Random: random, Key: key,
	})
	t.handler = http.StripPrefix(sp.path+openidPath, http.HandlerFunc(t.serve))
	return t, err
}

// newOpenIDKey makes the key of all providers inside, when the first of them is made: it takes a while. It proves nothing to
// anybody, and nobody sees what it signs.
func newOpenIDKey() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) }

// serve fills the provider's form in, if somebody said for whom.
func (t *thirdParty) serve(w http.ResponseWriter, r *http.Request) {
	t.mu.Lock()
	person := t.person
	t.mu.Unlock()
	if r.Method == http.MethodGet && r.URL.Path == "/authorize" && person != nil {
		r = r.Clone(r.Context())
		r.Method, r.Body = http.MethodPost, io.NopCloser(strings.NewReader(person.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	t.provider.ServeHTTP(w, r)
}

// RoundTrip reaches the provider inside without a network, and others as usual. It implements http.RoundTripper.
func (t *thirdParty) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasPrefix(r.URL.String(), t.issuer+"/") {
		return http.DefaultTransport.RoundTrip(r)
	}
	in := r.Clone(r.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	kept := &reply{header: http.Header{}, status: http.StatusOK}
	t.handler.ServeHTTP(kept, in)
	return &http.Response{
		StatusCode: kept.status, Status: http.StatusText(kept.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: kept.header, Body: io.NopCloser(&kept.body), ContentLength: int64(kept.body.Len()), Request: r,
	}, nil
}

// reply keeps an answer.
type reply struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (k *reply) Header() http.Header         { return k.header }
func (k *reply) WriteHeader(status int)      { k.status = status }
func (k *reply) Write(p []byte) (int, error) { return k.body.Write(p) }

// person is who the provider inside signs in.
type person struct {
	Subject       string `json:"subject"`
	Username      string `json:"preferred_username"`
	Name          string `json:"name"`
	Email         string `json:"email"`
	EmailVerified bool   `json:"email_verified"`
	Deny          bool   `json:"deny"`
}

func (p person) form() url.Values {
	form := url.Values{"subject": {p.Subject}, "preferred_username": {p.Username}, "name": {p.Name}, "email": {p.Email}}
	if p.EmailVerified {
		form.Set("email_verified", "1")
	}
	if p.Deny {
		form.Set("deny", "1")
	}
	return form
}

func noThirdParty() error {
	return notFound("noopenid", `This space has no OpenID provider inside. POST /_test/spaces {"scenario": "full"} makes one that has.`)
}

func (sp *space) serveOpenID(r *http.Request, g *generation) (any, error) {
	if g.third == nil {
		return nil, noThirdParty()
	}
	var call person
	const example = `{"subject": "zane-1", "email": "zane@example.org", "email_verified": true} or {"deny": true}`
	if err := readCall(r, &call, example); err != nil {
		return nil, err
	}
	if call.Subject == "" && !call.Deny {
		return nil, badCall("Say whom it signs in: " + example)
	}
	g.third.mu.Lock()
	defer g.third.mu.Unlock()
	g.third.person = call.form()
	return call, nil
}

func (sp *space) serveAskAgain(_ *http.Request, g *generation) (any, error) {
	if g.third == nil {
		return nil, noThirdParty()
	}
	g.third.mu.Lock()
	defer g.third.mu.Unlock()
	g.third.person = nil
	return done{true}, nil
}

// serveTOTP is the authenticator app of whoever has none, by the space's clock.
func (sp *space) serveTOTP(r *http.Request, g *generation) (any, error) {
	code, err := client.TOTP(r.URL.Query().Get("secret"), g.clock.Now())
	if err != nil || r.URL.Query().Get("secret") == "" {
		return nil, badCall("Say for which secret: /_test/totp?secret=SECRET, where SECRET is what the metadata of the request say.")
	}
	return struct {
		Code string `json:"code"`
	}{code}, nil
}
