package actionapi

import (
	"fmt"

	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/actionapi/schema"
	"gatehouse/internal/websession"
	"gatehouse/internal/wire"
)

// logout is action=logout. Signing out nobody is fine, with a warning.
func logout() *module {
	return &module{
		name: "logout", path: "logout", writes: true, public: true, mustPost: true, token: websession.TokenCSRF,
		answer: schema.Nothing(),
		params: []param{{name: "token", typ: typeSecret, required: true, sensitive: true}},
		manual: manual{class: "ApiLogout", group: groupAction, pages: []string{"Logout"}, examples: []example{
			{"logout", "action=logout&token=" + exampleToken},
		}},
		run: func(c *call, _ []value, _ *result.Object) error {
			if c.creator.Anonymous() {
				c.warn(c.module.path, wire.NotLoggedIn)
				return nil
			}
			if err := c.session.SignOut(c.ctx); err != nil {
				return fmt.Errorf("sign out: %w", err)
			}
			return nil
		},
	}
}
