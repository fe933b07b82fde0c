package special

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"gatehouse/auth"
	"gatehouse/internal/message"
	"gatehouse/internal/websession"
	"gatehouse/internal/wire"
)

// flow is what creating an account and signing in have in common: a form made of the requests the Manager offers, then
// further forms or a third party, until it is done.
type flow struct {
	cfg   Config
	title title
	token websession.TokenType
	// tokenField and submitName are as the reference's form has them.
	tokenField, submitName string
	first, later           auth.Action
	begin                  func(context.Context, auth.Client, auth.Begin) (auth.Response, error)
	goOn                   func(context.Context, auth.Client, auth.Answers) (auth.Response, error)
	// done answers after Pass.
	done func(context.Context, *Visit, auth.Response) (Answer, error)
	// template and words are those of the first form.
	template              string
	heading, submit, busy message.Key
	// back is said to who comes back from a third party.
	back message.Key
	// preserved is said over the first form where the visitor proved an identity elsewhere; empty = it makes no use of one.
	preserved message.Key
}

// flowData is what the templates of a flow show.
type flowData struct {
	Form form
	// Say is what the step wants.
	Say []message.Message
	// Proven says who the visitor is known as elsewhere; zero = nobody.
	Proven message.Message
	// Other is the address of the other page: signing in instead of creating, or the other way round.
	Other string
	// ForOthers says that somebody signed in makes an account for somebody else.
	ForOthers bool
	// Forgot leads to those who forgot a password; empty where the site mails none.
	Forgot string
}

func (f flow) serve(ctx context.Context, v *Visit) (Answer, error) {
	later := v.param("authAction") == string(f.later)
	switch {
	case !v.Posted() && later:
		return f.showStep(ctx, v, nil)
	case !v.Posted():
		return f.showFirst(ctx, v, nil)
	case v.Foreign:
		f.turnedAway(v, codeForeign, !later)
		return f.refuse(ctx, v, later, "gatehouse-form-foreign", http.StatusForbidden)
	case !v.Session.CheckToken(f.token, v.Form.Get(f.tokenField)):
		f.turnedAway(v, wire.BadToken.Code(), !later)
		return f.refuse(ctx, v, later, "gatehouse-form-stale", 0)
	case later:
		return f.continued(ctx, v)
	}
	return f.started(ctx, v)
}

// refuse shows the form again, with what was typed and why it was not taken.
func (f flow) refuse(ctx context.Context, v *Visit, later bool, key message.Key, status int) (Answer, error) {
	show := f.showFirst
	if later {
		show = f.showStep
	}
	a, err := show(ctx, v, []problem{{message: message.New(key)}})
	a.Status = status
	return a, err
}

func (f flow) started(ctx context.Context, v *Visit) (Answer, error) {
	if v.Form.Has(paramWay) {
		v.Form.Set(captchaKind, v.Form.Get(paramWay))
		return f.showFirst(ctx, v, nil)
	}
	if v.Form.Has(paramAnother) {
		return f.showFirst(ctx, v, nil)
	}
	takeVendorAnswer(f.cfg.Vendors, v.Form)
	requests, err := f.cfg.Manager.Requests(ctx, f.first, v.client())
	if err != nil {
		return Answer{}, err
	}
	preserve := v.Form.Get(preserveField) != ""
	if preserve {
		kept, err := f.proven(ctx, v)
		if err != nil {
			return Answer{}, err
		}
		requests = f.needed(requests, kept)
	}
	fields, err := auth.MergeFields(requests)
	if err != nil {
		return Answer{}, err
	}
	s := submission(fields, v.Form)
	if empty := missing(fields, s); len(empty) > 0 {
		f.turnedAway(v, codeEmpty, true)
		return f.showFirst(ctx, v, unsolved(requests, empty))
	}
	response, err := f.begin(ctx, v.client(), auth.Begin{
		Answers: auth.Load(requests, s), ReturnURL: v.site.Server + f.stepURL(v), Preserve: preserve,
	})
	return f.answer(ctx, v, response, err)
}

