package openid

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"golang.org/x/oauth2"

	"gatehouse/internal/message"
)

// failure is why nothing was proven: what people are told, and what the log is.
type failure struct {
	key   message.Key
	cause error
}

func (f *failure) Error() string { return f.cause.Error() }
func (f *failure) Unwrap() error { return f.cause }

// The kinds of failure.
const (
	keyUnreachable message.Key = "gatehouse-openid-unreachable" // no answer, or none that could be read: try later
	keyDistrusted  message.Key = "gatehouse-openid-distrusted"  // an answer that must not be believed
	keyDenied      message.Key = "gatehouse-openid-denied"      // the provider, or its user, said no
)

func unreachable(err error) error { return &failure{keyUnreachable, err} }

func distrusted(format string, args ...any) error {
	return &failure{keyDistrusted, fmt.Errorf(format, args...)}
}

// told logs why a visit came to nothing and gives what the visitor is told.
func (p *Provider) told(ctx context.Context, doing string, err error) message.Message {
	key := keyUnreachable
	var f *failure
	if errors.As(err, &f) {
		key = f.key
	}
	p.desk.cfg.Logger.LogAttrs(ctx, slog.LevelWarn, "openid", slog.String("provider", p.settings.Name),
		slog.String("doing", doing), slog.String("reason", string(key)), slog.String("error", plainError(err)))
	return message.New(key, message.Plaintext(p.settings.Name))
}

// maxLogged bounds what another server can write into our log.
const maxLogged = 500

// plainError is the error without what a token endpoint answered, which may hold anything.
func plainError(err error) string {
	var refused *oauth2.RetrieveError
	text := ""
	if errors.As(err, &refused) {
		text = fmt.Sprintf("the token endpoint answered %s, error %q", refused.Response.Status, refused.ErrorCode)
	} else {
		text = err.Error()
	}
	if len(text) > maxLogged {
		text = text[:maxLogged] + "…"
	}
	return text
}
