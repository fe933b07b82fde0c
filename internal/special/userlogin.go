package special

import (
	"context"
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
		submit: "gatehouse-login-submit", busy: "gatehouse-login-busy",
	}
}

// Serve shows the form, or takes it. Links of older programs ask for an account here; they are led to the right page.
func (p userLogin) Serve(ctx context.Context, v *Visit) (Answer, error) {
	if !v.Posted() && (v.Query.Get("type") == "signup" || v.Subpage == "signup") {
		return Answer{Status: http.StatusFound, Location: v.link(titleCreateAccount, v.destination().params())}, nil
	}
	if !v.Anonymous() {
		return Answer{
			Template: "signedin", Title: message.New("gatehouse-signedin-title"), Data: signedInData{Onward: v.onward()},
		}, nil
	}
	return p.flow().serve(ctx, v)
}

type signedInData struct{ Onward string }

func (p userLogin) done(ctx context.Context, v *Visit, r auth.Response) (Answer, error) {
	if err := v.Session.SignIn(ctx, r.Account, websession.SignIn{Remember: r.Remember}); err != nil {
		return Answer{}, err
	}
	return Answer{Location: v.onward()}, nil
}
