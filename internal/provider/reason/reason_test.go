package reason

import (
	"strings"
	"testing"

	"gatehouse/auth"
	"gatehouse/auth/authtest"
)

var (
	visitor = auth.Creator{}
	member  = auth.Creator{Account: auth.Account{ID: 7, Name: "Norm"}}
)

func requests(t *testing.T, action auth.Action, creator auth.Creator) []auth.Request {
	t.Helper()
	got, err := New().Requests(t.Context(), auth.Options{Action: action, Creator: creator})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestSuite(t *testing.T) {
	authtest.Run(t, authtest.Case{
		New: func(*testing.T) auth.Provider { return New() },
	})
}

func TestRequests(t *testing.T) {
	if got := requests(t, auth.ActionCreate, visitor); len(got) != 0 {
		t.Errorf("a visitor is asked %+v", got)
	}
	if got := requests(t, auth.ActionLogin, member); len(got) != 0 {
		t.Errorf("a sign-in is asked %+v", got)
	}
	got := requests(t, auth.ActionCreate, member)
	if len(got) != 1 || got[0].ID != `MediaWiki\Auth\CreationReasonAuthenticationRequest` ||
		got[0].Required != auth.Optional || len(got[0].Fields) != 1 {
		t.Fatalf("got %+v", got)
	}
	f := got[0].Fields[0]
	if f.Name != "reason" || f.Type != auth.FieldString || f.Optional || f.Sensitive ||
		f.Label.Key != "createacct-reason" || f.Help.Key != "createacct-reason-help" {
		t.Errorf("got %+v", f)
	}
}

func TestDescribe(t *testing.T) {
	long := strings.Repeat("ré", 250)
	for _, c := range []struct{ reason, want string }{
		{"", ""},
		{"For a friend", "For a friend"},
		{" \t\n For a\n friend \r\n", "For a\n friend"},
		{"   ", ""},
		{long, long},
		{" " + long + " ", long},
		{long + "x", string([]rune(long)[:497]) + "..."},
		{strings.Repeat("r", 1200), strings.Repeat("r", 497) + "..."},
	} {
		creation := &auth.Creation{Answers: auth.Load(
			requests(t, auth.ActionCreate, member), auth.Submission{Texts: map[string]string{"reason": c.reason}},
		)}
		if check := (New()).Describe(creation); !check.OK() || creation.Subject.Reason != c.want {
			t.Errorf("%.20q: got %q, %v; want %q", c.reason, creation.Subject.Reason, check, c.want)
		}
	}
}

func TestDescribeWithoutAnswer(t *testing.T) {
	creation := &auth.Creation{}
	if check := (New()).Describe(creation); !check.OK() || creation.Subject != (auth.Subject{}) {
		t.Errorf("got %v and %+v", check, creation.Subject)
	}
}
