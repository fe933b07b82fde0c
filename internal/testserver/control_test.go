package testserver

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestHeader(t *testing.T) {
	v := newVisitor(t, start(t, Options{}), testBase)
	for path, want := range map[string]int{
		"/_test/": http.StatusOK, "/_test/mail": http.StatusForbidden, "/_test/faults": http.StatusForbidden, "/_test/nothing": http.StatusForbidden,
	} {
		if status, _, text := v.do("GET", path, nil, ""); status != want || want != 200 && !strings.Contains(text, header) {
			t.Errorf("%s without the header: %d %s", path, status, text)
		}
	}
	if status, _, text := v.do("POST", "/_test/reset", http.Header{header: {"yes"}}, ""); status != http.StatusForbidden {
		t.Errorf("with another value: %d %s", status, text)
	}
	var none struct{ Error struct{ Code, Info string } }
	if status := v.control("GET", "nothing", "", &none); status != http.StatusNotFound || none.Error.Code != "nosuchcall" || !strings.Contains(none.Error.Info, "/_test/ ") {
		t.Errorf("an unknown call: %d %+v", status, none)
	}
	if status := v.control("GET", "reset", "", nil); status != http.StatusNotFound {
		t.Errorf("reset by GET: %d", status)
	}
}

func TestReset(t *testing.T) {
	v := newVisitor(t, start(t, Options{Seed: seed(1)}), testBase)
	v.mustCreate("Zane")
	if a := v.create("Zane"); a.CreateAccount.MessageCode != "userexists" {
		t.Fatalf("got %+v", a)
	}
	v.must("POST", "clock", `{"advance": "1h"}`)
	v.must("POST", "faults", `{"do": "500", "times": 7}`)
	v.must("POST", "reset", "")
	v.mustCreate("Zane")
	var c toldClock
	if v.control("GET", "clock", "", &c); !c.Now.Equal(Epoch()) || !c.Still {
		t.Errorf("the clock says %+v", c)
	}
}

