package confirmlink

import (
	"context"
	"errors"
	"testing"

	"gatehouse/auth"
	"gatehouse/auth/authtest"
)

// failing writes nothing and says why.
type failing struct{ err error }

func (f failing) ChangeAccount(context.Context, auth.Change) error { return f.err }

func TestProvider(t *testing.T) {
	authtest.Run(t, authtest.Case{New: func(*testing.T) auth.Provider { return New(failing{}) }})
}

// TestFailureIsSeen: whoever chose to link is not let past a failure that they were not shown.
func TestFailureIsSeen(t *testing.T) {
	for about, fault := range map[string]error{"taken": auth.ErrIdentityTaken, "changed": auth.ErrChanged} {
		p, l := New(failing{fault}), &auth.Login{Account: auth.Account{ID: 3}}
		if r, err := p.BeginLogin(t.Context(), l); err != nil || r.Status != auth.Abstain {
			t.Errorf("nothing to link: %+v, %v", r, err)
		}
		if err := l.Prove(auth.Proof{Provider: "x", Identity: auth.Identity{Issuer: "i", Subject: "s"}}); err != nil {
			t.Fatal(err)
		}
		r, err := p.BeginLogin(t.Context(), l)
		if err != nil || r.Status != auth.UI || len(r.Requests) != 1 {
			t.Fatalf("%s: %+v, %v", about, r, err)
		}
		chosen := auth.Load(r.Requests, auth.Submission{Lists: map[string][]string{"confirmedLinkIDs": {"x"}}})
		for _, answers := range []auth.Answers{chosen, nil} {
			l.Answers = answers
			if r, err = p.ContinueLogin(t.Context(), l); err != nil || r.Status != auth.UI || r.Requests[0].ID != okRequest {
				t.Errorf("%s: %+v, %v", about, r, err)
			}
		}
		l.Answers = auth.Load(r.Requests, auth.Submission{Texts: map[string]string{"linkOk": "1"}})
		if r, err = p.ContinueLogin(t.Context(), l); err != nil || r.Status != auth.Pass {
			t.Errorf("%s, seen: %+v, %v", about, r, err)
		}
	}
	broken := New(failing{errors.New("disk full")})
	l := &auth.Login{Answers: auth.Answers{{ID: requestID + "x", Lists: map[string][]string{"confirmedLinkIDs": {"x"}}}}}
	if err := l.Prove(auth.Proof{Provider: "x"}); err != nil {
		t.Fatal(err)
	}
	if _, err := broken.ContinueLogin(t.Context(), l); err == nil {
		t.Error("a fault is an answer")
	}
}
