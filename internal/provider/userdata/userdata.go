// Package userdata asks for what the new account's owner tells about themselves: an e-mail address and a real name.
//
// It checks and stores; it sends no mail and confirms nothing.
package userdata

import (
	"context"
	"unicode/utf8"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// RequestID identifies the request for address and real name.
const RequestID auth.RequestID = `MediaWiki\Auth\UserDataAuthenticationRequest`

// MaxRealName is the length of a real name, in characters.
const MaxRealName = 500

const (
	fieldEmail    = "email"
	fieldRealName = "realname"
)

// The keys of the refusals. There is none in the reference for a long real name: it has no limit of its own, and its
// database either cuts the name or breaks.
const (
	keyInvalidAddress message.Key = "invalidemailaddress"
	keyNoAddress      message.Key = "noemailcreate"
	keyLongRealName   message.Key = "gatehouse-realname-toolong"
)

// Options tells what is asked for. With neither Email nor RealName there is no request.
type Options struct {
	// Email offers the address; off where the site sends no mail.
	Email bool
	// EmailRequired refuses accounts without an address. It means nothing without Email.
	EmailRequired bool
	// RealName offers the real name.
	RealName bool
}

// Provider is the auth.SubjectProvider of address and real name. Build it with New.
type Provider struct {
	options Options
	// asked is the request, made once.
	asked []auth.Request
}

var _ auth.SubjectProvider = (*Provider)(nil)

// New makes the provider that asks for what o says.
func New(o Options) *Provider {
	o.EmailRequired = o.EmailRequired && o.Email
	return &Provider{options: o, asked: request(o)}
}

// ID is "userdata".
func (*Provider) ID() auth.ProviderID { return "userdata" }

// Requests asks every creator. The fields are optional, but for an address that the site requires.
func (p *Provider) Requests(_ context.Context, o auth.Options) ([]auth.Request, error) {
	if o.Action != auth.ActionCreate {
		return nil, nil
	}
	return p.asked, nil
}

func request(o Options) []auth.Request {
	var fields []auth.Field
	if o.Email {
		fields = append(fields, auth.Field{
			Name: fieldEmail, Type: auth.FieldString, Optional: !o.EmailRequired,
			Label: message.New("authmanager-email-label"), Help: message.New("authmanager-email-help"),
		})
	}
	if o.RealName {
		fields = append(fields, auth.Field{
			Name: fieldRealName, Type: auth.FieldString, Optional: true,
			Label: message.New("authmanager-realname-label"), Help: message.New("authmanager-realname-help"),
		})
	}
	if len(fields) == 0 {
		return nil
	}
	return []auth.Request{{ID: RequestID, Required: auth.RequiredAlways, Fields: fields}}
}

// Describe takes address and real name as they were sent: neither is trimmed, so that nobody's address is guessed at.
func (p *Provider) Describe(c *auth.Creation) auth.Check {
	var email, realName string
	if a, ok := c.Answers.Get(RequestID); ok {
		email, realName = a.Values[fieldEmail], a.Values[fieldRealName]
	}
	switch {
	case email == "" && p.options.EmailRequired:
		return auth.Refused(message.New(keyNoAddress))
	case email != "" && !ValidAddress(email):
		return auth.Refused(message.New(keyInvalidAddress))
	case utf8.RuneCountInString(realName) > MaxRealName:
		return auth.Refused(message.New(keyLongRealName, message.Num(MaxRealName)))
	}
	c.Subject.Email, c.Subject.RealName = email, realName
	return auth.Good()
}
