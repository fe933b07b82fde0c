// Command naive shows what not to do. It creates an account as many programs do that were written for one wiki on one day: it
// knows the fields by heart, posts once and expects PASS. On a wiki that asks for anything else it fails, and some of the time
// the account is there all the same.
//
//	usage: naive API-URL NAME PASSWORD
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 4 {
		log.Fatal("usage: naive API-URL NAME PASSWORD")
	}
	api, name, password := os.Args[1], os.Args[2], os.Args[3]
	jar, _ := cookiejar.New(nil)
	visitor := http.Client{Jar: jar}

	got, err := visitor.Get(api + "?action=query&meta=tokens&type=createaccount&format=json")
	if err != nil {
		log.Fatal(err)
	}
	var tokens struct {
		Query struct {
			Tokens struct{ CreateAccountToken string }
		}
	}
	json.NewDecoder(got.Body).Decode(&tokens) // wrong: an answer that is no JSON goes unnoticed

	got, err = visitor.PostForm(api, url.Values{ // wrong: nobody asked the wiki which fields it has
		"action": {"createaccount"}, "createtoken": {tokens.Query.Tokens.CreateAccountToken},
		"username": {name}, "password": {password}, "retype": {password},
		"createreturnurl": {"http://example.org/"}, "format": {"json"},
	})
	if err != nil {
		log.Fatal(err)
	}
	var answer struct {
		CreateAccount struct{ Status, Message string }
		Error         struct{ Code, Info string }
	}
	json.NewDecoder(got.Body).Decode(&answer)
	if answer.CreateAccount.Status != "PASS" { // wrong: UI and REDIRECT are no failures, and badtoken is worth another try
		log.Fatal("cannot create the account: ", answer.CreateAccount.Status, answer.CreateAccount.Message, answer.Error.Info)
	}
	fmt.Println("created", name) // wrong: the wiki may write the name in another way
}
