package rig

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

// Password is the password of every account.
const Password = "correct-horse-battery-7"

// Visitor is a client with a cookie jar of its own.
type Visitor struct {
	// URL is the server that it speaks to. Cookies are for all servers of one host.
	URL string
	// Addr is whom its proxy says that it is; empty = nobody says so.
	Addr  string
	Token string // for creations
	Name  string // of the account it is creating

	web *http.Client
}

// NewVisitor gives a visitor who was never seen before.
func NewVisitor(base string) *Visitor {
	jar, _ := cookiejar.New(nil) // it never fails
	return &Visitor{URL: base, web: &http.Client{Jar: jar, Timeout: Patience, Transport: &http.Transport{}}}
}

// Leave closes the visitor's connections.
func (v *Visitor) Leave() { v.web.CloseIdleConnections() }

// Nonsense is a whole answer that is not what was asked for. Any other error of a visitor means that there was no answer.
type Nonsense struct{ said string }

func (n *Nonsense) Error() string { return "answered with nonsense: " + n.said }

// Call posts to the API and decodes the answer into out.
func (v *Visitor) Call(out any, pairs ...string) error { return v.CallAt(v.URL, out, pairs...) }

// CallAt is Call at another server than the usual one.
func (v *Visitor) CallAt(base string, out any, pairs ...string) error {
	form := url.Values{"format": {"json"}, "formatversion": {"2"}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	request, err := http.NewRequest(http.MethodPost, base+"/w/api.php", strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if v.Addr != "" {
		request.Header.Set("X-Forwarded-For", v.Addr)
	}
	answer, err := v.web.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, out); err != nil {
		return &Nonsense{fmt.Sprintf("%s %.300s: %v", answer.Status, body, err)}
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

// FetchToken gets the token that a creation needs.
func (v *Visitor) FetchToken() error {
	var got tokens
	if err := v.Call(&got, "action", "query", "meta", "tokens", "type", "createaccount"); err != nil {
		return err
	}
	v.Token = got.Query.Tokens.CreateAccountToken
	if v.Token == "" {
		return &Nonsense{fmt.Sprintf("no token: %v", got.Error)}
	}
	return nil
}

// Answer is what a step of a creation or a sign-in was answered.
type Answer struct {
	// Status is PASS, FAIL, UI …, or empty if the call was an error.
	Status string
	// Code is the message's, or the error's.
	Code string
	// Info is what an error says.
	Info string
	// Username is who passed.
	Username string
	// Secret is that of the second factor which the step offers to set up.
	Secret string
}

// Broken reports whether the server said that it could not do its work.
func (a Answer) Broken() bool { return strings.HasPrefix(a.Code, "internal_api_error") }

// Overloaded reports whether the server asked to come back later.
func (a Answer) Overloaded() bool { return a.Code == "ratelimited" }

// String is the status of what passed, else the code.
func (a Answer) String() string {
	if a.Status == "PASS" {
		return a.Status
	}
	return a.Code
}

// step is the wire's form of an Answer.
type step struct {
	Status, MessageCode, Username string
	Requests                      []struct {
		Metadata struct{ Secret string }
	}
}

func (s *step) answer(f fault) Answer {
	a := Answer{Status: s.Status, Code: s.MessageCode, Username: s.Username}
	for _, r := range s.Requests {
		a.Secret += strings.ReplaceAll(r.Metadata.Secret, " ", "")
	}
	if a.Status == "" {
		a.Code, a.Info = f.Error.Code, f.Error.Info
	}
	return a
}

// Begin posts a creation of name, with more fields than usual.
func (v *Visitor) Begin(name string, more ...string) (Answer, error) {
	return v.Step(v.URL, append([]string{"username", name, "password", Password, "retype", Password, "createreturnurl", "http://127.0.0.1/"}, more...)...)
}

// Step posts a step of a creation to the server at base.
func (v *Visitor) Step(base string, fields ...string) (Answer, error) {
	var got struct {
		fault
		CreateAccount step
	}
	err := v.CallAt(base, &got, append([]string{"action", "createaccount", "createtoken", v.Token}, fields...)...)
	return got.CreateAccount.answer(got.fault), err
}

// Create posts a creation, with more fields than usual, and answers PASS, or the code of the refusal.
func (v *Visitor) Create(name string, more ...string) (string, error) {
	got, err := v.Begin(name, more...)
	if err != nil {
		return "", err
	}
	return got.String(), nil
}

// Solve does the sum that visitors are asked, and gives the fields that tell so. It gives none where nothing is asked.
func (v *Visitor) Solve() (fields []string, err error) {
	var got struct {
		fault
		Query struct {
			AuthManagerInfo struct {
				Requests []struct {
					Fields map[string]struct{ Value string }
				}
			}
		}
	}
	if err := v.Call(&got, "action", "query", "meta", "authmanagerinfo", "amirequestsfor", "create"); err != nil {
		return nil, err
	}
	if got.Error.Code != "" {
		return nil, &Nonsense{got.Error.Code + ": " + got.Error.Info}
	}
	for _, r := range got.Query.AuthManagerInfo.Requests {
		if info, ok := r.Fields["captchaInfo"]; ok {
			word, err := sum(info.Value)
			return []string{"captchaId", r.Fields["captchaId"].Value, "captchaWord", word}, err
		}
	}
	return nil, nil
}

func sum(text string) (string, error) {
	terms, sign := strings.TrimSuffix(text, " ="), 1
	a, b, ok := strings.Cut(terms, "+")
	if !ok {
		a, b, ok = strings.Cut(terms, "−")
		sign = -1
	}
	x, errX := strconv.Atoi(a)
	y, errY := strconv.Atoi(b)
	if !ok || errX != nil || errY != nil {
		return "", &Nonsense{"the sum is " + text}
	}
	return strconv.Itoa(x + sign*y), nil
}

// SignIn signs in with the password that accounts are created with; secret is that of the second factor, if there is one.
func (v *Visitor) SignIn(name, secret string) (Answer, error) {
	var token tokens
	if err := v.Call(&token, "action", "query", "meta", "tokens", "type", "login"); err != nil {
		return Answer{}, err
	}
	post := func(fields ...string) (Answer, error) {
		var got struct {
			fault
			ClientLogin step
		}
		err := v.Call(&got, append([]string{"action", "clientlogin", "logintoken", token.Query.Tokens.LoginToken}, fields...)...)
		return got.ClientLogin.answer(got.fault), err
	}
	got, err := post("username", name, "password", Password, "loginreturnurl", "http://127.0.0.1/")
	if err != nil || got.Status != "UI" || secret == "" {
		return got, err
	}
	code, err := AppCode(secret, 1) // the present one was spent on the set-up
	if err != nil {
		return got, err
	}
	return post("logincontinue", "1", "OATHToken", code)
}

// AppCode is what an authenticator app shows, halfMinutes from now.
func AppCode(secret string, halfMinutes int) (string, error) {
	return totp.GenerateCode(secret, time.Now().Add(time.Duration(halfMinutes)*30*time.Second))
}

// MustSignIn signs in with the password that the account was created with, and leaves.
func (v *Visitor) MustSignIn(t testing.TB, name, secret string) {
	t.Helper()
	defer v.Leave()
	got, err := v.SignIn(name, secret)
	if err != nil {
		t.Fatal(err)
	}
	if got.Status != "PASS" || got.Username != name {
		t.Errorf("%s cannot sign in: %+v", name, got)
	}
}

// Existing answers which of the names are accounts.
func (v *Visitor) Existing(t testing.TB, names []string) map[string]bool {
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
		if err := v.Call(&got, "action", "query", "list", "users", "ususers", strings.Join(some, "|")); err != nil {
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

// AllAccounts counts the accounts of each name.
func (v *Visitor) AllAccounts(t testing.TB) map[string]int {
	t.Helper()
	return v.all(t, "allusers", "aulimit", "max")
}

// AllLogged counts the entries of each name in the log of new users.
func (v *Visitor) AllLogged(t testing.TB) map[string]int {
	t.Helper()
	return v.all(t, "logevents", "letype", "newusers", "leprop", "title|type", "lelimit", "max")
}

// all pages through a list of accounts or of log entries and counts whom it names.
func (v *Visitor) all(t testing.TB, list string, pairs ...string) map[string]int {
	t.Helper()
	count := map[string]int{}
	pairs = append([]string{"action", "query", "list", list}, pairs...)
	for next := []string(nil); ; {
		var got struct {
			fault
			Continue map[string]string
			Query    map[string][]struct{ Name, Title string }
		}
		if err := v.Call(&got, append(pairs, next...)...); err != nil {
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
