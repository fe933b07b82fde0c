package captcha

import (
	"gatehouse/auth"
	"gatehouse/internal/message"
)

// Mail is the kind that needs neither eyes nor ears nor script: a code is mailed to the address of the new account, and typed
// in afterwards. internal/provider/captcha has the step.
type Mail struct{}

var _ Deferred = Mail{}

// Code implements Kind.
func (Mail) Code() Code { return CodeMail }

// Name implements Kind.
func (Mail) Name() string { return "mail" }

// Announce implements Deferred.
func (Mail) Announce(Purpose) auth.Request {
	return mailRequest("gatehouse-captcha-mail-createaccount")
}

// CodeRequest is what the step asks for.
func (Mail) CodeRequest() auth.Request {
	r := mailRequest("gatehouse-captcha-mail-sent")
	r.Fields = []auth.Field{{
		Name: FieldWord, Type: auth.FieldString,
		Label: message.New("gatehouse-captcha-mail-code"), Help: message.New("gatehouse-captcha-mail-code-help"),
	}}
	return r
}

func mailRequest(prompt message.Key) auth.Request {
	return auth.Request{
		ID:       RequestID,
		Metadata: []auth.Datum{{Name: "type", Value: "mail"}, {Name: "mime", Value: "text/plain"}},
		Required: auth.RequiredAlways,
		Fields: []auth.Field{{
			Name: FieldInfo, Type: auth.FieldNull, Label: message.New(prompt), Help: message.New("gatehouse-captcha-mail-help"),
		}},
	}
}
