package actionapi

import (
	"net/http"
	"strings"
	"testing"

	"gatehouse/auth"
)

func TestCaching(t *testing.T) {
	s := newSite(t, change{})
	s.create(t, "Ann")
	const none = "private, must-revalidate, max-age=0"
	const anonymous, everybody = "Accept-Encoding, Treat-as-Untrusted, Cookie", "Accept-Encoding, Treat-as-Untrusted"
	ann, visitor := s.signedIn(t, "Ann"), s.client(t)
	visitor.token("login")
	for _, tt := range []struct {
		client            *client
		query, want, vary string
	}{
		{nil, "meta=siteinfo", none, anonymous},
		{nil, "meta=siteinfo&maxage=5&smaxage=7", "s-maxage=7, max-age=5, public", anonymous},
		{nil, "meta=siteinfo&smaxage=7", "s-maxage=7, max-age=0, public", anonymous},
		{nil, "meta=siteinfo&maxage=-5&smaxage=-7", none, anonymous},
		{nil, "meta=siteinfo&uselang=en&smaxage=7", "s-maxage=7, max-age=0, public", everybody},
		{nil, "meta=siteinfo&uselang=user&smaxage=7", "s-maxage=7, max-age=0, public", anonymous},
		{ann, "meta=siteinfo&maxage=5&smaxage=7", "private, must-revalidate, max-age=5", anonymous},
		{visitor, "meta=siteinfo&smaxage=7", none, anonymous},
		{ann, "meta=siteinfo&uselang=content&maxage=5&smaxage=7", "s-maxage=7, max-age=5, public", everybody},
		{ann, "list=users&ususers=Ann&uselang=en&smaxage=7", none, anonymous},
		{nil, "meta=siteinfo|userinfo&maxage=5&smaxage=7", "private, must-revalidate, max-age=5", "Accept-Encoding"},
		{ann, "meta=userinfo&maxage=5&smaxage=7", "private, must-revalidate, max-age=5", ""},
		{nil, "meta=tokens&type=createaccount&smaxage=7", none, ""},
		{nil, "meta=tokens|siteinfo&type=createaccount&uselang=en&smaxage=7", none, ""},
		{nil, "meta=nosuch&maxage=5", "s-maxage=0, max-age=5, public", anonymous},
		{nil, "meta=siteinfo&assert=user&maxage=5&smaxage=7", none, "Accept-Encoding"},
		{nil, "meta=siteinfo&smaxage=7&origin=*", "s-maxage=7, max-age=0, public", anonymous},
		{nil, "list=logevents&smaxage=7&uselang=en", "s-maxage=7, max-age=0, public", anonymous},
		{nil, "list=allusers&smaxage=7", "s-maxage=7, max-age=0, public", anonymous},
	} {
		c := tt.client
		if c == nil {
			c = s.client(t)
		}
		a := c.get("action=query&format=json&" + tt.query)
		if got := a.header.Get("Cache-Control"); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.query, got, tt.want)
		}
		if got := a.header.Get("Vary"); got != tt.vary {
			t.Errorf("%s: varies on %q, want %q", tt.query, got, tt.vary)
		}
	}
	for query, want := range map[string]string{
		"maxage=5&smaxage=7": s.clock.now().Add(5e9).Format(http.TimeFormat),
		"smaxage=7":          "Thu, 01 Jan 1970 00:00:01 GMT",
		"maxage=0":           "",
	} {
		if got := s.client(t).get("action=query&meta=siteinfo&format=json&" + query).header.Get("Expires"); got != want {
			t.Errorf("%s: expires %q, want %q", query, got, want)
		}
	}
	a := s.client(t).post("action=createaccount&format=json&maxage=5&smaxage=5")
	if got := a.header.Get("Cache-Control"); got != none {
		t.Errorf("a module that writes: %q", got)
	}
}

// TestNothingIsPublicWhereNotEverybodyReads: on such a site no answer is for a shared cache.
func TestNothingIsPublicWhereNotEverybodyReads(t *testing.T) {
	revoked := auth.DefaultGroups()
	revoked["*"] = auth.Group{}
	for about, c := range map[string]change{
		"private":          {api: func(c *Config) { c.Private = true }},
		"right taken away": {api: func(c *Config) { c.Groups = revoked }},
	} {
		s := newSite(t, c)
		for _, query := range []string{"action=query", "action=query&meta=tokens", "action=help", "action=paraminfo&modules=main"} {
			a := s.client(t).get(query + "&format=json&uselang=en&smaxage=7&maxage=7")
			if got := a.header.Get("Cache-Control"); !strings.HasPrefix(got, "private, ") {
				t.Errorf("%s, %s: %q", about, query, got)
			}
		}
	}
}
