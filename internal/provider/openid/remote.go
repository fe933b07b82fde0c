package openid

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// How long what a provider says of itself is taken as said, and how long one that could not be asked is left alone.
const (
	metadataLife  = time.Hour
	metadataStale = 24 * time.Hour // while it cannot be asked again
	metadataPause = 5 * time.Second
)

// endpoints is what a provider says of itself.
type endpoints struct {
	Authorization, Token, UserInfo string
	// TellsIssuer: the provider names itself in every reply.
	TellsIssuer bool
	keys        *keySet
	algorithms  []string
	authStyle   oauth2.AuthStyle
}

// remote is one provider from afar: its metadata and keys, read when they are needed and kept for a while.
type remote struct {
	settings Settings
	client   *http.Client
	clock    func() time.Time
	log      *slog.Logger

	turn    chan struct{} // held by whoever reads or writes what follows
	have    *endpoints
	fetched time.Time
	tried   time.Time
	failed  error
}

func newRemote(s Settings, clock func() time.Time, log *slog.Logger) *remote {
	return &remote{settings: s, client: newClient(s.AllowPrivate), clock: clock, log: log, turn: make(chan struct{}, 1)}
}

// endpoints gives the provider's metadata. Of several that want it at once one asks, and the others wait for the answer.
func (r *remote) endpoints(ctx context.Context) (*endpoints, error) {
	select {
	case r.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, unreachable(ctx.Err())
	}
	defer func() { <-r.turn }()
	now := r.clock()
	switch {
	case r.have != nil && now.Sub(r.fetched) < metadataLife:
		return r.have, nil
	case r.failed != nil && now.Sub(r.tried) < metadataPause:
		return r.known(now)
	}
	r.tried = now
	// Whoever asked may go away: the others want the answer too.
	e, err := r.discover(context.WithoutCancel(ctx))
	if r.failed = err; err != nil {
		return r.known(now)
	}
	if r.have != nil && r.have.keys.url == e.keys.url {
		e.keys = r.have.keys
	}
	r.have, r.fetched = e, now
	return e, nil
}

// known is what can be told while the provider cannot be asked.
func (r *remote) known(now time.Time) (*endpoints, error) {
	if r.have != nil && now.Sub(r.fetched) < metadataStale {
		return r.have, nil
	}
	return nil, r.failed
}

// discover reads the provider's metadata. go-oidc sees to it that the issuer is the one that was configured.
func (r *remote) discover(ctx context.Context) (*endpoints, error) {
	ctx, cancel := withTimeout(oidc.ClientContext(ctx, r.client))
	defer cancel()
	p, err := oidc.NewProvider(ctx, r.settings.Issuer)
	if err != nil {
		return nil, unreachable(fmt.Errorf("read the metadata of %s: %w", r.settings.Issuer, err))
	}
	var more struct {
		Issuer      string   `json:"issuer"`
		Keys        string   `json:"jwks_uri"`
		UserInfo    string   `json:"userinfo_endpoint"`
		Algorithms  []string `json:"id_token_signing_alg_values_supported"`
		AuthMethods []string `json:"token_endpoint_auth_methods_supported"`
		TellsIssuer bool     `json:"authorization_response_iss_parameter_supported"`
	}
	if err := p.Claims(&more); err != nil {
		return nil, distrusted("read the metadata: %w", err)
	}
	e := &endpoints{
		Authorization: p.Endpoint().AuthURL, Token: p.Endpoint().TokenURL, UserInfo: more.UserInfo, TellsIssuer: more.TellsIssuer,
		keys: &keySet{url: more.Keys, client: r.client, clock: r.clock, turn: make(chan struct{}, 1)},
	}
	if more.Issuer != r.settings.Issuer {
		return nil, distrusted("the metadata of %q are those of %q", r.settings.Issuer, more.Issuer)
	}
	if e.algorithms = believed(more.Algorithms); len(e.algorithms) == 0 {
		return nil, distrusted("none of the algorithms %q proves anything", more.Algorithms)
	}
	e.authStyle = oauth2.AuthStyleInHeader
	if len(more.AuthMethods) > 0 && !slices.Contains(more.AuthMethods, "client_secret_basic") || r.settings.ClientSecret == "" {
		e.authStyle = oauth2.AuthStyleInParams
	}
	return e, r.checkAddresses(e)
}

// checkAddresses wants absolute addresses, https unless plain http is allowed.
func (r *remote) checkAddresses(e *endpoints) error {
	for what, address := range map[string]string{
		"authorization_endpoint": e.Authorization, "token_endpoint": e.Token, "jwks_uri": e.keys.url, "userinfo_endpoint": e.UserInfo,
	} {
		if address == "" && what == "userinfo_endpoint" {
			continue
		}
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || u.Scheme != "https" && !(r.settings.AllowPrivate && u.Scheme == "http") {
			return distrusted("%s is %q", what, address)
		}
	}
	return nil
}

// believed leaves of the algorithms a provider has those that prove who signed. A provider that names none has the one that
// all must have.
func believed(named []string) []string {
	if len(named) == 0 {
		return []string{oidc.RS256}
	}
	var out []string
	for _, a := range []string{
		oidc.RS256, oidc.ES256, oidc.PS256, oidc.EdDSA, oidc.RS384, oidc.RS512, oidc.ES384, oidc.ES512, oidc.PS384, oidc.PS512,
	} {
		if slices.Contains(named, a) {
			out = append(out, a)
		}
	}
	return out
}

// oauth is the provider as x/oauth2 knows it.
func (r *remote) oauth(e *endpoints, redirect string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: r.settings.ClientID, ClientSecret: r.settings.ClientSecret, RedirectURL: redirect,
		Endpoint: oauth2.Endpoint{AuthURL: e.Authorization, TokenURL: e.Token, AuthStyle: e.authStyle},
		Scopes:   []string{oidc.ScopeOpenID, "email", "profile"},
	}
}
