package special

import (
	"context"
	"net/http"

	"gatehouse/internal/message"
	"gatehouse/internal/websession"
	"gatehouse/internal/wire"
)

// userLogout is Special:UserLogout. Opening it changes nothing: it shows a button.
type userLogout struct{ cfg Config }

// logoutData is what the page shows: a form for who is signed in.
type logoutData struct {
	Form   form
	Onward string
}

// Serve shows the button, or does what it says.
func (p userLogout) Serve(ctx context.Context, v *Visit) (Answer, error) {
	switch {
	case v.Anonymous():
		return Answer{
			Template: "signedout", Title: message.New("gatehouse-signedout-title"), Data: logoutData{Onward: v.onward()},
		}, nil
	case !v.Posted():
		return p.show(v), nil
	case v.Foreign:
		a := p.show(v, problem{message: message.New("gatehouse-form-foreign")})
		a.Status = http.StatusForbidden
		return a, nil
	case !v.Session.CheckToken(websession.TokenCSRF, v.Form.Get("wpEditToken")):
		return p.show(v, problem{message: message.New("gatehouse-form-stale")}), nil
	}
	if why := p.cfg.ReadOnly; why != "" {
		return p.show(v, problem{message: wire.ReadOnlySite.Message(message.Text(why))}), nil
	}
	if err := v.Session.SignOut(ctx); err != nil {
		return Answer{}, err
	}
	return Answer{Location: v.link(titleUserLogout, v.destination().params())}, nil
}

func (p userLogout) show(v *Visit, why ...problem) Answer {
	f := form{
		Action: v.link(titleUserLogout, nil), SubmitName: "wpLogout",
		Submit: v.text("gatehouse-logout-submit"), Busy: v.text("gatehouse-logout-busy"),
		Hidden: []pair{{"wpEditToken", v.Session.Token(websession.TokenCSRF)}},
	}
	for _, p := range why {
		f.Problems = append(f.Problems, shownProblem{Text: v.html(p.message)})
	}
	return Answer{
		Template: "userlogout", Title: message.New("gatehouse-logout-title"), Faulty: len(why) > 0,
		Data: logoutData{Form: f, Onward: v.onward()},
	}
}
