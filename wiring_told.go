package gatehouse

import (
	"time"

	"gatehouse/internal/actionapi"
	"gatehouse/internal/special"
)

// toldPages are the special pages as the API tells of them.
func toldPages() []actionapi.SpecialPage {
	var out []actionapi.SpecialPage
	for _, p := range special.PageNames() {
		out = append(out, actionapi.SpecialPage(p))
	}
	return out
}

// toldLimits are the limits on what callers do themselves. Of several for one thing the first is told: there is room for one.
func toldLimits(t ThrottleConfig) []actionapi.RateLimit {
	if len(t.Creations) == 0 {
		return nil
	}
	first := t.Creations[0]
	limit := actionapi.RateLimit{Action: "createaccount", Hits: first.Count, Seconds: int64(first.Per.Duration() / time.Second)}
	ip, user := limit, limit
	ip.Scope, user.Scope = "ip", "user"
	return []actionapi.RateLimit{ip, user}
}
