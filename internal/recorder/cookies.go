package recorder

import (
	"net/http"
	"strings"
	"sync"
)

// visitors tells clients apart by the cookies they were given. Who has none yet is the same visitor as the last one who had
// none: nothing ties them to anything.
type visitors struct {
	mu    sync.Mutex
	byOf  map[string]int // "name=value" → visitor
	last  int
	fresh bool // the last one has no cookie yet
}

func newVisitors() *visitors { return &visitors{byOf: map[string]int{}} }

func (v *visitors) of(cookies []*http.Cookie) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, c := range cookies {
		if n, ok := v.byOf[strings.TrimPrefix(c.Name, plainPrefix)+"="+c.Value]; ok {
			return n
		}
	}
	if !v.fresh {
		v.last++
		v.fresh = true
	}
	return v.last
}

func (v *visitors) got(visitor int, cookies []*http.Cookie) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, c := range cookies {
		if c.MaxAge < 0 || c.Value == "" || c.Value == "deleted" {
			continue
		}
		v.byOf[c.Name+"="+c.Value] = visitor
		if visitor == v.last {
			v.fresh = false
		}
	}
}

// plainPrefix stands before cookie names that clients take over TLS only.
const plainPrefix = "plain-"

func needsTLS(name string) bool {
	return strings.HasPrefix(name, "__Host-") || strings.HasPrefix(name, "__Secure-")
}

// plainCookies lets a client without TLS keep the cookies of a wiki that has it.
func plainCookies(answer *http.Response) {
	cookies := answer.Cookies()
	answer.Header.Del("Set-Cookie")
	for _, c := range cookies {
		if needsTLS(c.Name) {
			c.Name = plainPrefix + c.Name
		}
		c.Secure, c.Domain = false, ""
		if c.SameSite == http.SameSiteNoneMode {
			c.SameSite = http.SameSiteDefaultMode
		}
		answer.Header.Add("Set-Cookie", c.String())
	}
}

// restoreCookies undoes the names of plainCookies.
func restoreCookies(out *http.Request) {
	cookies := out.Cookies()
	if len(cookies) == 0 {
		return
	}
	out.Header.Del("Cookie")
	for _, c := range cookies {
		if rest, ok := strings.CutPrefix(c.Name, plainPrefix); ok && needsTLS(rest) {
			c.Name = rest
		}
		out.AddCookie(c)
	}
}
