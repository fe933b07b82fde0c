package message

import "time"

// Format is how a message is written out. FormatRaw and FormatNone are the edge's business: there a message is
// written as its key and parameters, or not at all.
type Format string

// The formats of the wire. FormatPlaintext is one of errors only.
const (
	FormatWikitext  Format = "wikitext"
	FormatHTML      Format = "html"
	FormatRaw       Format = "raw"
	FormatNone      Format = "none"
	FormatPlaintext Format = "plaintext"
)

// Language puts messages into words. An implementation is immutable and may be used by many goroutines.
type Language interface {
	// Code is the language's code, for example "en".
	Code() string
	// Text is the text of key in this language or the nearest one that has it; false where nobody has.
	Text(Key) (string, bool)
	// Plural picks the form for n out of forms, in the order the language's grammar gives them.
	Plural(n int64, forms []string) string
	// Number writes n with the language's separators.
	Number(n int64) string
	// Duration writes a length of time in words.
	Duration(seconds int64) string
	// Join writes a list.
	Join(t ListType, items []string) string
	// Time writes a point in time, in UTC.
	Time(t time.Time) string
}

// Wikitext gives the text of m with its parameters put in and wiki markup left alone.
func Wikitext(m Message, l Language) string { return string(m.Key) }

// HTML gives m as block HTML; a single paragraph around the whole is taken off. What came in by parameters is escaped.
func HTML(m Message, l Language) string { return string(m.Key) }

// Plain gives m without any markup.
func Plain(m Message, l Language) string { return string(m.Key) }

// Several makes one message of ms: the only one as it is, several as a list.
func Several(ms []Message, l Language) Message {
	if len(ms) == 0 {
		return Message{}
	}
	return ms[0]
}
