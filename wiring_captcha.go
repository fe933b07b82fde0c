package gatehouse

import (
	"fmt"
	"slices"

	"gatehouse/auth"
	"gatehouse/internal/captcha"
	kinds "gatehouse/internal/captcha/puzzle"
	captchaprovider "gatehouse/internal/provider/captcha"
	"gatehouse/internal/provider/eventpass"
	"gatehouse/internal/username"
)

// asksCaptcha reports whether anybody is ever asked.
func (c Config) asksCaptcha() bool { return c.Captcha.Kind != "none" && len(c.Captcha.On) > 0 }

// newDesk gives nil where nobody is asked.
func (s *Server) newDesk() (*captcha.Desk, error) {
	if !s.cfg.asksCaptcha() {
		return nil, nil
	}
	kind, err := s.captchaKind()
	if err != nil {
		return nil, err
	}
	return captcha.NewDesk(captcha.Config{
		Mint: captcha.NewMint(s.keys, s.seam.Clock, s.seam.Random("captchas")), Marks: s.store,
		Kinds: []captcha.Kind{kind}, Ladder: captcha.Only(kind), Observe: s.metrics.captcha,
	})
}

// captchaKind is the map of kinds: whoever adds one adds a line here.
func (s *Server) captchaKind() (captcha.Kind, error) {
	switch kind := s.cfg.Captcha.Kind; kind {
	case "math":
		return kinds.Math{}, nil
	case "question":
		var questions []kinds.QA
		for _, q := range s.cfg.Captcha.Questions {
			questions = append(questions, kinds.QA{Question: q.Question, Answers: q.Answers})
		}
		return kinds.NewQuestion(questions), nil
	default:
		return nil, fmt.Errorf("this version has no captcha of the kind %q", kind)
	}
}

// newCaptcha gives the provider that asks, or none where nobody is asked.
func (s *Server) newCaptcha(desk *captcha.Desk, names *username.Rules, groups auth.GroupPolicy) ([]auth.PreProvider, error) {
	if desk == nil {
		return nil, nil
	}
	c := s.cfg.Captcha
	p, err := captchaprovider.New(captchaprovider.Config{
		Desk: desk, Store: s.store,
		Creations: slices.Contains(c.On, "createaccount"), Logins: slices.Contains(c.On, "badlogin"),
		FailedLogins: rules(c.FailedLogins), FailedLoginsOfName: rules(c.FailedLoginsName), WrongAnswers: rules(c.WrongAnswers),
		Pass: eventpass.RequestID, Exempt: networks(c.Exempt), SkipConfirmed: c.ExemptConfirmed, ReadOnly: s.cfg.Site.ReadOnly != "",
		Names: names, Allows: groups.Allows, Logger: s.log,
	})
	if err != nil {
		return nil, err
	}
	return []auth.PreProvider{p}, nil
}
