package gatehouse

import (
	"net/url"
	"strings"
	"testing"

	"gatehouse/auth"
)

const unknownThere = "authmanager-authn-no-local-user-link"

// restarted is a program whose person is known at the provider and has no account.
func (o *outside) restarted(who url.Values) *client {
	o.t.Helper()
	c := o.client()
	a := o.through(c, "clientlogin", "example.net", who, nil)
	if a["status"] != "RESTART" || a["messagecode"] != unknownThere || a["canpreservestate"] != true {
		o.t.Fatalf("got %v\n%s", a, o.log.String())
	}
	return c
}

// createKept makes an account with what was kept.
func (c *client) createKept(more url.Values) map[string]any {
	c.t.Helper()
	fields := url.Values{
		"action": {"createaccount"}, "createtoken": {c.token("createaccount")}, "createreturnurl": {comesBack}, "createpreservestate": {"1"},
	}
	for name, list := range more {
		fields[name] = list
	}
	return answerOf(c.t, c.call(true, fields), "createaccount")
}

// TestOpenIDFromSignInToCreation: who is not known here makes an account without signing in twice, and a creation that fails
// does not lose what was proven.
func TestOpenIDFromSignInToCreation(t *testing.T) {
	o := newOutside(t, nil, "example.net")
	c := o.restarted(alice)
	if got := c.preservedIn(t); got != "Alice w" {
		t.Errorf("proposed: %q", got)
	}
	for name, code := range map[string]string{"192.0.2.1": "invaliduser", "A#b": "invaliduser"} {
		if a := c.createKept(named(name)); a["messagecode"] != code || a["canpreservestate"] != true {
			t.Errorf("%s: %v", name, a)
		}
	}
	if a := c.createKept(url.Values{"username": {"Chosen"}, "email": {"nowhere"}}); a["messagecode"] != "invalidemailaddress" || a["canpreservestate"] != true {
		t.Errorf("a bad address: %v", a)
	}
	if got := c.preservedIn(t); got != "Alice w" {
		t.Errorf("after failures: %q", got)
	}
	if a := c.createKept(named("Chosen")); a["status"] != "PASS" || a["username"] != "Chosen" {
		t.Fatalf("with another name: %v", a)
	}
	if got := c.preservedIn(t); got != "" {
		t.Errorf("after it was used: %q", got)
	}
	if a := c.createKept(named("Second")); a["messagecode"] != "authmanager-create-no-primary" || a["canpreservestate"] != false {
		t.Errorf("used twice: %v", a)
	}
	if a := o.through(o.client(), "clientlogin", "example.net", alice, nil); a["username"] != "Chosen" {
		t.Errorf("signed in: %v", a)
	}

	// Without a name it is the proposed one.
	bob := url.Values{"subject": {"bob"}, "preferred_username": {"Chosen"}}
	if a := o.restarted(bob).createKept(nil); a["username"] != "Chosen 2" {
		t.Errorf("without a name: %v", a)
	}
	// A creation that came from the button and fails keeps it too.
	c = o.client()
	carol := url.Values{"subject": {"carol"}}
	b := browser(nil)
	back := o.arrive(b, o.signIn(b, c.begin("createaccount", "example.net", named("Carol")), carol))
	if got := o.client().create("Carol", "Corr3ct-horse"); got["status"] != "PASS" {
		t.Fatal(got)
	}
	if a := c.goOnWith("createaccount", back); a["messagecode"] != "userexists" || a["canpreservestate"] != true {
		t.Errorf("the name was taken meanwhile: %v", a)
	}
	if a := c.createKept(named("Carol 2")); a["status"] != "PASS" {
		t.Errorf("again: %v", a)
	}
}

// TestOpenIDKeptForOneClientAndAWhile: what is kept is the client's alone, and for an hour.
func TestOpenIDKeptForOneClientAndAWhile(t *testing.T) {
	o := newOutside(t, nil, "example.net")
	c := o.restarted(alice)
	if got := o.client().preservedIn(t); got != "" {
		t.Errorf("a stranger has %q", got)
	}
	for range 5 {
		o.clock.pass(auth.FlowLifetime - 1)
		c.createKept(named("A#b"))
	}
	if got := c.preservedIn(t); got != "" {
		t.Errorf("after more than an hour: %q", got)
	}
}

