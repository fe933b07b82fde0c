package actionapi

import (
	"context"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// changing lets a site's accounts be changed.
func changing(c *auth.Config) { c.Changes = c.Accounts.(auth.ChangeStore) }

const (
	passwordRequest = `MediaWiki\Auth\PasswordAuthenticationRequest`
	goodChange      = "&password=An0ther-horse&retype=An0ther-horse"
)

// change posts to changeauthenticationdata.
func (c *client) change(rest string, more ...string) answer {
	c.t.Helper()
	more = append(more, "changeauthtoken", c.token("csrf"))
	return c.post("action=changeauthenticationdata&format=json&formatversion=2"+rest, more...)
}

func TestChangePassword(t *testing.T) {
	s := newSite(t, change{auth: changing})
	s.create(t, "Ann")
	here, there := s.signedIn(t, "Ann"), s.signedIn(t, "Ann")
	for name, tt := range map[string]struct {
		rest string
		more []string
		want string
	}{
		"two spellings":    {"&password=An0ther-horse&retype=different", []string{"changeauthrequest", passwordRequest}, "badretype"},
		"too short":        {"&password=a&retype=a", []string{"changeauthrequest", passwordRequest}, "passwordtooshort"},
		"nothing filled":   {"", []string{"changeauthrequest", passwordRequest}, "badrequest"},
		"half filled":      {"&password=An0ther-horse", []string{"changeauthrequest", passwordRequest}, "badrequest"},
		"unknown request":  {goodChange, []string{"changeauthrequest", "Nosuch"}, "badrequest"},
		"no request":       {goodChange, nil, "missingparam"},
		"for another name": {goodChange + "&username=Ben", []string{"changeauthrequest", "Nosuch"}, "badrequest"},
	} {
		a := here.change(tt.rest, tt.more...)
		if a.code() != tt.want || !strings.HasPrefix(a.header.Get("MediaWiki-API-Error"), tt.want) {
			t.Errorf("%s: %s", name, a.text)
		}
	}
	a := here.change("&password=a&retype=a", "changeauthrequest", passwordRequest)
	if got := a.header.Get("MediaWiki-API-Error"); got != "passwordtooshort, password-substring-username-match" {
		t.Errorf("all findings: %q", got)
	}
	if a := here.change("&password=a&retype=a&errorformat=raw", "changeauthrequest", passwordRequest); a.at("errors.1.code") != "password-substring-username-match" {
		t.Errorf("all findings: %s", a.text)
	}
	a = here.change(goodChange, "changeauthrequest", passwordRequest)
	if a.at("changeauthenticationdata.status") != "success" || strings.Contains(a.text, "An0ther") {
		t.Fatalf("change: %s", a.text)
	}
	if here.get("action=query&meta=userinfo&format=json").at("query.userinfo.name") != "Ann" {
		t.Error("the session that changed it ended")
	}
	if there.get("action=query&meta=userinfo&format=json").at("query.userinfo.name") == "Ann" {
		t.Error("another session goes on")
	}
	for password, want := range map[string]string{testPassword: "FAIL", "An0ther-horse": "PASS"} {
		c := s.client(t)
		a := c.post("action=clientlogin&format=json&loginreturnurl=http://x.test/&username=Ann&password="+password, "logintoken", c.token("login"))
		if a.at("clientlogin.status") != want {
			t.Errorf("sign in with %s: %s", password, a.text)
		}
	}
}

func TestWhoMayChange(t *testing.T) {
	s := newSite(t, change{auth: changing})
	s.create(t, "Ann")
	if a := s.client(t).change(goodChange, "changeauthrequest", passwordRequest); a.code() != "notloggedin" {
		t.Errorf("nobody: %s", a.text)
	}
	ann := s.signedIn(t, "Ann")
	if a := ann.post("action=changeauthenticationdata&format=json&changeauthtoken=bad"+goodChange, "changeauthrequest", passwordRequest); a.code() != "badtoken" {
		t.Errorf("a wrong token: %s", a.text)
	}
	if a := ann.postTo("password=x", "action=changeauthenticationdata&format=json&retype=x", "changeauthrequest", passwordRequest, "changeauthtoken", ann.token("csrf")); a.code() != "mustpostparams" {
		t.Errorf("a password in the address: %s", a.text)
	}
	s.clock.advance(31 * time.Minute)
	ann.get("action=query&meta=userinfo&format=json") // keeps the session
	s.clock.advance(30 * time.Minute)
	if a := ann.change(goodChange, "changeauthrequest", passwordRequest); a.code() != "reauthenticate" {
		t.Errorf("an hour after the sign-in: %s", a.text)
	}
}

func TestRemoveAuthenticationData(t *testing.T) {
	s := newSite(t, change{auth: func(c *auth.Config) {
		changing(c)
		c.Secondary = append(c.Secondary, removable{})
	}})
	s.create(t, "Ann")
	ann := s.signedIn(t, "Ann")
	remove := func(c *client, request string) answer {
		t.Helper()
		return c.post("action=removeauthenticationdata&format=json&formatversion=2", "request", request, "token", c.token("csrf"))
	}
	for request, want := range map[string]string{passwordRequest: "badrequest", "Nosuch": "badrequest", "": "missingparam"} {
		if a := remove(ann, request); a.code() != want {
			t.Errorf("%q: %s", request, a.text)
		}
	}
	if a := remove(s.client(t), "RemovableRequest"); a.code() != "notloggedin" {
		t.Errorf("nobody: %s", a.text)
	}
	if a := remove(ann, "RemovableRequest"); a.at("removeauthenticationdata.status") != "success" {
		t.Errorf("remove: %s", a.text)
	}
}

// removable is a provider with something to remove.
type removable struct{}

func (removable) ID() auth.ProviderID { return "removable" }
func (removable) BeforeCommit() bool  { return false }
func (removable) Requests(_ context.Context, o auth.Options) ([]auth.Request, error) {
	if o.Action != auth.ActionRemove {
		return nil, nil
	}
	return []auth.Request{{ID: "RemovableRequest"}}, nil
}
func (removable) BeginCreation(context.Context, *auth.Creation) (auth.Response, error) {
	return auth.Abstained(), nil
}
func (removable) BeginLogin(context.Context, *auth.Login) (auth.Response, error) {
	return auth.Abstained(), nil
}
func (removable) CheckChange(*auth.CredentialEdit) auth.Check { return auth.Good() }
func (removable) ContributeToChange(_ context.Context, _ *auth.CredentialEdit, c *auth.Change) error {
	c.Erase("removable")
	return nil
}

// resets notes what was asked for.
type resets struct {
	auth.PasswordResetter
	asked  []auth.PasswordResetRequest
	answer auth.Check
}

func (r *resets) RequestReset(_ context.Context, _ auth.Client, q auth.PasswordResetRequest) (auth.Check, error) {
	r.asked = append(r.asked, q)
	return r.answer, nil
}

func TestResetPassword(t *testing.T) {
	r := &resets{}
	s := newSite(t, change{api: func(c *Config) { c.Resets = r }})
	post := func(rest string) answer {
		t.Helper()
		return s.client(t).post("action=resetpassword&format=json&formatversion=2"+rest, "token", `+\`)
	}
	for rest, want := range map[string]string{"&user=%23": "baduser", "&user=192.0.2.1": "baduser"} {
		if a := post(strings.ReplaceAll(rest, "%23", "#")); a.code() != want {
			t.Errorf("%s: %s", rest, a.text)
		}
	}
	if a := post("&user=ann&email=a@example.org"); a.at("resetpassword.status") != "success" {
		t.Errorf("got %s", a.text)
	}
	if len(r.asked) != 1 || r.asked[0] != (auth.PasswordResetRequest{Username: "Ann", Email: "a@example.org"}) {
		t.Errorf("asked for %+v", r.asked)
	}
	r.answer = auth.Refused(message.New("passwordreset-nodata"))
	if a := post(""); a.code() != "passwordreset-nodata" {
		t.Errorf("got %s", a.text)
	}
	if a := newSite(t, change{}).client(t).post("action=resetpassword&format=json&user=Ann", "token", `+\`); a.code() != "passwordreset-emaildisabled" {
		t.Errorf("without mail: %s", a.text)
	}
}
