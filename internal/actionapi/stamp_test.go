package actionapi

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"

	"gatehouse/auth"
)

// interloper is the last step of sign-ins: it lets the account's owner change the password, elsewhere, between the check of
// the old one and the start of the session.
type interloper struct {
	store  auth.ChangeStore
	active bool
}

func (*interloper) ID() auth.ProviderID { return "interloper" }
func (*interloper) BeforeCommit() bool  { return false }

func (*interloper) Requests(context.Context, auth.Options) ([]auth.Request, error) { return nil, nil }

func (*interloper) BeginCreation(context.Context, *auth.Creation) (auth.Response, error) {
	return auth.Abstained(), nil
}

func (i *interloper) BeginLogin(ctx context.Context, l *auth.Login) (auth.Response, error) {
	if !i.active {
		return auth.Passed(), nil
	}
	return auth.Passed(), i.store.ChangeAccount(ctx, auth.Change{
		Account: l.Account.ID, EndSessions: true,
		Credentials: []auth.CredentialChange{{Kind: auth.CredentialPassword, Any: true, New: "another"}},
	})
}

// TestSignInOvertaken: a sign-in that had verified the password before it was changed starts no session after it was.
func TestSignInOvertaken(t *testing.T) {
	step := &interloper{}
	s := newSite(t, change{auth: func(c *auth.Config) {
		step.store, c.Secondary = c.Moderation.(auth.ChangeStore), []auth.SecondaryProvider{step}
	}})
	s.create(t, "Ann")
	for _, overtaken := range []bool{false, true} {
		step.active = overtaken
		for body, want := range map[string]map[bool]string{
			"action=clientlogin&format=json&loginmessageformat=none&loginreturnurl=http://x/&username=Ann&password=": {
				false: `{"clientlogin":{"status":"PASS","username":"Ann"}}`,
				true:  `{"clientlogin":{"status":"FAIL","messagecode":"authmanager-authn-not-in-progress"}}`,
			},
			"action=login&format=json&errorformat=none&lgname=Ann&lgpassword=": {
				false: `"result":"Success"`,
				true:  `"result":"Failed","reason":{"code":"authmanager-authn-not-in-progress"`,
			},
		} {
			c := s.client(t)
			token := "logintoken"
			if strings.Contains(body, "action=login&") {
				token = "lgtoken"
			}
			a := c.post(body+testPassword, token, c.token("login"))
			who := c.get("action=query&meta=userinfo&format=json").at("query.userinfo.name") == "Ann"
			if !strings.Contains(a.text, want[overtaken]) || who == overtaken {
				t.Errorf("overtaken %v: %s, signed in %v", overtaken, a.text, who)
			}
			must(t, s.store.EndSessionsOf(t.Context(), 1))
			s.resetPassword(t)
		}
	}
}

// resetPassword gives the first account the test's password again.
func (s *site) resetPassword(t *testing.T) {
	t.Helper()
	s.create(t, "Donor "+rand.Text())
	hash, err := s.store.Credential(t.Context(), 2, auth.CredentialPassword)
	must(t, err)
	must(t, s.store.ChangeAccount(t.Context(), auth.Change{
		Account: 1, Credentials: []auth.CredentialChange{{Kind: auth.CredentialPassword, Any: true, New: hash}},
	}))
}
