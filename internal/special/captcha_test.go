package special

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
)

// gallery has the picture 7, nothing else, and is closed for 8 and broken for 9.
type gallery struct{}

func (gallery) Picture(_ context.Context, id string) ([]byte, bool, error) {
	switch id {
	case "7":
		return []byte("a picture"), true, nil
	case "8":
		return nil, true, &auth.OverloadError{RetryAfter: 2 * time.Second}
	case "9":
		return nil, true, errors.New("no ink")
	}
	return nil, false, nil
}

func (gallery) Sound(_ context.Context, id, language string) ([]byte, bool, error) {
	return []byte("in " + language), id == "7", nil
}

func TestCaptchaFiles(t *testing.T) {
	s := newTestSite(t, change{pages: func(c *Config) { c.Captchas, c.Private = gallery{}, true }})
	for _, row := range []struct {
		path, body string
		status     int
	}{
		{"/w/index.php?title=Special:Captcha/image&wpCaptchaId=7", "a picture", 200},
		{"/wiki/special:captcha/image?wpCaptchaId=7", "a picture", 200},
		{"/wiki/Special:Captcha/audio?wpCaptchaId=7", "in en", 200},
		{"/wiki/Special:Captcha/image?wpCaptchaId=1", "<h1>", 400},
		{"/wiki/Special:Captcha/image", "<h1>", 400},
		{"/wiki/Special:Captcha/audio?wpCaptchaId=1", "<h1>", 400},
		{"/wiki/Special:Captcha/image?wpCaptchaId=8", "<h1>", 503},
		{"/wiki/Special:Captcha/image?wpCaptchaId=9", "<h1>", 500},
		{"/wiki/Special:Captcha/Image?wpCaptchaId=7", "<h1>", 404},
		{"/wiki/Special:Captcha/help", "<h1>", 200},
	} {
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, httptest.NewRequest("GET", row.path, nil))
		if w.Code != row.status || !strings.Contains(w.Body.String(), row.body) {
			t.Errorf("%s: %d %.200s", row.path, w.Code, w.Body)
		}
		cached := w.Header().Get("Cache-Control") == captchaCached
		if file := !strings.HasPrefix(row.body, "<"); cached != file {
			t.Errorf("%s: Cache-Control is %q", row.path, w.Header().Get("Cache-Control"))
		}
		if w.Header().Get("Set-Cookie") != "" {
			t.Errorf("%s sets a cookie", row.path)
		}
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, httptest.NewRequest(http.MethodHead, "/wiki/Special:Captcha/image?wpCaptchaId=7", nil))
	if w.Code != 200 || w.Body.Len() != 0 || w.Header().Get("Content-Length") != "9" {
		t.Errorf("HEAD: %d, %v", w.Code, w.Header())
	}
}
