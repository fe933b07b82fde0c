package auth

import "time"

// Via is the way by which a submission came: which edge, and on api.php whether this site's own sandbox says that it asks.
// Nothing that a client tells of itself is in it.
type Via string

// The ways in.
const (
	ViaPage    Via = "page"
	ViaAPI     Via = "api"
	ViaSandbox Via = "sandbox"
)

// Audience is all that is counted of who makes an account: never who it is.
type Audience struct {
	Via Via
	// SignedIn says that somebody makes an account for somebody else.
	SignedIn bool
	// Language is the code of the language that the request is read in.
	Language string
}

// Milestones are what one submission of a creation reached, as bits.
type Milestones uint16

// The milestones. The Manager sets those that every creation has, the others are for the providers to set.
const (
	ReachedCaptcha  Milestones = 1 << iota // the captcha let it pass
	ReachedAway                            // the browser is sent to a third party
	ReachedReturn                          // and is back
	ReachedAccount                         // the account is made
	ReachedOffer                           // a second factor is offered
	ReachedFactor                          // and set up
	ReachedSkipping                        // or not
)

// Has reports whether all of n are among m.
func (m Milestones) Has(n Milestones) bool { return m&n == n }

// Reach adds what a submission has reached, for the count of where people leave.
func (c *Creation) Reach(m Milestones) { c.reached |= m }

// FunnelStep is a step of the way to an account that is counted.
type FunnelStep string

// The steps, in the order in which most people take them.
const (
	FunnelClosed    FunnelStep = "closed"    // nobody could make an account from there: no form was shown
	FunnelShown     FunnelStep = "shown"     // the form was shown, or its fields were asked for
	FunnelSubmitted FunnelStep = "submitted" // a creation was begun
	FunnelRefused   FunnelStep = "refused"   // a submission was refused, with a code
	FunnelCaptcha   FunnelStep = "captcha"
	FunnelAway      FunnelStep = "away"
	FunnelReturn    FunnelStep = "returned"
	FunnelMade      FunnelStep = "made"
	FunnelOffer     FunnelStep = "offered"
	FunnelFactor    FunnelStep = "factor"
	FunnelSkipped   FunnelStep = "skipped"
	FunnelDone      FunnelStep = "done"
)

// FunnelSteps lists the steps in order.
func FunnelSteps() []FunnelStep {
	return []FunnelStep{
		FunnelClosed, FunnelShown, FunnelSubmitted, FunnelRefused, FunnelCaptcha, FunnelAway, FunnelReturn, FunnelMade,
		FunnelOffer, FunnelFactor, FunnelSkipped, FunnelDone,
	}
}

// FunnelCell is what a number of the funnel is about.
type FunnelCell struct {
	Step FunnelStep
	// Code is that of a refusal; empty for other steps.
	Code string
	// Client is a kind of client: "page", "api", "sandbox", "account".
	Client string
	// Language is one of a few codes, or "other".
	Language string
}

// FunnelSum is a number of the funnel in the hour that began at Hour.
type FunnelSum struct {
	Hour time.Time
	FunnelCell
	Count int64
}
