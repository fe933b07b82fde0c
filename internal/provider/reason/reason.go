// Package reason asks a registered creator why they make an account for somebody else. What they say becomes the public
// comment of the log entry.
//
// It writes no log: auth.Manager does, in the account's transaction.
package reason

import (
	"context"
	"strings"
	"unicode/utf8"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// RequestID identifies the request for the reason.
const RequestID auth.RequestID = `MediaWiki\Auth\CreationReasonAuthenticationRequest`

// MaxLength is the length of a comment, in characters.
const MaxLength = 500

const field = "reason"

// Provider is the auth.SubjectProvider of the reason. Build it with New.
type Provider struct{ asked []auth.Request }

// New makes the provider; its request is the same for everybody who is asked.
func New() Provider {
	return Provider{asked: []auth.Request{{
		ID:       RequestID,
		Required: auth.Optional,
		Fields: []auth.Field{{
			Name:  field,
			Type:  auth.FieldString,
			Label: message.New("createacct-reason"),
			Help:  message.New("createacct-reason-help"),
		}},
	}}}
}

var _ auth.SubjectProvider = Provider{}

// ID is "reason".
func (Provider) ID() auth.ProviderID { return "reason" }

// Requests asks registered creators: a visitor makes the account for themselves.
func (p Provider) Requests(_ context.Context, o auth.Options) ([]auth.Request, error) {
	if o.Action != auth.ActionCreate || o.Creator.Anonymous() {
		return nil, nil
	}
	return p.asked, nil
}

// Describe takes the reason, trimmed and cut to what a comment holds, and never refuses.
func (Provider) Describe(c *auth.Creation) auth.Check {
	if a, ok := c.Answers.Get(RequestID); ok {
		c.Subject.Reason = cut(strings.Trim(a.Values[field], " \t\n\v\r\x00"))
	}
	return auth.Good()
}

// cut shortens a text that is too long so that people see it.
func cut(text string) string {
	const mark = "..."
	if utf8.RuneCountInString(text) <= MaxLength {
		return text
	}
	return string([]rune(text)[:MaxLength-len(mark)]) + mark
}
