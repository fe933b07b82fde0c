package actionapi

import (
	"strings"

	"gatehouse/internal/message"
)

// manual is what action=paraminfo and action=help tell of a module beside its table of parameters. Texts are not here:
// their keys follow from the module's path, and their words stand in internal/i18n/messages/apihelp/en.json.
//
//	apihelp-<path>-summary                    one sentence: what the module does
//	apihelp-<path>-extended-description       more of it, if there is more to say
//	apihelp-<path>-param-<name>               each parameter; <name> without the module's prefix
//	apihelp-<path>-paramvalue-<name>-<value>  each value of an enum that is "described"
//	apihelp-<path>-example-<word>             each example
//
// Every text is given the module's prefix, name and path as its last three parameters; those of parameters and values
// have the parameter's name between prefix and name. TestEveryModuleIsDescribed says what is missing.
type manual struct {
	// class is what the reference calls the module's class, without its namespace: "ApiQueryTokens".
	class string
	// namespace is that of the class; empty = the reference's own.
	namespace string
	// source is the extension that has the module in the reference; empty = it is a part of MediaWiki.
	source string
	group  group
	// prefix is what the names of all its parameters begin with: "us".
	prefix string
	// pages are the pages on mediawiki.org that tell of it, behind "API:".
	pages []string
	// examples are calls that work as they stand, but for their tokens.
	examples []example
	// more are texts behind the description, with no parameters but their own.
	more []helpText
	// dynamic is the text about parameters that are in no table; zero = there are none.
	dynamic helpText
	// reads tells of a public module that parts of it need the right to read.
	reads      bool
	generator  bool
	deprecated bool
	internal   bool
}

// group is where a module belongs.
type group string

const (
	groupAction group = "action"
	groupFormat group = "format"
	groupList   group = "list"
	groupMeta   group = "meta"
	groupProp   group = "prop"
)

// example is a call that shows something.
type example struct {
	// word is the last part of its text's key: "apihelp-query+users-example-simple". A word that begins with "apihelp-" is
	// the whole key, for examples that several modules have.
	word string
	// query is the call as it stands behind api.php's question mark, without a format. Tokens are written 123ABC.
	query string
}

// helpText is a text that several modules have: its key, and what is put in front of the usual parameters.
type helpText struct {
	key    message.Key
	params []string
}

func (h helpText) isZero() bool { return h.key == "" }

// exampleToken stands for tokens in examples.
const exampleToken = "123ABC"

// The texts that the modules of authentication flows have in common.
const (
	helpToken         message.Key = "api-help-param-token"
	helpRequests      message.Key = "api-help-authmanagerhelper-requests"
	helpRequest       message.Key = "api-help-authmanagerhelper-request"
	helpMessageFormat message.Key = "api-help-authmanagerhelper-messageformat"
	helpMergeFields   message.Key = "api-help-authmanagerhelper-mergerequestfields"
	helpPreserveState message.Key = "api-help-authmanagerhelper-preservestate"
	helpReturnURL     message.Key = "api-help-authmanagerhelper-returnurl"
	helpContinue      message.Key = "api-help-authmanagerhelper-continue"
	helpMoreFields    message.Key = "api-help-authmanagerhelper-additional-params"
	helpGeneralUsage  message.Key = "api-help-authmanager-general-usage"
	helpPaging        message.Key = "api-help-param-continue"
	helpDirection     message.Key = "api-help-param-direction"
	helpDisabled      message.Key = "apihelp-disabled-summary"
)

// mainManual describes the API as a whole: what holds for every call.
func mainManual(params []param) *module {
	return &module{name: mainModule, path: mainModule, params: params, manual: manual{
		class: "ApiMain",
		examples: []example{
			{"apihelp-help-example-main", "action=help"},
			{"apihelp-help-example-recursive", "action=help&recursivesubmodules=1"},
		},
	}}
}

// needsToken reports whether p is the parameter with the module's token.
func (m *module) needsToken(p *param) bool {
	return m.token != "" && p == &m.params[m.tokenParam]
}

// shortName is the parameter's name without the module's prefix.
func (m *module) shortName(p *param) string { return strings.TrimPrefix(p.name, m.manual.prefix) }

// textKey makes a key of the module: "apihelp-query+users-param-users" of "param-users".
func (m *module) textKey(rest string) message.Key {
	return message.Key("apihelp-" + m.path + "-" + rest)
}

// tell makes a message about the module: own parameters first, then the usual ones.
func (m *module) tell(key message.Key, own ...string) message.Message {
	return message.New(key, message.Texts(append(own, m.manual.prefix, m.name, m.path)...)...)
}

// summary is one sentence about the module.
func (m *module) summary() message.Message {
	if m.disabled {
		return m.tell(helpDisabled)
	}
	return m.tell(m.textKey("summary"))
}

// extended is the rest of the description; its text may be empty.
func (m *module) extended() message.Message { return m.tell(m.textKey("extended-description")) }

// tellParam makes a message about a parameter.
func (m *module) tellParam(p *param, key message.Key, own ...string) message.Message {
	return message.New(key, message.Texts(append(own, m.manual.prefix, m.shortName(p), m.name, m.path)...)...)
}

// paramTexts tells what a parameter is for: one text, or several paragraphs.
func (m *module) paramTexts(p *param) []message.Message {
	own := m.tellParam(p, p.textKey(m, "param-"+m.shortName(p)))
	switch {
	case m.needsToken(p):
		return []message.Message{m.tellParam(p, helpToken, string(m.token))}
	case p.help.isZero():
		return []message.Message{own}
	}
	shared := m.tellParam(p, p.help.key, p.help.params...)
	if p.ownToo {
		return []message.Message{shared, own}
	}
	return []message.Message{shared}
}

// textKey is textKey of the module whose texts tell of the parameter.
func (p *param) textKey(m *module, rest string) message.Key {
	if p.textsOf != "" {
		return message.Key("apihelp-" + p.textsOf + "-" + rest)
	}
	return m.textKey(rest)
}

// valueText tells what a value of a described enum means. The value is the last parameter of the text.
func (m *module) valueText(p *param, v string) message.Message {
	msg := m.tellParam(p, p.textKey(m, "paramvalue-"+m.shortName(p)+"-"+v))
	msg.Params = append(msg.Params, message.Text(v))
	return msg
}

// exampleText tells what an example does.
func (m *module) exampleText(e example) message.Message {
	switch {
	case m.manual.group == groupFormat:
		return m.tell(message.Key(e.word), strings.TrimSuffix(m.name, "fm"))
	case strings.HasPrefix(e.word, "apihelp-"):
		return m.tell(message.Key(e.word))
	}
	return m.tell(m.textKey("example-" + e.word))
}
