package gatehouse

import (
	"fmt"

	"gatehouse/auth"
	"gatehouse/internal/provider/openid"
)

// newOpenID gives the desk of the providers that the configuration names; nil where it names none.
func (s *Server) newOpenID() (*openid.Desk, error) {
	if len(s.cfg.OIDC) == 0 {
		return nil, nil
	}
	providers := make([]openid.Settings, len(s.cfg.OIDC))
	for i, p := range s.cfg.OIDC {
		providers[i] = openid.Settings{
			Name: p.Name, Issuer: p.Issuer, ClientID: p.ClientID, ClientSecret: p.ClientSecret.Reveal(), AllowPrivate: p.AllowPrivate,
		}
	}
	desk, err := openid.New(openid.Config{
		Providers: providers, Store: s.store, Sealer: s.keys,
		ReturnURL: s.cfg.PublicURL() + s.cfg.Server.ArticlePath + "Special:OpenIDConnectReturn",
		Clock:     s.seam.Clock, Random: s.seam.Random("openid"), Logger: s.log, Transport: s.seam.Outgoing,
		Watch: s.tracing.outgoing,
	})
	if err != nil {
		return nil, fmt.Errorf("set up OpenID Connect: %w", err)
	}
	return desk, nil
}

// withOpenID puts the providers of OpenID Connect before those of passwords: whoever presses their button means it, whatever
// a browser filled in beside it.
func (s *Server) withOpenID(passwords ...auth.PrimaryProvider) []auth.PrimaryProvider {
	var out []auth.PrimaryProvider
	if s.openid != nil {
		for _, p := range s.openid.Providers() {
			out = append(out, p)
		}
	}
	return append(out, passwords...)
}