// TestOpenIDConfirmLink: who has an account signs in to it and is asked whether to link what they proved.
func TestOpenIDConfirmLink(t *testing.T) {
	o := newOutside(t, nil, "example.net")
	if got := o.client().create("Norm", "Corr3ct-horse"); got["status"] != "PASS" {
		t.Fatal(got)
	}
	signIn := func(c *client, password string) map[string]any {
		return answerOf(t, c.call(true, url.Values{
			"action": {"clientlogin"}, "logintoken": {c.token("login")}, "loginreturnurl": {comesBack}, "loginpreservestate": {"1"},
			"username": {"Norm"}, "password": {password},
		}), "clientlogin")
	}
	confirm := func(c *client, more url.Values) map[string]any {
		fields := url.Values{"action": {"clientlogin"}, "logintoken": {c.token("login")}, "logincontinue": {"1"}}
		for name, list := range more {
			fields[name] = list
		}
		return answerOf(t, c.call(true, fields), "clientlogin")
	}
	c := o.restarted(alice)
	if a := signIn(c, "wrong"); a["messagecode"] != "wrongpassword" || a["canpreservestate"] != true {
		t.Errorf("a wrong password: %v", a)
	}
	a := signIn(c, "Corr3ct-horse")
	request := a["requests"].([]any)[0].(map[string]any)
	field := request["fields"].(map[string]any)["confirmedLinkIDs"].(map[string]any)
	if a["status"] != "UI" || a["messagecode"] != "authprovider-confirmlink-message" || field["type"] != "multiselect" ||
		!strings.HasPrefix(request["id"].(string), `MediaWiki\Auth\ConfirmLinkAuthenticationRequest:`) {
		t.Fatalf("got %v", a)
	}
	id := ""
	for id = range field["options"].(map[string]any) {
	}
	if a := confirm(c, nil); a["status"] != "PASS" {
		t.Errorf("nothing chosen: %v", a)
	}
	o.restarted(alice) // it is still nobody's

	c = o.restarted(alice)
	signIn(c, "Corr3ct-horse")
	if a := confirm(c, url.Values{"confirmedLinkIDs": {id}}); a["status"] != "PASS" || a["username"] != "Norm" {
		t.Errorf("confirmed: %v\n%s", a, o.log.String())
	}
	if got := c.whoAmI(); got != "Norm" {
		t.Errorf("signed in as %q", got)
	}
	if a := o.through(o.client(), "clientlogin", "example.net", alice, nil); a["username"] != "Norm" {
		t.Errorf("by the linked one: %v", a)
	}

	// Two at once: the late one is told, and goes on without.
	bob := url.Values{"subject": {"bob"}}
	first, late := o.restarted(bob), o.restarted(bob)
	signIn(late, "Corr3ct-horse")
	if a := first.createKept(named("Bob")); a["status"] != "PASS" {
		t.Fatal(a)
	}
	if a := confirm(late, url.Values{"confirmedLinkIDs": {id}}); a["messagecode"] != "authprovider-confirmlink-failed" {
		t.Errorf("late: %v", a)
	}
	if a := confirm(late, url.Values{"linkOk": {"1"}}); a["status"] != "PASS" {
		t.Errorf("goes on: %v", a)
	}
}

