// Command go-mwclient drives a wiki with cgt.name/pkg/go-mwclient: it makes an account, is refused the name a second time,
// signs in, reads who it is and the log page by page.
//
// It is a module of its own, so that the server's never has this client among its requirements.
//
// usage: go-mwclient API NAME PASSWORD
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"

	mwclient "cgt.name/pkg/go-mwclient"
	"cgt.name/pkg/go-mwclient/params"
)

// story is what the program prints.
type story struct {
	Made      string   `json:"made"`
	Again     string   `json:"again"`
	Me        string   `json:"me"`
	Log       string   `json:"log"`
	Warned    []string `json:"warned"`    // the modules that signing in was warned about
	Continued bool     `json:"continued"` // the log took more than one page
	Multipart string   `json:"multipart"` // the refusal of a value so long that it goes over as multipart/form-data
	Refused   string   `json:"refused"`
}

func main() {
	log.SetFlags(0)
	if len(os.Args) < 4 {
		log.Fatal("usage: go-mwclient API NAME PASSWORD")
	}
	told, err := tell(os.Args[1], os.Args[2], os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(told); err != nil {
		log.Fatal(err)
	}
}

func tell(api, name, password string) (told story, err error) {
	wiki, err := mwclient.New(api, "gatehouse tests")
	if err != nil {
		return told, err
	}
	wiki.Maxlag.On = true
	if told.Made, err = create(wiki, name, password, "username"); err != nil {
		return told, err
	}
	if told.Again, err = create(wiki, name, password, "messagecode"); err != nil {
		return told, err
	}
	if told.Multipart, err = create(wiki, strings.Repeat("z", 9000), password, "messagecode"); err != nil {
		return told, err
	}
	// Every warning is an error to this client, though the call worked: wikis warn of signing in with the main password.
	var warnings mwclient.APIWarnings
	if err := wiki.Login(told.Made, password); errors.As(err, &warnings) {
		for _, w := range warnings {
			told.Warned = append(told.Warned, w.Module)
		}
		slices.Sort(told.Warned)
	} else if err != nil {
		return told, fmt.Errorf("sign in: %w", err)
	}
	wiki.Assert = mwclient.AssertUser
	answer, err := wiki.Get(params.Values{"action": "query", "meta": "userinfo"})
	if err != nil {
		return told, fmt.Errorf("read userinfo: %w", err)
	}
	if told.Me, err = answer.GetString("query", "userinfo", "name"); err != nil {
		return told, err
	}
	if told.Log, told.Continued, err = entry(wiki, "User:"+told.Made); err != nil {
		return told, fmt.Errorf("read the log: %w", err)
	}
	wiki.Assert = mwclient.AssertBot
	var refusal mwclient.APIError
	if _, err := wiki.Get(params.Values{"action": "query"}); errors.As(err, &refusal) {
		told.Refused = refusal.Code
	}
	return told, nil
}

// create asks for an account and gives one key of the answer.
func create(wiki *mwclient.Client, name, password, key string) (string, error) {
	token, err := wiki.GetToken("createaccount")
	if err != nil {
		return "", fmt.Errorf("get token: %w", err)
	}
	answer, err := wiki.Post(params.Values{
		"action": "createaccount", "username": name, "password": password, "retype": password,
		"createreturnurl": "https://example.org/", "createtoken": token,
	})
	if err != nil {
		return "", fmt.Errorf("create account: %w", err)
	}
	return answer.GetString("createaccount", key)
}

// entry reads the whole log one entry a page and gives the one about title.
func entry(wiki *mwclient.Client, title string) (line string, continued bool, err error) {
	pages := 0
	query := wiki.NewQuery(params.Values{"list": "logevents", "letype": "newusers", "lelimit": "1"})
	for query.Next() {
		pages++
		entries, err := query.Resp().GetObjectArray("query", "logevents")
		if err != nil {
			return "", false, err
		}
		for _, e := range entries {
			action, _ := e.GetString("action")
			of, _ := e.GetString("title")
			by, _ := e.GetString("user")
			if of == title {
				line = action + " " + of + " by " + by
			}
		}
	}
	return line, pages > 1, query.Err()
}
