package recorder

import (
	"net/http"
	"strings"
	"sync"
)

// visitors tells clients apart by the cookies they were given. Who has none that tells is the same visitor as the last one who
// had none, until one of them is given some: nothing ties them to anything.
type visitors struct {
	mu    sync.Mutex
	byOf  map[string]int // "name=value" → visitor, nobody where several were given the same
	last  int
	fresh bool // the last one has no cookie yet
}

// nobody is the visitor of a request whose cookies tell nothing.
const nobody = 0

func newVisitors() *visitors { return &visitors{byOf: map[string]int{}} }

func (v *visitors) of(cookies []*http.Cookie) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, c := range cookies {
		if n := v.byOf[wikiName(c.Name)+"="+c.Value]; n != nobody {
			return n
		}
	}
	return nobody
}

// got notes what a visitor was given. Nobody becomes somebody here and not when asking: of two who ask at once without
// cookies, each is given a session.
func (v *visitors) got(visitor int, cookies []*http.Cookie) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	var given []string
	for _, c := range cookies {
		if c.MaxAge >= 0 && c.Value != "" && c.Value != "deleted" {
			given = append(given, c.Name+"="+c.Value)
		}
	}
	if visitor == nobody {
		if !v.fresh {
			v.last++
		}
		visitor, v.fresh = v.last, len(given) == 0
	}
	for _, c := range given {
		if other, ok := v.byOf[c]; ok && other != visitor {
			v.byOf[c] = nobody
			continue
		}
		v.byOf[c] = visitor
	}
	return visitor
}

// plainPrefix stands before cookie names that clients take over TLS only.
const plainPrefix = "plain-"

func needsTLS(name string) bool {
	name = strings.ToLower(name) // browsers hold any case of them to it
	return strings.HasPrefix(name, "__host-") || strings.HasPrefix(name, "__secure-")
}

// wikiName is the wiki's name of a cookie that a client has.
func wikiName(name string) string {
	if rest, ok := strings.CutPrefix(name, plainPrefix); ok && needsTLS(rest) {
		return rest
	}
	return name
}

// plainCookies lets a client without TLS keep the cookies of a wiki that has it.
func plainCookies(h http.Header) {
	for i, line := range h["Set-Cookie"] {
		h["Set-Cookie"][i] = plainCookie(line)
	}
}

// plainCookie works on the text: what Go's parser does not take, browsers may.
func plainCookie(line string) string {
	parts := strings.Split(line, ";")
	cookie := strings.TrimSpace(parts[0])
	if needsTLS(cookie) {
		cookie = plainPrefix + cookie
	}
	for _, part := range parts[1:] {
		part = strings.TrimSpace(part)
		name, value, _ := strings.Cut(part, "=")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "secure", "domain", "partitioned":
			continue
		case "samesite":
			if strings.EqualFold(strings.TrimSpace(value), "none") {
				continue
			}
		}
		cookie += "; " + part
	}
	return cookie
}

// restoreCookies undoes the names of plainCookies.
func restoreCookies(h http.Header) {
	for i, line := range h["Cookie"] {
		cookies := strings.Split(line, ";")
		for j, c := range cookies {
			cookies[j] = wikiName(strings.TrimSpace(c))
		}
		h["Cookie"][i] = strings.Join(cookies, "; ")
	}
}
