// Package remember offers "keep me signed in" beside the other fields of a sign-in. What it means is the session's
// business: the Manager reports the wish, the edge passes it to websession.
package remember

import (
	"context"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// RequestID is the request's id on the wire.
const RequestID auth.RequestID = `MediaWiki\Auth\RememberMeAuthenticationRequest`

// Provider is an auth.SubjectProvider that describes nothing. It is safe for concurrent use.
type Provider struct{ asked []auth.Request }

// New gives the provider; lasting is how long a remembered sign-in holds, told in the label in whole days.
func New(lasting time.Duration) Provider {
	days := int64(lasting / (24 * time.Hour))
	return Provider{asked: []auth.Request{{
		ID: RequestID, Required: auth.Optional,
		Fields: []auth.Field{{
			Name: auth.FieldRememberMe, Type: auth.FieldCheckbox, Optional: true, Skippable: true,
			Label: message.New("userlogin-remembermypassword", message.Num(days)),
			Help:  message.New("authmanager-userlogin-remembermypassword-help"),
		}},
	}}}
}

// ID implements auth.Provider.
func (Provider) ID() auth.ProviderID { return "remember" }

// Requests offers the check box to those who sign in.
func (p Provider) Requests(_ context.Context, o auth.Options) ([]auth.Request, error) {
	if o.Action != auth.ActionLogin {
		return nil, nil
	}
	return p.asked, nil
}

// Describe implements auth.SubjectProvider.
func (Provider) Describe(*auth.Creation) auth.Check { return auth.Good() }
