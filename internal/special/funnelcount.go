package special

import (
	"gatehouse/auth"
	"gatehouse/internal/wire"
)

// Funnel counts where people leave on their way to an account.
type Funnel interface {
	// Shown counts a form that was shown for the first time, Closed somebody who was not shown one.
	Shown(a auth.Audience)
	Closed(a auth.Audience)
	// TurnedAway counts a submission that the Manager never saw; begins says that it was the first of its flow.
	TurnedAway(a auth.Audience, code string, begins bool)
}

type noFunnel struct{}

func (noFunnel) Shown(auth.Audience)                    {}
func (noFunnel) Closed(auth.Audience)                   {}
func (noFunnel) TurnedAway(auth.Audience, string, bool) {}

// Refusals of forms that have no code on the wire.
const (
	codeEmpty   = "emptyfield"
	codeForeign = "crossorigin"
)

// countClosed counts somebody who cannot make an account whatever they fill in.
func (c Config) countClosed(v *Visit, check auth.Check) {
	if v.head {
		return
	}
	if !v.Posted() {
		c.Funnel.Closed(v.client().Audience())
		return
	}
	begins := v.param("authAction") != string(auth.ActionCreateContinue)
	c.Funnel.TurnedAway(v.client().Audience(), wire.Code(check.Findings[0]), begins)
}

// turnedAway counts a form of a creation that was refused before the Manager saw it.
func (f flow) turnedAway(v *Visit, code string, begins bool) {
	if f.first == auth.ActionCreate {
		f.cfg.Funnel.TurnedAway(v.client().Audience(), code, begins)
	}
}
