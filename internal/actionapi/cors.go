package actionapi

import (
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

const exposedHeaders = "MediaWiki-API-Error, Retry-After, X-Database-Lag, MediaWiki-Login-Suppressed"

// crossOrigin answers what a page of another site asks of its browser: whether it may read the answer. It reports whether
// the call goes on; if not, the answer is written.
func (c *call) crossOrigin(w http.ResponseWriter) bool {
	preflight := c.r.Method == http.MethodOptions && c.r.Header["Access-Control-Request-Method"] != nil
	if c.in.has("origin") {
		origin := c.in.text("origin")
		switch {
		case origin == "*":
			c.allowEverybody(preflight)
		case !slices.Contains(strings.Fields(c.r.Header.Get("Origin")), origin):
			c.refuseOrigin(w)
			return false
		default:
			c.judgeOrigin(origin, preflight)
		}
	}
	if c.r.Method != http.MethodOptions {
		return true // what browsers ask before a call is answered by headers alone
	}
	c.header.Set("Content-Type", "text/html; charset=UTF-8")
	c.header.Set("X-Content-Type-Options", "nosniff")
	if preflight { // as the reference answers; nothing is in it that a frame could show or a cache keep
		c.header.Del("X-Frame-Options")
		c.header.Del("Cache-Control")
	}
	w.WriteHeader(http.StatusOK)
	return false
}

func (c *call) refuseOrigin(w http.ResponseWriter) {
	c.header.Set("Content-Type", "text/html; charset=UTF-8")
	c.header.Set("X-Content-Type-Options", "nosniff")
	c.header.Set("Cache-Control", "no-cache")
	c.header.Del("X-Frame-Options")
	w.WriteHeader(http.StatusForbidden)
	_, _ = w.Write([]byte("The parameter \"origin\" is not what the header Origin says.\n"))
}

func (c *call) allowEverybody(preflight bool) {
	if preflight && !c.allowRequestHeaders() {
		return
	}
	c.header.Set("Access-Control-Allow-Origin", "*")
	c.header.Set("Access-Control-Allow-Credentials", "false")
	c.exposeHeaders(preflight)
}

// judgeOrigin lets the pages of allowed sites read the answer. For others reading goes on too, but their browser keeps the
// answer to itself; they change nothing.
func (c *call) judgeOrigin(origin string, preflight bool) {
	if !c.api.CORS.allows(origin) || strings.HasPrefix(c.api.Site.Server, "https:") && !secureOrigin(origin) {
		c.foreign = true
		c.header.Set("MediaWiki-CORS-Rejection", "Origin mismatch")
		return
	}
	if preflight && !c.allowRequestHeaders() {
		return
	}
	c.header.Set("Access-Control-Allow-Origin", origin)
	c.header.Set("Access-Control-Allow-Credentials", "true")
	c.header.Set("Timing-Allow-Origin", origin)
	c.exposeHeaders(preflight)
}

func (c *call) exposeHeaders(preflight bool) {
	if !preflight {
		c.header.Set("Access-Control-Expose-Headers", exposedHeaders)
	}
}

// allowRequestHeaders answers a preflight's question for headers and reports whether all of them are fine.
func (c *call) allowRequestHeaders() bool {
	asked := c.r.Header.Get("Access-Control-Request-Headers")
	for name := range strings.SplitSeq(asked, ",") {
		if name = strings.ToLower(strings.TrimSpace(name)); name != "" && !allowedHeader(name) {
			c.header.Set("MediaWiki-CORS-Rejection", "Unsupported header requested in preflight")
			return false
		}
	}
	c.header.Set("Access-Control-Allow-Methods", "POST, GET, HEAD")
	if asked != "" {
		c.header.Set("Access-Control-Allow-Headers", asked)
	}
	return true
}

func allowedHeader(name string) bool {
	switch name {
	case "accept", "accept-language", "content-language", "content-type", "accept-encoding", "dnt", "origin", "user-agent",
		"api-user-agent", "access-control-max-age", "authorization":
		return true
	}
	return false
}

// allows reports whether pages of origin may use the API with cookies. A pattern without a scheme is good for http and
// https.
func (c CORS) allows(origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	matches := func(pattern string) bool {
		if strings.Contains(pattern, "://") {
			return wildcard(pattern, origin)
		}
		return wildcard(pattern, u.Host)
	}
	return slices.ContainsFunc(c.Allow, matches) && !slices.ContainsFunc(c.Except, matches)
}

// secureOrigin reports whether nobody on the way can put words into the mouth of the origin's pages: they come over https,
// or from this machine (docs/divergences.md).
func secureOrigin(origin string) bool {
	u, err := url.Parse(origin)
	if err != nil {
		return false
	}
	host := u.Hostname()
	addr, err := netip.ParseAddr(host)
	return u.Scheme == "https" || host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && addr.IsLoopback()
}

// wildcard matches s against a pattern in which * stands for any run of characters and ? for one. It takes no more steps
// than the product of their lengths: s comes from anybody.
func wildcard(pattern, s string) bool {
	star, retry := -1, 0 // the last * and where in s what follows it is tried next
	p, i := 0, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, retry = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p++
			i++
		case star >= 0:
			retry++
			p, i = star+1, retry
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
