package special

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
)

// checksUntil is a limit that is used up when the test says so.
type checksUntil struct{ full bool }

func (l *checksUntil) Spend(netip.Addr, int) time.Duration {
	if l.full {
		return time.Minute
	}
	return 0
}

// TestAdviceEnds: who asked for too many names gets the form without advice, and hears nothing of the name.
func TestAdviceEnds(t *testing.T) {
	limit := &checksUntil{}
	s := newTestSite(t, change{auth: func(c *auth.Config) { c.NameChecks = limit }})
	s.browser(t).create("Zane")
	b := s.browser(t)
	taken := []string{"wpName", "zane", "wpPassword", "three plain words", "retype", "three plain words"}
	b.post(createPath, b.get(createPath).form(taken...)).want(t, 200, "This name is taken", `name="wpSuggestion"`)
	limit.full = true
	p := b.post(createPath, b.get(createPath).form(taken...)).want(t, 200, "1 minute")
	if strings.Contains(p.body, ">This name is taken") || strings.Contains(p.body, `name="wpSuggestion"`) {
		t.Errorf("got %s", p.body)
	}
}
