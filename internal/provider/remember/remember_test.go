package remember

import (
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/authtest"
)

func TestProvider(t *testing.T) {
	authtest.Run(t, authtest.Case{New: func(*testing.T) auth.Provider { return New(180 * 24 * time.Hour) }})
}

func TestOfferedAtSignInOnly(t *testing.T) {
	p := New(180 * 24 * time.Hour)
	for action, want := range map[auth.Action]int{auth.ActionLogin: 1, auth.ActionCreate: 0, auth.ActionChange: 0} {
		requests, err := p.Requests(t.Context(), auth.Options{Action: action, Creator: authtest.Visitor()})
		if err != nil || len(requests) != want {
			t.Errorf("%s: %d requests, %v; want %d", action, len(requests), err, want)
		}
		if want == 1 && requests[0].Fields[0].Label.Params[0].Number != 180 {
			t.Errorf("the label tells %+v", requests[0].Fields[0].Label.Params)
		}
	}
}
