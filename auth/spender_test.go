package auth

import (
	"context"
	"errors"
	"slices"
	"testing"

	"gatehouse/internal/message"
)

// spending is a provider whose test uses something up, and who stands first.
type spending struct {
	*scripted
	refuses bool
	fail    error
	asked   int
}

func (p *spending) TestRefused(context.Context, *Creation) (Check, error) {
	p.asked++
	if p.refuses {
		return Refused(message.New("spent")), p.fail
	}
	return Good(), p.fail
}

// cheap refuses at a glance.
type cheap struct {
	*scripted
	refuses bool
}

func (p *cheap) CheckCreation(*Creation) Check {
	if p.refuses {
		return Refused(message.New("at-a-glance"))
	}
	return Good()
}

func TestWhatSpendsIsTestedLast(t *testing.T) {
	var order []ProviderID
	says := func(id ProviderID, refuses bool) *scripted {
		return &scripted{id: id, test: func(*Creation) Check {
			order = append(order, id)
			if refuses {
				return Refused(message.New(message.Key(id)))
			}
			return Good()
		}}
	}
	for _, row := range []struct {
		what              string
		refusing, spender bool // a later provider's test; the spender about what was refused at a glance
		glance            bool
		want              string
		order             []ProviderID
		asked             int
	}{
		{"nothing", false, false, false, "", []ProviderID{"other", "primary", "captcha"}, 0},
		{"a later test", true, false, false, "other", []ProviderID{"other"}, 0},
		{"a glance", false, false, true, "at-a-glance", nil, 1},
		{"a glance, and the spender too", false, true, true, "spent", nil, 1},
	} {
		order = nil
		s := &spending{scripted: says("captcha", false), refuses: row.spender}
		primary := &cheap{says("primary", false), row.glance}
		primary.begin = func(*Creation) (Response, error) { return Passed(), nil }
		m := newTestManager(t, newFakeStore(), func(c *Config) {
			c.Pre = []PreProvider{s, says("other", row.refusing)}
			c.Primary = []PrimaryProvider{primary}
			c.Subject = []SubjectProvider{}
		})
		r, err := m.BeginCreation(t.Context(), visitor("jar"), named("Zane"))
		if err != nil || key(r) != row.want || !slices.Equal(order, row.order) || s.asked != row.asked {
			t.Errorf("%s: %v %v, tested %v, asked %d times", row.what, r, err, order, s.asked)
		}
		if row.glance {
			s.fail = errors.New("away")
			if _, err := m.BeginCreation(t.Context(), visitor("jar"), named("Zane")); err == nil {
				t.Errorf("%s: a fault is no refusal", row.what)
			}
		}
	}
}
