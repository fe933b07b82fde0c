package special

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"gatehouse/internal/message"
)

// home is the first page: what this is, and where to go.
type home struct{ cfg Config }

type homeData struct {
	// Example is what to type; Fields asks api.php what a new account needs.
	Example, Fields string
	// OpenAPI is where the description of the API stands.
	OpenAPI string
}

// example makes an account from a shell: a token, kept with its cookie, and then the account.
const example = `api=$API
token=$(curl -s -c cookies $api -d format=json \
  -d action=query -d meta=tokens \
  -d type=createaccount | grep -o '[0-9a-f]\{40\}')
curl -b cookies $api -d format=json \
  -d action=createaccount \
  --data-urlencode "createtoken=$token+\\" \
  -d createreturnurl=http://localhost/ \
  -d username=Zane -d password=three-plain-words \
  -d retype=three-plain-words`

// Serve shows the page.
func (p home) Serve(_ context.Context, v *Visit) (Answer, error) {
	api := v.site.Server + v.site.ScriptPath + "/api.php"
	return Answer{
		Template: "home", Title: message.New("gatehouse-home-title", message.Plaintext(v.site.Name)),
		Data: homeData{
			Example: strings.ReplaceAll(example, "$API", api),
			Fields:  api + "?action=query&meta=authmanagerinfo&amirequestsfor=create&format=json&formatversion=2",
			OpenAPI: v.site.ScriptPath + "/openapi.json",
		},
	}, nil
}

// homeLink is the address of the first page.
func (v *Visit) homeLink() string {
	first := "/"
	if strings.LastIndex(v.site.ScriptPath, "/") > 0 { // the site has not all of its host
		first = v.site.ArticlePath
	}
	if v.uselang == "" {
		return first
	}
	return first + "?" + url.Values{"uselang": {v.uselang}}.Encode()
}

// notFound answers for addresses under which there is nothing.
type notFound struct{}

// Serve says so.
func (notFound) Serve(context.Context, *Visit) (Answer, error) {
	return Answer{
		Status: http.StatusNotFound, Template: "notice", Title: message.New("gatehouse-notfound-title"),
		Data: notice{Text: message.New("gatehouse-notfound")},
	}, nil
}

// notice is a page of one paragraph.
type notice struct {
	Text message.Message
	// SignIn offers to sign in.
	SignIn bool
}

// mustSignIn tells a visitor of a private site why they see nothing.
func mustSignIn() Answer {
	return Answer{
		Status: http.StatusForbidden, Template: "notice", Title: message.New("gatehouse-private-title"),
		Data: notice{Text: message.New("gatehouse-private"), SignIn: true},
	}
}
