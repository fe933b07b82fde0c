package special

import (
	"context"
	"errors"
	"net/http"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// changeCredentials is Special:ChangeCredentials: whoever is signed in gives themselves another password.
type changeCredentials struct{ cfg Config }

// Serve shows the form, or takes it.
func (p changeCredentials) Serve(ctx context.Context, v *Visit) (Answer, error) {
	if a, ok := mustProve(p.cfg, v, titleChangeCredentials); !ok {
		return a, nil
	}
	requests, err := p.cfg.Manager.Requests(ctx, auth.ActionChange, v.client())
	if err != nil {
		return Answer{}, err
	}
	d := deed{
		action: v.site.articleURL(titleChangeCredentials), heading: "gatehouse-credentials-title",
		submit: "gatehouse-credentials-submit", busy: "gatehouse-credentials-busy", requests: requests, newPassword: true, account: v.Creator.Account.Name,
		say: []message.Message{message.New("gatehouse-credentials-lead", message.Plaintext(string(v.Creator.Account.Name)))},
	}
	if p.cfg.Addresses != nil {
		d.links = []pageLink{{v.link(titleChangeEmail, nil), "gatehouse-credentials-email"}}
	}
	if !v.Posted() {
		return d.show(p.cfg, v)
	}
	if why, status := objection(p.cfg, v); !why.IsZero() {
		return d.refused(p.cfg, v, why, status)
	}
	return p.take(ctx, v, d)
}

func (p changeCredentials) take(ctx context.Context, v *Visit, d deed) (Answer, error) {
	answers, empty, err := d.answers(v)
	if err != nil {
		return Answer{}, err
	}
	if len(empty) > 0 {
		return d.show(p.cfg, v, empty...)
	}
	check, err := p.cfg.Manager.EditCredentials(ctx, v.client(), auth.ActionChange, answers)
	if a, busy, err := d.overloaded(p.cfg, v, err); busy {
		return a, err
	}
	if err != nil {
		return Answer{}, err
	}
	if !check.OK() {
		return d.show(p.cfg, v, problemsOf(check.Findings)...)
	}
	return done("gatehouse-credentials-done-title", "gatehouse-credentials-done"), nil
}

// answers loads what was posted. Required fields that were left empty come back as problems.
func (d deed) answers(v *Visit) (auth.Answers, []problem, error) {
	fields, err := auth.MergeFields(d.requests)
	if err != nil {
		return nil, nil, err
	}
	s := submission(fields, v.Form)
	return auth.Load(d.requests, s), missing(fields, s), nil
}

// overloaded shows the form again where the server has too much to do.
func (d deed) overloaded(c Config, v *Visit, err error) (Answer, bool, error) {
	var busy *auth.OverloadError
	if !errors.As(err, &busy) {
		return Answer{}, false, nil
	}
	a, err := d.show(c, v, busyProblem(busy))
	a.Status, a.RetryAfter = http.StatusServiceUnavailable, busy.RetryAfter
	return a, true, err
}
