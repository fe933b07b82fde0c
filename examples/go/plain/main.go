// Command plain creates an account on a wiki that asks for nothing special.
//
//	usage: plain API-URL [username=NAME]     the password: asked for, or in the environment as PASSWORD
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
		log.Fatal("usage: plain API-URL [username=NAME]")
	}
	ctx := context.Background()
	wiki, err := client.Open(ctx, os.Args[1], client.Options{UserAgent: "plain-example/1.0 (you@example.org)"})
	if err != nil {
		log.Fatal(err)
	}

	// What does the wiki ask for?
	creation, err := wiki.Begin(ctx, client.CreationOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range creation.Step().Fields() {
		if f.TakesAnswer() && !f.Optional && f.Name != "username" && f.Type != client.Password {
			log.Fatalf("This wiki asks for %s, which this program does not know. Try ../full.", f.Name)
		}
	}

	// Fill in, and send.
	answers := client.Answers{"password": os.Getenv("PASSWORD")}
	for _, pair := range os.Args[2:] {
		name, value, _ := strings.Cut(pair, "=")
		answers[name] = value
	}
	if answers["username"] == "" {
		answers["username"] = ask("Username: ", false)
	}
	if answers["password"] == "" {
		answers["password"] = ask("Password: ", true)
	}
	step, err := creation.Submit(ctx, answers)
	if err != nil {
		log.Fatal(err)
	}

	// Look at the status.
	if step.Status != client.Pass {
		log.Fatalf("%s %s: %s", step.Status, step.Code, step.Message)
	}
	fmt.Println("created", step.Username)
}

// ask reads a line. On a terminal a password is not shown.
func ask(what string, hide bool) string {
	fmt.Print(what)
	if hide && stty("-echo") {
		defer stty("echo")
	}
	line, _ := bufio.NewReader(os.Stdin).ReadString('\n') // no line is an empty answer, which the wiki refuses
	return strings.TrimSpace(line)
}

func stty(how string) (terminal bool) {
	cmd := exec.Command("stty", how)
	cmd.Stdin = os.Stdin
	return cmd.Run() == nil
}
