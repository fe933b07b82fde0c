package special

import (
	"context"
	"errors"
	"net/http"

	"gatehouse/auth"
	"gatehouse/internal/message"
	"gatehouse/internal/websession"
)

// userLogin is Special:UserLogin.
type userLogin struct{ cfg Config }

func (p userLogin) flow() flow {
	return flow{
		cfg: p.cfg, title: titleUserLogin, token: websession.TokenLogin,
		tokenField: "wpLoginToken", submitName: "wploginattempt",
		first: auth.ActionLogin, later: auth.ActionLoginContinue,
		begin: p.cfg.Manager.BeginLogin, goOn: p.cfg.Manager.ContinueLogin, done: p.done,
		template: "userlogin", heading: "gatehouse-login-title",
		submit: "gatehouse-login-submit", busy: "gatehouse-login-busy", preserved: "gatehouse-login-proven", back: "gatehouse-step-back",
	}
}

// Serve shows the form, or takes it. Links of older programs ask for an account here; they are led to the right page.
func (p userLogin) Serve(ctx context.Context, v *Visit) (Answer, error) {
	if !v.Posted() && (v.Query.Get("type") == "signup" || v.Subpage == "signup") {
		return Answer{Status: http.StatusFound, Location: v.link(titleCreateAccount, v.destination().params())}, nil
	}
	switch {
	case v.Anonymous():
	case v.param("force") != "":
		v.suggestName()
	default:
		return Answer{
			Template: "signedin", Title: message.New("gatehouse-signedin-title"), Data: p.signedIn(v),
		}, nil
	}
	return p.flow().serve(ctx, v)
}

// suggestName fills in who is signed in, where they are to sign in again.
func (v *Visit) suggestName() {
	if field := pageName(auth.FieldUsername); !v.Posted() && !v.Query.Has(field) {
		v.Query.Set(field, string(v.Creator.Account.Name))
	}
}

type signedInData struct {
	Onward string
	// Password and Email lead to what one can do with one's account.
	Password, Email, Factors string
	// Linked leads to sign-ins elsewhere; empty where there are none.
	Linked string
}

func (p userLogin) signedIn(v *Visit) signedInData {
	data := signedInData{Onward: v.onward(), Password: v.link(titleChangeCredentials, nil)}
	if len(p.cfg.Factors) > 0 {
		data.Factors = v.link(titleAccountSecurity, nil)
	}
	if p.cfg.Addresses != nil {
		data.Email = v.link(titleChangeEmail, nil)
	}
	if p.cfg.Manager.CanLinkAccounts() {
		data.Linked = v.link(titleLinkAccounts, nil)
	}
	return data
}

func (p userLogin) done(ctx context.Context, v *Visit, r auth.Response) (Answer, error) {
	client := v.client()
	err := v.Session.SignIn(ctx, r.Account, websession.SignIn{Remember: r.Remember})
	if errors.Is(err, auth.ErrChanged) {
		return p.flow().showFirst(ctx, v, problemsOf(p.cfg.Manager.LoginOver(ctx, client, r).Messages))
	}
	if err != nil {
		return Answer{}, err
	}
	return Answer{Location: v.onward()}, nil
}
