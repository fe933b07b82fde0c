package captcha

import (
	"crypto/rand"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/authtest"
)

func mailConfig() MailConfig {
	box := &letters{}
	return MailConfig{
		Queue: box, Mailer: box, Limiter: box, Link: func(code string) string { return code }, Clock: time.Now, Random: rand.Reader,
	}
}

func TestMailStep(t *testing.T) {
	authtest.Run(t, authtest.Case{New: func(t *testing.T) auth.Provider {
		step, err := NewMailStep(mailConfig())
		if err != nil {
			t.Fatal(err)
		}
		return step
	}})
}

func TestNewMailStepWantsItsParts(t *testing.T) {
	for what, spoil := range map[string]func(*MailConfig){
		"queue": func(c *MailConfig) { c.Queue = nil }, "mailer": func(c *MailConfig) { c.Mailer = nil },
		"limiter": func(c *MailConfig) { c.Limiter = nil }, "link": func(c *MailConfig) { c.Link = nil },
		"clock": func(c *MailConfig) { c.Clock = nil }, "randomness": func(c *MailConfig) { c.Random = nil },
	} {
		c := mailConfig()
		spoil(&c)
		if _, err := NewMailStep(c); err == nil {
			t.Errorf("it is built without a %s", what)
		}
	}
}

// A creation that brought another captcha, or none, is not asked.
func TestMailStepAbstains(t *testing.T) {
	step, err := NewMailStep(mailConfig())
	if err != nil {
		t.Fatal(err)
	}
	for _, how := range []*passage{nil, {Kind: "math"}} {
		c := &auth.Creation{Subject: auth.Subject{Name: "Zane", Email: "zane@example.org"}}
		if how != nil {
			if err := c.Remember(id, how); err != nil {
				t.Fatal(err)
			}
		}
		if r, err := step.BeginCreation(t.Context(), c); err != nil || r.Status != auth.Abstain {
			t.Errorf("%v: %+v, %v", how, r, err)
		}
		var d auth.Draft
		if err := step.ContributeToDraft(t.Context(), c, &d); err != nil || !d.Account.EmailConfirmed.IsZero() {
			t.Errorf("%v: %+v, %v", how, d, err)
		}
	}
}