func (f flow) continued(ctx context.Context, v *Visit) (Answer, error) {
	requests, err := f.cfg.Manager.Requests(ctx, f.later, v.client())
	if err != nil {
		return Answer{}, err
	}
	fields, err := auth.MergeFields(requests)
	if err != nil {
		return Answer{}, err
	}
	answers := auth.Load(requests, submission(fields, v.Form))
	response, err := f.goOn(ctx, v.client(), answers)
	a, err := f.answer(ctx, v, response, err)
	if codes := recoveryCodes(requests, answers); err == nil && response.Status == auth.Pass && len(codes) > 0 {
		return showCodes(v, codes, a), nil
	}
	return a, err
}

// answer turns what the Manager says into a page. A step has an address of its own, so that it can be reloaded and Back
// posts nothing twice; a refusal is shown at once, over what was typed.
func (f flow) answer(ctx context.Context, v *Visit, r auth.Response, err error) (Answer, error) {
	var busy *auth.OverloadError
	if errors.As(err, &busy) {
		a, err := f.showFirst(ctx, v, []problem{busyProblem(busy)})
		a.Status, a.RetryAfter = http.StatusServiceUnavailable, busy.RetryAfter
		return a, err
	}
	if err != nil {
		return Answer{}, err
	}
	switch {
	case r.Status == auth.Pass:
		return f.done(ctx, v, r)
	case r.Status == auth.Redirect && f.mayRedirect(r.RedirectTarget):
		return Answer{Location: r.RedirectTarget}, nil
	case r.Status == auth.UI || r.Status == auth.Redirect:
		return Answer{Location: f.stepURL(v)}, nil
	case r.Status == auth.Restart && r.CanPreserve:
		return Answer{Location: v.link(titleCreateAccount, v.destination().params())}, nil
	}
	return f.showFirst(ctx, v, problemsOf(r.Messages))
}

func problemsOf(messages []auth.Message) []problem {
	out := make([]problem, len(messages))
	for i, m := range messages {
		out[i] = problem{field: fieldOf(m), message: m}
	}
	return out
}

// showFirst shows the form that begins the flow.
func (f flow) showFirst(ctx context.Context, v *Visit, why []problem) (Answer, error) {
	requests, err := f.cfg.Manager.Requests(ctx, f.first, v.client())
	if err != nil {
		return Answer{}, err
	}
	kept, err := f.proven(ctx, v)
	if err != nil {
		return Answer{}, err
	}
	data := flowData{Form: f.newForm(v, f.first), ForOthers: !v.Anonymous()}
	if f.submit != "" {
		data.Form.Submit, data.Form.Busy, data.Form.SubmitName = v.text(f.submit), v.text(f.busy), f.submitName
	}
	maker := formMaker{
		visit: v, requests: f.needed(requests, kept), problems: why, newAccount: f.first == auth.ActionCreate,
		passwordMinimum: f.cfg.PasswordMinimum, typed: f.showProven(&data, v.typed(), kept), pictures: f.cfg.Captchas != nil, vendors: f.cfg.Vendors,
	}
	if err := maker.fill(&data.Form); err != nil {
		return Answer{}, err
	}
	other := titleCreateAccount
	if f.title == titleCreateAccount {
		other = titleUserLogin
	}
	data.Other = v.link(other, v.destination().params())
	if f.cfg.Resets != nil {
		data.Forgot = v.link(titlePasswordReset, nil)
	}
	return Answer{Template: f.template, Title: message.New(f.heading), Faulty: len(why) > 0, Data: data, Vendor: data.Form.Vendor}, nil
}

