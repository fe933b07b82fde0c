package websession

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"gatehouse/auth"
)

// deletedValue is what a deleted cookie holds. Clients that keep no expiry times go on sending it: it counts as no cookie.
const deletedValue = "deleted"

// cookieStyle is how this site's cookies are called and what attributes they have.
type cookieStyle struct {
	session, userID, userName, token string
	secure                           bool
	sameSite                         http.SameSite
	// attributes is what stands behind the value of a cookie that ends with the browser.
	attributes string
}

func newCookieStyle(c Config) (cookieStyle, error) {
	prefix, style := c.Site, cookieStyle{}
	if u, err := url.Parse(c.PublicURL); err == nil && strings.EqualFold(u.Scheme, "https") {
		prefix = "__Host-" + prefix
		style.secure, style.sameSite = true, http.SameSiteLaxMode
		if c.CrossSite {
			style.sameSite = http.SameSiteNoneMode
		}
	}
	style.session, style.userID = prefix+"_session", prefix+"UserID"
	style.userName, style.token = prefix+"UserName", prefix+"Token"
	if c.Site == "" || style.make(style.session, "x").Valid() != nil {
		return cookieStyle{}, fmt.Errorf("site id %q cannot stand in a cookie's name", c.Site)
	}
	_, style.attributes, _ = strings.Cut(style.make("x", "x").String(), "x=x")
	return style, nil
}

func (st *cookieStyle) make(name, value string) *http.Cookie {
	return &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, Secure: st.secure, SameSite: st.sameSite}
}

// sentCookies are the values the client sent; "" = not sent.
type sentCookies struct{ session, userID, token string }

// read picks out our cookies; of several with one name the first counts.
func (st *cookieStyle) read(h http.Header) sentCookies {
	var sent sentCookies
	for _, line := range h["Cookie"] {
		for pair := range strings.SplitSeq(line, ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
			into := st.field(&sent, name)
			if into != nil && *into == "" && value != deletedValue {
				*into = value
			}
		}
	}
	return sent
}

func (st *cookieStyle) field(sent *sentCookies, name string) *string {
	switch name {
	case st.session:
		return &sent.session
	case st.userID:
		return &sent.userID
	case st.token:
		return &sent.token
	}
	return nil
}

// set has a cookie written, in place of one with the same name. life 0 = until the browser ends.
func (s *Session) set(name, value string, life time.Duration) {
	c := s.m.cookies.make(name, value)
	if life > 0 {
		c.Expires, c.MaxAge = s.now.Add(life), int(life/time.Second)
	}
	s.put(c)
}

// drop has a cookie deleted, if the client sent one.
func (s *Session) drop(name, sent string) {
	if sent == "" {
		return
	}
	c := s.m.cookies.make(name, deletedValue)
	c.Expires, c.MaxAge = time.Unix(1, 0), -1 // written as Max-Age=0
	s.put(c)
}

func (s *Session) put(c *http.Cookie) {
	for i, have := range s.out {
		if have.Name == c.Name {
			s.out[i] = c
			return
		}
	}
	s.out = append(s.out, c)
}

// WriteCookies adds a Set-Cookie line for everything that changed. Call it once, before the status line.
func (s *Session) WriteCookies(h http.Header) {
	if s.renewed {
		s.writeVisitor(h)
	}
	for _, c := range s.out {
		h.Add("Set-Cookie", c.String())
	}
}

// escapeName writes a name in characters that a cookie may hold, as clients of the reference decode it.
func escapeName(n auth.Name) string {
	return strings.ReplaceAll(url.QueryEscape(string(n)), "+", "%20")
}
