package actionapi

import (
	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/actionapi/schema"
	"gatehouse/internal/message"
	"gatehouse/internal/websession"
	"gatehouse/internal/wire"
)

// The places of login's parameters.
const (
	loginName = iota
	loginPassword
	loginDomain
	loginToken
)

// login is action=login, the older way to sign in: a name and a password, and the token by the same action if need be.
func login() *module {
	return &module{
		name: "login", path: "login", writes: true, public: true, mustPost: true, run: runLogin, answer: loginAnswer(),
		params: prefixed("lg", []param{
			loginName:     {name: "name"},
			loginPassword: {name: "password", typ: typePassword},
			loginDomain:   {name: "domain"},
			loginToken:    {name: "token", typ: typeSecret, help: helpText{helpToken, []string{string(websession.TokenLogin)}}},
		}),
		manual: manual{class: "ApiLogin", group: groupAction, prefix: "lg", pages: []string{"Login"}, examples: []example{
			{"login", "action=login&lgname=user&lgpassword=password&lgtoken=" + exampleToken},
		}},
	}
}

// The results of login.
const (
	loginSuccess    = "Success"
	loginNeedToken  = "NeedToken"
	loginWrongToken = "WrongToken"
	loginFailed     = "Failed"
	loginAborted    = "Aborted"
)

func runLogin(c *call, args []value, out *result.Object) error {
	o := &result.Object{}
	out.Child("login", o)
	if c.suppressed {
		c.loginReason(o, loginAborted, wire.LoginSameOrigin.Message())
		return nil
	}
	var inQuery []string
	for _, i := range []int{loginPassword, loginToken} {
		if p := c.in.lookup(c.module.params[i].name); p != nil && p.inQuery {
			inQuery = append(inQuery, p.name)
		}
	}
	if inQuery != nil {
		return mustPost(c.module.path, inQuery)
	}
	switch token := args[loginToken].text; {
	case token == "":
		c.loginResult(o, loginNeedToken)
		o.Text("token", c.session.Token(websession.TokenLogin))
		c.deprecated(c.module.path, wire.DeprecatedLoginToken, "action=login&!lgtoken")
	case !c.session.Established():
		c.session.Token(websession.TokenLogin) // gives the client a session to try again with
		c.loginReason(o, loginFailed, wire.SessionLost.Message())
	case !c.session.CheckToken(websession.TokenLogin, token):
		c.loginResult(o, loginWrongToken)
	default:
		return c.tryLogin(args, o)
	}
	return nil
}

func (c *call) tryLogin(args []value, o *result.Object) error {
	r, err := c.submitPassword(args)
	if err == nil {
		r, err = c.signIn(r, websession.SignIn{Remember: r.Remember, LongTerm: true})
	}
	if err != nil {
		return err
	}
	switch r.Status {
	case auth.Pass:
		c.deprecated(c.module.path, wire.DeprecatedLogin, "main-account-login")
		c.loginResult(o, loginSuccess)
		o.Number("lguserid", int64(r.Account.ID))
		o.Text("lgusername", string(r.Account.Name))
	case auth.Fail:
		c.loginReason(o, loginFailed, message.Several(r.Messages, c.errorLanguage()))
	default:
		c.loginReason(o, loginAborted, wire.LoginAborted.Message())
	}
	return nil
}

// submitPassword signs in with a name and a password alone, to stay signed in.
func (c *call) submitPassword(args []value) (auth.Response, error) {
	offered, err := c.api.Manager.Requests(c.ctx, auth.ActionLogin, c.client())
	if err != nil {
		return auth.Response{}, err
	}
	answers := auth.Load(offered, auth.Submission{Texts: map[string]string{
		"username": args[loginName].text, "password": args[loginPassword].text, "domain": args[loginDomain].text,
		"rememberMe": "1",
	}})
	return c.api.Manager.BeginLogin(c.ctx, c.client(), auth.Begin{Answers: answers, Alone: true})
}

func (c *call) loginResult(o *result.Object, result string) {
	c.outcome = result
	o.Text("result", result)
}

// loginReason tells why: as plain English in the error format bc, else as errors are told.
func (c *call) loginReason(o *result.Object, how string, why message.Message) {
	c.loginResult(o, how)
	format := c.errorFormat()
	if format == errorFormatBC {
		o.Text("reason", message.Plain(why, c.api.english))
		return
	}
	reason := &result.Object{}
	reason.Text("code", wire.Code(why))
	c.addText(reason, why, format)
	o.Child("reason", reason)
}

func loginAnswer() []schema.Member {
	result := func(word string, members ...schema.Member) schema.Schema {
		return schema.Object(append([]schema.Member{schema.Must("result", schema.Word(word))}, members...)...)
	}
	reason := schema.Must("reason", toldSchema(codeSchema(wire.AsFail, wire.AsReason)))
	return []schema.Member{schema.Must("login", schema.OneOf(
		result(loginSuccess, schema.Must("lguserid", schema.AtLeast(1)), schema.Must("lgusername", schema.Text())),
		result(loginNeedToken, schema.Must("token", tokenSchema())),
		result(loginWrongToken), result(loginFailed, reason), result(loginAborted, reason),
	))}
}
