package fault

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/message"
	"gatehouse/internal/testserver/call"
)

// Handler puts the queue before a product. readOnly is the product while nothing may be written.
func (q *Queue) Handler(product http.Handler, readOnly http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := call.Read(r)
		f, any := q.take(c)
		if !any {
			product.ServeHTTP(w, r)
			return
		}
		if !call.Pause(r.Context(), f.Delay) {
			return
		}
		switch f.Do {
		case Status500:
			fail(w, http.StatusInternalServerError)
		case Status503:
			w.Header().Set("Retry-After", strconv.Itoa(f.RetryAfter))
			fail(w, http.StatusServiceUnavailable)
		case Drop:
			panic(http.ErrAbortHandler) // net/http ends the connection, without a word
		case BadToken:
			c.Replace(call.Spoil, call.TokenParams()...)
			product.ServeHTTP(w, r)
		case MaxLag:
			c.Set("maxlag", "-2") // less than any lag: the product tells of lag as it would of a real one
			product.ServeHTTP(w, r)
		case ReadOnly:
			readOnly.ServeHTTP(w, r)
		case Throttle:
			product.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), throttled{}, true)))
		default:
			product.ServeHTTP(w, r)
		}
	})
}

func fail(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<!DOCTYPE html>\n<title>%s</title>\n<h1>%s</h1>\n", http.StatusText(status), http.StatusText(status))
}

// throttled marks the context of a request for Throttle.
type throttled struct{}

// What a reached limit tells: the reference's default limit and a wait that is recognised.
const (
	toldLimit = 6
	toldWait  = 24 * time.Hour
)

// Provider refuses the creations that Throttle is for. It is an auth.PreProvider and has no state.
type Provider struct{}

var _ auth.CreationTester = Provider{}

// ID is "testfaults".
func (Provider) ID() auth.ProviderID { return "testfaults" }

// Requests lists nothing.
func (Provider) Requests(context.Context, auth.Options) ([]auth.Request, error) { return nil, nil }

// TestForCreation tells of a full limit, in the words of a real one.
func (Provider) TestForCreation(ctx context.Context, _ *auth.Creation) (auth.Check, error) {
	if ctx.Value(throttled{}) == nil {
		return auth.Good(), nil
	}
	return auth.Refused(message.New("acct_creation_throttle_hit", message.Int(toldLimit), message.Duration(toldWait))), nil
}
