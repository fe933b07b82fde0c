package actionapi

import (
	"errors"

	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/actionapi/schema"
	"gatehouse/internal/message"
	"gatehouse/internal/wire"
)

// The places of validatepassword's parameters.
const (
	validatePassword = iota
	validateUser
	validateEmail
	validateRealName
)

// What validatepassword says of a password.
const (
	passwordGood    = "Good"
	passwordChange  = "Change" // good enough to sign in, to be changed at once
	passwordInvalid = "Invalid"
)

// validatePasswordModule is action=validatepassword: whether a password would be taken for an account that is to be made, or
// for that of the caller.
func validatePasswordModule() *module {
	return &module{
		name: "validatepassword", path: "validatepassword", mustPost: true, run: runValidatePassword, answer: validatePasswordAnswer(),
		params: []param{
			validatePassword: {name: "password", typ: typePassword, required: true, sensitive: true},
			validateUser:     {name: "user", typ: typeUser, namesOnly: true},
			validateEmail:    {name: "email"},
			validateRealName: {name: "realname"},
		},
		manual: manual{class: "ApiValidatePassword", group: groupAction, pages: []string{"Validatepassword"}, examples: []example{
			{"1", "action=validatepassword&password=foobar"},
			{"2", "action=validatepassword&password=querty&user=Example"},
		}},
	}
}

func runValidatePassword(c *call, args []value, out *result.Object) error {
	if c.in.lookup("password").inQuery {
		return mustPost(c.module.path, []string{"password"})
	}
	a := c.creator.Account
	subject := auth.Subject{Name: a.Name, Email: a.Email, RealName: a.RealName}
	if v := args[validateUser]; v.set {
		if err := c.checkNewName(v.text); err != nil {
			return err
		}
		subject = auth.Subject{Name: auth.Name(v.text), Email: args[validateEmail].text, RealName: args[validateRealName].text}
	}
	check, usable := c.api.Manager.TestPassword(subject, args[validatePassword].text)
	validity := passwordGood
	switch {
	case !usable:
		validity = passwordInvalid
	case !check.OK():
		validity = passwordChange
	}
	o := &result.Object{}
	o.Text("validity", validity)
	if !check.OK() {
		o.Put("validitymessages", c.findings(check.Findings))
	}
	out.Child("validatepassword", o)
	return nil
}

// checkNewName refuses names that are taken and names that no account can have.
func (c *call) checkNewName(name string) error {
	verdicts, err := c.api.Manager.LookAhead(c.ctx, c.creator, []string{name})
	if err != nil {
		return c.tooOften(c.module.path, err)
	}
	for _, m := range verdicts[0].Check.Findings {
		if m.Key == wire.UserExists.Key() {
			return fail(c.module.path, wire.NameTaken)
		}
	}
	if !verdicts[0].Check.OK() {
		return fail(c.module.path, wire.BadUser, message.Plaintext("user"), message.Plaintext(name))
	}
	return nil
}

// tooOften is the error of a module whose caller asked for something more often than they may; other errors stay as they are.
func (c *call) tooOften(module string, err error) error {
	var often *auth.TooOftenError
	if !errors.As(err, &often) {
		return err
	}
	return rateLimited(module, often.RetryAfter)
}

func validatePasswordAnswer() []schema.Member {
	return []schema.Member{schema.Must("validatepassword", schema.Object(
		schema.Must("validity", schema.Words(passwordGood, passwordChange, passwordInvalid)),
		schema.May("validitymessages", schema.List(schema.Ref("Reason"))),
	))}
}