func TestMail(t *testing.T) {
	v := newVisitor(t, start(t, Options{}), testBase)
	for name, address := range map[string]string{"Ada": "ada@example.org", "Ben": "ben@example.org"} {
		form := v.creation(name, v.token("createaccount"))
		form.Set("email", address)
		if _, _, a := v.post(form); a.CreateAccount.Status != "PASS" {
			t.Fatalf("got %+v", a)
		}
	}
	var got struct{ Mail []toldMail }
	v.control("GET", "mail", "", &got)
	if len(got.Mail) != 2 {
		t.Fatalf("got %+v", got)
	}
	v.control("GET", "mail?to=ben%40example.org", "", &got)
	if len(got.Mail) != 1 || got.Mail[0].Name != "Ben" || got.Mail[0].To != "ben@example.org" || len(got.Mail[0].Links) == 0 {
		t.Fatalf("got %+v", got)
	}
	link, ok := strings.CutPrefix(got.Mail[0].Links[0], testBase)
	if !ok {
		t.Fatalf("the mail leads to %s", got.Mail[0].Links[0])
	}
	if status, _, text := v.do("GET", link, nil, ""); status != http.StatusOK || !strings.Contains(text, "<form") {
		t.Errorf("the link answers %d %s", status, text)
	}
	v.control("GET", "mail?name=Nobody", "", &got)
	if len(got.Mail) != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestClock(t *testing.T) {
	v := newVisitor(t, start(t, Options{Start: time.Date(2041, 2, 3, 4, 5, 6, 0, time.UTC)}), testBase)
	token := v.token("createaccount")
	var c toldClock
	if status := v.control("POST", "clock", `{"advance": "90m"}`, &c); status != http.StatusOK || c.Now.Format(time.RFC3339) != "2041-02-03T05:35:06Z" {
		t.Fatalf("%d %+v", status, c)
	}
	if status, h, a := v.post(v.creation("Zane", token)); a.CreateAccount.Status != "PASS" || h.Get("Date") != "Sun, 03 Feb 2041 05:35:06 GMT" {
		t.Fatalf("%d %v %+v", status, h, a)
	}
	v.must("POST", "clock", `{"advance": "25h"}`)
	if _, _, a := v.get("action=query&meta=userinfo"); a.Query.UserInfo.Name == "Zane" {
		t.Error("an anonymous client is signed in")
	}
	if _, _, a := v.post(v.creation("Yann", token)); a.Error.Code != "badtoken" {
		t.Errorf("a token of yesterday: %+v", a)
	}
	for _, body := range []string{``, `{}`, `{"advance": "-1h"}`, `{"advance": "soon"}`, `{"advance": 3600}`, `{"advance": "20000d"}`, `{"now": "1h"}`, `[]`, `{"advance":"1h"} x`} {
		if status := v.control("POST", "clock", body, nil); status != http.StatusBadRequest {
			t.Errorf("%s is answered with %d", body, status)
		}
	}
}

func TestAccounts(t *testing.T) {
	v := newVisitor(t, start(t, Options{}), testBase)
	v.must("POST", "accounts", `{"name": "ada", "password": "a-long-pass-phrase", "groups": ["sysop"]}`)
	if status := v.control("POST", "accounts", `{"name": "Ada"}`, nil); status != http.StatusConflict {
		t.Errorf("a taken name: %d", status)
	}
	_, _, a := v.post(url.Values{
		"action": {"clientlogin"}, "username": {"Ada"}, "password": {goodPassword}, "loginreturnurl": {"http://localhost/"}, "logintoken": {v.token("login")},
	})
	if a.ClientLogin.Status != "PASS" {
		t.Fatalf("got %+v", a)
	}
	form := v.creation("Ben", v.token("createaccount"))
	form.Set("reason", "by appointment")
	if _, _, a := v.post(form); a.CreateAccount.Status != "PASS" {
		t.Errorf("got %+v", a)
	}
}

func TestFaults(t *testing.T) {
	s := start(t, Options{})
	v := newVisitor(t, s, testBase)
	fault := func(body string) { v.must("POST", "faults", body) }

	fault(`{"do": "503", "retry_after": 7, "times": 2}`)
	for range 2 {
		if status, h, _ := v.get("action=query&meta=tokens"); status != 503 || h.Get("Retry-After") != "7" {
			t.Errorf("%d %v", status, h)
		}
	}
	fault(`{"do": "500", "action": "createaccount"}`)
	token := v.token("createaccount")
	if status, _, _ := v.post(v.creation("Zane", token)); status != 500 {
		t.Errorf("got %d", status)
	}
	fault(`{"do": "drop", "action": "createaccount"}`)
	if status, _, _ := v.post(v.creation("Zane", token)); status != 0 {
		t.Errorf("the connection ends with %d", status)
	}
	fault(`{"do": "badtoken"}`)
	token = v.token("createaccount") // brings no token, so it is left alone
	if _, _, a := v.post(v.creation("Zane", token)); a.Error.Code != "badtoken" {
		t.Errorf("got %+v", a)
	}
	fault(`{"do": "throttle"}`)
	if a := v.create("Zane"); a.CreateAccount.MessageCode != "acct_creation_throttle_hit" {
		t.Errorf("got %+v", a)
	}
	fault(`{"do": "readonly", "times": 2}`)
	if _, _, a := v.get("action=query&meta=siteinfo"); a.Query.General["readonly"] == nil {
		t.Errorf("got %+v", a.Query.General)
	}
	if _, _, a := v.post(v.creation("Zane", token)); a.Error.Code != "readonly" {
		t.Errorf("got %+v", a)
	}
	fault(`{"do": "maxlag"}`)
	if status, h, a := v.post(v.creation("Zane", token)); status != 200 || a.Error.Code != "maxlag" || h.Get("Retry-After") == "" {
		t.Errorf("%d %v %+v", status, h, a)
	}
	fault(`{"do": "delay", "delay": "1ms"}`)
	if _, _, a := v.post(v.creation("Zane", token)); a.CreateAccount.Status != "PASS" {
		t.Errorf("after all of them: %+v", a)
	}
}

func TestFaultsOfPages(t *testing.T) {
	v := newVisitor(t, start(t, Options{}), testBase)
	v.must("POST", "faults", `{"do": "503"}`)
	if status, _, _ := v.do("GET", "/wiki/Special:CreateAccount", nil, ""); status != 503 {
		t.Errorf("got %d", status)
	}
	if status, _, _ := v.do("GET", "/wiki/Special:CreateAccount", nil, ""); status != 200 {
		t.Errorf("got %d", status)
	}
}

func TestFaultQueue(t *testing.T) {
	v := newVisitor(t, start(t, Options{}), testBase)
	for _, body := range []string{
		``, `{}`, `{"do": "404"}`, `{"do": "500", "times": 0}`, `{"do": "500", "times": 10001}`, `{"do": "503", "retry_after": -1}`,
		`{"do": "503", "retry_after": 3601}`, `{"do": "delay"}`, `{"do": "delay", "delay": "11s"}`, `{"do": "500", "often": 2}`,
	} {
		if status := v.control("POST", "faults", body, nil); status != http.StatusBadRequest {
			t.Errorf("%s is answered with %d", body, status)
		}
	}
	for range 100 {
		v.must("POST", "faults", `{"do": "500", "times": 10000, "action": "login"}`)
	}
	if status := v.control("POST", "faults", `{"do": "500"}`, nil); status != http.StatusBadRequest {
		t.Errorf("fault 101 is answered with %d", status)
	}
	v.must("DELETE", "faults", "")
	v.must("POST", "faults", `{"do": "delay", "delay": "250ms", "times": 3}`)
	if _, _, text := v.do("GET", "/_test/faults", http.Header{header: {"1"}}, ""); text != `{"faults":[{"do":"delay","times":3,"delay":"250ms"}]}`+"\n" {
		t.Errorf("waiting: %s", text)
	}
}

func TestSpaces(t *testing.T) {
	s := start(t, Options{MaxSpaces: 3})
	first := newVisitor(t, s, testBase)
	first.mustCreate("Zane")
	first.must("POST", "faults", `{"do": "500", "times": 100}`)
	var made toldSpace
	if first.control("POST", "spaces", "", &made); made.Name != "1" || made.API != testBase+"/s/1/w/api.php" || made.Create != testBase+"/s/1/wiki/Special:CreateAccount" {
		t.Fatalf("got %+v", made)
	}
	one := newVisitor(t, s, strings.TrimSuffix(made.URL, "/"))
	one.jar = first.jar // one browser, two spaces
	one.mustCreate("Zane")
	one.must("POST", "reset", "")
	one.mustCreate("Zane")
	for _, path := range []string{"/", "/wiki/Special:CreateAccount", "/w/index.php?title=Special:Log/newusers"} {
		if status, _, text := one.do("GET", path, nil, ""); status != 200 || strings.Contains(text, `"/w/`) || strings.Contains(text, `"/wiki/`) {
			t.Errorf("%s answers %d, and leads out of the space: %s", path, status, text)
		}
	}
	first.must("POST", "spaces", `{"name": "asks", "set": ["createaccount.email_required=true"]}`)
	if a := newVisitor(t, s, testBase+"/s/asks").create("Zane"); a.CreateAccount.MessageCode == "" {
		t.Errorf("without an address: %+v", a)
	}
	for body, want := range map[string]int{
		`{"name": "asks"}`: 409, `{"name": "A"}`: 409, `{"name": "../x"}`: 409, `{"scenario": "hard"}`: 409, `{"set": ["store.url=sqlite:x"]}`: 400,
		`{"set": ["site.id=x"]}`: 400, `{"set": ["createaccount.enabled=perhaps"]}`: 400, `{"seed": -1}`: 400,
	} {
		if status := first.control("POST", "spaces", body, nil); status != want {
			t.Errorf("%s is answered with %d, want %d", body, status, want)
		}
	}
	first.must("POST", "spaces", "")
	if status := first.control("POST", "spaces", "", nil); status != http.StatusConflict {
		t.Errorf("one space too many: %d", status)
	}
	if status := one.control("POST", "spaces", "", nil); status != http.StatusBadRequest {
		t.Errorf("a space in a space: %d", status)
	}
	first.must("DELETE", "spaces/asks", "")
	if status := first.control("DELETE", "spaces/asks", "", nil); status != http.StatusNotFound {
		t.Errorf("ended twice: %d", status)
	}
	if status, _, _ := first.do("GET", "/s/asks/w/api.php", nil, ""); status != http.StatusNotFound {
		t.Errorf("a space that ended answers %d", status)
	}
	var all struct{ Spaces []toldSpace }
	if first.control("GET", "spaces", "", &all); len(all.Spaces) != 3 {
		t.Errorf("there are %+v", all)
	}
}
