package gatehouse

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/i18n"
	"gatehouse/internal/keyring"
	"gatehouse/internal/mail"
	"gatehouse/internal/message"
)

// What an operator asked of the outbox and cannot have.
var (
	ErrNoSuchMail    = errors.New("there is no such mail")
	ErrMailNotForNow = errors.New("the mail cannot be tried again")
)

// logMail is the type of the entries that say who looked into mail. No page and no module shows it.
const (
	logMail       = "mail"
	logMailReveal = "reveal"
)

// Mails calls each for every mail of the outbox that stands in state, or for all if it is empty, oldest first, until it
// fails. The rows come without their bodies.
func (o *Operator) Mails(ctx context.Context, state auth.MailState, each func(auth.MailRow) error) error {
	q := auth.MailQuery{State: state, Limit: listPage}
	for {
		rows, err := o.store.Mails(ctx, q)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := each(row); err != nil {
				return err
			}
			q.After = row.ID
		}
		if len(rows) < listPage {
			return nil
		}
	}
}

// MailDetails is what there is to know of a mail.
type MailDetails struct {
	Row auth.MailRow
	// To, Name, Subject and Text are empty once the mail was sent or has expired. Secrets in Text are masked, unless they
	// were to be revealed.
	To            string
	Name          auth.Name
	Subject, Text string
	// Revealed are the times at which the secrets were revealed to an operator, this time included.
	Revealed []time.Time
}

// Mail gives one mail, or ErrNoSuchMail. With reveal its secrets are in the text, and the log remembers that they were
// shown.
func (o *Operator) Mail(ctx context.Context, id int64, reveal bool) (MailDetails, error) {
	row, err := o.store.Mail(ctx, id)
	if errors.Is(err, auth.ErrNotFound) {
		return MailDetails{}, fmt.Errorf("%w: %d", ErrNoSuchMail, id)
	}
	if err != nil {
		return MailDetails{}, err
	}
	d := MailDetails{Row: row}
	if len(row.Sealed) > 0 {
		if err := o.readMail(ctx, &d, reveal); err != nil {
			return MailDetails{}, err
		}
	}
	d.Row.Sealed = nil
	if d.Revealed, err = o.revealed(ctx, row); err != nil {
		return MailDetails{}, err
	}
	return d, nil
}

// readMail opens the body. That it was revealed is written down before anybody sees it.
func (o *Operator) readMail(ctx context.Context, d *MailDetails, reveal bool) error {
	keys, err := keyring.Open(ctx, keyring.Config{
		Store: o.store, MasterFile: o.cfg.KeyFile(), Site: o.cfg.Site.ID, PublicURL: o.cfg.PublicURL(), ReadOnly: true,
		Clock: o.clock, Random: o.random,
	})
	if err != nil {
		return err
	}
	texts, err := i18n.Load()
	if err != nil {
		return fmt.Errorf("load messages: %w", err)
	}
	writer, err := mail.NewWriter(texts.WithSite(message.Site{
		Name: o.cfg.Site.Name, Server: o.cfg.PublicURL(), ArticlePath: o.cfg.Server.ArticlePath,
	}), o.cfg.Site.Language, o.cfg.PublicURL()+"/")
	if err != nil {
		return err
	}
	m, err := mail.Open(keys, d.Row)
	if err != nil {
		return err
	}
	if !reveal {
		m = mail.Masked(m)
	} else if err := o.logReveal(ctx, d.Row, m.Name); err != nil {
		return err
	}
	letter, err := writer.Letter(m)
	d.To, d.Name, d.Subject, d.Text = m.To, m.Name, letter.Subject, letter.Text
	return err
}

func (o *Operator) logReveal(ctx context.Context, row auth.MailRow, name auth.Name) error {
	_, err := o.store.WriteLog(ctx, auth.LogEntry{
		Type: logMail, Action: logMailReveal, Performer: operatorName, TargetID: row.Account, Target: name, Comment: row.MessageID,
	})
	return err
}

// revealed gives the times at which the log says that a mail was revealed.
func (o *Operator) revealed(ctx context.Context, row auth.MailRow) ([]time.Time, error) {
	var out []time.Time
	q := auth.LogQuery{Type: logMail, Action: logMailReveal, From: row.Queued.Truncate(time.Second), OldestFirst: true, Limit: listPage}
	for {
		entries, err := o.store.LogEntries(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if e.Comment == row.MessageID {
				out = append(out, e.Time)
			}
			q.After = auth.LogPosition{Time: e.Time, ID: e.ID}
		}
		if len(entries) < listPage {
			return out, nil
		}
	}
}

// RetryMail has a mail tried at once, as if for the first time: one that was refused for good, or one that waits for its
// next try. ErrMailNotForNow: it was sent, has expired, or is being sent.
func (o *Operator) RetryMail(ctx context.Context, id int64) (auth.MailRow, error) {
	row, changed, err := o.store.RequeueMail(ctx, id)
	switch {
	case errors.Is(err, auth.ErrNotFound):
		return auth.MailRow{}, fmt.Errorf("%w: %d", ErrNoSuchMail, id)
	case err == nil && !changed:
		return row, fmt.Errorf("%w: it is %s", ErrMailNotForNow, row.State)
	}
	return row, err
}
