package actionapi

import (
	"gatehouse/internal/websession"
	"gatehouse/internal/wire"
)

// queryTokens is meta=tokens: the tokens that other modules ask for.
func queryTokens() *module {
	var types []string
	for _, t := range websession.TokenTypes() {
		types = append(types, string(t))
	}
	return &module{
		name: "tokens", path: "query+tokens", public: true, run: runTokens,
		params: []param{{name: "type", typ: typeEnum, multi: true, all: true, values: types, preset: wire.TokenCSRF}},
	}
}

func runTokens(c *call, args []value, out *object) error {
	if c.suppressed {
		c.warn("query+tokens", wire.TokensOrigin)
		return nil
	}
	o := &object{members: make([]member, 0, len(args[0].list)), assoc: true}
	for _, t := range args[0].list {
		o.text(t+"token", c.session.Token(websession.TokenType(t)))
	}
	out.child("tokens", o)
	return nil
}
