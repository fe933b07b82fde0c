package gatehouse

import (
	"fmt"
	"net/url"

	"gatehouse/auth"
	"gatehouse/internal/password"
	"gatehouse/internal/provider/emailnotification"
	"gatehouse/internal/provider/passkey"
	passwordprovider "gatehouse/internal/provider/password"
	"gatehouse/internal/provider/resetpassword"
	"gatehouse/internal/provider/temporarypassword"
	"gatehouse/internal/provider/totp"
	"gatehouse/internal/provider/userdata"
	"gatehouse/internal/username"
)

// credentials are the providers of passwords, chosen and mailed, and of what mail proves.
type credentials struct {
	passwords *passwordprovider.Provider
	mailed    *temporarypassword.Provider
	replaced  *resetpassword.Provider
	addresses *emailnotification.Provider
	factors   *totp.Provider
	passkeys  *passkey.Provider // nil where there are none
}

func (s *Server) newCredentials(names *username.Rules, groups auth.GroupPolicy) (c credentials, err error) {
	if c.passwords, err = s.newPasswordProvider(names); err != nil {
		return c, err
	}
	if c.addresses, err = s.newAddressProvider(groups); err != nil {
		return c, err
	}
	if c.passkeys, err = s.newPasskeys(c.addresses); err != nil {
		return c, fmt.Errorf("set up passkeys: %w", err)
	}
	var beside []auth.StepFactor
	if c.passkeys != nil {
		beside = append(beside, c.passkeys)
	}
	if c.factors, err = s.newTwoFactor(c.addresses, beside...); err != nil {
		return c, err
	}
	if c.mailed, err = s.newMailedPasswords(names, groups, c); err != nil {
		return c, err
	}
	c.replaced, err = resetpassword.New(resetpassword.Config{
		Store: s.store, Passwords: c.passwords, Notices: []auth.CredentialChanger{c.addresses},
		ConfirmedOnly: s.cfg.CreateAccount.EmailConfirmedRequired, Clock: s.seam.Clock,
	})
	return c, err
}

func (s *Server) newHasher() (*password.Hasher, error) {
	hasher, err := password.NewHasher(passwordSettings(s.cfg.Password), s.seam.Random("salts"))
	if err != nil {
		return nil, fmt.Errorf("set up password hashing: %w", err)
	}
	return hasher, nil
}

func (s *Server) newPasswordProvider(names *username.Rules) (*passwordprovider.Provider, error) {
	hasher, err := s.newHasher()
	if err != nil {
		return nil, err
	}
	return passwordprovider.New(passwordprovider.Config{
		Store: s.store, Names: names, Hasher: hasher, Budget: s.budget,
		Policy:    password.Policy{MinimumLength: int(s.cfg.Password.MinimumLength), Forbidden: []string{s.cfg.Site.Name}},
		DummyHash: s.cfg.Site.Private, Logger: s.log,
	})
}

func (s *Server) newMailedPasswords(
	names *username.Rules, groups auth.GroupPolicy, c credentials,
) (*temporarypassword.Provider, error) {
	hasher, err := s.newHasher()
	if err != nil {
		return nil, err
	}
	cfg := temporarypassword.Config{
		Store: s.store, Names: names, Hasher: hasher, Budget: s.budget, Mailer: s.mail, Limiter: s.mail,
		Changers: []auth.CredentialChanger{c.passwords, c.addresses}, Allows: groups.Allows, ValidAddress: userdata.ValidAddress,
		MailEnabled: s.mailsLinks(), Offer: temporarypassword.Offer(s.cfg.CreateAccount.MailPassword),
		Lifetime: s.cfg.Password.MailedLife.Duration(), MinimumLength: int(s.cfg.Password.MinimumLength),
		Resets: rules(s.cfg.Throttle.Resets), ConfirmedOnly: s.cfg.CreateAccount.EmailConfirmedRequired,
		DummyHash: s.cfg.Site.Private, Clock: s.seam.Clock, Random: s.seam.Random("mailed passwords"), Logger: s.log,
	}
	if s.cfg.Password.Mailed == "link" {
		cfg.Link = s.mailedLink("Special:PasswordReset")
	}
	return temporarypassword.New(cfg)
}

func (s *Server) newAddressProvider(groups auth.GroupPolicy) (*emailnotification.Provider, error) {
	return emailnotification.New(emailnotification.Config{
		Store: s.store, Mailer: s.mail, Limiter: s.mail, Allows: groups.Allows, ValidAddress: userdata.ValidAddress,
		Confirm: s.mailedLink("Special:ConfirmEmail"), Cancel: s.mailedLink("Special:InvalidateEmail"),
		MailEnabled: s.mailsLinks(), Required: s.cfg.CreateAccount.EmailRequired,
		ConfirmedOnly: s.cfg.CreateAccount.EmailConfirmedRequired, Clock: s.seam.Clock, Random: s.seam.Random("mailed links"), Logger: s.log,
	})
}

// mailsLinks reports whether mail can lead its readers back here.
func (s *Server) mailsLinks() bool { return s.cfg.Mail.Enabled && s.cfg.HasPublicAddress() }

// mailedLink makes the addresses that mail leads to. The account's name is no secret, and without it the token is looked up
// nowhere.
func (s *Server) mailedLink(page string) func(auth.MailedLink) string {
	return func(l auth.MailedLink) string {
		return s.cfg.PublicURL() + s.cfg.Server.ArticlePath + page + "/" + l.Token + "?" +
			url.Values{"account": {string(l.Name)}}.Encode()
	}
}
