package actionapi

import (
	"context"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// linkable is a provider whose identities are proven by a button.
type linkable struct{}

func (linkable) ID() auth.ProviderID             { return "linkable" }
func (linkable) CreationType() auth.CreationType { return auth.CreationLink }

func (linkable) Requests(_ context.Context, o auth.Options) ([]auth.Request, error) {
	switch o.Action {
	case auth.ActionLink:
		return []auth.Request{{ID: "Outside", Fields: []auth.Field{{
			Name: "outside", Type: auth.FieldButton, Label: message.Literal("Outside"), Help: message.Literal("Link"),
		}}}}, nil
	case auth.ActionUnlink:
		return []auth.Request{{ID: "Outside"}}, nil
	}
	return nil, nil
}

func (linkable) BeginCreation(context.Context, *auth.Creation) (auth.Response, error) {
	return auth.Abstained(), nil
}

func (linkable) BeginLogin(context.Context, *auth.Login) (auth.Response, error) {
	return auth.Abstained(), nil
}

func (linkable) BeginLink(_ context.Context, l *auth.Linking) (auth.Response, error) {
	if _, chosen := l.Answers.Get("Outside"); !chosen {
		return auth.Abstained(), nil
	}
	return auth.Passed(), l.Prove(auth.Proof{Provider: "linkable", Identity: auth.Identity{Issuer: "i", Subject: "s"}})
}

func (linkable) ContinueLink(context.Context, *auth.Linking) (auth.Response, error) {
	return auth.Passed(), nil
}

func (linkable) CheckChange(*auth.CredentialEdit) auth.Check { return auth.Good() }

func (linkable) ContributeToChange(context.Context, *auth.CredentialEdit, *auth.Change) error {
	return nil
}
