package special

import (
	"context"
	"errors"
	"net/http"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// Captchas draws and says the puzzles that this site hands out.
type Captchas interface {
	// Picture gives the picture of a challenge as PNG; ok is false if there is no such challenge, or no more.
	Picture(ctx context.Context, id string) (png []byte, ok bool, err error)
	// Sound says the same as WAV, in the language or the nearest to it that is spoken.
	Sound(ctx context.Context, id, language string) (wav []byte, ok bool, err error)
}

// captcha is Special:Captcha: help, and below it the picture and the sound of a challenge. Whoever has the id may look and
// listen, without a cookie and on private sites too: only answering takes the cookie that the challenge was made for.
type captcha struct{ cfg Config }

// paramCaptcha carries the id, under the name that the reference gives it.
const paramCaptcha = "wpCaptchaId"

// captchaCached is how long browsers keep a picture, in the reference's words: nobody else may.
const captchaCached = "private, s-maxage=0, max-age=3600"

// Serve answers a visit.
func (p captcha) Serve(ctx context.Context, v *Visit) (Answer, error) {
	switch v.Subpage {
	case "image":
		return p.file(ctx, v, "image/png", func(ctx context.Context, id string) ([]byte, bool, error) {
			return p.cfg.Captchas.Picture(ctx, id)
		})
	case "audio":
		return p.file(ctx, v, "audio/wav", func(ctx context.Context, id string) ([]byte, bool, error) {
			return p.cfg.Captchas.Sound(ctx, id, v.Language.Code())
		})
	case "", "help":
		return Answer{
			Template: "captcha", Title: message.New("gatehouse-captcha-title"), Data: captchaData{Create: v.link(titleCreateAccount, nil)},
		}, nil
	}
	return notFound{}.Serve(ctx, v)
}

type captchaData struct{ Create string }

func (p captcha) file(
	ctx context.Context, v *Visit, kind string, get func(context.Context, string) ([]byte, bool, error),
) (Answer, error) {
	if p.cfg.Captchas == nil {
		return noCaptcha(), nil
	}
	body, ok, err := get(ctx, v.Query.Get(paramCaptcha))
	var busy *auth.OverloadError
	switch {
	case errors.As(err, &busy):
		return Answer{
			Status: http.StatusServiceUnavailable, RetryAfter: max(busy.RetryAfter, time.Second), Template: "notice", Faulty: true,
			Title: message.New("gatehouse-captcha-title"), Data: notice{Text: busyProblem(busy).message},
		}, nil
	case err != nil:
		return Answer{}, err
	case !ok:
		return noCaptcha(), nil
	}
	return Answer{File: &file{Type: kind, Cached: captchaCached, Body: body}}, nil
}

func noCaptcha() Answer {
	return Answer{
		Status: http.StatusBadRequest, Template: "notice", Faulty: true, Title: message.New("gatehouse-captcha-title"),
		Data: notice{Text: message.New("gatehouse-captcha-gone")},
	}
}
