package name

import (
	"testing"

	"gatehouse/auth"
	"gatehouse/auth/authtest"
)

func TestSuite(t *testing.T) {
	authtest.Run(t, authtest.Case{
		New:        func(*testing.T) auth.Provider { return New() },
		Submission: map[string]string{"username": "Zane"},
	})
}

func TestRequests(t *testing.T) {
	for action, want := range map[auth.Action]int{auth.ActionCreate: 1, auth.ActionLogin: 0, auth.ActionChange: 0} {
		requests, err := New().Requests(t.Context(), auth.Options{Action: action})
		if err != nil || len(requests) != want {
			t.Fatalf("%s: %d requests, %v", action, len(requests), err)
		}
		if want == 0 {
			continue
		}
		r := requests[0]
		if r.ID != `MediaWiki\Auth\UsernameAuthenticationRequest` || r.Required != auth.RequiredAlways || len(r.Fields) != 1 {
			t.Fatalf("got %+v", r)
		}
		f := r.Fields[0]
		if f.Name != "username" || f.Type != auth.FieldString || f.Optional || f.Sensitive ||
			f.Label.Key != "userlogin-yourname" || f.Help.Key != "authmanager-username-help" {
			t.Errorf("got %+v", f)
		}
	}
}

func TestDescribe(t *testing.T) {
	c := &auth.Creation{Subject: auth.Subject{Name: "Zane"}}
	if check := (Provider{}).Describe(c); !check.OK() || c.Subject != (auth.Subject{Name: "Zane"}) {
		t.Errorf("got %v and %+v", check, c.Subject)
	}
}
