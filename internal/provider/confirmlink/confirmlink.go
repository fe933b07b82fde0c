// Package confirmlink is the step of a sign-in that links an outside identity to the account: somebody proved one that had
// no account, and then signed in to the account they have. They are asked before anything is linked.
//
// It takes no part in creations, where such an identity is what the account is made with, and knows nothing of who vouches
// for identities: that is a primary provider's business.
package confirmlink

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// The requests: the id of the first has the provider's behind it.
const (
	requestID auth.RequestID = `MediaWiki\Auth\ConfirmLinkAuthenticationRequest:`
	okRequest auth.RequestID = `MediaWiki\Auth\ButtonAuthenticationRequest:linkOk`
)

const (
	fieldIDs = "confirmedLinkIDs"
	fieldOK  = "linkOk"
)

// Provider is an auth.SecondaryProvider. It is safe for concurrent use.
type Provider struct{ store auth.ChangeStore }

var (
	_ auth.SecondaryProvider = (*Provider)(nil)
	_ auth.LoginContinuer    = (*Provider)(nil)
)

// New gives the provider.
func New(store auth.ChangeStore) *Provider { return &Provider{store} }

// ID implements auth.Provider.
func (*Provider) ID() auth.ProviderID { return "confirm-link" }

// BeforeCommit implements auth.SecondaryProvider.
func (*Provider) BeforeCommit() bool { return false }

// Requests implements auth.Provider: nothing is asked before there is something to link.
func (*Provider) Requests(context.Context, auth.Options) ([]auth.Request, error) { return nil, nil }

// BeginCreation implements auth.SecondaryProvider.
func (*Provider) BeginCreation(context.Context, *auth.Creation) (auth.Response, error) {
	return auth.Abstained(), nil
}

// BeginLogin asks whether to link what was proven before this sign-in.
func (p *Provider) BeginLogin(_ context.Context, l *auth.Login) (auth.Response, error) {
	proof, found, err := l.Proof()
	if err != nil || !found {
		return auth.Abstained(), err
	}
	return auth.Asked(message.New("authprovider-confirmlink-message"), question(proof)), nil
}

// question offers to link the proven identity. With nothing chosen it is answered too: nothing is linked.
func question(proof auth.Proof) auth.Request {
	return auth.Request{
		ID: requestID + auth.RequestID(proof.Provider), LoadsEmpty: true,
		Fields: []auth.Field{{
			Name: fieldIDs, Type: auth.FieldMultiselect, Optional: true,
			Label: message.New("authprovider-confirmlink-request-label"), Help: message.New("authprovider-confirmlink-request-help"),
			Options: []auth.Option{{Value: string(proof.Provider), Label: named(proof)}},
		}},
	}
}

// named is the identity in words: who vouches for it, and what it is called there.
func named(proof auth.Proof) message.Message {
	account := proof.Identity.Label
	if account == "" {
		account = proof.Identity.Subject
	}
	return message.New("authprovider-confirmlink-option", message.Nested(proof.At), message.Plaintext(account))
}

// ContinueLogin links what was chosen. Where that fails the person is told, and goes on without.
func (p *Provider) ContinueLogin(ctx context.Context, l *auth.Login) (auth.Response, error) {
	proof, found, err := l.Proof()
	if err != nil || !found {
		return auth.Passed(), err
	}
	if _, seen := l.Answers.Get(okRequest); seen {
		return auth.Passed(), nil
	}
	answer, _ := l.Answers.Get(question(proof).ID)
	if !slices.Contains(answer.Lists[fieldIDs], string(proof.Provider)) {
		return p.unlinked(l, proof)
	}
	err = l.ChangeAccount(ctx, p.store, auth.Change{Identities: auth.IdentityChange{Add: []auth.Identity{proof.Identity}}})
	switch {
	case errors.Is(err, auth.ErrIdentityTaken):
		return p.failed(l, proof, message.New(auth.KeyIdentityTaken))
	case errors.Is(err, auth.ErrChanged):
		return p.failed(l, proof, message.New("gatehouse-changed-meanwhile"))
	case err != nil:
		return auth.Response{}, fmt.Errorf("link: %w", err)
	}
	return auth.Passed(), nil
}

// note remembers that linking failed.
type note struct {
	Why message.Message `json:"why"`
}

// unlinked passes who chose nothing, but not past a failure that they have not seen.
func (p *Provider) unlinked(l *auth.Login, proof auth.Proof) (auth.Response, error) {
	var failed note
	found, err := l.Recall(p.ID(), &failed)
	if err != nil || !found {
		return auth.Passed(), err
	}
	return p.failed(l, proof, failed.Why)
}

func (p *Provider) failed(l *auth.Login, proof auth.Proof, why message.Message) (auth.Response, error) {
	line := message.New("authprovider-confirmlink-failed-line", message.Nested(named(proof)), message.Nested(why))
	ok := auth.Request{ID: okRequest, Fields: []auth.Field{{
		Name: fieldOK, Type: auth.FieldButton, Label: message.New("gatehouse-continue"), Help: message.New("authprovider-confirmlink-ok-help"),
	}}}
	return auth.Asked(message.New("authprovider-confirmlink-failed", message.List(message.ListText, message.Nested(line))), ok),
		l.Remember(p.ID(), note{why})
}
