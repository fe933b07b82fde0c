// Command captcha creates an account on a wiki that has a captcha.
//
//	usage: captcha API-URL [username=NAME]     the password: asked for, or in the environment as PASSWORD
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"os"
	"os/exec"
	"strings"

	"gatehouse/client"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) < 2 {
		log.Fatal("usage: captcha API-URL [username=NAME]")
	}
	ctx := context.Background()
	wiki, err := client.Open(ctx, os.Args[1], client.Options{UserAgent: "captcha-example/1.0 (you@example.org)"})
	if err != nil {
		log.Fatal(err)
	}
	answers := client.Answers{"password": os.Getenv("PASSWORD")}
	for _, pair := range os.Args[2:] {
		name, value, _ := strings.Cut(pair, "=")
		answers[name] = value
	}
	if answers["username"] == "" {
		answers["username"] = ask("Username [username] ", false)
	}
	if answers["password"] == "" {
		answers["password"] = ask("Password [password] ", true)
	}
	step := create(ctx, wiki, answers)
	for step.Code == "captcha-createaccount-fail" { // that one is spent, there is another to try
		log.Printf("%s %s: %s", step.Status, step.Code, step.Message)
		step = create(ctx, wiki, answers)
	}
	if step.Status != client.Pass {
		log.Fatalf("%s %s: %s", step.Status, step.Code, step.Message)
	}
	fmt.Println("created", step.Username)
}

func create(ctx context.Context, wiki *client.Wiki, answers client.Answers) client.Step {
	creation, err := wiki.Begin(ctx, client.CreationOptions{})
	if err != nil {
		log.Fatal(err)
	}
	if captcha, ok := creation.Step().Captcha(); ok {
		answers[captcha.Word] = solve(ctx, wiki, captcha)
	}
	step, err := creation.Submit(ctx, answers)
	if err != nil {
		log.Fatal(err)
	}
	return step
}

func solve(ctx context.Context, wiki *client.Wiki, captcha client.Captcha) string {
	if !captcha.IsPicture() {
		fmt.Println(captcha.Text())
	} else {
		picture, err := wiki.CaptchaPicture(ctx, captcha)
		if err == nil {
			err = os.WriteFile("captcha.png", picture.Bytes, 0o600)
		}
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("captcha.png is", picture.URL)
	}
	return ask("CAPTCHA [captchaWord] ", false)
}

var in = bufio.NewReader(os.Stdin)

// ask reads a line. On a terminal a password is not shown.
func ask(what string, hide bool) string {
	fmt.Print(what)
	if hide && stty("-echo") {
		defer stty("echo")
	}
	line, err := in.ReadString('\n')
	if err != nil {
		log.Fatal("no answer")
	}
	return strings.TrimSpace(line)
}

func stty(how string) (terminal bool) {
	cmd := exec.Command("stty", how)
	cmd.Stdin = os.Stdin
	return cmd.Run() == nil
}
