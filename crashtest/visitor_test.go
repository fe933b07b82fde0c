package crashtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
)

const password = "correct-horse-battery-7"

// visitor is a client with a cookie jar of its own.
type visitor struct {
	url   string
	web   *http.Client
	token string // for creations
	name  string // of the account it is creating
}

func newVisitor(base string) *visitor {
	jar, _ := cookiejar.New(nil) // it never fails
	return &visitor{url: base, web: &http.Client{Jar: jar, Timeout: patience, Transport: &http.Transport{}}}
}

// leave closes the visitor's connections.
func (v *visitor) leave() { v.web.CloseIdleConnections() }

// nonsense is a whole answer that is not what was asked for. Any other error of a visitor means that there was no answer.
type nonsense struct{ said string }

func (n *nonsense) Error() string { return "answered with nonsense: " + n.said }

// call posts to the API and decodes the answer into out.
func (v *visitor) call(out any, pairs ...string) error {
	form := url.Values{"format": {"json"}, "formatversion": {"2"}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	answer, err := v.web.PostForm(v.url+"/w/api.php", form)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, out); err != nil {
		return &nonsense{fmt.Sprintf("%s %.300s: %v", answer.Status, body, err)}
	}
	return nil
}

// fault is an error of the API.
type fault struct {
	Error struct{ Code, Info string }
}

type tokens struct {
	fault
	Query struct {
		Tokens struct{ CreateAccountToken, LoginToken string }
	}
}

func (v *visitor) fetchToken() error {
	var got tokens
	if err := v.call(&got, "action", "query", "meta", "tokens", "type", "createaccount"); err != nil {
		return err
	}
	v.token = got.Query.Tokens.CreateAccountToken
	if v.token == "" {
		return &nonsense{fmt.Sprintf("no token: %v", got.Error)}
	}
	return nil
}

// create posts a creation, with more fields than usual, and answers PASS, or the code of the refusal.
func (v *visitor) create(name string, more ...string) (string, error) {
	var got struct {
		fault
		CreateAccount struct{ Status, MessageCode string }
	}
	err := v.call(&got, append([]string{"action", "createaccount", "username", name, "password", password, "retype", password,
		"createtoken", v.token, "createreturnurl", "http://127.0.0.1/"}, more...)...)
	switch {
	case err != nil:
		return "", err
	case got.CreateAccount.Status == "PASS":
		return "PASS", nil
	case got.CreateAccount.Status != "":
		return got.CreateAccount.MessageCode, nil
	}
	return got.Error.Code + ": " + got.Error.Info, nil
}

// mustSignIn signs in with the password that the account was created with.
func (v *visitor) mustSignIn(t *testing.T, name string) {
	t.Helper()
	defer v.leave()
	var token tokens
	if err := v.call(&token, "action", "query", "meta", "tokens", "type", "login"); err != nil {
		t.Fatal(err)
	}
	var got struct {
		fault
		ClientLogin struct{ Status, Username, MessageCode string }
	}
	err := v.call(&got, "action", "clientlogin", "username", name, "password", password,
		"logintoken", token.Query.Tokens.LoginToken, "loginreturnurl", "http://127.0.0.1/")
	if err != nil {
		t.Fatal(err)
	}
	if got.ClientLogin.Status != "PASS" || got.ClientLogin.Username != name {
		t.Errorf("%s cannot sign in: %+v", name, got)
	}
}

// existing answers which of the names are accounts.
func (v *visitor) existing(t *testing.T, names []string) map[string]bool {
	t.Helper()
	const atOnce = 50
	exist := map[string]bool{}
	for len(names) > 0 {
		some := names[:min(atOnce, len(names))]
		names = names[len(some):]
		var got struct {
			fault
			Query struct {
				Users []struct {
					Name   string
					UserID int64
				}
			}
		}
		if err := v.call(&got, "action", "query", "list", "users", "ususers", strings.Join(some, "|")); err != nil {
			t.Fatal(err)
		}
		if len(got.Query.Users) != len(some) {
			t.Fatalf("asked for %d users, got %d: %v", len(some), len(got.Query.Users), got.Error)
		}
		for _, u := range got.Query.Users {
			exist[u.Name] = u.UserID != 0
		}
	}
	return exist
}

// allAccounts counts the accounts of each name.
func (v *visitor) allAccounts(t *testing.T) map[string]int {
	t.Helper()
	return v.all(t, "allusers", "aulimit", "max")
}

// allLogged counts the entries of each name in the log of new users.
func (v *visitor) allLogged(t *testing.T) map[string]int {
	t.Helper()
	return v.all(t, "logevents", "letype", "newusers", "leprop", "title|type", "lelimit", "max")
}

// all pages through a list of accounts or of log entries and counts whom it names.
func (v *visitor) all(t *testing.T, list string, pairs ...string) map[string]int {
	t.Helper()
	count := map[string]int{}
	pairs = append([]string{"action", "query", "list", list}, pairs...)
	for next := []string(nil); ; {
		var got struct {
			fault
			Continue map[string]string
			Query    map[string][]struct{ Name, Title string }
		}
		if err := v.call(&got, append(pairs, next...)...); err != nil {
			t.Fatal(err)
		}
		if got.Error.Code != "" {
			t.Fatalf("%s: %v", list, got.Error)
		}
		for _, item := range got.Query[list] {
			count[item.Name+strings.TrimPrefix(item.Title, "User:")]++
		}
		if len(got.Continue) == 0 {
			return count
		}
		next = nil
		for k, value := range got.Continue {
			next = append(next, k, value)
		}
	}
}
