package siteverify

import (
	"context"
	"log/slog"

	"gatehouse/auth"
	"gatehouse/internal/captcha"
	"gatehouse/internal/message"
)

// Kind is the captcha of an outside vendor.
type Kind struct {
	verifier *Verifier
	key      string
	log      *slog.Logger
}

var _ captcha.Outside = Kind{}

// NewKind makes the kind; key is what the vendor's script knows this site by, and log hears of a vendor that is away.
func NewKind(v *Verifier, key string, log *slog.Logger) Kind { return Kind{v, key, log} }

// Code implements captcha.Kind.
func (k Kind) Code() captcha.Code {
	switch k.verifier.cfg.Vendor.Name {
	case HCaptcha:
		return captcha.CodeHCaptcha
	case Turnstile:
		return captcha.CodeTurnstile
	}
	return captcha.CodeReCaptcha
}

// Name implements captcha.Kind.
func (k Kind) Name() string { return k.verifier.cfg.Vendor.Kind }

// Ask implements captcha.Outside: what the vendor's script gives goes into captchaWord, as in the reference.
func (k Kind) Ask(p captcha.Purpose) auth.Request {
	prompt := message.Key("gatehouse-captcha-outside-createaccount")
	if p == captcha.Login {
		prompt = "gatehouse-captcha-outside-badlogin"
	}
	return auth.Request{
		ID: captcha.RequestID,
		Metadata: []auth.Datum{
			{Name: "type", Value: string(k.verifier.cfg.Vendor.Name)}, {Name: "mime", Value: "application/javascript"},
			{Name: "key", Value: k.key},
		},
		Required: auth.RequiredAlways,
		Fields: []auth.Field{{
			Name: captcha.FieldWord, Type: auth.FieldString, Label: message.New(prompt), Help: message.New("captcha-help"),
		}},
	}
}

// Verify implements captcha.Outside. A vendor that cannot be asked is a refusal that says so: people are let in by another
// kind where the site has one, and by none otherwise.
func (k Kind) Verify(ctx context.Context, a captcha.Attempt) (captcha.Verdict, error) {
	v := k.verifier.Verify(ctx, Question{Response: a.Word, Action: a.Purpose.Trigger(), Remote: a.Creator.Addr})
	if v.Fault != "" {
		k.log.LogAttrs(ctx, slog.LevelWarn, "an outside captcha could not be verified",
			slog.String("kind", k.Name()), slog.String("fault", v.Fault), slog.String("detail", v.Detail))
	}
	return captcha.Verdict{Right: v.Solved, Fault: v.Fault}, nil
}