// showStep shows what the visitor's flow waits for. Without a flow it says so over a fresh form.
func (f flow) showStep(ctx context.Context, v *Visit, why []problem) (Answer, error) {
	waiting, err := f.cfg.Manager.Pending(ctx, f.later, v.client())
	if err != nil {
		return Answer{}, err
	}
	back := !v.Posted() && settles(waiting.Requests, v.Query)
	switch {
	case waiting.Status == "":
		return f.showFirst(ctx, v, []problem{{message: message.New("gatehouse-flow-gone")}})
	case waiting.Status == auth.Redirect && !back && len(why) == 0:
		return sendAway(waiting), nil
	}
	var data flowData
	for _, m := range waiting.Messages {
		if fieldOf(m) == "" {
			data.Say = append(data.Say, m)
		} else { // the last try was wrong
			why = append(why, problemsOf([]auth.Message{m})...)
		}
	}
	shown := f.newForm(v, f.later)
	maker := formMaker{
		visit: v, requests: waiting.Requests, problems: why, newAccount: f.first == auth.ActionCreate, step: true, settled: back,
	}
	if back {
		maker.typed, data.Say = v.Query, []message.Message{message.New(f.back)}
	}
	if err := maker.fill(&shown); err != nil {
		return Answer{}, err
	}
	if len(shown.Inputs) > 0 || len(shown.Buttons) == 0 {
		shown.Submit, shown.Busy, shown.SubmitName = v.text("gatehouse-continue"), v.text(f.busy), f.submitName
	}
	data.Form = shown
	return Answer{Template: "step", Title: message.New(f.heading), Faulty: len(why) > 0, Data: data}, nil
}

// settles reports whether the address brings every text that the requests need, as it does when a third party sent the
// browser back.
func settles(requests []auth.Request, query url.Values) bool {
	texts := 0
	for _, r := range requests {
		for _, field := range r.Fields {
			if field.Type != auth.FieldString {
				continue
			}
			if texts++; !field.Optional && query.Get(field.Name) == "" {
				return false
			}
		}
	}
	return texts > 0
}

// newForm is a form of this page with what every form of it carries.
func (f flow) newForm(v *Visit, action auth.Action) form {
	shown := form{Action: v.site.articleURL(f.title), Hidden: []pair{
		{"authAction", string(action)},
		{f.tokenField, v.Session.Token(f.token)},
	}}
	d := v.destination()
	for _, p := range []pair{{"returnto", d.title}, {"returntoquery", d.query}, {"uselang", v.uselang}, {"force", v.param("force")}} {
		if p.Value != "" {
			shown.Hidden = append(shown.Hidden, p)
		}
	}
	return shown
}

// stepURL is the address of the flow's next step, which is also where a third party sends the browser back to. It
// carries no token: the page it opens posts one.
func (f flow) stepURL(v *Visit) string {
	params := v.destination().params()
	if v.uselang != "" {
		params.Set("uselang", v.uselang)
	}
	if v.param("force") != "" {
		params.Set("force", "1")
	}
	query := "authAction=" + string(f.later)
	if more := params.Encode(); more != "" {
		query += "&" + more
	}
	return v.site.indexURL(f.title, query)
}

// mayRedirect reports whether browsers were told to let a form's answer lead to target. To any other place the visitor is
// led by a link.
func (f flow) mayRedirect(target string) bool {
	u, err := url.Parse(target)
	return err == nil && slices.Contains(f.cfg.RedirectOrigins, u.Scheme+"://"+strings.ToLower(u.Host))
}

// sendAway shows a link to a third party.
func sendAway(r auth.Response) Answer {
	target, err := url.Parse(r.RedirectTarget)
	if err != nil || target.Host == "" || target.Scheme != "https" && target.Scheme != "http" {
		return Answer{
			Status: http.StatusBadGateway, Template: "notice", Faulty: true, Title: message.New("gatehouse-away-title"),
			Data: notice{Text: message.New("gatehouse-away-broken")},
		}
	}
	return Answer{
		Template: "away", Title: message.New("gatehouse-away-title"),
		Data: awayData{Host: target.Host, Target: r.RedirectTarget},
	}
}

type awayData struct{ Host, Target string }

// typed is what to show in the fields of the first form: what was posted, or what a link asked for.
func (v *Visit) typed() url.Values {
	if v.Posted() {
		return v.Form
	}
	return v.Query
}
