package special

import "testing"

// TestSignInOvertaken: nobody is signed in by what was changed before the session could start; a new account is there all the
// same.
func TestSignInOvertaken(t *testing.T) {
	s := newTestSite(t, change{})
	s.browser(t).create("Zane")
	s.store.overtaken = true
	b := s.browser(t)
	b.post(loginPath, b.get(loginPath).form("wpName", "Zane", "wpPassword", "three plain words")).
		want(t, 200, "start to sign in again")
	b.get("/").want(t, 200, "Sign in")
	b.create("Zoe").leadsTo(t, loginPath)
	if _, err := s.store.AccountByName(t.Context(), "Zoe"); err != nil {
		t.Error(err)
	}
}
