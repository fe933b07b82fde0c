package special

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"slices"

	"gatehouse/auth"
	"gatehouse/internal/message"
	"gatehouse/internal/wire"
)

// fault turns an error into the page a visitor sees. It is the only place where that is decided. What went wrong inside
// stays inside: the visitor gets a reference under which it stands in the log.
func (h *handler) fault(ctx context.Context, v *Visit, err error) Answer {
	var (
		busy     *auth.OverloadError
		tooLarge *http.MaxBytesError
	)
	switch {
	case errors.As(err, &busy):
		return Answer{
			Status: http.StatusServiceUnavailable, RetryAfter: busy.RetryAfter, Template: "notice", Faulty: true,
			Title: message.New("gatehouse-busy-title"),
			Data:  notice{Text: message.New("gatehouse-busy", message.Duration(busy.RetryAfter))},
		}
	case errors.As(err, &tooLarge) || errors.Is(err, errTooManyFields):
		return Answer{
			Status: http.StatusRequestEntityTooLarge, Template: "notice", Faulty: true,
			Title: message.New("gatehouse-toolarge-title"),
			Data:  notice{Text: message.New("gatehouse-toolarge")},
		}
	case errors.Is(err, errBrokenOff):
		return Answer{
			Status: http.StatusRequestTimeout, Template: "notice", Faulty: true,
			Title: message.New("gatehouse-brokenoff-title"),
			Data:  notice{Text: message.New("gatehouse-brokenoff")},
		}
	}
	return Answer{
		Status: http.StatusInternalServerError, Template: "notice", Faulty: true,
		Title: message.New("gatehouse-fault-title"),
		Data:  notice{Text: message.New("gatehouse-fault", message.Plaintext(h.reference(ctx, err)))},
	}
}

// busyProblem says the same beside a form that keeps what was typed.
func busyProblem(err *auth.OverloadError) problem {
	return problem{message: message.New("gatehouse-busy", message.Duration(err.RetryAfter))}
}

// reference logs a fault and gives what the visitor may quote.
func (h *handler) reference(ctx context.Context, err error) string {
	var b [5]byte
	if _, randomErr := io.ReadFull(h.cfg.Random, b[:]); randomErr != nil {
		err = errors.Join(err, randomErr)
	}
	ref := hex.EncodeToString(b[:])
	h.cfg.Logger.ErrorContext(ctx, "a page could not be made", "reference", ref, "error", err)
	return ref
}

// stranger is the visit of somebody whose session could not be read.
func (h *handler) stranger(r *http.Request) *Visit {
	v := &Visit{Query: r.URL.Query(), site: h.cfg.Site, path: r.URL.Path}
	v.chooseLanguage(h.cfg.Catalogue, r.Header.Get("Accept-Language"))
	return v
}

// fieldOf names the field that a refusal is about, so that it can be shown beside it. A refusal that is not listed is
// shown in the summary alone.
func fieldOf(m auth.Message) string {
	for _, row := range fieldsOfRefusals {
		if slices.ContainsFunc(row.refusals, func(n wire.Notice) bool { return n.Key() == m.Key }) {
			return row.field
		}
	}
	return ""
}

// fieldsOfRefusals is never changed.
var fieldsOfRefusals = []struct {
	field    string
	refusals []wire.Notice
}{
	{auth.FieldUsername, []wire.Notice{
		wire.InvalidUser, wire.NoUserSpecified, wire.UserExists, wire.UsernameInProgress, wire.NameIllegal, wire.NameForbidden,
		wire.GlobalAccountExists, wire.GlobalAccountRenamed, wire.GlobalAccountUnattached, wire.NoSuchUser,
	}},
	{"password", []wire.Notice{
		wire.PasswordTooShort, wire.PasswordTooLong, wire.PasswordInName, wire.PasswordIsExample, wire.PasswordIsCommon,
		wire.CreateNoPrimary, wire.WrongPassword, wire.LoginNoPrimary, wire.FatalPassword,
	}},
	{"retype", []wire.Notice{wire.BadRetype}},
	{"email", []wire.Notice{wire.InvalidEmailAddress, wire.NoEmailCreate, wire.CaptchaMailAddress}},
	{"mailpassword", []wire.Notice{wire.EmailDisabled}},
	{"captchaWord", []wire.Notice{wire.CaptchaFailed, wire.CaptchaError, wire.CaptchaMailWrong}},
	{fieldPasskeyOptions, []wire.Notice{wire.PasskeyWrong, wire.PasskeySetupWrong}},
	{"OATHToken", []wire.Notice{wire.SecondFactorWrong, wire.SecondFactorThrottled}},
	{"code", []wire.Notice{wire.SecondFactorSetupWrong}},
}
