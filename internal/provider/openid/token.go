package openid

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"gatehouse/auth"
)

// clockSkew is how far the provider's clock may be from ours.
const clockSkew = 2 * time.Minute

// maxSubject is the longest subject, as the specification has it.
const maxSubject = 255

// claims is what is read of an ID token or of the user's information.
type claims struct {
	Issuer   string    `json:"iss"`
	Subject  string    `json:"sub"`
	Audience audience  `json:"aud"`
	Party    string    `json:"azp"`
	IssuedAt *oidcTime `json:"iat"`
	Nonce    string    `json:"nonce"`
	AtHash   string    `json:"at_hash"`
	Expiry   *oidcTime `json:"exp"`
	person
}

// person is what a provider tells of somebody. It proposes and decides nothing.
type person struct {
	PreferredUsername string    `json:"preferred_username"`
	Nickname          string    `json:"nickname"`
	Name              string    `json:"name"`
	Email             string    `json:"email"`
	EmailVerified     looseBool `json:"email_verified"`
}

// identified is who came back.
type identified struct {
	Subject string
	person
}

// identify redeems the code and decides whether the answer is believed.
func (p *Provider) identify(ctx context.Context, t trip, r auth.Return) (identified, error) {
	ctx, cancel := withTimeout(oidc.ClientContext(ctx, p.remote.client))
	defer cancel()
	e, err := p.remote.endpoints(ctx)
	if err != nil {
		return identified{}, err
	}
	if err := p.checkReturn(e, t, r); err != nil {
		return identified{}, err
	}
	token, err := p.remote.oauth(e, t.Redirect).Exchange(ctx, r.Code, oauth2.VerifierOption(t.Verifier))
	if err != nil {
		return identified{}, exchangeFailure(err)
	}
	c, err := p.verify(ctx, e, token)
	if err != nil {
		return identified{}, err
	}
	if subtle.ConstantTimeCompare([]byte(c.Nonce), []byte(t.Nonce)) != 1 {
		return identified{}, distrusted("the ID token has another nonce")
	}
	id := identified{Subject: c.Subject, person: c.person}
	return id, p.complete(ctx, e, token, &id)
}

// checkReturn looks at who sent the browser back, before anything is sent to anybody.
func (p *Provider) checkReturn(e *endpoints, t trip, r auth.Return) error {
	switch {
	case placeOf(r.Place) != placeOf(t.Place):
		return distrusted("the browser came back to the place of %q", r.Place)
	case r.Issuer != "" && r.Issuer != p.settings.Issuer:
		return distrusted("the browser came back from %q", r.Issuer)
	case r.Issuer == "" && e.TellsIssuer:
		return distrusted("the reply does not say whom it is from")
	case r.Refusal != "":
		return &failure{keyDenied, fmt.Errorf("the provider replied %q", r.Refusal)}
	case r.Code == "":
		return distrusted("the reply has neither a code nor an error")
	}
	return nil
}

// placeOf is a place as it comes out of an address, where blanks and underscores are one.
func placeOf(name string) string {
	return strings.Join(strings.FieldsFunc(name, func(r rune) bool { return r == '_' || r == ' ' }), " ")
}

// exchangeFailure tells a refused code from an endpoint that is out of order.
func exchangeFailure(err error) error {
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) && refused.Response.StatusCode < 500 && refused.ErrorCode != "" {
		return &failure{keyDistrusted, err}
	}
	return unreachable(err)
}

// verify decides whether the ID token is believed; the nonce is the caller's to compare.
func (p *Provider) verify(ctx context.Context, e *endpoints, token *oauth2.Token) (claims, error) {
	var c claims
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return c, distrusted("the answer has no ID token")
	}
	now := p.desk.cfg.Clock()
	keys := &remembering{keySet: e.keys}
	verified, err := oidc.NewVerifier(p.settings.Issuer, keys, &oidc.Config{
		ClientID: p.settings.ClientID, SupportedSigningAlgs: e.algorithms, Now: func() time.Time { return now.Add(-clockSkew) },
	}).Verify(ctx, raw)
	if f := (*failure)(nil); errors.As(keys.err, &f) {
		return c, f
	}
	if err != nil {
		return c, distrusted("verify the ID token: %w", err)
	}
	if err := verified.Claims(&c); err != nil {
		return c, distrusted("read the ID token: %w", err)
	}
	if c.AtHash != "" {
		if err := verified.VerifyAccessToken(token.AccessToken); err != nil {
			return c, distrusted("the access token is not that of the ID token: %w", err)
		}
	}
	return c, p.check(c, now)
}

// check looks at what go-oidc leaves to its callers.
func (p *Provider) check(c claims, now time.Time) error {
	switch {
	case c.Issuer != p.settings.Issuer: // go-oidc has an exception for one provider
		return distrusted("the ID token is from %q", c.Issuer)
	case c.Subject == "" || len(c.Subject) > maxSubject || strings.ContainsFunc(c.Subject, unicode.IsControl):
		return distrusted("the subject is %.300q", c.Subject)
	case c.Expiry == nil:
		return distrusted("the ID token does not say when it ends")
	case c.IssuedAt == nil:
		return distrusted("the ID token does not say when it was issued")
	case c.IssuedAt.After(now.Add(clockSkew)):
		return distrusted("the ID token will be issued at %s", c.IssuedAt)
	case c.IssuedAt.Before(now.Add(-auth.FlowLifetime - clockSkew)):
		return distrusted("the ID token was issued at %s", c.IssuedAt)
	case !slices.Contains(c.Audience, p.settings.ClientID):
		return distrusted("the ID token is for %q", c.Audience)
	case c.Party != "" && c.Party != p.settings.ClientID, c.Party == "" && len(c.Audience) > 1:
		return distrusted("the ID token is for %q, used by %q", c.Audience, c.Party)
	}
	return nil
}

// complete asks for the person's name and address where the ID token has neither. Proposals are not worth a failure, unless
// somebody else's are sent.
func (p *Provider) complete(ctx context.Context, e *endpoints, token *oauth2.Token, id *identified) error {
	if e.UserInfo == "" || id.PreferredUsername != "" || id.Email != "" || token.AccessToken == "" {
		return nil
	}
	var more struct {
		Subject string `json:"sub"`
		person
	}
	if err := getJSON(ctx, p.remote.client, e.UserInfo, token.AccessToken, &more); err != nil {
		p.told(ctx, "read the user's information", err)
		return nil
	}
	if more.Subject != id.Subject {
		return distrusted("the user's information is that of another subject")
	}
	id.person = more.person
	return nil
}
