package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"
	"time"

	"gatehouse/client"
)

// An account, where nothing special is asked.
func Example() {
	address, stop := exampleServer() // any wiki will do; this one stands in the process
	defer stop()
	ctx := context.Background()

	wiki, err := client.Open(ctx, address, client.Options{UserAgent: "Greeter/1.0 (ada@example.org)"})
	if err != nil {
		log.Fatal(err)
	}
	creation, err := wiki.Begin(ctx, client.CreationOptions{})
	if err != nil {
		log.Fatal(err)
	}
	step, err := creation.Submit(ctx, client.Answers{"username": "zane_grey", "password": "Corr3ct-horse"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(step.Status, step.Username)
	// Output: PASS Zane grey
}

// What a wiki asks for, with its labels.
func ExampleStep_Fields() {
	address, stop := exampleServer()
	defer stop()
	ctx := context.Background()
	wiki, err := client.Open(ctx, address, client.Options{})
	if err != nil {
		log.Fatal(err)
	}
	creation, err := wiki.Begin(ctx, client.CreationOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range creation.Step().Fields() {
		fmt.Printf("%s (%s, optional: %t)\n", f.Name, f.Type, f.Optional)
	}
	// Output:
	// username (string, optional: false)
	// password (password, optional: false)
	// retype (password, optional: false)
	// email (string, optional: true)
	// realname (string, optional: true)
}

// Walk asks for each step until the wiki has decided.
func ExampleCreation_Walk() {
	address, stop := exampleServer()
	defer stop()
	ctx := context.Background()
	wiki, err := client.Open(ctx, address, client.Options{})
	if err != nil {
		log.Fatal(err)
	}
	creation, err := wiki.Begin(ctx, client.CreationOptions{})
	if err != nil {
		log.Fatal(err)
	}
	known := client.Answers{"username": "Zane", "password": "Corr3ct-horse", "email": "zane@example.org"}
	step, err := creation.Walk(ctx, func(ctx context.Context, s client.Step) (client.Answers, error) {
		answers := client.Answers{}
		for _, f := range s.Fields() {
			if value, ok := known[f.Name]; ok {
				answers[f.Name] = value // or ask somebody: f.Label and f.Help say for what
			}
		}
		return answers, nil
	})
	fmt.Println(step.Status, err)
	// Output: PASS <nil>
}

// A refusal is one of the answers; its code is what programs branch on.
func ExampleStep_Refusal() {
	address, stop := exampleServer()
	defer stop()
	ctx := context.Background()
	wiki, err := client.Open(ctx, address, client.Options{})
	if err != nil {
		log.Fatal(err)
	}
	creation, err := wiki.Begin(ctx, client.CreationOptions{})
	if err != nil {
		log.Fatal(err)
	}
	step, err := creation.Submit(ctx, client.Answers{"username": "Zane", "password": "Corr3ct-horse", "retype": "something else"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(step.Status, step.Code)
	var refusal *client.Refusal
	fmt.Println(errors.As(step.Refusal(), &refusal))
	// Output:
	// FAIL badretype
	// true
}

// Signing in, asking who one is, and signing out.
func ExampleWiki_Login() {
	address, stop := exampleServer()
	defer stop()
	ctx := context.Background()
	wiki, err := client.Open(ctx, address, client.Options{})
	if err != nil {
		log.Fatal(err)
	}
	creation, err := wiki.Begin(ctx, client.CreationOptions{})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := creation.Submit(ctx, client.Answers{"username": "Zane", "password": "Corr3ct-horse"}); err != nil {
		log.Fatal(err)
	}

	_, err = wiki.Login(ctx, client.Credentials{Username: "Zane", Password: "wrong"})
	var refusal *client.Refusal
	fmt.Println(errors.As(err, &refusal) && refusal.Code == "wrongpassword")

	// Secret or Code is for those who have set a second factor up.
	name, err := wiki.Login(ctx, client.Credentials{Username: "Zane", Password: "Corr3ct-horse"})
	fmt.Println(name, err)
	me, err := wiki.UserInfo(ctx)
	fmt.Println(me.Name, me.Anonymous, err)

	fmt.Println(wiki.Logout(ctx))
	me, err = wiki.UserInfo(ctx)
	fmt.Println(me.Anonymous, err)
	// Output:
	// true
	// Zane <nil>
	// Zane false <nil>
	// <nil>
	// true <nil>
}

// The log of new users, the youngest first.
func ExampleWiki_NewUsers() {
	address, stop := exampleServer()
	defer stop()
	ctx := context.Background()
	wiki, err := client.Open(ctx, address, client.Options{})
	if err != nil {
		log.Fatal(err)
	}
	for _, name := range []string{"Ada", "Ben", "Cleo"} {
		creation, err := wiki.Begin(ctx, client.CreationOptions{})
		if err != nil {
			log.Fatal(err)
		}
		if _, err := creation.Submit(ctx, client.Answers{"username": name, "password": "Corr3ct-horse"}); err != nil {
			log.Fatal(err)
		}
	}
	for entry, err := range wiki.NewUsers(ctx, client.NewUsersOptions{Batch: 2}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(entry.Action, entry.Name, entry.Creator)
	}
	// Output:
	// create Cleo Cleo
	// create Ben Ben
	// create Ada Ada
}

// A code for a two-factor secret, as an authenticator would show it.
func ExampleTOTP() {
	code, err := client.TOTP("6CO3 2AKV EP2X MIV5", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	fmt.Println(len(code), err)
	// Output: 6 <nil>
}

// The way through a browser: the wiki sends it to somebody else, who sends it back to this machine.
func ExampleListenLoopback() {
	loopback, err := client.ListenLoopback()
	if err != nil {
		log.Fatal(err)
	}
	defer loopback.Close()
	options := client.CreationOptions{ReturnURL: loopback.URL()}
	fmt.Println(strings.HasPrefix(options.ReturnURL, "http://127.0.0.1:"))
	// At a step with client.Redirect: open step.RedirectTarget in a browser, then
	//	returned, err := loopback.Wait(ctx)
	//	step, err = creation.Submit(ctx, client.AnswersFrom(returned))

	// Output: true
}
