package special

import (
	"net/http"
	"testing"
)

func TestCreateSignOutSignIn(t *testing.T) {
	s := newTestSite(t, change{})
	b := s.browser(t)
	b.create("zane").leadsTo(t, "/wiki/Special:CreateAccount/done")
	b.get(createPath+"/done").want(t, 200, "Your account is ready", "<strong>Zane</strong>")

	form := b.get(logoutPath).want(t, 200, "Zane").form()
	b.post(logoutPath, form).leadsTo(t, logoutPath)
	b.get(logoutPath).want(t, 200, "You are signed out")

	form = b.get(loginPath).form("wpName", "Zane", "wpPassword", "three plain words")
	b.post(loginPath, form).leadsTo(t, "/")
	b.get("/").want(t, 200, "<strong>Zane</strong>")
	b.get(loginPath).want(t, http.StatusOK, "You are signed in")
}
