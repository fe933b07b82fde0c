package actionapi

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// sent is one name with what was sent for it: a text, or a list where the name was written name[].
type sent struct {
	name   string
	text   string
	list   []string
	isList bool
	// repaired says that the text had to be made valid and normal.
	repaired bool
	// inQuery says that the name stands in the URL, whatever the body has.
	inQuery bool
	// used says that somebody asked for it.
	used bool
}

// input is what one request sent: the names of the body first, then those only in the URL. For a name in both, the body's
// value counts; of a repeated name, the last.
type input struct {
	params []sent
	// byName is the index of long inputs; short ones are searched.
	byName map[string]int
	// untyped says that the request was a POST without a Content-Type.
	untyped bool
	// pairs is how many names and values were sent, those of one name each for itself.
	pairs int
	// body is where they were read from, nil without one.
	body *body
}

// readInput reads the body (of a POST only) and the query. It gives errTooLarge above the limits and errCrowded where there
// is no room for one more large body; another error means that the body broke off. In all cases the input has what can be
// told from the query, for the answer's format. Release it when the call is over.
func readInput(w http.ResponseWriter, r *http.Request, c *crowd) (*input, error) {
	in := &input{}
	var err error
	if r.Method == http.MethodPost {
		if err = in.readBody(w, r, c); err != nil {
			in.release()
			in = &input{}
		}
	}
	if queryErr := in.readQuery(r.URL.RawQuery); err == nil {
		err = queryErr
	}
	for i := range in.params {
		in.params[i].repair()
	}
	return in, err
}

// readQuery adds what the URL has: names that the body lacks, and for the others that they stand here too.
func (in *input) readQuery(query string) error {
	if len(in.params) == 0 {
		return in.readForm(query, true)
	}
	url := &input{pairs: in.pairs}
	if err := url.readForm(query, true); err != nil {
		return err
	}
	for _, p := range url.params {
		if q := in.lookup(p.name); q != nil {
			q.inQuery = true
			continue
		}
		in.append(p)
	}
	return nil
}

func (in *input) readForm(form string, query bool) error {
	if in.params == nil && form != "" {
		in.params = make([]sent, 0, min(strings.Count(form, "&")+1, 16))
	}
	for form != "" {
		var pair string
		pair, form, _ = strings.Cut(form, "&")
		if pair == "" {
			continue
		}
		if err := in.count(); err != nil {
			return err
		}
		name, value, _ := strings.Cut(pair, "=")
		in.add(unescape(name), unescape(value), query)
	}
	return nil
}

// count makes sure that one more may be sent.
func (in *input) count() error {
	if in.pairs++; in.pairs > maxParameters {
		return errTooLarge
	}
	return nil
}

// add takes one name and value as they were written.
func (in *input) add(name, value string, query bool) {
	base, isList := arrayName(name)
	if base == "" {
		return
	}
	legacy := query && !utf8.ValidString(value) && !strings.HasPrefix(value, listSeparator)
	if legacy {
		value = fromLegacy(value)
	}
	p := in.lookup(base)
	if p == nil {
		in.append(sent{name: base, inQuery: query})
		p = &in.params[len(in.params)-1]
	}
	switch {
	case isList && p.isList:
		p.list = append(p.list, value)
	case isList:
		p.isList, p.list, p.text = true, []string{value}, ""
	default:
		p.isList, p.list, p.text, p.repaired = false, nil, value, legacy
	}
}

// fromLegacy reads a value of the URL that is not UTF-8 as links from before UTF-8 were written.
func fromLegacy(value string) string {
	s, err := charmap.Windows1252.NewDecoder().String(value)
	if err != nil {
		return value
	}
	return s
}

// arrayName takes the [] or [key] off a name that is written as an array.
func arrayName(name string) (base string, isList bool) {
	open := strings.IndexByte(name, '[')
	if open <= 0 || strings.IndexByte(name[open:], ']') < 0 {
		return name, false
	}
	return name[:open], true
}

const indexFrom = 24 // above this many names a map is faster than looking at each

func (in *input) append(p sent) {
	in.params = append(in.params, p)
	switch n := len(in.params); {
	case in.byName != nil:
		in.byName[p.name] = n - 1
	case n > indexFrom:
		in.byName = make(map[string]int, 2*n)
		for i, q := range in.params {
			in.byName[q.name] = i
		}
	}
}

// lookup gives what was sent for name, nil if nothing was.
func (in *input) lookup(name string) *sent {
	if in.byName != nil {
		if i, ok := in.byName[name]; ok {
			return &in.params[i]
		}
		return nil
	}
	for i := range in.params {
		if in.params[i].name == name {
			return &in.params[i]
		}
	}
	return nil
}

// take is lookup by somebody who knows the name.
func (in *input) take(name string) *sent {
	p := in.lookup(name)
	if p != nil {
		p.used = true
	}
	return p
}

// has reports whether name was sent, without using it.
func (in *input) has(name string) bool { return in.lookup(name) != nil }

// asks reports whether a flag was sent, without using it. An array is none.
func (in *input) asks(name string) bool {
	p := in.lookup(name)
	return p != nil && !p.isList
}

// unused lists the names that nobody asked for, those of the body first.
func (in *input) unused() []string {
	var names []string
	for i := range in.params {
		if !in.params[i].used {
			names = append(names, in.params[i].name)
		}
	}
	return names
}

// unescape reads one percent-encoded piece of a form. What is not a proper escape stands for itself.
func unescape(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		if strings.IndexByte(s, '+') < 0 {
			return s
		}
		return strings.ReplaceAll(s, "+", " ")
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '+':
			b.WriteByte(' ')
		case c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			b.WriteByte(unhex(s[i+1])<<4 | unhex(s[i+2]))
			i += 2
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	}
	return c - 'a' + 10
}

// text gives the text sent for name, without using it; empty where nothing or a list was sent.
func (in *input) text(name string) string {
	if p := in.lookup(name); p != nil {
		return p.text
	}
	return ""
}
