package gatehouse

import (
	"fmt"
	"maps"
	"slices"

	"gatehouse/auth"
)

// GroupPolicy gives every group its rights: the reference's groups, less what createaccount.anonymous and site.private
// take from visitors, and on top the table groups.
func (c Config) GroupPolicy() auth.GroupPolicy {
	policy := auth.DefaultGroups()
	if !c.CreateAccount.Anonymous {
		withhold(policy, auth.RightCreateAccount)
	}
	if c.Site.Private {
		withhold(policy, auth.RightRead)
		extend(policy, auth.GroupUser, GroupConfig{Grant: []string{string(auth.RightRead)}})
	}
	for name, g := range c.Groups {
		extend(policy, name, g)
	}
	return policy
}

// withhold takes a right from "*" without revoking it, so that other groups may still grant it.
func withhold(p auth.GroupPolicy, right auth.Right) {
	g := p[auth.GroupEverybody]
	g.Grant = slices.DeleteFunc(slices.Clone(g.Grant), func(r auth.Right) bool { return r == right })
	p[auth.GroupEverybody] = g
}

func extend(p auth.GroupPolicy, name string, more GroupConfig) {
	g := p[name]
	for _, r := range more.Grant {
		g.Grant = append(slices.Clip(g.Grant), auth.Right(r))
	}
	for _, r := range more.Revoke {
		g.Revoke = append(slices.Clip(g.Revoke), auth.Right(r))
	}
	p[name] = g
}

// knownRights are those that gatehouse asks for or tells.
func knownRights() map[string]bool {
	known := map[string]bool{}
	for _, r := range []auth.Right{
		auth.RightRead, auth.RightCreateAccount, auth.RightAutoCreateAccount, auth.RightNoRateLimit, auth.RightSkipCaptcha,
		auth.RightIPBlockExempt, auth.RightAPIHighLimits, auth.RightBot,
	} {
		known[string(r)] = true
	}
	for _, g := range auth.DefaultGroups() {
		for _, r := range g.Grant {
			known[string(r)] = true
		}
	}
	return known
}

// idleRights warns of rights that change nothing. They are allowed, since userinfo shows them to clients.
func (c Config) idleRights() []string {
	known := knownRights()
	var out []string
	for _, name := range slices.Sorted(maps.Keys(c.Groups)) {
		for _, r := range slices.Concat(c.Groups[name].Grant, c.Groups[name].Revoke) {
			if !known[r] {
				out = append(out, fmt.Sprintf("groups.%s: nothing asks for the right %q; the rights that matter are %v", name, r, slices.Sorted(maps.Keys(known))))
			}
		}
	}
	return out
}
