package client

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Captcha is the captcha of a step.
type Captcha struct {
	// Kind is the wiki's word for it: "image", "simple", "math", "question", "hcaptcha", "recaptchanocaptcha", "turnstile", …
	Kind string
	MIME string // of Info: "image/png" means that Info is the picture's address
	// Info is what is asked: a sum, a question in HTML, or the address of a picture.
	Info string
	// Label is what the wiki says to it.
	Label Message
	// Word is the name of the field that takes the answer.
	Word string
	// ID is the value of the hidden field that says which captcha it is; "" where a page's script is needed.
	ID string
	// Metadata is all that the wiki says about it, such as the key for a script.
	Metadata map[string]string
}

// IsPicture tells that Info is the address of a picture; see Wiki.CaptchaPicture.
func (c Captcha) IsPicture() bool { return strings.HasPrefix(c.MIME, "image/") && c.Info != "" }

// Text is what is asked, as plain text; "" for a picture.
func (c Captcha) Text() string {
	if c.IsPicture() {
		return ""
	}
	return plain(c.Info)
}

// Captcha finds the captcha among the step's requests, whatever its id.
func (s Step) Captcha() (Captcha, bool) {
	for _, r := range s.Requests {
		if c, ok := r.captcha(); ok {
			return c, true
		}
	}
	return Captcha{}, false
}

func (r Request) captcha() (Captcha, bool) {
	c := Captcha{Kind: r.Metadata["type"], MIME: r.Metadata["mime"], Metadata: r.Metadata}
	for _, f := range r.Fields {
		switch {
		case f.Type == Hidden:
			c.ID = f.Value
		case f.Type == Null:
			c.Info, c.Label = f.Value, f.Label
		case c.Word == "":
			c.Word = f.Name
		}
	}
	return c, c.Word != "" && (r.has("captchaWord") || r.has("captchaId") || c.Kind != "" && c.MIME != "")
}

// Picture is a captcha's picture as it came.
type Picture struct {
	Bytes []byte
	MIME  string
	URL   string // where it came from; data: addresses are left out
}

// CaptchaPicture fetches the picture of a captcha, with the session's cookies.
func (w *Wiki) CaptchaPicture(ctx context.Context, c Captcha) (Picture, error) {
	if !c.IsPicture() {
		return Picture{}, errors.New("fetch captcha: it is no picture")
	}
	if strings.HasPrefix(c.Info, "data:") {
		return inlinePicture(c.Info)
	}
	address, err := w.api.Parse(c.Info)
	if err != nil || address.Scheme != "https" && address.Scheme != "http" {
		return Picture{}, fmt.Errorf("fetch captcha: %q is no address of the web", c.Info)
	}
	got, err := w.get(ctx, address.String(), largestPicture)
	if err != nil {
		return Picture{}, fmt.Errorf("fetch captcha: %w", err)
	}
	mime := got.header.Get("Content-Type")
	if got.status != http.StatusOK || !strings.HasPrefix(mime, "image/") {
		return Picture{}, fmt.Errorf("fetch captcha: %w", &HTTPError{Status: got.status, Excerpt: excerpt(got.body), RetryAfter: got.retryAfter})
	}
	return Picture{Bytes: got.body, MIME: mime, URL: address.String()}, nil
}

// inlinePicture reads data:image/…;base64,….
func inlinePicture(address string) (Picture, error) {
	kind, data, _ := strings.Cut(strings.TrimPrefix(address, "data:"), ",")
	mime, coded := strings.CutSuffix(kind, ";base64")
	if !coded || !strings.HasPrefix(mime, "image/") {
		return Picture{}, errors.New("fetch captcha: unreadable data: address")
	}
	if unescaped, err := url.PathUnescape(data); err == nil {
		data = unescaped
	}
	bytes, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		return Picture{}, fmt.Errorf("fetch captcha: %w", err)
	}
	return Picture{Bytes: bytes, MIME: mime}, nil
}
