package actionapi

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"

	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/actionapi/schema"
	"gatehouse/internal/message"
	"gatehouse/internal/username"
	"gatehouse/internal/websession"
	"gatehouse/internal/wire"
)

// SecondFactors tells of the second factors of accounts.
type SecondFactors interface {
	// Enabled reports whether the account has one.
	Enabled(ctx context.Context, a auth.Account) (bool, error)
	// Check takes a code of the account, which is spent then. A limit on guesses that is reached comes back.
	Check(ctx context.Context, a auth.Account, code string) (bool, *auth.LimitError, error)
}

// noFactors are the SecondFactors of a site where nobody has any.
type noFactors struct{}

func (noFactors) Enabled(context.Context, auth.Account) (bool, error) { return false, nil }
func (noFactors) Check(context.Context, auth.Account, string) (bool, *auth.LimitError, error) {
	return false, nil, nil
}

// The places of the parameters of the two modules about second factors.
const (
	oathUser = iota
	oathReason

	oathData  = 1
	oathToken = 2
)

// oathExtension is what the reference has the modules from.
const oathExtension = "OATHAuth"

// queryOATH is meta=oath: whether an account has a second factor, for those who may know.
func queryOATH() *module {
	return &module{
		name: "oath", path: "query+oath", run: runQueryOATH,
		answer: []schema.Member{schema.Must("oath", schema.Object(schema.Must("enabled", schema.Flag())))},
		params: prefixed("oath", []param{oathUser: {name: "user", typ: typeUser, subtypes: everySubtype()}, oathReason: {name: "reason"}}),
		manual: manual{
			class: "ApiQueryOATH", namespace: `MediaWiki\Extension\OATHAuth\Api\Module\`, source: oathExtension,
			group: groupMeta, prefix: "oath", internal: true, examples: []example{
				{"1", "action=query&meta=oath&oathreason=check"}, {"2", "action=query&meta=oath&oathuser=Example&oathreason=check"},
			},
		},
	}
}

// runQueryOATH wants a reason, which is logged, of those who may not ask everything.
func runQueryOATH(c *call, args []value, out *result.Object) error {
	reason := args[oathReason].text
	if !c.allows(auth.RightOATHAll) {
		switch {
		case !c.allows(auth.RightOATHVerify):
			return c.oathDenied("query+oath")
		case reason == "":
			return about("query+oath", wire.MissingParam, "oathreason")
		}
	}
	a, known, err := c.oathAccount(args[oathUser])
	if err != nil {
		return err
	}
	enabled := false
	if known {
		if enabled, err = c.api.Factors.Enabled(c.ctx, a); err != nil {
			return err
		}
		c.api.Logger.LogAttrs(c.ctx, slog.LevelInfo, "second factor asked about", slog.String("name", string(a.Name)),
			slog.Int64("by", int64(c.creator.Account.ID)), slog.String("reason", reason), slog.String("request", c.id))
	}
	o := &result.Object{}
	o.Flag("enabled", enabled)
	out.Child("oath", o)
	return nil
}

func (c *call) oathDenied(path string) error {
	return fail(path, wire.ActionDenied, message.Nested(message.New("action-oathauth-api-all")))
}

// oathAccount gives the account that is asked about: the caller's own, unless another is named.
func (c *call) oathAccount(named value) (a auth.Account, known bool, err error) {
	if !named.set {
		return c.creator.Account, !c.creator.Anonymous(), nil
	}
	name, ok := c.api.Names.Canonical(named.text, username.Valid)
	if !ok {
		return a, false, nil
	}
	a, err = c.api.Accounts.AccountByName(c.ctx, name)
	if errors.Is(err, auth.ErrNotFound) {
		return a, false, nil
	}
	return a, err == nil, err
}

// everySubtype is what the two modules say of names. Most of it names nobody here, and so nobody with a second factor.
func everySubtype() []string { return []string{"name", "ip", "temp", "cidr", "interwiki"} }

// oathValidate is action=oathvalidate: whether a code is right. The code is spent then.
func oathValidate() *module {
	return &module{
		name: "oathvalidate", path: "oathvalidate", mustPost: true, token: websession.TokenCSRF, tokenParam: oathToken, run: runOATHValidate,
		answer: []schema.Member{schema.Must("oathvalidate", schema.Object(
			schema.Must("enabled", schema.Flag()), schema.Must("valid", schema.Flag()),
		))},
		params: []param{
			oathUser:  {name: "user", typ: typeUser, subtypes: everySubtype()},
			oathData:  {name: "data", required: true},
			oathToken: {name: "token", typ: typeSecret, required: true, sensitive: true},
		},
		manual: manual{
			class: "ApiOATHValidate", namespace: `MediaWiki\Extension\OATHAuth\Api\Module\`, source: oathExtension,
			group: groupAction, internal: true, examples: []example{
				{"1", `action=oathvalidate&data={"token":"123456"}&token=` + exampleToken},
				{"2", `action=oathvalidate&user=Example&data={"token":"123456"}&token=` + exampleToken},
			},
		},
	}
}

func runOATHValidate(c *call, args []value, out *result.Object) error {
	switch {
	case !c.allows(auth.RightOATHAll):
		return c.oathDenied(c.module.path)
	case c.api.ReadOnly != "":
		return fail(mainModule, wire.ReadOnly)
	}
	a, known, err := c.oathAccount(args[oathUser])
	if err != nil {
		return err
	}
	enabled, valid := false, false
	if known {
		if enabled, err = c.api.Factors.Enabled(c.ctx, a); err != nil {
			return err
		}
	}
	if enabled {
		var limit *auth.LimitError
		if valid, limit, err = c.api.Factors.Check(c.ctx, a, codeIn(args[oathData].text)); err != nil {
			return err
		}
		if limit != nil {
			return rateLimited(c.module.path, limit.Wait)
		}
	}
	o := &result.Object{}
	o.Flag("enabled", enabled)
	o.Flag("valid", valid)
	out.Child("oathvalidate", o)
	return nil
}

// codeIn reads the code out of the JSON that carries it; "" if there is none.
func codeIn(data string) string {
	var d struct {
		Token    string `json:"token"`
		Recovery string `json:"recovery"`
	}
	if json.Unmarshal([]byte(data), &d) != nil {
		return ""
	}
	if d.Token != "" {
		return d.Token
	}
	return d.Recovery
}
