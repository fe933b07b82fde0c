package gatehouse

import (
	"context"
	"fmt"
	netmail "net/mail"

	"gatehouse/auth"
	"gatehouse/internal/i18n"
	"gatehouse/internal/mail"
	"gatehouse/internal/outbox"
	"gatehouse/internal/throttle"
)

// mailParts are what those who cause mail stand on.
type mailParts struct {
	auth.Mailer
	auth.MailLimiter
}

// wireMail builds what composes mail and, where there is a mail server, what sends it. Mail that nobody can send waits.
func (s *Server) wireMail(texts *i18n.Catalogue) error {
	from, err := netmail.ParseAddress(s.cfg.Mail.From)
	if err != nil {
		return fmt.Errorf("read mail.from: %w", err)
	}
	composer, err := mail.NewComposer(mail.ComposerConfig{Keys: s.keys, From: *from, Clock: s.seam.Clock, Random: s.seam.Random("mail")})
	if err != nil {
		return err
	}
	s.mail = &mailParts{Mailer: composer, MailLimiter: s.cfg.Mail.limits()}
	if !s.cfg.Mail.Enabled || s.cfg.Mail.SMTP == "" || s.cfg.Site.ReadOnly != "" {
		return nil
	}
	writer, err := mail.NewWriter(texts, s.cfg.Site.Language, s.cfg.PublicURL()+"/")
	if err != nil {
		return err
	}
	transport, err := mail.NewTransport(mail.TransportConfig{
		URL: s.cfg.Mail.SMTP.Reveal(), TLS: mail.TLS(s.cfg.Mail.TLS), Timeout: s.cfg.Mail.Timeout.Duration(),
		From: *from, Keys: s.keys, Writer: writer,
	})
	if err != nil {
		return err
	}
	s.delivery, err = outbox.New(outbox.Config{
		Store: s.store, Carrier: s.tracing.carrier(carrier{transport}), Timeout: s.cfg.Mail.Timeout.Duration(),
		FirstRetry: s.cfg.Mail.RetryAfter.Duration(), LastRetry: s.cfg.Mail.RetryAtMost.Duration(),
		Clock: s.seam.Clock, Random: s.seam.Random("outbox"), Logger: s.log, Observe: s.metrics.mailTried,
	})
	return err
}

// carrier gives the outbox its way to the mail server.
type carrier struct{ *mail.Transport }

func (c carrier) Connect(ctx context.Context) (outbox.Way, error) {
	way, err := c.Transport.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return way, nil
}

// networkFactor is how much more mail than one network a network of networks may cause.
const networkFactor = 16

func (m MailConfig) limits() mail.Limits {
	return mail.Limits{
		PerAddress: mailRules(m.PerAddress, 0), PerDomain: mailRules(m.PerDomain, 0), PerNetwork: mailRules(m.PerNetwork, networkFactor),
	}
}

func mailRules(limits []MailLimitConfig, factor int64) throttle.Rules {
	out := make(throttle.Rules, len(limits))
	for i, l := range limits {
		out[i] = throttle.Rule{Count: l.Count, Per: l.Per.Duration(), NetworkFactor: factor}
	}
	return out
}
