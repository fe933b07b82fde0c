package i18n

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/internal/message"
)

// Language is one language of a Catalogue. It implements message.Prepared, is immutable but for what it has read already, and
// may be used by many goroutines.
type Language struct {
	row      row
	site     message.Site
	shelves  []func() *shelf
	fallback *Language // nil for the source
}

var _ message.Prepared = (*Language)(nil)

func newLanguage(row row, site message.Site, b book) *Language {
	l := &Language{row: row, site: site}
	for _, read := range b {
		l.shelves = append(l.shelves, newShelf(read))
	}
	return l
}

// Code is the language's code, for example "zh-hant".
func (l *Language) Code() string { return l.row.code }

// Tag is the code as BCP 47 writes it, with the script where another is likelier: what lang in HTML is.
func (l *Language) Tag() string {
	if l.row.tag != "" {
		return l.row.tag
	}
	return l.row.code
}

// Name is what the language calls itself.
func (l *Language) Name() string { return l.row.name }

// Direction is "ltr" or "rtl".
func (l *Language) Direction() string {
	if l.row.rightToLeft {
		return "rtl"
	}
	return "ltr"
}

// Fallbacks are the codes of the languages whose texts are read where this one has none, the nearest first.
func (l *Language) Fallbacks() []string {
	var codes []string
	for next := l.fallback; next != nil; next = next.fallback {
		codes = append(codes, next.row.code)
	}
	return codes
}

// Site is the site that the texts tell of.
func (l *Language) Site() message.Site { return l.site }

// Text is the text of key as it stands in the catalogue, in this language or the nearest that has it.
func (l *Language) Text(key message.Key) (string, bool) {
	if l.row.code == qqx {
		return "(" + string(key) + ")", true
	}
	if s, i, _ := l.find(key); s != nil {
		return s.texts[i], true
	}
	return "", false
}

// find looks for key in this language and in those behind it, and tells which of them has it; nil, 0, nil where none has.
func (l *Language) find(key message.Key) (*shelf, int, *Language) {
	for ; l != nil; l = l.fallback {
		for _, open := range l.shelves {
			s := open()
			if i, ok := s.index[key]; ok {
				return s, i, l
			}
		}
	}
	return nil, 0, nil
}

// Template is the parsed text of key; qqx has none.
func (l *Language) Template(key message.Key) (*message.Template, bool) {
	if l.row.code == qqx {
		return nil, false
	}
	s, i, l := l.find(key)
	if s == nil {
		return nil, false
	}
	return s.template(i, l), true
}

// Of gives the language that the text of key is in: this one, or where it falls back to; this one too where there is no text.
func (l *Language) Of(key message.Key) *Language {
	if _, _, of := l.find(key); of != nil && l.row.code != qqx {
		return of
	}
	return l
}

// Plural tells which of the language's plural forms n takes: an index into Categories.
func (l *Language) Plural(n int64) int { return l.row.plural.of(n) }

// Categories are the plural forms that texts in this language are written with, in their order.
func (l *Language) Categories() []Category { return slices.Clone(l.row.plural.categories) }

// Number writes n with the language's separators between groups of digits, which are 0 to 9 in every language.
func (l *Language) Number(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	if len(digits) < l.row.groupFrom {
		return sign + digits
	}
	size := 3
	if l.row.pairs {
		size = 2
	}
	head, out := digits[:len(digits)-3], digits[len(digits)-3:]
	for head != "" {
		at := max(0, len(head)-size)
		head, out = head[:at], head[at:]+l.row.group+out
	}
	return sign + out
}

// The keys of times and lists. Each duration has one parameter, the number; keyTime has day, month, year and clock.
const (
	keyDays    message.Key = "duration-days"
	keyHours   message.Key = "duration-hours"
	keyMinutes message.Key = "duration-minutes"
	keySeconds message.Key = "duration-seconds"
	keyTime    message.Key = "gatehouse-time"
	keyAnd     message.Key = "and"
	keyComma   message.Key = "comma-separator"
)

// Duration writes a length of time in words with its two largest units, for example "2 hours and 5 minutes". What is
// smaller is rounded up: it is told to people who wait, and none of them may come back too early.
func (l *Language) Duration(seconds int64) string {
	units := []struct {
		key     message.Key
		seconds int64
	}{{keyDays, 86400}, {keyHours, 3600}, {keyMinutes, 60}, {keySeconds, 1}}
	seconds = max(seconds, 0)
	for i, big := range units {
		if seconds < big.seconds {
			continue
		}
		small := units[min(i+1, len(units)-1)]
		seconds = roundUp(seconds, small.seconds)
		if i > 0 && seconds == units[i-1].seconds {
			return l.amount(units[i-1].key, 1)
		}
		first := l.amount(big.key, seconds/big.seconds)
		rest := seconds % big.seconds / small.seconds
		if rest == 0 {
			return first
		}
		return l.Join(message.ListText, []string{first, l.amount(small.key, rest)})
	}
	return l.amount(keySeconds, 0)
}

func (l *Language) amount(key message.Key, n int64) string {
	return message.Wikitext(message.New(key, message.Num(n)), l)
}

func roundUp(n, step int64) int64 {
	if rest := n % step; rest != 0 && n <= 1<<62 {
		n += step - rest
	}
	return n
}

// Join writes a list: "a, b and c" for ListText, "a, b" for ListComma, "a|b" for ListPipe.
func (l *Language) Join(t message.ListType, items []string) string {
	if t == message.ListPipe {
		return strings.Join(items, "|")
	}
	words := l
	if l.row.code == qqx {
		words = l.fallback // keys between the items would hide them
	}
	comma, _ := words.Text(keyComma)
	last := len(items) - 1
	if t != message.ListText || last < 1 {
		return strings.Join(items, comma)
	}
	and, _ := words.Text(keyAnd)
	return strings.Join(items[:last], comma) + and + items[last]
}

// Time writes a point in time to the minute, in UTC.
func (l *Language) Time(t time.Time) string {
	t = t.UTC()
	month := message.New(message.Key(strings.ToLower(t.Month().String())))
	return message.Wikitext(message.New(keyTime, message.Int(int64(t.Day())), message.Nested(month),
		message.Int(int64(t.Year())), message.Text(t.Format("15:04"))), l)
}
