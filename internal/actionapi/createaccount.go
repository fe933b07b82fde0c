package actionapi

import (
	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/websession"
	"gatehouse/internal/wire"
)

// createAccount is action=createaccount: it makes an account, in one submission or several.
func createAccount(disabled bool) *module {
	// The page promises notoken where other modules say missingparam.
	m := flowModule("createaccount", "create", auth.ActionCreate, websession.TokenCreateAccount, wire.NoToken)
	m.run, m.disabled = runCreateAccount, disabled
	m.manual.class, m.manual.pages = "ApiAMCreateAccount", []string{"Account_creation"}
	m.manual.examples = []example{{"create", "action=createaccount&username=Example&password=ExamplePassword" +
		"&retype=ExamplePassword&createreturnurl=http://example.org/&createtoken=" + exampleToken}}
	return m
}

func runCreateAccount(c *call, args []value, out *result.Object) error {
	if err := c.checkStart(args); err != nil {
		return err
	}
	r, err := c.submitCreation(args)
	if err != nil {
		return err
	}
	c.outcome = string(r.Status)
	o, err := c.flowWriter(args).response(r)
	if err != nil {
		return err
	}
	out.Child("createaccount", o)
	return nil
}

func (c *call) submitCreation(args []value) (auth.Response, error) {
	if !c.api.Manager.CanCreateAccounts() {
		return auth.Failed(wire.CannotCreate.Message()), nil
	}
	if args[flowContinue].set {
		answers, err := c.loadAnswers(auth.ActionCreateContinue, args)
		if err != nil {
			return auth.Response{}, err
		}
		c.submitted = true
		return c.api.Manager.ContinueCreation(c.ctx, c.client(), answers)
	}
	answers, err := c.loadAnswers(auth.ActionCreate, args)
	if err != nil {
		return auth.Response{}, err
	}
	c.submitted = true
	return c.api.Manager.BeginCreation(c.ctx, c.client(), auth.Begin{
		Answers: answers, ReturnURL: args[flowReturnURL].text, Preserve: args[flowPreserveState].set,
	})
}
