package special

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"gatehouse/auth"
	"gatehouse/internal/message"
	"gatehouse/internal/username"
	"gatehouse/internal/websession"
)

// createAccount is Special:CreateAccount, and Special:CreateAccount/done behind it.
type createAccount struct{ cfg Config }

func (p createAccount) flow() flow {
	return flow{
		cfg: p.cfg, title: titleCreateAccount, token: websession.TokenCreateAccount,
		tokenField: "wpCreateaccountToken", submitName: "wpCreateaccount",
		first: auth.ActionCreate, later: auth.ActionCreateContinue,
		begin: p.cfg.Manager.BeginCreation, goOn: p.cfg.Manager.ContinueCreation, done: p.done,
		template: "createaccount", heading: "gatehouse-create-title",
		submit: "gatehouse-create-submit", busy: "gatehouse-create-busy", preserved: "gatehouse-create-proven", back: "gatehouse-step-back-next",
	}
}

// Serve shows the form, or what became of it.
func (p createAccount) Serve(ctx context.Context, v *Visit) (Answer, error) {
	if v.Subpage == "done" && !v.Posted() {
		return p.serveDone(ctx, v)
	}
	check, err := p.cfg.Manager.MayCreate(ctx, v.Creator)
	if err != nil {
		return Answer{}, err
	}
	if !check.OK() {
		p.cfg.countClosed(v, check)
		return p.closed(v, check), nil
	}
	if v.Posted() && v.Form.Has("wpSuggestion") {
		v.Form.Set(pageName(auth.FieldUsername), v.Form.Get("wpSuggestion"))
		return p.flow().showFirst(ctx, v, nil)
	}
	a, err := p.flow().serve(ctx, v)
	if err != nil {
		return a, err
	}
	if !v.Posted() && !v.head && v.param("authAction") == "" {
		p.cfg.Funnel.Shown(v.client().Audience())
	}
	return a, p.advise(ctx, v, a)
}

// closed says why this visitor cannot make an account here and now, whatever they fill in.
func (p createAccount) closed(v *Visit, check auth.Check) Answer {
	return Answer{
		Status: http.StatusForbidden, Template: "closed", Title: message.New("gatehouse-closed-title"),
		Data: closedData{Reasons: check.Findings, SignIn: v.Anonymous()},
	}
}

type closedData struct {
	Reasons []auth.Message
	// SignIn says that signing in might help.
	SignIn bool
}

// advise adds to a form that is shown again what helps with the name: the form it will have, or free ones instead of a
// taken one.
func (p createAccount) advise(ctx context.Context, v *Visit, a Answer) error {
	data, ok := a.Data.(flowData)
	raw := v.Form.Get(pageName(auth.FieldUsername))
	if !ok || raw == "" {
		return nil
	}
	verdicts, err := lookAhead(ctx, p.cfg, v, raw)
	if len(verdicts) == 0 || verdicts[0].Name == "" {
		return err
	}
	name, check := verdicts[0].Name, verdicts[0].Check
	for i := range data.Form.Inputs {
		in := &data.Form.Inputs[i]
		if in.Name != pageName(auth.FieldUsername) {
			continue
		}
		switch {
		case !check.OK() && len(in.Problems) > 0:
			in.Free = v.text("gatehouse-name-free")
			in.Suggests, err = suggest(ctx, p.cfg, v, name)
		case check.OK() && string(name) != raw:
			in.Note = v.text("gatehouse-name-will-be", message.Plaintext(string(name)))
		}
	}
	return err
}

// done signs an anonymous visitor in as the account they made; who was signed in stays who they were.
func (p createAccount) done(ctx context.Context, v *Visit, r auth.Response) (Answer, error) {
	if r.Withheld && v.Anonymous() {
		a := r.Account
		return done("gatehouse-waiting-title", "gatehouse-waiting", message.Plaintext(string(a.Name)), message.Plaintext(a.Email)), nil
	}
	params := v.destination().params()
	if !v.Anonymous() {
		params.Set("account", string(r.Username))
		return Answer{Location: v.link(titleCreateAccount+"/done", params)}, nil
	}
	err := v.Session.SignIn(ctx, r.Account, websession.SignIn{Remember: r.Remember})
	if errors.Is(err, auth.ErrChanged) { // its owner was faster: whoever made it signs in as anybody does
		return Answer{Location: v.link(titleUserLogin, params)}, nil
	}
	if err != nil {
		return Answer{}, err
	}
	v.Creator.Account = r.Account // for a page in between, such as the one of recovery codes
	if address, ok := v.destination().url(v.site); ok {
		return Answer{Location: address}, nil
	}
	return Answer{Location: v.link(titleCreateAccount+"/done", nil)}, nil
}

// doneData is what the page after a creation shows.
type doneData struct {
	Account auth.Account
	// Own says that the account is the visitor's.
	Own bool
	// Mailed says that its password was sent by e-mail.
	Mailed bool
	// Confirm says that mail with a link is on its way to the address.
	Confirm bool
	// GiveAddress leads to where an address can be given; empty where there is one, or the site has no use for it.
	GiveAddress string
	// Onward is where to go next: back where the visitor came from, or the first page.
	Onward  string
	Another string
}

// serveDone shows what was made. It is an address of its own, so that it can be reloaded. What it says it reads from the
// log: nobody can be sent a link that makes it speak of accounts that they did not make.
func (p createAccount) serveDone(ctx context.Context, v *Visit) (Answer, error) {
	elsewhere := Answer{Location: v.link(titleCreateAccount, nil)}
	if v.Anonymous() {
		return elsewhere, nil
	}
	name := v.Creator.Account.Name
	if raw := v.Query.Get("account"); raw != "" {
		name, _ = p.cfg.Names.Canonical(raw, username.Valid)
	}
	account, err := p.cfg.Accounts.AccountByName(ctx, name)
	if errors.Is(err, auth.ErrNotFound) {
		return elsewhere, nil
	}
	if err != nil {
		return Answer{}, err
	}
	entries, err := p.cfg.Log.LogEntries(ctx, auth.LogQuery{Type: auth.LogNewUsers, Target: name, Limit: 1})
	if err != nil {
		return Answer{}, err
	}
	data := doneData{
		Account: account, Own: account.ID == v.Creator.Account.ID,
		Onward: v.onward(), Another: v.link(titleCreateAccount, url.Values{}),
	}
	if p.cfg.Addresses != nil {
		data.Confirm = account.Email != "" && account.EmailConfirmed.IsZero()
		if account.Email == "" {
			data.GiveAddress = v.link(titleChangeEmail, nil)
		}
	}
	if len(entries) > 0 {
		data.Mailed = entries[0].Action == auth.LogByEmail
	}
	if !data.Own && (len(entries) == 0 || entries[0].PerformerID != v.Creator.Account.ID) {
		return elsewhere, nil
	}
	key := message.Key("gatehouse-done-title")
	if !data.Own {
		key = "gatehouse-done-other-title"
	}
	return Answer{Template: "done", Title: message.New(key), Data: data}, nil
}

// onward is where a visitor goes after a page that ends something.
func (v *Visit) onward() string {
	if address, ok := v.destination().url(v.site); ok {
		return address
	}
	return v.homeLink()
}
