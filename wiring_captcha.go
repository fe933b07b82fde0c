package gatehouse

import (
	"context"
	"fmt"
	"net/url"
	"slices"

	"gatehouse/auth"
	"gatehouse/internal/captcha"
	"gatehouse/internal/captcha/picture"
	"gatehouse/internal/captcha/proofofwork"
	kinds "gatehouse/internal/captcha/puzzle"
	"gatehouse/internal/captcha/speech"
	captchaprovider "gatehouse/internal/provider/captcha"
	"gatehouse/internal/provider/eventpass"
	"gatehouse/internal/throttle"
	"gatehouse/internal/username"
)

// asksCaptcha reports whether anybody is ever asked.
func (c Config) asksCaptcha() bool { return c.Captcha.Kind != "none" && len(c.Captcha.On) > 0 }

// newDesk gives nil where nobody is asked.
func (s *Server) newDesk() (*captcha.Desk, error) {
	if !s.cfg.asksCaptcha() {
		return nil, nil
	}
	byName := map[string]captcha.Kind{}
	var all []captcha.Kind
	for _, name := range s.cfg.usedKinds() {
		kind, err := s.captchaKind(name)
		if err != nil {
			return nil, err
		}
		byName[name], all = kind, append(all, kind)
	}
	ladder, err := captcha.NewLadder(s.cfg.captchaPolicy(byName))
	if err != nil {
		return nil, err
	}
	return captcha.NewDesk(captcha.Config{
		Mint: captcha.NewMint(s.keys, s.seam.Clock, s.seam.Random("captchas")), Marks: s.store,
		Kinds: all, Ladder: ladder, Observe: s.metrics.captcha,
	})
}

// captchaKind is the map of kinds: whoever adds one adds a line here.
func (s *Server) captchaKind(name string) (captcha.Kind, error) {
	switch name {
	case "math":
		return kinds.Math{}, nil
	case "image":
		speaker, err := speech.New()
		if err != nil {
			return nil, fmt.Errorf("load voices: %w", err)
		}
		return kinds.NewImage(s.cfg.Server.ScriptPath, kinds.Artist{
			Word: picture.Word, Normal: picture.Normal, PNG: new(picture.Painter).PNG, WAV: speaker.WAV,
		}), nil
	case "question":
		var questions []kinds.QA
		for _, q := range s.cfg.Captcha.Questions {
			questions = append(questions, kinds.QA{Question: q.Question, Answers: q.Answers})
		}
		return kinds.NewQuestion(questions), nil
	case "proof-of-work":
		return proofofwork.NewKind(s.cfg.Captcha.Work), nil
	case "mail":
		return captcha.Mail{}, nil
	case "hcaptcha", "turnstile", "recaptcha":
		return s.vendorKind(name)
	}
	return nil, fmt.Errorf("this version has no captcha of the kind %q", name)
}

// pictures is what the edges do with challenges of the kind image.
type pictures struct {
	desk *captcha.Desk
	kind *kinds.Image
}

// pictures gives nil where the site has none.
func (s *Server) pictures() *pictures {
	if s.desk == nil {
		return nil
	}
	kind, ok := s.desk.Kind(captcha.CodeImage).(*kinds.Image)
	if !ok {
		return nil
	}
	return &pictures{s.desk, kind}
}

// Picture implements special.Captchas.
func (p *pictures) Picture(ctx context.Context, id string) ([]byte, bool, error) {
	c, ok := p.find(id)
	if !ok {
		return nil, false, nil
	}
	b, err := p.kind.Picture(ctx, c)
	return b, true, err
}

// Sound implements special.Captchas.
func (p *pictures) Sound(ctx context.Context, id, language string) ([]byte, bool, error) {
	c, ok := p.find(id)
	if !ok {
		return nil, false, nil
	}
	b, err := p.kind.Sound(ctx, c, language)
	return b, true, err
}

func (p *pictures) find(id string) (captcha.Challenge, bool) {
	c, kind, ok := p.desk.Find(id)
	return c, ok && kind == captcha.Puzzle(p.kind)
}

