package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// What an answer may weigh at most, in bytes.
const (
	largestAnswer  = 8 << 20
	largestPage    = 2 << 20
	largestPicture = 4 << 20
)

var errPostRedirected = errors.New("the server sends a form elsewhere, and it may have a password in it; open the wiki by the address it goes to")

// mayFollow follows what a browser would, but never with a form, and never from https to http.
func mayFollow(next *http.Request, via []*http.Request) error {
	switch {
	case via[0].Method != http.MethodGet:
		return errPostRedirected
	case len(via) >= 10:
		return errors.New("too many redirects")
	case via[len(via)-1].URL.Scheme == "https" && next.URL.Scheme != "https":
		return fmt.Errorf("the server leads from https to %s", next.URL.Scheme)
	}
	return nil
}

// fetched is an HTTP answer whose body was read.
type fetched struct {
	status     int
	header     http.Header
	url        *url.URL // after redirects
	body       []byte
	retryAfter time.Duration
}

// get fetches an address of the wiki, with its cookies.
func (w *Wiki) get(ctx context.Context, address string, limit int64) (fetched, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return fetched{}, err
	}
	return w.send(request, limit)
}

// post sends a form to api.php.
func (w *Wiki) post(ctx context.Context, form url.Values) (fetched, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.api.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return fetched{}, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return w.send(request, largestAnswer)
}

func (w *Wiki) send(request *http.Request, limit int64) (fetched, error) {
	request.Header.Set("User-Agent", w.agent)
	response, err := w.http.Do(request)
	if err != nil {
		return fetched{}, withoutQuery(err)
	}
	defer response.Body.Close()
	out := fetched{status: response.StatusCode, header: response.Header, url: response.Request.URL, retryAfter: retryAfter(response.Header)}
	out.body, err = io.ReadAll(io.LimitReader(response.Body, limit+1))
	if err == nil && int64(len(out.body)) > limit {
		err = ErrTooLarge
	}
	return out, err
}

// withoutQuery drops the query from an error's address: what is in it is nobody's business.
func withoutQuery(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		e.URL, _, _ = strings.Cut(e.URL, "?")
	}
	return err
}

// retryAfter reads the header in both its forms; -1 = there is none.
func retryAfter(h http.Header) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return -1
	}
	now, err := http.ParseTime(h.Get("Date")) // by the server's own clock, which may be wrong in both
	if err != nil {
		return -1
	}
	return max(at.Sub(now), 0)
}

// neverSent tells that no byte of a request reached the server.
func neverSent(err error) bool {
	dial, ok := errors.AsType[*net.OpError](err)
	return ok && dial.Op == "dial" || errors.Is(err, errPostRedirected)
}
