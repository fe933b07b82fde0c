package special

import (
	"context"

	"gatehouse/auth"
	"gatehouse/internal/message"
	"gatehouse/internal/wire"
)

// confirmEmail is Special:ConfirmEmail/TOKEN and Special:InvalidateEmail/TOKEN, where the links in a mail lead. Opening them
// changes nothing, because programs that look through mail open links: it takes the button. Without a token it sends whoever
// is signed in another mail.
type confirmEmail struct {
	cfg Config
	// cancel is the other link.
	cancel bool
}

// words are the texts of one of the two links, and its page.
type words struct {
	title, ask, submit, busy, doneTitle, done message.Key
	page                                      title
}

func (p confirmEmail) words() words {
	if p.cancel {
		return words{
			title: "gatehouse-invalidate-title", ask: "gatehouse-invalidate-ask", submit: "gatehouse-invalidate-submit",
			busy: "gatehouse-invalidate-busy", doneTitle: "gatehouse-invalidate-title", done: "gatehouse-invalidate-done",
			page: titleInvalidateEmail,
		}
	}
	return words{
		title: "gatehouse-confirm-title", ask: "gatehouse-confirm-ask", submit: "gatehouse-confirm-submit",
		busy: "gatehouse-confirm-busy", doneTitle: "gatehouse-confirm-done-title", done: "gatehouse-confirm-done",
		page: titleConfirmEmail,
	}
}

// Serve shows the button, or does what it says.
func (p confirmEmail) Serve(ctx context.Context, v *Visit) (Answer, error) {
	w := p.words()
	switch {
	case p.cfg.Addresses == nil:
		return notNow(w.title, wire.EmailDisabled.Message()), nil
	case v.Subpage == "":
		return p.serveAgain(ctx, v)
	}
	link := v.mailedLink()
	address, holds, err := p.cfg.Addresses.ConfirmHolds(ctx, link)
	if err != nil {
		return Answer{}, err
	}
	if !holds {
		return notNow(w.title, wire.LinkGone.Message()), nil
	}
	name := message.Plaintext(string(link.Name))
	d := deed{
		action: v.subpageURL(w.page, link.Name), heading: w.title, submit: w.submit, busy: w.busy,
		say: []message.Message{message.New(w.ask, name, message.Plaintext(address))},
	}
	if !v.Posted() {
		return d.show(p.cfg, v)
	}
	if why, status := objection(p.cfg, v); !why.IsZero() {
		return d.refused(p.cfg, v, why, status)
	}
	act := p.cfg.Addresses.Confirm
	if p.cancel {
		act = p.cfg.Addresses.Invalidate
	}
	check, err := act(ctx, link)
	if err != nil {
		return Answer{}, err
	}
	if !check.OK() {
		return notNow(w.title, check.Findings[0]), nil
	}
	return done(w.doneTitle, w.done, name), nil
}

// serveAgain mails another link to whoever is signed in.
func (p confirmEmail) serveAgain(ctx context.Context, v *Visit) (Answer, error) {
	const heading = "gatehouse-confirm-title"
	a := v.Creator.Account
	switch {
	case v.Anonymous():
		return Answer{
			Template: "notice", Title: message.New(heading),
			Data: notice{Text: message.New("gatehouse-confirm-signin"), SignIn: true},
		}, nil
	case a.Email == "":
		return Answer{Location: v.link(titleChangeEmail, nil)}, nil
	}
	d := deed{
		action: v.site.articleURL(titleConfirmEmail), heading: heading,
		submit: "gatehouse-confirm-send-submit", busy: "gatehouse-reset-busy",
	}
	if a.EmailConfirmed.IsZero() {
		d.say = []message.Message{message.New("gatehouse-confirm-send", message.Plaintext(a.Email))}
	}
	if !v.Posted() {
		return d.show(p.cfg, v)
	}
	if why, status := objection(p.cfg, v); !why.IsZero() {
		return d.refused(p.cfg, v, why, status)
	}
	check, err := p.cfg.Addresses.SendAgain(ctx, v.client())
	if err != nil {
		return Answer{}, err
	}
	if !check.OK() {
		return d.show(p.cfg, v, problemsOf(check.Findings)...)
	}
	return done(heading, "gatehouse-confirm-sent"), nil
}

// changeEmail is Special:ChangeEmail.
type changeEmail struct{ cfg Config }

// newAddressRequest is this page's own.
const newAddressRequest auth.RequestID = "ChangeEmail"

// Serve shows the form, or takes it.
func (p changeEmail) Serve(ctx context.Context, v *Visit) (Answer, error) {
	if p.cfg.Addresses == nil {
		return notNow("gatehouse-email-title", wire.EmailDisabled.Message()), nil
	}
	if a, ok := mustProve(p.cfg, v, titleChangeEmail); !ok {
		return a, nil
	}
	d := p.deed(v)
	if !v.Posted() {
		return d.show(p.cfg, v)
	}
	if why, status := objection(p.cfg, v); !why.IsZero() {
		return d.refused(p.cfg, v, why, status)
	}
	check, err := p.cfg.Addresses.ChangeAddress(ctx, v.client(), v.Form.Get("email"))
	if err != nil {
		return Answer{}, err
	}
	if !check.OK() {
		return d.show(p.cfg, v, problemsOf(check.Findings)...)
	}
	return done("gatehouse-email-title", "gatehouse-email-done"), nil
}

func (p changeEmail) deed(v *Visit) deed {
	a := v.Creator.Account
	now := message.New("gatehouse-email-now", message.Plaintext(a.Email))
	var links []pageLink
	switch {
	case a.Email == "":
		now = message.New("gatehouse-email-none")
	case a.EmailConfirmed.IsZero():
		now = message.New("gatehouse-email-unconfirmed", message.Plaintext(a.Email))
		links = []pageLink{{v.link(titleConfirmEmail, nil), "gatehouse-email-resend"}}
	}
	return deed{
		action: v.site.articleURL(titleChangeEmail), heading: "gatehouse-email-title",
		submit: "gatehouse-email-submit", busy: "gatehouse-email-busy", say: []message.Message{now}, links: links,
		requests: []auth.Request{{ID: newAddressRequest, Fields: []auth.Field{{
			Name: "email", Type: auth.FieldString, Optional: true,
			Label: message.New("gatehouse-email-label"), Help: message.New("gatehouse-email-help"),
		}}}},
	}
}
