package actionapi

import (
	"strings"
	"time"

	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/actionapi/schema"
	"gatehouse/internal/websession"
	"gatehouse/internal/wire"
)

// The places of checktoken's parameters.
const (
	checkType = iota
	checkToken
	checkAge
)

// The results of checktoken.
const (
	tokenValid   = "valid"
	tokenInvalid = "invalid"
	tokenExpired = "expired"
)

// checkTokenModule is action=checktoken: whether a token would be taken.
func checkTokenModule() *module {
	return &module{
		name: "checktoken", path: "checktoken", public: true, run: runCheckToken, answer: checkTokenAnswer(),
		params: []param{
			checkType:  {name: "type", typ: typeEnum, values: tokenTypes(), required: true},
			checkToken: {name: "token", typ: typeSecret, required: true, sensitive: true},
			checkAge:   {name: "maxtokenage", typ: typeInteger},
		},
		manual: manual{class: "ApiCheckToken", group: groupAction, pages: []string{"Checktoken"}, examples: []example{
			{"simple", "action=checktoken&type=csrf&token=" + exampleToken},
		}},
	}
}

// tokenTypes are the types as the values of an enum.
func tokenTypes() []string {
	var types []string
	for _, t := range websession.TokenTypes() {
		types = append(types, string(t))
	}
	return types
}

// encodedSuffix is how a token ends that was percent-encoded once too often.
const encodedSuffix = "%2B%5C"

func runCheckToken(c *call, args []value, out *result.Object) error {
	token, age := args[checkToken].text, args[checkAge]
	if strings.HasSuffix(strings.ToUpper(token), encodedSuffix) {
		c.warn("checktoken", wire.PercentEncodedToken)
	}
	made, dated := websession.TokenTime(token)
	verdict := tokenInvalid
	if c.tokenHolds(websession.TokenType(args[checkType].text), token) {
		verdict = tokenValid
		if dated && age.set && c.now().Sub(made) > time.Duration(min(max(age.number, 0), maxTokenAge))*time.Second {
			verdict = tokenExpired
		}
	}
	o := &result.Object{}
	o.Text("result", verdict)
	if dated {
		o.Put("generated", result.Time(made))
	}
	out.Child("checktoken", o)
	return nil
}

// maxTokenAge is the greatest age that is told from a greater one, in seconds: a hundred years.
const maxTokenAge = 100 * 365 * 86400

// tokenHolds asks the session. Where other sites' pages can read the answer nobody has a token.
func (c *call) tokenHolds(t websession.TokenType, token string) bool {
	return !c.suppressed && c.session.CheckToken(t, token)
}

func checkTokenAnswer() []schema.Member {
	return []schema.Member{schema.Must("checktoken", schema.Object(
		schema.Must("result", schema.Words(tokenValid, tokenInvalid, tokenExpired)), schema.May("generated", schema.Time()),
	))}
}