// NewPicture implements actionapi.Captchas.
func (p *pictures) NewPicture(visitor auth.FlowID) (string, error) {
	c, _, err := p.desk.Renew(captcha.CodeImage, visitor)
	return c.ID, err
}

// captchaPolicy is what is asked where.
func (c Config) captchaPolicy(kinds map[string]captcha.Kind) captcha.Policy {
	s := c.Captcha
	rung := func(first string, others []string, work int64) (r captcha.Rung) {
		if work == 0 {
			work = s.Work
		}
		choice := func(name string) captcha.Choice {
			if name == "proof-of-work" {
				return captcha.Choice{Kind: kinds[name], Difficulty: uint32(work)}
			}
			return captcha.Choice{Kind: kinds[name]}
		}
		r.First = choice(first)
		for _, name := range others {
			if name != first {
				r.Others = append(r.Others, choice(name))
			}
		}
		return r
	}
	p := captcha.Policy{Creation: rung(s.Kind, s.Others, 0)}
	if slices.Contains(s.On, "badlogin") {
		p.Login = rung(c.badLoginKind(), slices.DeleteFunc(slices.Clone(s.Others), func(o string) bool { return o == "mail" }), 0)
	}
	for _, n := range s.Networks {
		p.Networks = append(p.Networks, captcha.NetworkRung{Networks: networks(n.Networks), Rung: rung(n.Kind, n.Others, n.Work)})
	}
	return p
}

// captchaParts are the providers that ask.
type captchaParts struct {
	pre  []auth.PreProvider
	step []auth.SecondaryProvider
}

// newCaptcha gives the providers that ask, or none where nobody is asked.
func (s *Server) newCaptcha(desk *captcha.Desk, names *username.Rules, groups auth.GroupPolicy) (parts captchaParts, err error) {
	if desk == nil {
		return parts, nil
	}
	c := s.cfg.Captcha
	p, err := captchaprovider.New(captchaprovider.Config{
		Desk: desk, Store: s.store,
		Creations: slices.Contains(c.On, "createaccount"), Logins: slices.Contains(c.On, "badlogin"),
		FailedLogins: rules(c.FailedLogins), FailedLoginsOfName: rules(c.FailedLoginsName), WrongAnswers: rules(c.WrongAnswers),
		Kinds: kindLimits(c.Creations), Pass: eventpass.RequestID,
		Exempt: networks(c.Exempt), SkipConfirmed: c.ExemptConfirmed, ReadOnly: s.cfg.Site.ReadOnly != "",
		Names: names, Allows: groups.Allows, Logger: s.log,
	})
	if err != nil {
		return parts, err
	}
	parts.pre = []auth.PreProvider{p}
	if !slices.Contains(s.cfg.usedKinds(), "mail") {
		return parts, nil
	}
	step, err := captchaprovider.NewMailStep(captchaprovider.MailConfig{
		Queue: s.store, Mailer: s.mail, Limiter: s.mail, Link: s.codeLink,
		Settle: func(right bool) { desk.Settle(captcha.Mail{}, captcha.Creation, right) },
		Clock:  s.seam.Clock, Random: s.seam.Random("captcha codes"),
	})
	if err != nil {
		return parts, err
	}
	parts.step = []auth.SecondaryProvider{step}
	return parts, nil
}

// codeLink opens the form that waits for a code, with the code in it.
func (s *Server) codeLink(code string) string {
	query := url.Values{"title": {"Special:CreateAccount"}, "authAction": {string(auth.ActionCreateContinue)}, captcha.FieldWord: {code}}
	return s.cfg.PublicURL() + s.cfg.Server.ScriptPath + "/index.php?" + query.Encode()
}

func kindLimits(limits []CaptchaLimitConfig) []captchaprovider.KindLimit {
	out := make([]captchaprovider.KindLimit, len(limits))
	for i, l := range limits {
		out[i] = captchaprovider.KindLimit{
			Kinds: l.Kinds, Rules: throttle.Rules{{Count: l.Count, Per: l.Per.Duration(), NetworkFactor: l.NetworkFactor}},
		}
	}
	return out
}
