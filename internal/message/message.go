// Package message is what is said to people: a key and its parameters, and how these become words.
//
// A Message is plain data. It is made deep inside (auth, providers), kept in flow states, and rendered at the edge with
// Wikitext, HTML or Plain, in the reader's language and the format the caller asked for. The package owns the language
// that texts are written in ({{PLURAL:…}} and its like) and reads the little wiki markup they may have. It has no texts
// itself: they come from a Language, which i18n implements. It knows no codes either: they are wire's.
package message

import "time"

// Key names a text of the catalogue, for example "userexists". Keys are part of the wire: clients see them in the raw
// message format, under uselang=qqx and, mapped by internal/wire, as codes.
type Key string

// RawKey is the key of a literal text: its only parameter is the text itself.
const RawKey Key = "rawmessage"

// Message is a key and its parameters. The zero value is "no message". It may be copied and read by many goroutines.
type Message struct {
	Key    Key     `json:"key"`
	Params []Param `json:"params,omitempty"`
	// Code is the wire code where it does not follow from the key; empty otherwise.
	Code string `json:"code,omitempty"`
}

// New gives the message of key with params in order: $1, $2 ….
func New(key Key, params ...Param) Message { return Message{Key: key, Params: params} }

// Literal gives a message that says text in every language.
func Literal(text string) Message { return Message{Key: RawKey, Params: []Param{Text(text)}} }

// Blank gives the literal message without a text; the raw format shows its parameter as null.
func Blank() Message { return Message{Key: RawKey, Params: []Param{{Kind: KindNull}}} }

// IsZero reports whether m is no message at all.
func (m Message) IsZero() bool { return m.Key == "" }

// Kind tells how a parameter is shown.
type Kind string

// The kinds of parameter. KindText and KindInt appear in the raw format as they are, KindNull as null, the others as
// objects whose only or first member is the kind's name.
const (
	KindText      Kind = ""          // text, inserted before the message is parsed
	KindInt       Kind = "int"       // a number, shown without separators
	KindNull      Kind = "null"      // nothing
	KindNum       Kind = "num"       // a number, shown as the language writes numbers
	KindDuration  Kind = "duration"  // seconds, shown as a length of time
	KindExpiry    Kind = "expiry"    // a time, or "infinity"
	KindTime      Kind = "time"      // a point in time, shown as the language writes it, in the raw format too
	KindList      Kind = "list"      // several parameters, joined as ListType says
	KindRaw       Kind = "raw"       // HTML, inserted after the message was parsed
	KindPlaintext Kind = "plaintext" // text that no markup is read in
	KindMessage   Kind = "message"   // another message
)

// ListType tells how the items of a list parameter are joined.
type ListType string

// The list types of the wire: "a and b", "a, b", "a|b".
const (
	ListText  ListType = "text"
	ListComma ListType = "comma"
	ListPipe  ListType = "pipe"
)

// Param is one parameter of a message. Make it with the functions below.
type Param struct {
	Kind     Kind     `json:"kind,omitempty"`
	Text     string   `json:"text,omitempty"`
	Number   int64    `json:"number,omitempty"`
	ListType ListType `json:"listType,omitempty"`
	List     []Param  `json:"list,omitempty"`
	Message  *Message `json:"message,omitempty"`
}

// Text is a text parameter.
func Text(s string) Param { return Param{Text: s} }

// Int is a number that the wire shows bare.
func Int(n int64) Param { return Param{Kind: KindInt, Number: n} }

// Num is a number that people read in their language's spelling.
func Num(n int64) Param { return Param{Kind: KindNum, Number: n} }

// Duration is a length of time; what is below a second is rounded up, so that nobody is told to come back too early.
func Duration(d time.Duration) Param {
	return Param{Kind: KindDuration, Number: int64((d + time.Second - 1) / time.Second)}
}

// Expiry is a point in time, or "never" for the zero time.
func Expiry(t time.Time) Param {
	if t.IsZero() {
		return Param{Kind: KindExpiry, Text: "infinity"}
	}
	return Param{Kind: KindExpiry, Text: t.UTC().Format(time.RFC3339)}
}

// Time is a point in time.
func Time(t time.Time) Param {
	return Param{Kind: KindTime, Text: t.UTC().Format(time.RFC3339)}
}

// List is several parameters joined as t says.
func List(t ListType, items ...Param) Param { return Param{Kind: KindList, ListType: t, List: items} }

// Raw is HTML that is inserted as it stands. Never build it from what a visitor sent.
func Raw(html string) Param { return Param{Kind: KindRaw, Text: html} }

// Plaintext is text in which no markup is read.
func Plaintext(s string) Param { return Param{Kind: KindPlaintext, Text: s} }

// Nested is another message, rendered in the same language and format.
func Nested(m Message) Param { return Param{Kind: KindMessage, Message: &m} }

// Texts turns strings into text parameters, for List.
func Texts(ss ...string) []Param {
	out := make([]Param, len(ss))
	for i, s := range ss {
		out[i] = Text(s)
	}
	return out
}
