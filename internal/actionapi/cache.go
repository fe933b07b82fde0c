package actionapi

import (
	"fmt"
	"net/http"
	"time"
)

// cacheMode says who may keep an answer. The stricter is the smaller; zero is the client alone.
type cacheMode uint8

const (
	// cacheAnonymous: everybody, if the client has no session.
	cacheAnonymous cacheMode = iota + 1
	// cachePublic: everybody.
	cachePublic
)

const privateNoAge = "private, must-revalidate, max-age=0"

// setCaching writes the headers for caches. An answer that sets a cookie is never public.
func (c *call) setCaching(h http.Header, failed bool) {
	if failed || c.main == nil {
		h.Set("Cache-Control", privateNoAge)
		return
	}
	if c.cache == cacheAnonymous {
		vary := "Accept-Encoding, Treat-as-Untrusted, Cookie"
		if c.in.has("origin") {
			vary += ", Origin"
		}
		h.Set("Vary", vary)
	}
	shared, own := c.main[mainSMaxAge].number, c.main[mainMaxAge].number
	public := c.cache == cachePublic || c.cache == cacheAnonymous && !c.session.Established()
	switch {
	case public && (shared > 0 || own > 0) && h["Set-Cookie"] == nil && c.r.Method != http.MethodPost:
		h.Set("Cache-Control", fmt.Sprintf("s-maxage=%d, max-age=%d, public", shared, own))
		h.Set("Expires", c.expires(min(shared, own)))
	case own > 0 && !c.module.writes:
		h.Set("Cache-Control", fmt.Sprintf("private, must-revalidate, max-age=%d", own))
	default:
		h.Set("Cache-Control", privateNoAge)
	}
}

func (c *call) expires(seconds int64) string {
	t := time.Unix(1, 0)
	if seconds > 0 {
		t = c.now().Add(time.Duration(min(seconds, 1<<31)) * time.Second)
	}
	return t.UTC().Format(http.TimeFormat)
}
