package actionapi

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/actionapi/schema"
	"gatehouse/internal/i18n"
	"gatehouse/internal/message"
	"gatehouse/internal/wire"
)

// The places of allmessages' parameters.
const (
	messagesNames = iota
	messagesProp
	messagesParse
	messagesNoContent
	messagesLocal
	messagesArgs
	messagesFilter
	messagesCustomised
	messagesLang
	messagesFrom
	messagesTo
	messagesTitle
	messagesPrefix
)

// queryAllMessages is meta=allmessages: the texts of the site. All of them are public.
func queryAllMessages() *module {
	return &module{
		name: "allmessages", path: "query+allmessages", cache: cacheAnonymous, run: runAllMessages, answer: allMessagesAnswer(),
		params: prefixed("am", []param{
			messagesNames:      {name: "messages", multi: true, preset: "*"},
			messagesProp:       {name: "prop", typ: typeEnum, multi: true, values: []string{"default"}},
			messagesParse:      {name: "enableparser", typ: typeFlag},
			messagesNoContent:  {name: "nocontent", typ: typeFlag},
			messagesLocal:      {name: "includelocal", typ: typeFlag},
			messagesArgs:       {name: "args", multi: true, repeats: true},
			messagesFilter:     {name: "filter"},
			messagesCustomised: {name: "customised", typ: typeEnum, values: []string{"all", "modified", "unmodified"}, preset: "all"},
			messagesLang:       {name: "lang"},
			messagesFrom:       {name: "from"},
			messagesTo:         {name: "to"},
			messagesTitle:      {name: "title"},
			messagesPrefix:     {name: "prefix"},
		}),
		manual: manual{class: "ApiQueryAllMessages", group: groupMeta, prefix: "am", pages: []string{"Allmessages"}, examples: []example{
			{"prefix", "action=query&meta=allmessages&amprefix=userlogin-"},
			{"german", "action=query&meta=allmessages&ammessages=userexists|badretype&amlang=de"},
		}},
	}
}

// maxArguments is the greatest length of all arguments together, in bytes: some hundred texts repeat them, and the answer
// would be as many times as long.
const maxArguments = 1024

func runAllMessages(c *call, args []value, out *result.Object) error {
	lang := c.language()
	if v := args[messagesLang]; v.set {
		var ok bool
		if lang, ok = c.languageNamed(v.text); !ok {
			return fail("query+allmessages", wire.InvalidLanguage, message.Text("amlang"))
		}
	}
	if arguments := args[messagesArgs].text; len(arguments) > maxArguments {
		return fail("query+allmessages", wire.BadValue, message.Plaintext("amargs"), message.Plaintext(arguments))
	}
	l := &result.List{Item: "message"}
	out.List("allmessages", l)
	if args[messagesCustomised].text == "modified" {
		return nil // texts are changed where they stand, and nobody says which
	}
	names := args[messagesNames].list
	if slices.Equal(names, []string{"*"}) {
		names = c.everyMessage()
	}
	for _, name := range names {
		if messageWanted(name, args) {
			l.Append(result.Of(tellMessage(name, lang, args)))
		}
	}
	return nil
}

// everyMessage are the keys of all texts, sorted.
func (c *call) everyMessage() []string {
	keys := c.api.Catalogue.Keys()
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = string(k)
	}
	return names
}

// messageWanted applies the filters, all of which look at the name.
func messageWanted(name string, args []value) bool {
	from, to := args[messagesFrom], args[messagesTo]
	return strings.HasPrefix(name, args[messagesPrefix].text) && strings.Contains(name, args[messagesFilter].text) &&
		(!from.set || name >= from.text) && (!to.set || name <= to.text)
}

func tellMessage(name string, lang *i18n.Language, args []value) *result.Object {
	o := &result.Object{Content: "content"}
	o.Text("name", name)
	key := normalizedMessage(name)
	o.Text("normalizedname", string(key))
	text, ok := lang.Text(key)
	if !ok {
		o.Flag("missing", true)
		return o
	}
	plain := withArguments(text, args[messagesArgs].list)
	content := plain
	if args[messagesParse].set {
		content = message.Wikitext(message.New(key, message.Texts(args[messagesArgs].list...)...), lang)
	}
	if slices.Contains(args[messagesProp].list, "default") && content != plain {
		o.Text("default", plain)
	}
	if !args[messagesNoContent].set {
		o.Text("content", content)
	}
	return o
}

// normalizedMessage is the key that a name means: it names a page, so blanks are underscores, and its first letter is small.
func normalizedMessage(name string) message.Key {
	name = strings.ReplaceAll(name, " ", "_")
	r, size := utf8.DecodeRuneInString(name)
	return message.Key(string(unicode.ToLower(r)) + name[size:])
}

// withArguments puts arguments in the places of $1, $2 and so on, and leaves everything else of the text as it is.
func withArguments(text string, args []string) string {
	pairs := make([]string, 0, 2*len(args))
	for i := len(args); i > 0; i-- { // $10 before $1
		pairs = append(pairs, "$"+strconv.Itoa(i), args[i-1])
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

func allMessagesAnswer() []schema.Member {
	return []schema.Member{schema.Must("allmessages", schema.List(schema.Object(
		schema.Must("name", schema.Text()), schema.Must("normalizedname", schema.Text()), schema.May("missing", schema.True()),
		schema.May("default", schema.Text()), schema.May("content", schema.Text()),
	)))}
}
