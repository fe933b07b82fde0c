package actionapi

import (
	"fmt"
	"net/http"
	"time"
)

// cacheMode says who may keep an answer. The stricter is the smaller.
type cacheMode uint8

const (
	// cachePrivate: the client alone.
	cachePrivate cacheMode = iota
	// cacheAnonymous: everybody, if the client has no session.
	cacheAnonymous
	// cachePublic: everybody.
	cachePublic
)

const privateNoAge = "private, must-revalidate, max-age=0"

// cacheMode is the module's, made stricter by what the call asks for: where not everybody may read nothing is for everybody,
// and texts in the caller's own language are for callers who have none.
func (c *call) cacheMode() cacheMode {
	if c.main == nil || !c.api.readable {
		return cachePrivate
	}
	if c.cache == cachePublic && c.main[mainUseLang].text == "user" {
		return cacheAnonymous
	}
	return c.cache
}

// cacheControl is who may keep the answer and for how long; it writes the other headers for caches. An answer that sets a
// cookie is never public.
func (c *call) cacheControl(h http.Header, failed bool) string {
	if failed || c.main == nil {
		return privateNoAge
	}
	mode := c.cacheMode()
	if mode != cachePrivate {
		h.Set("Vary", c.vary(mode))
	}
	shared, own := c.main[mainSMaxAge].number, c.main[mainMaxAge].number
	public := mode == cachePublic || mode == cacheAnonymous && !c.session.Established()
	switch {
	case public && (shared > 0 || own > 0) && h["Set-Cookie"] == nil && c.r.Method != http.MethodPost:
		h.Set("Expires", c.expires(min(shared, own)))
		return fmt.Sprintf("s-maxage=%d, max-age=%d, public", shared, own)
	case own > 0 && !c.module.writes:
		return fmt.Sprintf("private, must-revalidate, max-age=%d", own)
	}
	return privateNoAge
}

// vary is on which headers of requests an answer depends.
func (c *call) vary(mode cacheMode) string {
	on := "Accept-Encoding, Treat-as-Untrusted"
	if mode == cacheAnonymous {
		on += ", Cookie"
	}
	if c.in.has("origin") && c.in.text("origin") != "*" {
		on += ", Origin"
	}
	return on
}

func (c *call) expires(seconds int64) string {
	t := time.Unix(1, 0)
	if seconds > 0 {
		t = c.now().Add(time.Duration(min(seconds, 1<<31)) * time.Second)
	}
	return t.UTC().Format(http.TimeFormat)
}
