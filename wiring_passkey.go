package gatehouse

import (
	"gatehouse/auth"
	"gatehouse/internal/provider/passkey"
	"gatehouse/internal/provider/totp"
)

// newPasskeys gives the provider of passkeys; nil where the configuration has none.
func (s *Server) newPasskeys(notices auth.CredentialChanger) (*passkey.Provider, error) {
	host := s.cfg.PasskeyHost()
	if host == "" {
		return nil, nil
	}
	return passkey.New(passkey.Config{
		Store: s.store, Sealer: storedSealer{s.keys}, Recovery: totp.Recovery{Random: s.seam.Random("recovery codes")},
		SiteName: s.cfg.Site.Name, Host: host, Origin: s.cfg.PublicURL(),
		SignIn: s.cfg.passkeysSignIn(), AtCreation: s.cfg.passkeysCreate(),
		Notices: []auth.CredentialChanger{notices}, Clock: s.seam.Clock, Random: s.seam.Random("passkeys"), Logger: s.log,
	})
}

// withPasskeys puts the provider of passkeys first: whoever presses its button means it.
func (s *Server) withPasskeys(p *passkey.Provider, others []auth.PrimaryProvider) []auth.PrimaryProvider {
	if p == nil || !s.cfg.passkeysSignIn() {
		return others
	}
	return append([]auth.PrimaryProvider{p}, others...)
}
