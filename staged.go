package gatehouse

import (
	"context"
	"fmt"
	"net/http"

	"gatehouse/auth"
	"gatehouse/internal/captcha"
	"gatehouse/internal/mail"
	"gatehouse/internal/seam"
	"gatehouse/internal/username"
)

// Staged is a server whose surroundings belong to a test: what internal/testserver runs. Programs outside of this module
// cannot ask for one, because they cannot write down a seam.
type Staged struct {
	*Server
}

// NewStaged is New with a seam. The store is in memory: a test's clock and randomness never touch one that lasts.
func NewStaged(ctx context.Context, cfg Config, o Options, parts seam.Seam) (*Staged, error) {
	if cfg.Store.URL.Reveal() != memoryStore {
		return nil, fmt.Errorf("a staged server keeps everything in memory: store.url must be %s", memoryStore)
	}
	s, err := build(ctx, cfg, o, parts)
	if err != nil {
		return nil, err
	}
	return &Staged{s}, nil
}

// memoryStore is the URL of a store that ends with the process.
const memoryStore = "memory:"

// Tidy is one round of Upkeep, for whoever moves the clock.
func (s *Staged) Tidy(ctx context.Context) { s.tidy(ctx) }

// Operator is the operator's hand on this server's store. It ends with the server; do not close it.
func (s *Staged) Operator() (*Operator, error) {
	hasher, err := s.newHasher()
	if err != nil {
		return nil, err
	}
	return &Operator{
		store: s.store, names: username.NewRules(username.Options{SiteName: s.cfg.Site.Name}), hasher: hasher,
		groups: s.cfg.GroupPolicy(), random: s.seam.Random("operator"), clock: s.seam.Clock, cfg: s.cfg, keys: s.keys,
	}, nil
}

// Mails gives all mail of the outbox, oldest first, with its secrets. Nothing is written down about who looked.
func (s *Staged) Mails(ctx context.Context) ([]MailDetails, error) {
	writer, err := mail.NewWriter(s.edge.texts, s.cfg.Site.Language, s.cfg.PublicURL()+"/")
	if err != nil {
		return nil, err
	}
	var out []MailDetails
	q := auth.MailQuery{Limit: listPage}
	for {
		rows, err := s.store.Mails(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			d, err := s.letter(ctx, writer, row.ID)
			if err != nil {
				return nil, err
			}
			out = append(out, d)
			q.After = row.ID
		}
		if len(rows) < listPage {
			return out, nil
		}
	}
}

func (s *Staged) letter(ctx context.Context, writer *mail.Writer, id int64) (MailDetails, error) {
	row, err := s.store.Mail(ctx, id)
	if err != nil || len(row.Sealed) == 0 {
		return MailDetails{Row: row}, err
	}
	m, err := mail.Open(s.keys, row)
	if err != nil {
		return MailDetails{}, err
	}
	letter, err := writer.Letter(m)
	row.Sealed = nil
	return MailDetails{Row: row, To: m.To, Name: m.Name, Subject: letter.Subject, Text: letter.Text}, err
}

// CaptchaAnswer gives what solves a captcha that was shown; ok is false for an id that is unknown or has expired, and for kinds
// whose answer is no text.
func (s *Staged) CaptchaAnswer(id string) (answer string, ok bool) {
	if s.desk == nil {
		return "", false
	}
	c, kind, ok := s.desk.Find(id)
	if !ok {
		return "", false
	}
	known, ok := kind.(interface {
		Answer(c captcha.Challenge) string
	})
	if !ok {
		return "", false
	}
	return known.Answer(c), true
}

// AsksCaptcha reports whether anybody is shown a captcha.
func (s *Staged) AsksCaptcha() bool { return s.desk != nil }

// ReadOnly is this server while nothing may be written, for the reason given: another handler on the same store.
func (s *Staged) ReadOnly(reason string) (http.Handler, error) {
	twin := *s.Server
	twin.cfg.Site.ReadOnly = reason
	e := s.edge
	var err error
	if e.manager, err = twin.newManager(e.names, twin.cfg.GroupPolicy(), e.credentials); err != nil {
		return nil, err
	}
	return twin.newHandler(e)
}
