package actionapi

import (
	"errors"
	"fmt"

	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/websession"
	"gatehouse/internal/wire"
)

// clientLogin is action=clientlogin: it signs somebody in, in one submission or several.
func clientLogin() *module {
	m := flowModule("clientlogin", "login", auth.ActionLogin, websession.TokenLogin, wire.MissingParam)
	m.run = runClientLogin
	m.manual.class, m.manual.pages = "ApiClientLogin", []string{"Login"}
	m.manual.examples = []example{
		{"login", "action=clientlogin&username=Example&password=ExamplePassword&loginreturnurl=http://example.org/&logintoken=" + exampleToken},
		{"login2", "action=clientlogin&logincontinue=1&OATHToken=987654&logintoken=" + exampleToken},
	}
	return m
}

func runClientLogin(c *call, args []value, out *result.Object) error {
	if err := c.checkStart(args); err != nil {
		return err
	}
	r, err := c.submitLogin(args)
	if err != nil {
		return err
	}
	if r, err = c.signIn(r, websession.SignIn{Remember: r.Remember}); err != nil {
		return err
	}
	c.outcome = string(r.Status)
	o, err := c.flowWriter(args).response(r)
	if err != nil {
		return err
	}
	out.Child("clientlogin", o)
	return nil
}

func (c *call) submitLogin(args []value) (auth.Response, error) {
	if args[flowContinue].set {
		answers, err := c.loadAnswers(auth.ActionLoginContinue, args)
		if err != nil {
			return auth.Response{}, err
		}
		return c.api.Manager.ContinueLogin(c.ctx, c.client(), answers)
	}
	answers, err := c.loadAnswers(auth.ActionLogin, args)
	if err != nil {
		return auth.Response{}, err
	}
	return c.api.Manager.BeginLogin(c.ctx, c.client(), auth.Begin{
		Answers: answers, ReturnURL: args[flowReturnURL].text, Preserve: args[flowPreserveState].set,
	})
}

// signIn makes the account of a Pass the client's, and gives what is to be answered: r, or that the sign-in is over.
func (c *call) signIn(r auth.Response, o websession.SignIn) (auth.Response, error) {
	if r.Status != auth.Pass {
		return r, nil
	}
	client := c.client()
	err := c.session.SignIn(c.ctx, r.Account, o)
	if errors.Is(err, auth.ErrChanged) {
		return c.api.Manager.LoginOver(c.ctx, client, r), nil
	}
	if err != nil {
		return auth.Response{}, fmt.Errorf("sign in: %w", err)
	}
	return r, nil
}
