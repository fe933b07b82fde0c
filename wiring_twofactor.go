package gatehouse

import (
	"gatehouse/auth"
	"gatehouse/internal/keyring"
	"gatehouse/internal/provider/totp"
)

// purposeTwoFactor is what secrets of second factors are sealed for.
const purposeTwoFactor keyring.Purpose = "two-factor secret"

// storedSealer seals with the server's keys what outlives a change of the site's name and address.
type storedSealer struct{ keys *keyring.Keyring }

func (s storedSealer) Seal(plain, aad []byte) ([]byte, error) {
	return s.keys.SealStored(purposeTwoFactor, plain, aad)
}

func (s storedSealer) Open(sealed, aad []byte) ([]byte, error) {
	return s.keys.OpenStored(purposeTwoFactor, sealed, aad)
}

func (s *Server) newTwoFactor(notices auth.CredentialChanger, beside ...auth.StepFactor) (*totp.Provider, error) {
	return totp.New(totp.Config{
		Store: s.store, Sealer: storedSealer{s.keys}, Issuer: s.cfg.Site.Name, AtCreation: totp.AtCreation(s.cfg.TOTP.AtCreation),
		Picture: s.cfg.Server.ScriptPath + "/index.php?title=Special:AccountSecurity/qr",
		Beside:  beside, Notices: []auth.CredentialChanger{notices}, Clock: s.seam.Clock, Random: s.seam.Random("two-factor"), Logger: s.log,
	})
}
