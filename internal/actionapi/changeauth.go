package actionapi

import (
	"net/http"

	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/actionapi/schema"
	"gatehouse/internal/websession"
	"gatehouse/internal/wire"
)

// The places of the parameters of the two modules about credentials.
const (
	credentialRequest = iota
	credentialToken
)

// changeAuthenticationData is action=changeauthenticationdata: whoever is signed in gives themselves another password.
func changeAuthenticationData() *module {
	m := credentialModule("changeauthenticationdata", "changeauth", auth.ActionChange)
	m.run = runChangeAuthenticationData
	m.manual.class, m.manual.pages = "ApiChangeAuthenticationData", []string{"Manage_authentication_data"}
	m.manual.dynamic = helpText{helpMoreFields, []string{string(auth.ActionChange)}}
	m.manual.examples = []example{{"password", "action=changeauthenticationdata&changeauthrequest=MediaWiki%5CAuth%5CPasswordAuthenticationRequest" +
		"&password=ExamplePassword&retype=ExamplePassword&changeauthtoken=" + exampleToken}}
	return m
}

// removeAuthenticationData is action=removeauthenticationdata: whoever is signed in does away with a way to sign in.
func removeAuthenticationData() *module {
	m := credentialModule("removeauthenticationdata", "", auth.ActionRemove)
	m.run = runRemoveAuthenticationData
	m.manual.class, m.manual.pages = "ApiRemoveAuthenticationData", []string{"Manage_authentication_data"}
	m.manual.examples = []example{{"simple", "action=removeauthenticationdata&request=FooAuthenticationRequest&token=" + exampleToken}}
	return m
}

func credentialModule(name, prefix string, action auth.Action) *module {
	return &module{
		name: name, path: name, writes: true, mustPost: true, token: websession.TokenCSRF, tokenParam: credentialToken,
		params: prefixed(prefix, []param{
			credentialRequest: {name: "request", required: true, help: helpText{helpRequest, []string{string(action)}}},
			credentialToken:   {name: "token", typ: typeSecret, required: true, sensitive: true},
		}),
		answer: succeedAnswer(name), manual: manual{group: groupAction, prefix: prefix},
	}
}

func runChangeAuthenticationData(c *call, args []value, out *result.Object) error {
	if err := c.checkSensitive(wire.NotLoggedInToChange); err != nil {
		return err
	}
	answers, err := c.loadChosen(auth.ActionChange, []string{args[credentialRequest].text})
	if err != nil {
		return err
	}
	return c.editCredentials(auth.ActionChange, answers, out)
}

func runRemoveAuthenticationData(c *call, args []value, out *result.Object) error {
	return c.takeAway(auth.ActionRemove, args, out)
}

// takeAway chooses the request by its id alone: there is nothing to fill in.
func (c *call) takeAway(action auth.Action, args []value, out *result.Object) error {
	if err := c.checkSensitive(wire.NotLoggedInToRemove); err != nil {
		return err
	}
	offered, err := c.api.Manager.Requests(c.ctx, action, c.client())
	if err != nil {
		return err
	}
	var answers auth.Answers
	for _, r := range offered {
		if string(r.ID) == args[credentialRequest].text {
			answers = append(answers, auth.Answer{ID: r.ID})
		}
	}
	return c.editCredentials(action, answers, out)
}

// checkSensitive wants somebody who is signed in, and was so not long ago.
func (c *call) checkSensitive(nobody wire.Notice) error {
	if c.creator.Anonymous() {
		return fail(c.module.path, nobody)
	}
	if c.api.Manager.Sensitive(c.client()) != auth.SensitiveOK {
		return fail(c.module.path, wire.Reauthenticate)
	}
	return nil
}

func (c *call) editCredentials(action auth.Action, answers auth.Answers, out *result.Object) error {
	if len(answers) != 1 {
		return fail(c.module.path, wire.BadRequest)
	}
	check, err := c.api.Manager.EditCredentials(c.ctx, c.client(), action, answers)
	if err != nil {
		return err
	}
	if !check.OK() {
		return refusal(c.module.path, check)
	}
	succeed(out, c.module.name)
	return nil
}

// succeed is the answer of a module that has nothing to tell but that it did its work.
func succeed(out *result.Object, module string) {
	o := &result.Object{}
	o.Text("status", "success")
	out.Child(module, o)
}

// succeedAnswer is what succeed answers.
func succeedAnswer(module string) []schema.Member {
	return []schema.Member{schema.Must(module, schema.Object(schema.Must("status", schema.Word("success"))))}
}

// refusal makes an error of findings.
func refusal(module string, check auth.Check) *usageError {
	all := make([]finding, len(check.Findings))
	for i, m := range check.Findings {
		all[i] = finding{msg: m, module: module}
	}
	return &usageError{finding: all[0], others: all[1:], status: http.StatusOK}
}
