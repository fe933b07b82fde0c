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
}

// flowData is what the templates of a flow show.
type flowData struct {
	Form form
	// Say is what the step wants, or why the visitor is back at the beginning.
	Say message.Message
	// Other is the address of the other page: signing in instead of creating, or the other way round.
	Other string
	// ForOthers says that somebody signed in makes an account for somebody else.
	ForOthers bool
}

func (f flow) serve(ctx context.Context, v *Visit) (Answer, error) {
	later := v.param("authAction") == string(f.later)
	switch {
	case !v.Posted() && later:
		return f.showStep(ctx, v, message.Message{}, nil)
	case !v.Posted():
		return f.showFirst(ctx, v, nil)
	case v.Foreign:
		return f.refuse(ctx, v, later, "gatehouse-form-foreign", http.StatusForbidden)
	case !v.Session.CheckToken(f.token, v.Form.Get(f.tokenField)):
		return f.refuse(ctx, v, later, "gatehouse-form-stale", 0)
	case later:
		return f.continued(ctx, v)
	}
	return f.started(ctx, v)
}

// refuse shows the form again, with what was typed and why it was not taken.
func (f flow) refuse(ctx context.Context, v *Visit, later bool, key message.Key, status int) (Answer, error) {
	why := []problem{{message: message.New(key)}}
	show := f.showFirst
	if later {
		show = func(ctx context.Context, v *Visit, why []problem) (Answer, error) {
			return f.showStep(ctx, v, message.Message{}, why)
		}
	}
	a, err := show(ctx, v, why)
	a.Status = status
	return a, err
}

func (f flow) started(ctx context.Context, v *Visit) (Answer, error) {
	requests, err := f.cfg.Manager.Requests(ctx, f.first, v.client())
	if err != nil {
		return Answer{}, err
	}
	fields, err := auth.MergeFields(requests)
	if err != nil {
		return Answer{}, err
	}
	s := submission(fields, v.Form)
	if empty := missing(fields, s); len(empty) > 0 {
		return f.showFirst(ctx, v, empty)
	}
	response, err := f.begin(ctx, v.client(), auth.Begin{Answers: auth.Load(requests, s), ReturnURL: f.returnURL(v)})
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
	response, err := f.goOn(ctx, v.client(), auth.Load(requests, submission(fields, v.Form)))
	return f.answer(ctx, v, response, err)
}

// answer turns what the Manager says into a page.
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
	switch r.Status {
	case auth.Pass:
		return f.done(ctx, v, r)
	case auth.UI:
		return f.step(v, r.Requests, stepWords{say: firstOf(r.Messages)})
	case auth.Redirect:
		return f.sendAway(v, r), nil
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

func firstOf(messages []auth.Message) message.Message {
	if len(messages) == 0 {
		return message.Message{}
	}
	return messages[0]
}

// showFirst shows the form that begins the flow.
func (f flow) showFirst(ctx context.Context, v *Visit, why []problem) (Answer, error) {
	requests, err := f.cfg.Manager.Requests(ctx, f.first, v.client())
	if err != nil {
		return Answer{}, err
	}
	shown := f.newForm(v, f.first)
	shown.Submit, shown.Busy, shown.SubmitName = v.text(f.submit), v.text(f.busy), f.submitName
	maker := formMaker{
		visit: v, requests: requests, problems: why, newAccount: f.first == auth.ActionCreate,
		passwordMinimum: f.cfg.PasswordMinimum, typed: v.typed(),
	}
	if err := maker.fill(&shown); err != nil {
		return Answer{}, err
	}
	other := titleCreateAccount
	if f.title == titleCreateAccount {
		other = titleUserLogin
	}
	return Answer{
		Template: f.template, Title: message.New(f.heading), Faulty: len(why) > 0,
		Data: flowData{Form: shown, Other: v.link(other, v.destination().params()), ForOthers: !v.Anonymous()},
	}, nil
}

// showStep shows what the visitor's flow waits for: after a reload, or when a third party sent the browser back. Without
// a flow it says so over a fresh form.
func (f flow) showStep(ctx context.Context, v *Visit, say message.Message, why []problem) (Answer, error) {
	requests, err := f.cfg.Manager.Requests(ctx, f.later, v.client())
	if err != nil {
		return Answer{}, err
	}
	if len(requests) == 0 {
		return f.showFirst(ctx, v, []problem{{message: message.New("gatehouse-flow-gone")}})
	}
	words := stepWords{say: say, why: why}
	if words.settled = !v.Posted() && settles(requests, v.Query); words.settled {
		words.say = message.New("gatehouse-step-back")
	}
	return f.step(v, requests, words)
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

// stepWords is what is said on a step's page.
type stepWords struct {
	say     message.Message
	why     []problem
	settled bool
}

func (f flow) step(v *Visit, requests []auth.Request, words stepWords) (Answer, error) {
	shown := f.newForm(v, f.later)
	maker := formMaker{
		visit: v, requests: requests, problems: words.why, newAccount: f.first == auth.ActionCreate, settled: words.settled,
	}
	if words.settled {
		maker.typed = v.Query
	}
	if err := maker.fill(&shown); err != nil {
		return Answer{}, err
	}
	if len(shown.Inputs) > 0 || len(shown.Buttons) == 0 {
		shown.Submit, shown.Busy, shown.SubmitName = v.text("gatehouse-continue"), v.text(f.busy), f.submitName
	}
	return Answer{
		Template: "step", Title: message.New(f.heading), Faulty: len(words.why) > 0,
		Data: flowData{Form: shown, Say: words.say},
	}, nil
}

// newForm is a form of this page with what every form of it carries.
func (f flow) newForm(v *Visit, action auth.Action) form {
	shown := form{Action: v.site.articleURL(f.title), Hidden: []pair{
		{"authAction", string(action)},
		{f.tokenField, v.Session.Token(f.token)},
	}}
	d := v.destination()
	for _, p := range []pair{{"returnto", d.title}, {"returntoquery", d.query}, {"uselang", v.uselang}} {
		if p.Value != "" {
			shown.Hidden = append(shown.Hidden, p)
		}
	}
	return shown
}

// returnURL is where a third party sends the browser back to. It carries no token: the page it opens asks for a click,
// and the click posts one.
func (f flow) returnURL(v *Visit) string {
	params := v.destination().params()
	if v.uselang != "" {
		params.Set("uselang", v.uselang)
	}
	query := "authAction=" + string(f.later)
	if more := params.Encode(); more != "" {
		query += "&" + more
	}
	return v.site.Server + v.site.indexURL(f.title, query)
}

// sendAway sends the browser to a third party: at once where browsers are told to let a form's answer lead there, by a
// link otherwise.
func (f flow) sendAway(v *Visit, r auth.Response) Answer {
	target, err := url.Parse(r.RedirectTarget)
	if err != nil || target.Host == "" || target.Scheme != "https" && target.Scheme != "http" {
		return Answer{
			Status: http.StatusBadGateway, Template: "notice", Faulty: true, Title: message.New("gatehouse-away-title"),
			Data: notice{Text: message.New("gatehouse-away-broken")},
		}
	}
	if slices.Contains(f.cfg.RedirectOrigins, target.Scheme+"://"+strings.ToLower(target.Host)) {
		return Answer{Location: r.RedirectTarget}
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
