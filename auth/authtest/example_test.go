package authtest_test

import (
	"context"
	"crypto/subtle"
	"fmt"
	"testing"

	"gatehouse/auth"
	"gatehouse/auth/authtest"
)

// Invitation lets nobody make an account who does not know the code.
type Invitation struct{ Code string }

// ID implements auth.Provider.
func (Invitation) ID() auth.ProviderID { return "invitation" }

// Requests asks everybody who creates an account.
func (Invitation) Requests(_ context.Context, o auth.Options) ([]auth.Request, error) {
	if o.Action != auth.ActionCreate {
		return nil, nil
	}
	return []auth.Request{{
		ID: "InvitationAuthenticationRequest", Required: auth.RequiredAlways,
		Fields: []auth.Field{{
			Name: "invitation", Type: auth.FieldString,
			Label: auth.Message{Key: "invitation-label"}, Help: auth.Message{Key: "invitation-help"},
		}},
	}}, nil
}

// CheckCreation implements auth.CheapCreationTester. A request that was not filled in has no answer: that is no code either.
func (p Invitation) CheckCreation(c *auth.Creation) auth.Check {
	a, _ := c.Answers.Get("InvitationAuthenticationRequest")
	if subtle.ConstantTimeCompare([]byte(a.Values["invitation"]), []byte(p.Code)) != 1 {
		return auth.Refused(auth.Message{Key: "invitation-wrong"})
	}
	return auth.Good()
}

func TestInvitation(t *testing.T) {
	authtest.Run(t, authtest.Case{
		New:        func(*testing.T) auth.Provider { return Invitation{Code: "open-sesame"} },
		Submission: map[string]string{"invitation": "open-sesame"},
	})
}

// A provider is asked with a Creation as the Manager fills it in.
func Example() {
	p := Invitation{Code: "open-sesame"}
	offered, _ := p.Requests(context.Background(), auth.Options{Action: auth.ActionCreate, Creator: authtest.Visitor()})
	for _, typed := range []string{"open-sesame", "abracadabra"} {
		answers := auth.Load(offered, auth.Submission{Texts: map[string]string{"invitation": typed}})
		check := p.CheckCreation(&auth.Creation{Creator: authtest.Visitor(), Answers: answers})
		fmt.Println(typed, check.OK())
	}
	// Output:
	// open-sesame true
	// abracadabra false
}
