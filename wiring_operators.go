package gatehouse

import (
	"gatehouse/internal/special"
	"gatehouse/internal/throttle"
	"gatehouse/internal/username"
)

// withOperating gives the pages what the people look after who run the site.
func (s *Server) withOperating(cfg special.Config, names *username.Rules) special.Config {
	cfg.Blocks, cfg.Mail, cfg.Figures = s.store, s.store, s.ledger
	cfg.Limits = throttle.NewDesk(s.store, names, s.limited())
	cfg.Funnel = s.funnel
	return cfg
}

// limited are the limits that operators see and may lift. Codes of second factors and uses of event passes are not among
// them: the first guard what nobody may guess at, the second are not limits in time.
func (s *Server) limited() []throttle.Limited {
	t, m := s.cfg.Throttle, s.cfg.Mail.limits()
	return []throttle.Limited{
		{Act: "create", Rules: rules(t.Creations)},
		{Act: "create", Rules: rules(t.CreationsTotal), Everybody: true},
		{Act: "attempt", Rules: rules(t.Attempts)},
		{Act: "login", Rules: rules(t.Logins), Alone: true},
		{Act: "logins", Rules: rules(t.Logins), Widened: true},
		{Act: "badcaptcha", Rules: rules(s.cfg.Captcha.WrongAnswers)},
		{Act: "resetpassword", Rules: rules(t.Resets)},
		{Act: "mail-address", Rules: m.PerAddress},
		{Act: "mail-domain", Rules: m.PerDomain},
		{Act: "mail-network", Rules: m.PerNetwork},
	}
}
