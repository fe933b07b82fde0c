package actionapi

import (
	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/actionapi/schema"
	"gatehouse/internal/websession"
	"gatehouse/internal/wire"
)

// queryTokens is meta=tokens: the tokens that other modules ask for.
func queryTokens() *module {
	return &module{
		name: "tokens", path: "query+tokens", public: true, run: runTokens, answer: tokensAnswer(),
		params: []param{{name: "type", typ: typeEnum, multi: true, all: true, values: tokenTypes(), preset: wire.TokenCSRF}},
		manual: manual{class: "ApiQueryTokens", group: groupMeta, pages: []string{"Tokens"}, examples: []example{
			{"simple", "action=query&meta=tokens"},
			{"types", "action=query&meta=tokens&type=login|createaccount"},
		}},
	}
}

func runTokens(c *call, args []value, out *result.Object) error {
	if c.suppressed {
		c.warn("query+tokens", wire.TokensOrigin)
		return nil
	}
	o := &result.Object{Members: c.takeMembers(len(args[0].list)), Assoc: true}
	for _, t := range args[0].list {
		o.Text(t+"token", c.session.Token(websession.TokenType(t)))
	}
	out.Child("tokens", o)
	return nil
}

func tokensAnswer() []schema.Member {
	var tokens []schema.Member
	for _, t := range websession.TokenTypes() {
		tokens = append(tokens, schema.May(string(t)+"token", tokenSchema()))
	}
	return []schema.Member{schema.Must("tokens", schema.Object(tokens...).About("By type. Those of nobody that need an account are all one."))}
}

// tokenSchema describes a token.
func tokenSchema() schema.Schema { return schema.Pattern(`^([0-9a-f]{32}[0-9a-f]+)?\+\\$`) }
