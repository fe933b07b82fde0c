package special

import (
	"context"

	"gatehouse/auth"
	"gatehouse/internal/message"
	"gatehouse/internal/wire"
)

// passwordReset is Special:PasswordReset: whoever forgot a password asks for mail, and Special:PasswordReset/TOKEN, where a
// link in that mail leads to choose another one.
type passwordReset struct{ cfg Config }

// Serve shows one of the two forms, or takes it.
func (p passwordReset) Serve(ctx context.Context, v *Visit) (Answer, error) {
	switch {
	case p.cfg.Resets == nil:
		return notNow("gatehouse-reset-title", wire.PasswordResetMailOff.Message()), nil
	case v.Subpage != "":
		return p.serveLink(ctx, v)
	}
	d := deed{
		action: v.site.articleURL(titlePasswordReset), heading: "gatehouse-reset-title",
		submit: "gatehouse-reset-submit", busy: "gatehouse-reset-busy",
		say: []message.Message{message.New("gatehouse-reset-lead")}, requests: forgotten(),
	}
	if !v.Posted() {
		return d.show(p.cfg, v)
	}
	if why, status := objection(p.cfg, v); !why.IsZero() {
		return d.refused(p.cfg, v, why, status)
	}
	answers, _, err := d.answers(v)
	if err != nil {
		return Answer{}, err
	}
	a, _ := answers.Get(forgottenRequest)
	check, err := p.cfg.Resets.RequestReset(ctx, v.client(), auth.PasswordResetRequest{
		Username: a.Values[auth.FieldUsername], Email: a.Values["email"],
	})
	if a, busy, err := d.overloaded(p.cfg, v, err); busy {
		return a, err
	}
	if err != nil {
		return Answer{}, err
	}
	if !check.OK() {
		return d.show(p.cfg, v, problemsOf(check.Findings)...)
	}
	return done("gatehouse-reset-sent-title", "gatehouse-reset-sent"), nil
}

// forgottenRequest is this page's own.
const forgottenRequest auth.RequestID = "PasswordReset"

func forgotten() []auth.Request {
	return []auth.Request{{ID: forgottenRequest, Fields: []auth.Field{
		{Name: auth.FieldUsername, Type: auth.FieldString, Optional: true, Label: message.New("userlogin-yourname")},
		{Name: "email", Type: auth.FieldString, Optional: true, Label: message.New("authmanager-email-label")},
	}}}
}

// serveLink lets the reader of a mail choose a password. Opening the link changes nothing.
func (p passwordReset) serveLink(ctx context.Context, v *Visit) (Answer, error) {
	link := v.mailedLink()
	holds, err := p.cfg.Resets.LinkHolds(ctx, link)
	if err != nil {
		return Answer{}, err
	}
	if !holds {
		return notNow("gatehouse-reset-title", wire.LinkGone.Message()), nil
	}
	client := v.client()
	client.Creator.Account = auth.Account{}
	requests, err := p.cfg.Manager.Requests(ctx, auth.ActionChange, client)
	if err != nil {
		return Answer{}, err
	}
	d := deed{
		action: v.subpageURL(titlePasswordReset, link.Name), heading: "gatehouse-reset-title",
		submit: "gatehouse-credentials-submit", busy: "gatehouse-credentials-busy", requests: requests, newPassword: true, account: link.Name,
		say: []message.Message{message.New("gatehouse-reset-choose", message.Plaintext(string(link.Name)))},
	}
	if !v.Posted() {
		return d.show(p.cfg, v)
	}
	if why, status := objection(p.cfg, v); !why.IsZero() {
		return d.refused(p.cfg, v, why, status)
	}
	return p.redeem(ctx, v, d)
}

func (p passwordReset) redeem(ctx context.Context, v *Visit, d deed) (Answer, error) {
	answers, empty, err := d.answers(v)
	if err != nil {
		return Answer{}, err
	}
	if len(empty) > 0 {
		return d.show(p.cfg, v, empty...)
	}
	link := v.mailedLink()
	check, err := p.cfg.Resets.RedeemLink(ctx, v.client(), link, answers)
	if a, busy, err := d.overloaded(p.cfg, v, err); busy {
		return a, err
	}
	if err != nil {
		return Answer{}, err
	}
	if !check.OK() {
		return d.show(p.cfg, v, problemsOf(check.Findings)...)
	}
	a := done("gatehouse-credentials-done-title", "gatehouse-reset-done", message.Plaintext(string(link.Name)))
	n := a.Data.(notice)
	n.SignIn = v.Anonymous()
	a.Data = n
	return a, nil
}
