package special

import (
	"context"
	"slices"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// The fields of what a device is asked and answers.
const (
	fieldPasskeyOptions = "passkeyOptions"
	fieldPasskeyAnswer  = "passkeyResponse"
)

// passkeyBox is what the script needs that asks a device.
type passkeyBox struct {
	// Ceremony is "create" or "get", Options is what is asked, as JSON.
	Ceremony, Options string
	// Only says that the form is for nothing else: its button asks the device.
	Only bool
	// Without is said where there is no script.
	Without                                                  string
	Use, Ready, Busy, Done, Cancelled, Known, Unable, Broken string
}

// showPasskey puts the device's question in the place of the options, and its answer in a hidden field. It reports whether r
// asks a device.
func (m formMaker) showPasskey(f *form, field auth.Field, r auth.Request) bool {
	ceremony, ok := datum(r, "ceremony")
	switch {
	case !ok:
		return false
	case field.Name == fieldPasskeyAnswer:
		f.Hidden = append(f.Hidden, pair{fieldPasskeyAnswer, ""})
		return true
	case field.Name != fieldPasskeyOptions:
		return false
	}
	v := m.visit
	in := m.input(field, r)
	in.Kind, in.Label = "passkey", v.text("gatehouse-passkey-provider")
	in.Passkey = &passkeyBox{
		Ceremony: ceremony, Options: deref(field.Value), Only: m.onlyPasskey(), Without: v.text("gatehouse-passkey-without"),
		Use: v.text("gatehouse-passkey-use"), Ready: v.text("gatehouse-passkey-ready"), Busy: v.text("gatehouse-passkey-busy"),
		Done: v.text("gatehouse-passkey-done"), Cancelled: v.text("gatehouse-passkey-cancelled"), Known: v.text("gatehouse-passkey-known"),
		Unable: v.text("gatehouse-passkey-unable"), Broken: v.text("gatehouse-passkey-broken"),
	}
	f.Inputs = append(f.Inputs, in)
	f.Passkeys = true
	return true
}

// onlyPasskey reports whether nothing else that is asked for would do.
func (m formMaker) onlyPasskey() bool {
	return !slices.ContainsFunc(m.requests, func(r auth.Request) bool {
		_, device := datum(r, "ceremony")
		return !device && slices.ContainsFunc(r.Fields, func(f auth.Field) bool { return !f.Optional })
	})
}

// servePasskey adds a passkey: another question for the device at every visit, and after every answer.
func (p accountSecurity) servePasskey(ctx context.Context, v *Visit) (Answer, error) {
	if !v.Posted() {
		return p.offerPasskey(ctx, v)
	}
	if why, status := objection(p.cfg, v); !why.IsZero() {
		a, err := p.offerPasskey(ctx, v, problem{message: why})
		a.Status = status
		return a, err
	}
	if v.Form.Get(fieldPasskeyAnswer) == "" {
		return p.offerPasskey(ctx, v, problem{message: message.New("gatehouse-passkey-without")})
	}
	codes, check, err := p.cfg.Passkeys.AddPasskey(ctx, v.client(), auth.NewPasskey{
		Ticket: v.Form.Get(paramTicket), Name: v.Form.Get(paramName), Answer: v.Form.Get(fieldPasskeyAnswer),
	})
	switch {
	case err != nil:
		return Answer{}, err
	case !check.OK():
		return p.offerPasskey(ctx, v, problemsOf(check.Findings)...)
	}
	back := Answer{Location: v.link(titleAccountSecurity, nil)}
	if len(codes) > 0 {
		return showCodes(v, codes, back), nil
	}
	return back, nil
}

func (p accountSecurity) offerPasskey(ctx context.Context, v *Visit, why ...problem) (Answer, error) {
	offer, err := p.cfg.Passkeys.OfferPasskey(ctx, v.client())
	if err != nil {
		return Answer{}, err
	}
	return deed{
		action: v.site.articleURL(titleAccountSecurity + "/passkey"), heading: "gatehouse-passkey-add-title",
		submit: "gatehouse-passkey-add-submit", busy: "gatehouse-passkey-add-busy", hidden: []pair{{paramTicket, offer.Ticket}},
		requests: []auth.Request{offer.Request, {ID: setupRequest, Fields: []auth.Field{{
			Name: paramName, Type: auth.FieldString, Optional: true,
			Label: message.New("gatehouse-factor-name"), Help: message.New("gatehouse-factor-name-help"),
		}}}},
		links: []pageLink{{v.link(titleAccountSecurity, nil), "gatehouse-factor-back"}},
	}.show(p.cfg, v, why...)
}
