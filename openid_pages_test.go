package gatehouse

import (
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// visitor is a person with a browser that runs no script.
type visitor struct {
	*outside
	b *http.Client
	// body is the page in view, at the address at.
	at, body string
}

func (o *outside) visitor() *visitor { return &visitor{outside: o, b: browser(nil)} }

// open goes to an address and on to where it leads within the site.
func (v *visitor) open(address string) *visitor {
	v.t.Helper()
	for range 5 {
		if strings.HasPrefix(address, "/") {
			address = v.url + address
		}
		_, location, body := v.page(v.b, address)
		v.at, v.body = address, html.UnescapeString(body)
		if location == "" {
			return v
		}
		address = location
	}
	v.t.Fatalf("round and round: %s", address)
	return v
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)

// post fills in the form in view.
func (v *visitor) post(path string, fields url.Values) *visitor {
	v.t.Helper()
	for _, m := range hiddenField.FindAllStringSubmatch(v.body, -1) {
		if !fields.Has(m[1]) {
			fields.Set(m[1], m[2])
		}
	}
	resp, err := v.b.PostForm(v.url+path, fields)
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	if to := resp.Header.Get("Location"); to != "" {
		return v.open(to)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	v.at, v.body = v.url+path, html.UnescapeString(string(body))
	return v
}

// away follows the link on the page in view to the provider, signs in there, and comes back.
func (v *visitor) away(who url.Values) *visitor {
	v.t.Helper()
	m := onward.FindStringSubmatch(v.body)
	if m == nil {
		v.t.Fatalf("the page leads nowhere:\n%s\n%s", v.body, v.log.String())
	}
	return v.open(v.signIn(v.b, map[string]any{"status": "REDIRECT", "redirecttarget": m[1]}, who))
}

func (v *visitor) sees(texts ...string) *visitor {
	v.t.Helper()
	for _, text := range texts {
		if !strings.Contains(v.body, text) {
			v.t.Errorf("%s lacks %q:\n%s\n%s", v.at, text, v.body, v.log.String())
		}
	}
	return v
}

const (
	createPage = "/wiki/Special:CreateAccount"
	loginPage  = "/wiki/Special:UserLogin"
	linkPage   = "/wiki/Special:LinkAccounts"
)

func TestOpenIDOnPages(t *testing.T) {
	o := newOutside(t, nil, "example.net")
	v := o.visitor()
	v.open(createPage).sees(`<button type="submit" name="example.net" value="1"`, "Go on with example.net")
	v.post(createPage, url.Values{"example.net": {"1"}}).sees("Error:") // without a name
	v.post(createPage, url.Values{"wpName": {"Alice"}, "example.net": {"1"}}).sees("One step elsewhere")
	v.away(alice).sees("You are back")
	if strings.Contains(v.body, `type="text"`) {
		t.Errorf("what came back is shown:\n%s", v.body)
	}
	v.post(createPage, url.Values{"wpCreateaccount": {"1"}}).sees("<strong>Alice</strong>")

	// Signing in again, by another browser.
	v = o.visitor()
	v.open(loginPage).sees("Go on with example.net").post(loginPage, url.Values{"example.net": {"1"}}).away(alice)
	v.post(loginPage, url.Values{"wploginattempt": {"1"}})
	v.open("/").sees("<strong>Alice</strong>")

	// Somebody who is not known here: no password is asked for, and the name is proposed.
	bob := url.Values{"subject": {"bob"}, "preferred_username": {"Alice"}, "email": {"bob@example.net"}, "email_verified": {"1"}}
	v = o.visitor()
	v.open(loginPage).post(loginPage, url.Values{"example.net": {"1"}}).away(bob)
	v.post(loginPage, url.Values{"wploginattempt": {"1"}})
	v.sees("OpenID Connect at example.net", `value="Alice 2"`, `value="bob@example.net"`, `name="wpPreserveState"`)
	if strings.Contains(v.body, `type="password"`) {
		t.Errorf("a password is asked for:\n%s", v.body)
	}
	v.post(createPage, url.Values{"wpName": {"Alice"}, "wpCreateaccount": {"1"}}).sees("Error:", `name="wpPreserveState"`)
	if strings.Contains(v.body, `type="password"`) {
		t.Errorf("after an error a password is asked for:\n%s", v.body)
	}
	v.post(createPage, url.Values{"wpName": {"Bob"}, "wpCreateaccount": {"1"}}).sees("<strong>Bob</strong>")
	v.open(linkPage).sees("cannot be unlinked")

	// Refused at the provider: the form says so.
	v = o.visitor()
	v.open(createPage).post(createPage, url.Values{"wpName": {"Carol"}, "example.net": {"1"}}).away(url.Values{"deny": {"1"}})
	v.post(createPage, url.Values{"wpCreateaccount": {"1"}}).sees("Error:", "example.net did not sign you in")
}

func TestOpenIDLinkPages(t *testing.T) {
	o := newOutside(t, nil, "example.net")
	if got := o.client().create("Norm", "Corr3ct-horse"); got["status"] != "PASS" {
		t.Fatal(got)
	}
	v := o.visitor()
	v.open(linkPage).post(loginPage, url.Values{"wpName": {"Norm"}, "wpPassword": {"Corr3ct-horse"}})
	v.sees("Linked sign-ins", "Nothing is linked", "Go on with example.net")
	v.post(linkPage, url.Values{"example.net": {"1"}}).away(alice).post(linkPage, url.Values{"wpSubmit": {"1"}}).sees("It is linked")
	v.open(linkPage).sees("alice_w@example.net", "Unlink")
	m := regexp.MustCompile(`name="wpUnlink" value="([^"]+)"`).FindStringSubmatch(v.body)
	if m == nil {
		t.Fatal(v.body)
	}
	v.post(linkPage, url.Values{"wpUnlink": {m[1]}, "wpEditToken": {"x"}}).sees("Error:")
	v.open(linkPage).post(linkPage, url.Values{"wpUnlink": {m[1] + "x"}}).sees("Error:")
	v.open(linkPage).post(linkPage, url.Values{"wpUnlink": {m[1]}}).sees("It is unlinked")
	v.open(linkPage).sees("Nothing is linked")

	// Who is known there and has an account signs in to it, and is asked.
	v = o.visitor()
	v.open(loginPage).post(loginPage, url.Values{"example.net": {"1"}}).away(alice).post(loginPage, url.Values{"wploginattempt": {"1"}})
	v.sees("Do you have an account already?").open(loginPage).sees("you can link the two", `name="wpPreserveState"`)
	v.post(loginPage, url.Values{"wpName": {"Norm"}, "wpPassword": {"Corr3ct-horse"}}).sees("Choose which of these", "OpenID Connect at example.net (alice_w@example.net)")
	v.post(loginPage, url.Values{"confirmedLinkIDs[]": {"openid:example.net"}, "wploginattempt": {"1"}})
	v.open(linkPage).sees("alice_w@example.net")
}
