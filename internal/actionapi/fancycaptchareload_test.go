package actionapi

import (
	"strings"
	"testing"

	"gatehouse/auth"
)

// forVisitors makes ids that name the visitor.
type forVisitors struct{}

func (forVisitors) NewPicture(visitor auth.FlowID) (string, error) {
	return "7" + string(visitor[:4]), nil
}

// The apps read a text from both format versions. A visitor gets a cookie with it, because a picture can be answered with
// that cookie alone.
func TestFancyCaptchaReload(t *testing.T) {
	s := newSite(t, change{})
	for _, version := range []string{"1", "2"} {
		r := s.client(t).get("action=fancycaptchareload&format=json&formatversion=" + version)
		if !strings.HasPrefix(r.text, `{"fancycaptchareload":{"index":"7`) {
			t.Errorf("formatversion %s: %s", version, r.text)
		}
		if r.header.Get("Set-Cookie") == "" {
			t.Error("no cookie comes with the picture")
		}
	}
}

func TestNoFancyCaptchaReloadWithoutPictures(t *testing.T) {
	s := newSite(t, change{api: func(c *Config) { c.Captchas = nil }})
	if r := s.client(t).get("action=fancycaptchareload&format=json&formatversion=2"); r.code() != "badvalue" {
		t.Error(r.text)
	}
}
