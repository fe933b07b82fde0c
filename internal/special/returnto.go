package special

import (
	"net/url"
	"strings"
	"unicode"
)

// maxReturnQuery bounds the query that a visitor is sent back with.
const maxReturnQuery = 1024

// destination is where a visitor goes after a form: a title of this site and a query, as returnto and returntoquery give
// them. The zero value is nowhere in particular.
type destination struct{ title, query string }

// url gives the address on this site, or false where the destination is empty, not a title, or a page that would only
// send the visitor round in a circle. It never leaves the site: what it gives begins with one of the site's own paths.
func (d destination) url(s Site) (string, bool) {
	t, ok := parseTitle(d.title)
	if !ok {
		return "", false
	}
	switch key, _, _ := t.specialPage(); key {
	case "createaccount", "userlogin", "userlogout", "login", "logout":
		return "", false
	}
	if query := cleanQuery(d.query); query != "" {
		return s.indexURL(t, query), true
	}
	return s.articleURL(t), true
}

// params are the destination as parameters of another page's address.
func (d destination) params() url.Values {
	v := url.Values{}
	if d.title != "" {
		v.Set("returnto", d.title)
	}
	if d.query != "" {
		v.Set("returntoquery", d.query)
	}
	return v
}

// cleanQuery keeps the order and spelling of a query, because clients compare addresses, and drops what would change the
// page (title) or is no query at all.
func cleanQuery(query string) string {
	if len(query) > maxReturnQuery || strings.ContainsFunc(query, notInQuery) {
		return ""
	}
	var kept []string
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		key, err := url.QueryUnescape(name)
		if _, errValue := url.QueryUnescape(value); err != nil || errValue != nil || key == "" || key == "title" {
			continue
		}
		kept = append(kept, pair)
	}
	return strings.Join(kept, "&")
}

func notInQuery(r rune) bool {
	return r > unicode.MaxASCII || unicode.IsControl(r) || strings.ContainsRune(" #<>\"\\^`{|}", r)
}
