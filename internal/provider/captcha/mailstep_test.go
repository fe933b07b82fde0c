package captcha

import (
	"context"
	"crypto/rand"
	"net/netip"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/captcha"
)

// letters are the mails that a step composed. It limits and queues nothing.
type letters struct{ mails []auth.Mail }

func (l *letters) Compose(m auth.Mail) (auth.OutboxItem, error) {
	l.mails = append(l.mails, m)
	return auth.OutboxItem{Kind: m.Kind, Expires: m.Expires}, nil
}

func (*letters) Counters(string, netip.Prefix) []auth.Counter { return nil }

func (*letters) QueueMail(context.Context, []auth.OutboxItem, []auth.Counter) error { return nil }

// TestChecklist14 (row 14 of the security checklist): a code typed by hand has six digits at least, lives ten minutes at the
// most, allows few tries, belongs to the flow that asked for it, and is replaced when another is mailed.
func TestChecklist14(t *testing.T) {
	box, now := &letters{}, time.Unix(1_900_000_000, 0)
	step, err := NewMailStep(MailConfig{
		Queue: box, Mailer: box, Limiter: box, Link: func(code string) string { return code },
		Clock: func() time.Time { return now }, Random: rand.Reader,
	})
	if err != nil {
		t.Fatal(err)
	}
	begin := func() (*auth.Creation, string) {
		t.Helper()
		c := &auth.Creation{Subject: auth.Subject{Name: "Zane", Email: "zane@example.org"}}
		if err := c.Remember(id, passage{Later: true}); err != nil {
			t.Fatal(err)
		}
		if r, err := step.BeginCreation(t.Context(), c); err != nil || r.Status != auth.UI {
			t.Fatalf("got %+v, %v", r, err)
		}
		m := box.mails[len(box.mails)-1]
		if len(m.Values["code"]) < 6 || m.Expires.Sub(now) > 10*time.Minute {
			t.Errorf("the code %q is good until %v", m.Values["code"], m.Expires)
		}
		return c, m.Values["code"]
	}
	types := func(c *auth.Creation, code string) auth.Status {
		t.Helper()
		c.Answers = auth.Answers{{ID: captcha.RequestID, Values: map[string]string{captcha.FieldWord: code}}}
		r, err := step.ContinueCreation(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		return r.Status
	}

	c, code := begin()
	if got := types(c, code); got != auth.Pass {
		t.Errorf("the code: %s", got)
	}
	c, old := begin()
	other, fresh := begin()
	if old == fresh || types(other, old) != auth.UI || types(c, fresh) != auth.UI {
		t.Error("a code of another flow, or an older one, was taken")
	}
	if types(other, fresh) != auth.Pass {
		t.Error("the flow's own code was not taken behind another")
	}
	c, _ = begin()
	for try := 1; try <= 5; try++ {
		want := auth.UI
		if try == 5 {
			want = auth.Fail
		}
		if got := types(c, "none"); got != want {
			t.Errorf("wrong guess %d: %s", try, got)
		}
	}
	c, code = begin()
	now = now.Add(10*time.Minute - time.Second)
	if got := types(c, "none"); got != auth.UI {
		t.Errorf("in time: %s", got)
	}
	now = now.Add(time.Second)
	if got := types(c, code); got != auth.Fail {
		t.Errorf("after ten minutes: %s", got)
	}
}
