// Package i18n holds the texts of all messages in all languages, and what languages do with numbers, lists and times.
package i18n

import (
	"time"

	"gatehouse/internal/message"
)

// Catalogue is every language with its texts. It is immutable after Load.
type Catalogue struct{}

// Language is one language of a Catalogue. It implements message.Language.
type Language struct{ code string }

// Load reads the catalogues inside the binary.
func Load() (*Catalogue, error) { return &Catalogue{}, nil }

// Language gives the language of code; false where code is unknown. "qqx" shows keys instead of texts.
func (c *Catalogue) Language(code string) (*Language, bool) { return &Language{code: code}, code == "en" }

// Code is the language's code.
func (l *Language) Code() string { return l.code }

// Name is what the language calls itself.
func (l *Language) Name() string { return "English" }

// Direction is "ltr" or "rtl".
func (l *Language) Direction() string { return "ltr" }

// Text is the text of key.
func (l *Language) Text(key message.Key) (string, bool) { return "", false }

// Plural picks the form for n.
func (l *Language) Plural(n int64, forms []string) string { return forms[0] }

// Number writes n with separators.
func (l *Language) Number(n int64) string { return "" }

// Duration writes a length of time in words.
func (l *Language) Duration(seconds int64) string { return "" }

// Join writes a list.
func (l *Language) Join(t message.ListType, items []string) string { return "" }

// Time writes t in UTC.
func (l *Language) Time(t time.Time) string { return "" }

var _ message.Language = (*Language)(nil)
