package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"
)

// known reports whether this form can show a request. A wiki may have others; then its own page is the place to go.
func known(id string) bool {
	return id == "CaptchaAuthenticationRequest" || id == `MediaWiki\Auth\UserDataAuthenticationRequest` ||
		id == `MediaWiki\Auth\PasswordAuthenticationRequest`
}

// visit is one browser's conversation with the wiki. Token and captcha belong to the wiki's cookies, which stay here.
type visit struct {
	mu      sync.Mutex
	api     *url.URL
	client  *http.Client
	token   string
	fields  []field
	pointed *url.URL // the captcha's picture, if it has one
}

func newVisit(api *url.URL) *visit {
	jar, _ := cookiejar.New(nil) // it has no way to fail
	return &visit{api: api, client: &http.Client{Jar: jar, Timeout: 30 * time.Second}}
}

// field is one input, as the wiki describes it. A captcha's picture has the type "picture".
type field struct {
	Name                     string
	Type, Value, Label, Help string
	Optional                 bool
}

// fields keeps the order that the wiki has, which a map would lose.
type fields []field

// UnmarshalJSON reads an object: field names and what they are.
func (f *fields) UnmarshalJSON(text []byte) error {
	in := json.NewDecoder(bytes.NewReader(text))
	if _, err := in.Token(); err != nil {
		return err
	}
	for in.More() {
		name, err := in.Token()
		if err != nil {
			return err
		}
		var one field
		if err := in.Decode(&one); err != nil {
			return err
		}
		one.Name = fmt.Sprint(name)
		*f = append(*f, one)
	}
	return nil
}

// outcome is what a wiki says about an account to be made.
type outcome struct{ Status, Username, Message, MessageCode string }

// answered is what we read of the wiki's answers.
type answered struct {
	Error *struct{ Code, Info string }
	Query struct {
		Tokens          struct{ CreateAccountToken string }
		AuthManagerInfo struct {
			Requests []struct {
				ID       string
				Metadata struct{ Type, MIME string }
				Fields   fields
			}
		}
	}
	CreateAccount outcome
}

// ask reads a token and what the wiki wants to know.
func (v *visit) ask(ctx context.Context) error {
	answer, err := v.call(ctx, http.MethodGet, url.Values{
		"action": {"query"}, "meta": {"authmanagerinfo|tokens"}, "amirequestsfor": {"create"}, "type": {"createaccount"},
	})
	if err != nil {
		return err
	}
	if answer.Error != nil {
		return errors.New(answer.Error.Info)
	}
	v.token, v.fields, v.pointed = answer.Query.Tokens.CreateAccountToken, nil, nil
	for _, wanted := range answer.Query.AuthManagerInfo.Requests {
		if !known(wanted.ID) {
			continue
		}
		for _, f := range wanted.Fields {
			switch {
			case f.Type == "null" && wanted.Metadata.Type == "image":
				f.Type = "picture"
				if v.pointed, err = v.api.Parse(f.Value); err != nil {
					return err
				}
			case f.Type == "null" && wanted.Metadata.MIME == "text/html":
				f.Value = html.UnescapeString(regexp.MustCompile("<[^>]*>").ReplaceAllString(f.Value, ""))
			}
			v.fields = append(v.fields, f)
		}
	}
	return nil
}

// create sends what was typed into the fields that the wiki asked for.
func (v *visit) create(ctx context.Context, form url.Values, returnURL string) (outcome, error) {
	parameters := url.Values{}
	for _, f := range v.fields {
		if form.Has(f.Name) {
			parameters.Set(f.Name, form.Get(f.Name))
		}
	}
	parameters.Set("action", "createaccount")
	parameters.Set("createtoken", v.token)
	parameters.Set("createreturnurl", returnURL)
	answer, err := v.call(ctx, http.MethodPost, parameters)
	if err == nil && answer.Error != nil { // the call itself was wrong, for example because the token is old
		return outcome{Status: "FAIL", MessageCode: answer.Error.Code, Message: answer.Error.Info}, nil
	}
	return answer.CreateAccount, err
}

func (v *visit) call(ctx context.Context, method string, parameters url.Values) (answered, error) {
	parameters.Set("format", "json")
	parameters.Set("formatversion", "2")
	address, body := v.api.String(), ""
	if method == http.MethodGet {
		address += "?" + parameters.Encode()
	} else {
		body = parameters.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return answered{}, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("User-Agent", "account-form-go/1.0")
	response, err := v.client.Do(request)
	if err != nil {
		return answered{}, err
	}
	defer response.Body.Close()
	var answer answered
	if err := json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(&answer); err != nil {
		return answered{}, fmt.Errorf("read the wiki's answer: %w", err)
	}
	return answer, nil
}

// picture fetches the captcha's picture, from the wiki alone.
func (v *visit) picture(ctx context.Context) (kind string, body []byte, err error) {
	if v.pointed == nil || v.pointed.Host != v.api.Host || v.pointed.Scheme != v.api.Scheme {
		return "", nil, errors.New("the wiki has shown no picture")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, v.pointed.String(), nil)
	if err != nil {
		return "", nil, err
	}
	response, err := v.client.Do(request)
	if err != nil {
		return "", nil, err
	}
	defer response.Body.Close()
	kind = response.Header.Get("Content-Type")
	if !strings.HasPrefix(kind, "image/") {
		return "", nil, errors.New("the wiki's picture is none")
	}
	body, err = io.ReadAll(io.LimitReader(response.Body, 1<<20))
	return kind, body, err
}
