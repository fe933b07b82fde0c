package auth

import (
	"slices"
	"sort"
)

// Right is something an account may do.
type Right string

// The rights that gatehouse asks for, under the reference's names.
const (
	RightRead              Right = "read"
	RightCreateAccount     Right = "createaccount"
	RightAutoCreateAccount Right = "autocreateaccount"
	RightNoRateLimit       Right = "noratelimit"
	RightSkipCaptcha       Right = "skipcaptcha"
	RightIPBlockExempt     Right = "ipblock-exempt"
	RightAPIHighLimits     Right = "apihighlimits"
	RightBot               Right = "bot"
	RightBlock             Right = "block"
	RightUnblockSelf       Right = "unblockself"
	RightUserRights        Right = "userrights"
	RightOATHAll           Right = "oathauth-api-all"     // knows and tries the second factors of all accounts
	RightOATHVerify        Right = "oathauth-verify-user" // knows who has a second factor, and says why they ask
	RightEventPass         Right = "eventpass"            // ours: the reference has no event passes

	// These are ours too: the pages of operators.

	RightMailQueue Right = "gatehouse-mail"   // sees what mail waits, and has it tried again
	RightLimits    Right = "gatehouse-limits" // sees who is at a limit, and lifts it
	RightFunnel    Right = "gatehouse-funnel" // sees how many people leave where
)

// The groups that exist without configuration.
const (
	GroupEverybody     = "*"
	GroupUser          = "user"
	GroupAutoconfirmed = "autoconfirmed"
	GroupBot           = "bot"
	GroupSysop         = "sysop"
	GroupBureaucrat    = "bureaucrat"
)

// Group is what membership gives and takes. A revoked right is lost whatever other groups grant.
type Group struct {
	Grant  []Right
	Revoke []Right
	// Title names the members and their page, for messages; empty = the group's own name, without a page.
	Title string
}

// link is the group as messages name it.
func (p GroupPolicy) link(group string) string {
	title := p[group].Title
	if title == "" {
		return group
	}
	return "[[Project:" + title + "|" + title + "]]"
}

// GroupPolicy maps every group to its rights. It is built once and then only read.
type GroupPolicy map[string]Group

// DefaultGroups are the reference's groups with those of their rights that somebody asks for: clients are told them, and what
// is told has to be true.
func DefaultGroups() GroupPolicy {
	return GroupPolicy{
		GroupEverybody:     {Grant: []Right{RightCreateAccount, RightRead}},
		GroupUser:          {},
		GroupAutoconfirmed: {},
		GroupBot:           {Title: "Bots", Grant: []Right{RightBot, RightAPIHighLimits, RightSkipCaptcha}},
		GroupSysop: {Title: "Administrators", Grant: []Right{
			RightCreateAccount, RightIPBlockExempt, RightNoRateLimit, RightSkipCaptcha, RightAPIHighLimits,
			RightBlock, RightUnblockSelf, RightOATHVerify, RightEventPass, RightMailQueue, RightLimits, RightFunnel,
		}},
		GroupBureaucrat: {Title: "Bureaucrats", Grant: []Right{RightNoRateLimit, RightUserRights}},
	}
}

// EffectiveGroups gives all groups of a: the implied ones first, then the explicit ones. Nobody is in "*" alone.
func EffectiveGroups(a Account) []string {
	if a.ID == 0 {
		return []string{GroupEverybody}
	}
	return append([]string{GroupEverybody, GroupUser, GroupAutoconfirmed}, a.Groups...)
}

// Rights are the rights of a, sorted.
func (p GroupPolicy) Rights(a Account) []Right {
	var granted, revoked []Right
	for _, name := range EffectiveGroups(a) {
		g := p[name]
		granted = append(granted, g.Grant...)
		revoked = append(revoked, g.Revoke...)
	}
	granted = slices.DeleteFunc(granted, func(r Right) bool { return slices.Contains(revoked, r) })
	slices.Sort(granted)
	return slices.Compact(granted)
}

// Allows reports whether a has right.
func (p GroupPolicy) Allows(a Account, right Right) bool {
	return slices.Contains(p.Rights(a), right)
}

// GroupsWith lists the groups that grant right, sorted.
func (p GroupPolicy) GroupsWith(right Right) []string {
	var out []string
	for name, g := range p {
		if slices.Contains(g.Grant, right) {
			out = append(out, name)
		}
	}
	sort.Strings(out)
	return out
}

// Explicit lists the groups that accounts can be put into and taken out of, sorted.
func (p GroupPolicy) Explicit() []string {
	var out []string
	for name := range p {
		if name != GroupEverybody && name != GroupUser && name != GroupAutoconfirmed {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}
