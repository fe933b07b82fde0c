package actionapi

import (
	"gatehouse/auth"
	"gatehouse/internal/websession"
	"gatehouse/internal/wire"
)

// Funnel counts where people leave on their way to an account.
type Funnel interface {
	// Shown counts fields of a creation that were asked for.
	Shown(a auth.Audience)
	// TurnedAway counts a submission that the Manager never saw; begins says that it was the first of its flow.
	TurnedAway(a auth.Audience, code string, begins bool)
}

type noFunnel struct{}

func (noFunnel) Shown(auth.Audience)                    {}
func (noFunnel) TurnedAway(auth.Audience, string, bool) {}

// viaHeader is what this site's own scripts say of themselves: the sandbox, or the form, whose showing was counted already.
const (
	viaHeader  = "X-Gatehouse-Via"
	viaSandbox = "sandbox"
	viaForm    = "form"
)

func (c *call) via() auth.Via {
	if c.r.Header.Get(viaHeader) == viaSandbox {
		return auth.ViaSandbox
	}
	return auth.ViaAPI
}

func (c *call) audience() auth.Audience {
	return auth.Audience{Via: c.via(), SignedIn: !c.creator.Anonymous(), Language: c.readers().Code()}
}

// countShown counts that somebody asked for the fields of a creation.
func (c *call) countShown() {
	if c.r.Header.Get(viaHeader) != viaForm {
		c.api.Funnel.Shown(c.audience())
	}
}

// countTurnedAway counts a creation that was refused before the Manager saw it.
func (c *call) countTurnedAway() {
	if c.module == nil || c.module.token != websession.TokenCreateAccount || c.submitted {
		return
	}
	code := c.outcome
	if code == string(auth.Fail) {
		code = wire.CannotCreate.Code()
	}
	c.api.Funnel.TurnedAway(c.audience(), code, !c.in.has("createcontinue"))
}
