package actionapi

import (
	"slices"

	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/websession"
	"gatehouse/internal/wire"
)

// linkAccount is action=linkaccount: whoever is signed in links a sign-in elsewhere to their account. There is nothing to
// preserve, so its parameters are those of the other flows without that one.
func linkAccount() *module {
	m := flowModule("linkaccount", "link", auth.ActionLink, websession.TokenCSRF, wire.MissingParam)
	m.params = slices.Delete(m.params, flowPreserveState, flowPreserveState+1)
	m.tokenParam, m.needs, m.public = flowToken-1, []int{flowContinue - 1, flowReturnURL - 1}, false
	m.run = runLinkAccount
	m.manual.class, m.manual.pages = "ApiLinkAccount", []string{"Linkaccount"}
	m.manual.examples = []example{{"link", "action=linkaccount&provider=Example&linkreturnurl=http://example.org/&linktoken=" + exampleToken}}
	return m
}

func runLinkAccount(c *call, args []value, out *result.Object) error {
	args = slices.Insert(slices.Clone(args), flowPreserveState, value{}) // at the places of the other flows
	if err := c.checkSensitive(wire.NotLoggedInToLink); err != nil {
		return err
	}
	if err := c.checkStart(args); err != nil {
		return err
	}
	r, err := c.submitLinking(args)
	if err != nil {
		return err
	}
	c.outcome = string(r.Status)
	o, err := c.flowWriter(args).response(r)
	if err != nil {
		return err
	}
	out.Child("linkaccount", o)
	return nil
}

func (c *call) submitLinking(args []value) (auth.Response, error) {
	if args[flowContinue].set {
		answers, err := c.loadAnswers(auth.ActionLinkContinue, args)
		if err != nil {
			return auth.Response{}, err
		}
		return c.api.Manager.ContinueLink(c.ctx, c.client(), answers)
	}
	answers, err := c.loadAnswers(auth.ActionLink, args)
	if err != nil {
		return auth.Response{}, err
	}
	return c.api.Manager.BeginLink(c.ctx, c.client(), auth.Begin{Answers: answers, ReturnURL: args[flowReturnURL].text})
}

// unlinkAccount is action=unlinkaccount: whoever is signed in unlinks what linkaccount linked.
func unlinkAccount() *module {
	m := credentialModule("unlinkaccount", "", auth.ActionUnlink)
	m.run = func(c *call, args []value, out *result.Object) error { return c.takeAway(auth.ActionUnlink, args, out) }
	m.manual.class, m.manual.pages = "ApiRemoveAuthenticationData", []string{"Manage_authentication_data"}
	m.manual.examples = []example{{"simple", "action=unlinkaccount&request=FooAuthenticationRequest&token=" + exampleToken}}
	return m
}
