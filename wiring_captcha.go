package gatehouse

import (
	"context"
	"fmt"
	"slices"

	"gatehouse/auth"
	"gatehouse/internal/captcha"
	"gatehouse/internal/captcha/picture"
	kinds "gatehouse/internal/captcha/puzzle"
	"gatehouse/internal/captcha/speech"
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
	default:
		return nil, fmt.Errorf("this version has no captcha of the kind %q", kind)
	}
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
