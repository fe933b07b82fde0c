package special

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/message"
	"gatehouse/internal/websession"
)

// MailQueue is what the pages read of mail, and the one thing that they do about it. Bodies and addresses are not in it.
type MailQueue interface {
	// Mails lists the mail that q selects, without the bodies.
	Mails(ctx context.Context, q auth.MailQuery) ([]auth.MailRow, error)
	// MailStates counts the mail in each state.
	MailStates(ctx context.Context) (map[auth.MailState]int64, error)
	// MailCount tells how much mail has not left.
	MailCount(ctx context.Context) (auth.MailCount, error)
	// RequeueMail has a mail tried at once; changed is false where that cannot be. auth.ErrNotFound if there is none.
	RequeueMail(ctx context.Context, id int64) (m auth.MailRow, changed bool, err error)
}

// mailQueue is Special:MailQueue: where mail stands, and a button to have it tried again.
type mailQueue struct{ cfg Config }

const mailRows = 50

// nameOfState is what people know a state as.
func nameOfState(s auth.MailState) message.Key {
	switch s {
	case auth.MailQueued:
		return "gatehouse-mailqueue-queued"
	case auth.MailSending:
		return "gatehouse-mailqueue-sending"
	case auth.MailSent:
		return "gatehouse-mailqueue-sent"
	case auth.MailDead:
		return "gatehouse-mailqueue-dead"
	case auth.MailExpired:
		return "gatehouse-mailqueue-expired"
	}
	return "gatehouse-mailqueue-all"
}

type mailData struct {
	Form   form
	States []mailState
	Oldest time.Time
	Rows   []mailRow
	// Action, State, Hidden are what the buttons need.
	Action string
	Hidden []pair
	Older  string
	First  string
}

// mailState is a state, how much mail is in it, and the address of its page.
type mailState struct {
	Address string
	Name    message.Key
	Count   int64
	Here    bool
}

type mailRow struct {
	auth.MailRow
	Exact string
	State message.Key
	// Retry says that it can be tried again.
	Retry bool
}

// Serve shows the queue, and has a mail tried again.
func (p mailQueue) Serve(ctx context.Context, v *Visit) (Answer, error) {
	if !v.Posted() {
		return p.show(ctx, v, 0)
	}
	if why, status := objection(p.cfg, v); !why.IsZero() {
		return p.show(ctx, v, status, problem{message: why})
	}
	id, err := strconv.ParseInt(v.Form.Get("wpRetry"), 10, 64)
	if err != nil {
		return p.show(ctx, v, 0, problem{message: message.New("gatehouse-mailqueue-notnow")})
	}
	_, changed, err := p.cfg.Mail.RequeueMail(ctx, id)
	switch {
	case errors.Is(err, auth.ErrNotFound) || err == nil && !changed:
		return p.show(ctx, v, 0, problem{message: message.New("gatehouse-mailqueue-notnow")})
	case err != nil:
		return Answer{}, err
	}
	p.cfg.Logger.LogAttrs(ctx, slog.LevelInfo, "mail is tried again", slog.Int64("mail", id), slog.Int64("by", int64(v.Creator.Account.ID)))
	return Answer{Location: v.link(titleMailQueue, stateParams(auth.MailState(v.Form.Get("state"))))}, nil
}

func stateParams(s auth.MailState) url.Values {
	if nameOfState(s) == nameOfState("") {
		return nil
	}
	return url.Values{"state": {string(s)}}
}

func (p mailQueue) show(ctx context.Context, v *Visit, status int, why ...problem) (Answer, error) {
	state := auth.MailState(v.param("state"))
	if stateParams(state) == nil {
		state = ""
	}
	d := mailData{Action: v.site.articleURL(titleMailQueue), Hidden: []pair{
		{csrfField, v.Session.Token(websession.TokenCSRF)}, {"state", string(state)}, {"uselang", v.uselang},
	}}
	if err := p.count(ctx, v, state, &d); err != nil {
		return Answer{}, err
	}
	if err := p.list(ctx, v, state, &d); err != nil {
		return Answer{}, err
	}
	tell(v, &d.Form, why)
	return Answer{
		Status: status, Template: "mailqueue", Title: message.New("gatehouse-mailqueue-title"), Faulty: len(why) > 0, Data: d,
	}, nil
}

// count tells how much mail stands where.
func (p mailQueue) count(ctx context.Context, v *Visit, here auth.MailState, d *mailData) error {
	counts, err := p.cfg.Mail.MailStates(ctx)
	if err != nil {
		return fmt.Errorf("count mail: %w", err)
	}
	open, err := p.cfg.Mail.MailCount(ctx)
	if err != nil {
		return fmt.Errorf("count mail: %w", err)
	}
	d.Oldest = open.Oldest
	all := int64(0)
	for _, n := range counts {
		all += n
	}
	counts[""] = all
	for _, s := range []auth.MailState{"", auth.MailQueued, auth.MailSending, auth.MailDead, auth.MailSent, auth.MailExpired} {
		d.States = append(d.States, mailState{v.link(titleMailQueue, stateParams(s)), nameOfState(s), counts[s], s == here})
	}
	return nil
}

// list reads one page, the newest first. It continues behind a mail and not at a number.
func (p mailQueue) list(ctx context.Context, v *Visit, state auth.MailState, d *mailData) error {
	q := auth.MailQuery{State: state, NewestFirst: true, Limit: mailRows + 1}
	q.After, _ = strconv.ParseInt(v.Query.Get("offset"), 10, 64)
	rows, err := p.cfg.Mail.Mails(ctx, q)
	if err != nil {
		return fmt.Errorf("list mail: %w", err)
	}
	params := stateParams(state)
	if q.After > 0 {
		d.First = v.link(titleMailQueue, params)
	}
	if len(rows) > mailRows {
		rows = rows[:mailRows]
		older := url.Values{"offset": {strconv.FormatInt(rows[mailRows-1].ID, 10)}}
		if params != nil {
			older.Set("state", string(state))
		}
		d.Older = v.link(titleMailQueue, older)
	}
	for _, m := range rows {
		d.Rows = append(d.Rows, mailRow{
			MailRow: m, Exact: exact(m.Queued), State: nameOfState(m.State), Retry: m.State == auth.MailQueued || m.State == auth.MailDead,
		})
	}
	return nil
}
