// Package openid lets people make accounts, sign in and link accounts by an OpenID Connect provider: authorization code flow,
// always with PKCE, state and nonce.
//
// A Desk is what all configured providers have in common: it remembers browsers that were sent away (rows that any instance
// can read), meets them when they come back (auth.Arrivals), redeems the provider's code, checks the ID token, and hands the
// flow a code of its own. A Provider is one of them as a primary provider of the Manager. Who somebody is, is the pair of
// issuer and subject; an address or a name that a provider tells is a proposal and no more.
//
// remote.go and keys.go speak to the outside, through the client of client.go, which goes to https and public addresses
// only; token.go decides what is believed. The package shows no pages: internal/special has the page that browsers come
// back to. Package openidtest is a provider to test against.
package openid

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// Settings are one provider as the operator configured it.
type Settings struct {
	// Name is what people and clients know it as.
	Name string
	// Issuer is its issuer, exactly as its metadata spells it.
	Issuer                 string
	ClientID, ClientSecret string
	// AllowPrivate lets its addresses be private ones or plain http.
	AllowPrivate bool
}

// Store is what a Desk keeps its rows in.
type Store interface {
	auth.HandoverStore
	auth.IdentityStore
	// Credential gives a stored credential, or auth.ErrNotFound.
	Credential(ctx context.Context, id auth.AccountID, kind auth.CredentialKind) (string, error)
}

// Config is what a Desk is made of. Store, Sealer and ReturnURL are required.
type Config struct {
	Providers []Settings
	Store     Store
	Sealer    auth.Sealer
	// ReturnURL is the address of the page that browsers come back to.
	ReturnURL string
	Clock     func() time.Time // nil = time.Now
	// Random makes states, nonces and codes; nil = crypto/rand. It must be safe for concurrent use.
	Random io.Reader
	Logger *slog.Logger // nil = silent
	// Transport reaches the providers; nil = the network, and no private address in it unless allowed. For test servers, which
	// carry a provider inside.
	Transport http.RoundTripper
	// Watch, if not nil, is put around the way to each provider.
	Watch func(http.RoundTripper) http.RoundTripper
}

// Desk is all providers together. It is safe for concurrent use.
type Desk struct {
	cfg       Config
	providers []*Provider
}

// New builds the desk. It asks nobody anything: a provider that is out of reach is noticed by who wants to use it.
func New(c Config) (*Desk, error) {
	if c.Store == nil || c.Sealer == nil || c.ReturnURL == "" {
		return nil, errors.New("openid: a store, a sealer and an address to return to are required")
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	d := &Desk{cfg: c}
	for _, s := range c.Providers {
		if s.Name == "" || s.Issuer == "" || s.ClientID == "" {
			return nil, fmt.Errorf("openid: provider %q lacks a name, an issuer or a client id", s.Name)
		}
		d.providers = append(d.providers, newProvider(d, s))
	}
	return d, nil
}

// Providers are the primary providers, in the order of the configuration.
func (d *Desk) Providers() []*Provider { return d.providers }

// provider finds one by its name, or gives nil.
func (d *Desk) provider(name string) *Provider {
	for _, p := range d.providers {
		if p.settings.Name == name {
			return p
		}
	}
	return nil
}

// The ids of requests. Those that begin with a button and those of linked identities have more behind them.
const (
	beginRequest    = "OpenIdConnectBeginAuthenticationRequest:"
	linkedRequest   = "OpenIdConnectLinkedAuthenticationRequest:"
	responseRequest = auth.RequestID("OpenIdConnectResponseAuthenticationRequest")
)

// The fields of the request that the browser brings the answers to.
const (
	fieldCode  = "code"
	fieldState = "state"
)

// Provider is one OpenID Connect provider. It is safe for concurrent use.
type Provider struct {
	desk     *Desk
	settings Settings
	remote   *remote
	at       message.Message
	begin    []auth.Request
	response auth.Request
}

var (
	_ auth.PrimaryProvider   = (*Provider)(nil)
	_ auth.CreationContinuer = (*Provider)(nil)
	_ auth.LoginContinuer    = (*Provider)(nil)
	_ auth.DraftContributor  = (*Provider)(nil)
	_ auth.Linker            = (*Provider)(nil)
	_ auth.CredentialChanger = (*Provider)(nil)
	_ auth.Arrivals          = (*Desk)(nil)
)

func newProvider(d *Desk, s Settings) *Provider {
	p := &Provider{desk: d, settings: s, remote: newRemote(s, d.cfg.Clock, d.cfg.Logger)}
	if d.cfg.Transport != nil {
		p.remote.client.Transport = &careful{next: d.cfg.Transport, allowPlain: s.AllowPrivate}
	}
	if d.cfg.Watch != nil {
		p.remote.client.Transport = d.cfg.Watch(p.remote.client.Transport)
	}
	name := message.Plaintext(s.Name)
	p.at = message.New("gatehouse-openid-provider", name)
	p.begin = []auth.Request{{
		ID: auth.RequestID(beginRequest + s.Name), Provider: p.at, Account: message.Blank(),
		Fields: []auth.Field{{
			Name: s.Name, Type: auth.FieldButton,
			Label: message.New("gatehouse-openid-button", name), Help: message.New("gatehouse-openid-button-help", name),
		}},
	}}
	p.response = auth.Request{
		ID: responseRequest, Provider: p.at, Account: message.Blank(),
		Fields: []auth.Field{
			{Name: fieldCode, Type: auth.FieldString, Label: message.New("gatehouse-openid-code"), Help: message.New("gatehouse-openid-code-help")},
			{Name: fieldState, Type: auth.FieldString, Label: message.New("gatehouse-openid-state"), Help: message.New("gatehouse-openid-state-help")},
		},
	}
	return p
}

// ID implements auth.Provider.
func (p *Provider) ID() auth.ProviderID { return auth.ProviderID("openid:" + p.settings.Name) }

// CreationType implements auth.PrimaryProvider.
func (p *Provider) CreationType() auth.CreationType { return auth.CreationLink }

// Requests offers the button, and to whoever wants to unlink the identities that they have here.
func (p *Provider) Requests(ctx context.Context, o auth.Options) ([]auth.Request, error) {
	switch o.Action {
	case auth.ActionLogin, auth.ActionCreate, auth.ActionLink:
		return p.begin, nil
	case auth.ActionUnlink:
		return p.linked(ctx, o.Creator.Account.ID)
	}
	return nil, nil
}
