package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"gatehouse"
	"gatehouse/auth"
)

type mailCmd struct {
	List  mailListCmd  `cmd:"" help:"Print the mail of the outbox, one a line."`
	Show  mailShowCmd  `cmd:"" help:"Print one mail, its secrets masked."`
	Retry mailRetryCmd `cmd:"" help:"Have a mail tried again at once."`
}

// Help is printed under the list of commands.
func (mailCmd) Help() string {
	return "They work on the store, whether a server runs on it or not. What was sent or has expired has no text any more."
}

type mailListCmd struct {
	State string `enum:",queued,sending,sent,dead,expired" default:"" placeholder:"S" help:"Only mail that is queued, sending, sent, dead or expired."`
}

// Help is printed under the command's flags.
func (mailListCmd) Help() string {
	return "A line has id, state, kind, account, domain of the recipient, number of tries, when it was queued, when it is due or ended, and what stood in the way, parted by tabs."
}

// Run prints the mail in the order in which it was queued.
func (c mailListCmd) Run(ctx context.Context, s *surroundings, common *Common) error {
	return common.withOperator(ctx, s, func(op *gatehouse.Operator) error {
		w := bufio.NewWriter(s.out)
		err := op.Mails(ctx, auth.MailState(c.State), func(m auth.MailRow) error {
			_, err := fmt.Fprintf(w, "%d\t%s\t%s\t%d\t%s\t%d\t%s\t%s\t%s\n",
				m.ID, m.State, m.Kind, m.Account, m.Domain, m.Attempts, when(m.Queued), orDash(nextTime(m)), shown(m.Error))
			return err
		})
		if flushErr := w.Flush(); err == nil {
			err = flushErr
		}
		return err
	})
}

// nextTime is when something happens to the mail, or happened last.
func nextTime(m auth.MailRow) string {
	switch m.State {
	case auth.MailQueued, auth.MailSending:
		return when(m.Due)
	case auth.MailDead:
		return when(m.Expires)
	}
	return when(m.Ended)
}

type mailShowCmd struct {
	ID     int64 `arg:"" help:"The mail's number, as list prints it."`
	Reveal bool  `help:"Show passwords and links too. The log remembers that they were shown."`
}

// Run prints the mail, a line for each fact, and its text.
func (c mailShowCmd) Run(ctx context.Context, s *surroundings, common *Common) error {
	return common.withOperator(ctx, s, func(op *gatehouse.Operator) error {
		d, err := op.Mail(ctx, c.ID, c.Reveal)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
		for _, fact := range mailFacts(d) {
			fmt.Fprintf(w, "%s\t%s\n", fact[0], fact[1])
		}
		if err := w.Flush(); err != nil {
			return err
		}
		if d.Text == "" {
			return nil
		}
		_, err = fmt.Fprintf(s.out, "\n%s\n", shownLines(d.Text))
		return err
	})
}

func mailFacts(d gatehouse.MailDetails) [][2]string {
	m := d.Row
	out := [][2]string{
		{"id", fmt.Sprint(m.ID)}, {"message id", m.MessageID}, {"kind", string(m.Kind)}, {"state", string(m.State)},
		{"account", orDash(strings.TrimSpace(fmt.Sprintf("%s (id %d)", shown(string(d.Name)), m.Account)))},
		{"to", orDash(d.To)}, {"domain", m.Domain}, {"queued", when(m.Queued)}, {"tries", fmt.Sprint(m.Attempts)},
	}
	switch m.State {
	case auth.MailQueued:
		out = append(out, [2]string{"next try", when(m.Due)})
	case auth.MailSending:
		out = append(out, [2]string{"in hand until", when(m.Due)})
	case auth.MailSent, auth.MailExpired:
		out = append(out, [2]string{"ended", when(m.Ended)})
	}
	out = append(out, [2]string{"of use until", when(m.Expires)}, [2]string{"last error", orDash(shown(m.Error))})
	for _, at := range d.Revealed {
		out = append(out, [2]string{"revealed", when(at)})
	}
	if d.Subject != "" {
		out = append(out, [2]string{"subject", shown(d.Subject)})
	}
	return out
}

// shownLines is shown for a text of several lines.
func shownLines(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i, l := range lines {
		lines[i] = shown(l)
	}
	return strings.Join(lines, "\n")
}

type mailRetryCmd struct {
	ID int64 `arg:"" help:"The mail's number, as list prints it."`
}

// Run puts the mail back into the queue.
func (c mailRetryCmd) Run(ctx context.Context, s *surroundings, common *Common) error {
	return common.withOperator(ctx, s, func(op *gatehouse.Operator) error {
		m, err := op.RetryMail(ctx, c.ID)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(s.out, "queued mail %d again (%s to %s)\n", m.ID, m.Kind, m.Domain)
		return err
	})
}
