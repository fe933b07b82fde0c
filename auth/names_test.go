package auth

import (
	"errors"
	"net/netip"
	"testing"
	"time"
)

// countingChecks is a limit of as many questions as it has left.
type countingChecks struct{ left, spent int }

func (c *countingChecks) Spend(_ netip.Addr, n int) time.Duration {
	if c.left <= 0 {
		return time.Minute
	}
	c.left, c.spent = c.left-n, c.spent+n
	return 0
}

// TestLookAhead: many names get the verdict that each gets alone.
func TestLookAhead(t *testing.T) {
	s := newFakeStore()
	m := newTestManager(t, s, func(c *Config) { c.Primary = []PrimaryProvider{passing()} })
	begin(t, m, visitor("v"), named("Zane"))
	raws := []string{"zane", "Free", "", "Foo@x", "free", "a|b", "Maintenance script", "Zane"}
	verdicts, err := m.LookAhead(t.Context(), Creator{}, raws)
	if err != nil || len(verdicts) != len(raws) {
		t.Fatalf("%v, %v", verdicts, err)
	}
	for i, raw := range raws {
		name, check, err := m.CheckName(t.Context(), raw, false)
		if v := verdicts[i]; err != nil || v.Name != name || v.Check.OK() != check.OK() || !v.Check.OK() && v.Check.Findings[0].Key != check.Findings[0].Key {
			t.Errorf("%q: alone %q %v, among others %q %v", raw, name, check, v.Name, v.Check)
		}
	}
	if verdicts[0].Check.OK() || !verdicts[1].Check.OK() {
		t.Errorf("%+v", verdicts)
	}
}

// TestNameChecksAreLimited: strangers run out of questions, whichever way they ask; accounts that were made are no questions.
func TestNameChecksAreLimited(t *testing.T) {
	s := newFakeStore()
	limit := &countingChecks{left: 4}
	m := newTestManager(t, s, func(c *Config) {
		c.Primary, c.NameChecks = []PrimaryProvider{passing()}, limit
	})
	if r := begin(t, m, visitor("v"), named("Zane")); r.Status != Pass || limit.spent != 0 {
		t.Fatalf("%v, %d questions", r.Status, limit.spent)
	}
	if r := begin(t, m, visitor("v"), named("Zane")); r.Messages[0].Key != keyUserExists || limit.spent != 1 {
		t.Errorf("%v, %d questions", r, limit.spent)
	}
	if _, err := m.LookAhead(t.Context(), Creator{}, []string{"a", "b", "c"}); err != nil || limit.spent != 4 {
		t.Errorf("%v, %d questions", err, limit.spent)
	}
	var often *TooOftenError
	if _, err := m.LookAhead(t.Context(), Creator{}, []string{"a"}); !errors.As(err, &often) || often.RetryAfter != time.Minute {
		t.Errorf("a question too many: %v", err)
	}
	if r := begin(t, m, visitor("v"), named("Other")); r.Status != Fail || r.Messages[0].Key != keyAttempts {
		t.Errorf("a creation as a question too many: %+v", r)
	}
	someone := Creator{Account: Account{ID: 1, Name: "Zane"}}
	if _, err := m.LookAhead(t.Context(), someone, []string{"a"}); err != nil {
		t.Errorf("signed in: %v", err)
	}
}

// judge is a primary provider with an opinion on passwords.
type judge struct {
	*scripted
	check  Check
	usable bool
}

func (j judge) TestPassword(Subject, string) (Check, bool) { return j.check, j.usable }

func TestCheckPassword(t *testing.T) {
	bad, worse := Refused(Message{Key: "bad"}), Refused(Message{Key: "worse"})
	for name, c := range map[string]struct {
		judges []PrimaryProvider
		want   int
		usable bool
	}{
		"nobody judges": {[]PrimaryProvider{passing()}, 0, true},
		"good":          {[]PrimaryProvider{judge{passing(), Good(), true}}, 0, true},
		"bad":           {[]PrimaryProvider{judge{passing(), bad, true}}, 1, true},
		"two":           {[]PrimaryProvider{judge{passing(), bad, true}, judge{&scripted{id: "other"}, worse, false}}, 2, false},
	} {
		m := newTestManager(t, newFakeStore(), func(cfg *Config) { cfg.Primary = c.judges })
		if check, usable := m.TestPassword(Subject{Name: "Zane"}, "x"); len(check.Findings) != c.want || usable != c.usable {
			t.Errorf("%s: %v, %v", name, check, usable)
		}
	}
}
