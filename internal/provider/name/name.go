// Package name asks for the new account's name.
//
// Most requests of other providers carry the name as well; this one keeps it asked for where none of them does, as in a
// sign-up through another site. It judges nothing: auth.Manager makes the name canonical and asks whether it is free.
package name

import (
	"context"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// RequestID identifies the request for the name.
const RequestID auth.RequestID = `MediaWiki\Auth\UsernameAuthenticationRequest`

// Provider is the auth.SubjectProvider of the name. Build it with New.
type Provider struct{ asked []auth.Request }

// New makes the provider; its request is the same for everybody.
func New() Provider {
	return Provider{asked: []auth.Request{{
		ID:       RequestID,
		Required: auth.RequiredAlways,
		Fields: []auth.Field{{
			Name:  auth.FieldUsername,
			Type:  auth.FieldString,
			Label: message.New("userlogin-yourname"),
			Help:  message.New("authmanager-username-help"),
		}},
	}}}
}

var _ auth.SubjectProvider = Provider{}

// ID is "name".
func (Provider) ID() auth.ProviderID { return "name" }

// Requests asks every creator for the name.
func (p Provider) Requests(_ context.Context, o auth.Options) ([]auth.Request, error) {
	if o.Action != auth.ActionCreate {
		return nil, nil
	}
	return p.asked, nil
}

// Describe finds nothing to say: the Manager has taken the name from the answers.
func (Provider) Describe(*auth.Creation) auth.Check { return auth.Good() }
