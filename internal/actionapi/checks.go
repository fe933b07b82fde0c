package actionapi

import (
	"net/http"
	"strconv"

	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/message"
	"gatehouse/internal/wire"
)

// The places of the main parameters in their table.
const (
	mainAction = iota
	mainFormat
	mainMaxLag
	mainSMaxAge
	mainMaxAge
	mainAssert
	mainAssertUser
	mainRequestID
	mainServedBy
	mainCurTimestamp
	mainResponseLangInfo
	mainOrigin
	mainUseLang
	mainVariant
	mainErrorFormat
	mainErrorLang
	mainErrorsUseLocal
	mainCount
)

func mainParams(actions, formats []*module) []param {
	table := make([]param, mainCount)
	table[mainAction] = param{name: "action", typ: typeEnum, values: names(actions), preset: "help", submodules: actions}
	table[mainFormat] = param{name: "format", typ: typeEnum, values: names(formats), preset: defaultFormat, submodules: formats}
	table[mainMaxLag] = param{name: "maxlag", typ: typeInteger}
	table[mainSMaxAge] = param{name: "smaxage", typ: typeInteger, preset: "0", bounded: true}
	table[mainMaxAge] = param{name: "maxage", typ: typeInteger, preset: "0", bounded: true}
	table[mainAssert] = param{name: "assert", typ: typeEnum, values: []string{"anon", "bot", "user"}}
	table[mainAssertUser] = param{name: "assertuser", typ: typeUser, namesOnly: true}
	table[mainRequestID] = param{name: "requestid"}
	table[mainServedBy] = param{name: "servedby", typ: typeFlag}
	table[mainCurTimestamp] = param{name: "curtimestamp", typ: typeFlag}
	table[mainResponseLangInfo] = param{name: "responselanginfo", typ: typeFlag}
	table[mainOrigin] = param{name: "origin"}
	table[mainUseLang] = param{name: "uselang", preset: "user"}
	table[mainVariant] = param{name: "variant"}
	table[mainErrorFormat] = param{name: "errorformat", typ: typeEnum, values: errorFormats(), preset: string(errorFormatBC),
		described: true}
	table[mainErrorLang] = param{name: "errorlang", preset: "uselang"}
	table[mainErrorsUseLocal] = param{name: "errorsuselocal", typ: typeFlag}
	return table
}

func (c *call) readMain() (err error) {
	c.main, err = c.parse(mainModule, c.api.main)
	return err
}

// checkAsserts comes before everything about the module, so that a client that was signed out hears just that.
func (c *call) checkAsserts() error {
	a := c.creator.Account
	switch c.main[mainAssert].text {
	case "user":
		if a.ID == 0 {
			return fail(mainModule, wire.AssertUserFailed)
		}
	case "anon":
		if a.ID != 0 {
			return fail(mainModule, wire.AssertAnonFailed)
		}
	case "bot":
		if !c.allows(auth.RightBot) {
			return fail(mainModule, wire.AssertBotFailed)
		}
	}
	if name := c.main[mainAssertUser]; name.set && name.text != string(a.Name) {
		return fail(mainModule, wire.AssertNamedUserFailed, message.Text(message.EscapeWikitext(name.text)))
	}
	return nil
}

func (c *call) checkModule() (err error) {
	c.module = find(c.api.actions, c.main[mainAction].text)
	if c.module.disabled {
		return fail(c.module.path, wire.ModuleDisabled, message.Text(c.module.name))
	}
	if c.args, err = c.parse(c.module.path, c.module.params); err != nil {
		return err
	}
	return c.checkToken()
}

func (c *call) checkToken() error {
	m := c.module
	if m.token == "" {
		return nil
	}
	name := m.params[m.tokenParam].name
	if c.in.lookup(name).inQuery {
		return mustPost(m.path, []string{name})
	}
	if !c.session.CheckToken(m.token, c.args[m.tokenParam].text) {
		return fail(m.path, wire.BadToken)
	}
	return nil
}

func (c *call) checkPermission() error {
	if c.module.needsRead(c) {
		return fail(mainModule, wire.ReadDenied)
	}
	if !c.module.writes {
		return nil
	}
	if c.foreign {
		return fail(mainModule, wire.WriteDenied)
	}
	if promise := c.r.Header.Get("Promise-Non-Write-API-Action"); promise != "" && promise != "0" {
		return fail(mainModule, wire.PromisedNonWrite)
	}
	if why := c.api.ReadOnly; why != "" {
		e := fail(mainModule, wire.ReadOnly)
		e.data = []result.Member{result.Named("readonlyreason", result.Text(why))}
		return e
	}
	return nil
}

// databaseLag is the lag that a site without replicas tells, in seconds.
const databaseLag = -1

func (c *call) checkLag() error {
	if limit := c.main[mainMaxLag]; !limit.set || limit.number >= databaseLag {
		return nil
	}
	e := fail(mainModule, wire.MaxLagGeneric, message.Int(databaseLag))
	e.data = []result.Member{
		result.Named("host", result.Text("")), result.Named("lag", result.Number(databaseLag)), result.Named("type", result.Text("db")),
	}
	e.header = []string{"Retry-After", "5", "X-Database-Lag", strconv.Itoa(databaseLag)}
	return e
}

func (c *call) checkMethod() error {
	switch c.r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodOptions:
	default:
		return fail(mainModule, wire.InvalidMethod)
	}
	if c.module.mustPost && c.r.Method != http.MethodPost {
		return fail(c.module.path, wire.MustBePosted, message.Text(c.module.name))
	}
	return nil
}