// TestOpenIDLinkAndUnlink: whoever is signed in links and unlinks, but not the last way in.
func TestOpenIDLinkAndUnlink(t *testing.T) {
	o := newOutside(t, nil, "example.net", "other.example")
	if a := answerErr(o.client(), "linkaccount", "example.net"); a != "notloggedin" {
		t.Errorf("nobody: %v", a)
	}
	if got := o.client().create("Norm", "Corr3ct-horse"); got["status"] != "PASS" {
		t.Fatal(got)
	}
	c := o.client()
	if got := c.signIn("Norm", "Corr3ct-horse"); got != "PASS" {
		t.Fatal(got)
	}
	if a := o.through(c, "linkaccount", "example.net", alice, nil); a["status"] != "PASS" || a["username"] != nil {
		t.Fatalf("link: %v\n%s", a, o.log.String())
	}
	if a := o.through(c, "linkaccount", "example.net", alice, nil); a["messagecode"] != "gatehouse-identity-taken" || a["canpreservestate"] != false {
		t.Errorf("link again: %v", a)
	}
	if a := o.through(o.client(), "clientlogin", "example.net", alice, nil); a["username"] != "Norm" {
		t.Errorf("signed in: %v", a)
	}
	if ids := c.unlinkable(); len(ids) != 1 || !strings.HasPrefix(ids[0], "OpenIdConnectLinkedAuthenticationRequest:example.net:") {
		t.Fatalf("can be unlinked: %q", ids)
	} else if out := c.unlink(ids[0]); out != "success" {
		t.Errorf("unlink: %s", out)
	}
	if a := o.through(o.client(), "clientlogin", "example.net", alice, nil); a["status"] != "RESTART" {
		t.Errorf("after it was unlinked: %v", a)
	}
	if got := c.whoAmI(); got != "Norm" {
		t.Errorf("after unlinking: %q", got)
	}

	// An account without a password keeps its last way in.
	bob := url.Values{"subject": {"bob"}}
	if v := verdict(o.through(o.client(), "createaccount", "example.net", bob, named("Bob"))); v != "PASS" {
		t.Fatal(v)
	}
	c = o.client()
	if v := verdict(o.through(c, "clientlogin", "example.net", bob, nil)); v != "PASS" {
		t.Fatal(v)
	}
	if ids := c.unlinkable(); len(ids) != 0 {
		t.Errorf("the last way in: %q", ids)
	}
	if out := c.unlink("OpenIdConnectLinkedAuthenticationRequest:example.net:000000000000"); out != "badrequest" {
		t.Errorf("a made-up one: %s", out)
	}
	if v := verdict(o.through(c, "linkaccount", "other.example", bob, nil)); v != "PASS" {
		t.Errorf("link another: %s", v)
	}
	if ids := c.unlinkable(); len(ids) != 2 {
		t.Errorf("of two: %q", ids)
	} else if out := c.unlink(ids[0]); out != "success" {
		t.Errorf("one of two: %s", out)
	}
	if ids := c.unlinkable(); len(ids) != 0 {
		t.Errorf("the last of two: %q", ids)
	}
	if a := c.goOnWith("linkaccount", url.Values{}); a["messagecode"] != "authmanager-link-not-in-progress" {
		t.Errorf("go on with nothing: %v", a)
	}
}

func answerErr(c *client, action, provider string) string {
	prefix, token := flowWords(action)
	out := c.call(true, url.Values{"action": {action}, prefix + "token": {c.token(token)}, prefix + "returnurl": {comesBack}, provider: {"1"}})
	if e, ok := out["error"].(map[string]any); ok {
		return e["code"].(string)
	}
	return ""
}

func (c *client) unlinkable() []string {
	c.t.Helper()
	out := c.call(false, url.Values{"action": {"query"}, "meta": {"authmanagerinfo"}, "amirequestsfor": {"unlink"}})
	var ids []string
	for _, r := range out["query"].(map[string]any)["authmanagerinfo"].(map[string]any)["requests"].([]any) {
		ids = append(ids, r.(map[string]any)["id"].(string))
	}
	return ids
}

func (c *client) unlink(id string) string {
	c.t.Helper()
	out := c.call(true, url.Values{"action": {"unlinkaccount"}, "request": {id}, "token": {c.token("csrf")}})
	if e, ok := out["error"].(map[string]any); ok {
		return e["code"].(string)
	}
	return out["unlinkaccount"].(map[string]any)["status"].(string)
}
