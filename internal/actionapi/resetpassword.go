package actionapi

import (
	"context"

	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/websession"
	"gatehouse/internal/wire"
)

// The places of resetpassword's parameters.
const (
	resetUser = iota
	resetEmail
	resetToken
)

// resetPassword is action=resetpassword: who forgot a password is mailed a way in. The answer is the same whether there is
// such an account or not.
func resetPassword() *module {
	return &module{
		name: "resetpassword", path: "resetpassword", writes: true, mustPost: true, run: runResetPassword,
		token: websession.TokenCSRF, tokenParam: resetToken, answer: succeedAnswer("resetpassword"),
		params: []param{
			resetUser:  {name: "user", typ: typeUser, namesOnly: true},
			resetEmail: {name: "email"},
			resetToken: {name: "token", typ: typeSecret, required: true, sensitive: true},
		},
		manual: manual{
			class: "ApiResetPassword", group: groupAction, pages: []string{"Manage_authentication_data"},
			examples: []example{
				{"user", "action=resetpassword&user=Example&token=" + exampleToken},
				{"email", "action=resetpassword&user=Example&email=user@example.com&token=" + exampleToken},
			},
		},
	}
}

func runResetPassword(c *call, args []value, out *result.Object) error {
	check, err := c.api.Resets.RequestReset(c.ctx, c.client(), auth.PasswordResetRequest{
		Username: args[resetUser].text, Email: args[resetEmail].text,
	})
	if err != nil {
		return err
	}
	if !check.OK() {
		return refusal(c.module.path, check)
	}
	succeed(out, c.module.name)
	return nil
}

// noResets is the auth.PasswordResetter of a site that mails no passwords.
type noResets struct{ auth.PasswordResetter }

func (noResets) RequestReset(context.Context, auth.Client, auth.PasswordResetRequest) (auth.Check, error) {
	return auth.Refused(wire.PasswordResetMailOff.Message()), nil
}
