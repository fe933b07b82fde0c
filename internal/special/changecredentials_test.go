package special

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/auth"
)

const credentialsPath = "/wiki/Special:ChangeCredentials"

// TestProveAgain: who signed in long ago proves who they are before they change how they sign in, as themselves or as
// somebody else, and comes back to the page; a wrong password does not help.
func TestProveAgain(t *testing.T) {
	var ahead atomic.Int64
	s := newTestSite(t, change{auth: func(c *auth.Config) {
		real := c.Clock
		c.Clock = func() time.Time { return real().Add(time.Duration(ahead.Load())) }
	}})
	b := s.browser(t)
	b.create("Zane")
	b.get(credentialsPath).want(t, 200, "Zane")
	ahead.Store(int64(2 * auth.DefaultReauthenticateAfter))
	sent := b.get(credentialsPath)
	to := sent.Header.Get("Location")
	if sent.StatusCode != 302 && sent.StatusCode != 303 || !strings.Contains(to, "Special:UserLogin") || !strings.Contains(to, "force=1") {
		t.Fatalf("got %d, to %q", sent.StatusCode, to)
	}
	b.post(credentialsPath, b.get("/wiki/Special:UserLogin?force=1").form("wpPassword", "x")).want(t, sent.StatusCode)

	page := b.get(to).want(t, 200, `value="Zane"`)
	b.post(loginPath, page.form("wpName", "Zane", "wpPassword", "wrong")).want(t, 200, `role="alert"`)
	b.get(credentialsPath).want(t, sent.StatusCode)
	ahead.Store(0) // the new sign-in is fresh
	b.post(loginPath, b.get(to).form("wpName", "Zane", "wpPassword", "three plain words")).leadsTo(t, credentialsPath)
	b.get(credentialsPath).want(t, 200, "Zane")
}
