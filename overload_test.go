package gatehouse

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"testing"

	"gatehouse/internal/password"
)

// TestOverload: a flood of sign-ups is refused with the code, the status and the wait that clients go by, on api.php and on pages;
// what stands before the hashes is bounded; and people sign in meanwhile.
func TestOverload(t *testing.T) {
	cfg := testConfig(t)
	cfg.Password.HashesInFlight, cfg.Password.HashesPerNetwork = 1, 0
	cfg.Throttle.Attempts = nil
	s := newServer(t, cfg)
	srv := httptest.NewServer(s.Handler())
	defer srv.Close()
	if got := at(t, srv.URL).create("Ada", "Corr3ct-horse")["status"]; got != "PASS" {
		t.Fatalf("created: %v", got)
	}

	var held []*password.Ticket
	for i := 0; ; i++ {
		ticket, err := s.budget.Reserve(password.SignUp, netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 32))
		if err != nil {
			break
		}
		held = append(held, ticket)
	}
	defer func() {
		for _, ticket := range held {
			ticket.Release()
		}
	}()
	if most := password.DefaultQueuePerSlot; len(held) >= most {
		t.Errorf("sign-ups hold %d of %d places, and leave none to sign-ins", len(held), most)
	}

	c := at(t, srv.URL)
	form := url.Values{
		"action": {"createaccount"}, "format": {"json"}, "createtoken": {c.token("createaccount")}, "createreturnurl": {"http://example.org/"},
		"username": {"Ben"}, "password": {"Corr3ct-horse"}, "retype": {"Corr3ct-horse"},
	}
	answer, err := c.http.PostForm(srv.URL+"/w/api.php", form)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	wantLater(t, "api.php", answer, http.StatusOK)
	if code := answer.Header.Get("MediaWiki-API-Error"); code != "ratelimited" {
		t.Errorf("api.php: the code is %q", code)
	}
	page, _ := c.fillIn("/wiki/Special:CreateAccount", url.Values{"wpName": {"Ben"}, "wpPassword": {"Corr3ct-horse"}, "retype": {"Corr3ct-horse"}})
	wantLater(t, "the page", page, http.StatusServiceUnavailable)

	if got := at(t, srv.URL).signIn("Ada", "Corr3ct-horse"); got != "PASS" {
		t.Errorf("signing in meanwhile: %s", got)
	}
}

// wantLater wants an answer that asks to come back, and says when.
func wantLater(t *testing.T, what string, answer *http.Response, status int) {
	t.Helper()
	wait, err := strconv.Atoi(answer.Header.Get("Retry-After"))
	if answer.StatusCode != status || err != nil || wait < 1 {
		t.Errorf("%s: %d, Retry-After %q", what, answer.StatusCode, answer.Header.Get("Retry-After"))
	}
}
