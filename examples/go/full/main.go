// Command full creates an account on a wiki that may ask for anything: a captcha, a visit elsewhere, a second factor.
//
//	usage: full API-URL [FIELD=VALUE ...]     what is not given is asked for; the password may be in the environment as PASSWORD
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"

	"gatehouse/client"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) < 2 {
		log.Fatal("usage: full API-URL [FIELD=VALUE ...]")
	}
	ctx := context.Background()
	wiki, err := client.Open(ctx, os.Args[1], client.Options{UserAgent: "full-example/1.0 (you@example.org)"})
	if err != nil {
		log.Fatal(err)
	}
	home, err := client.ListenLoopback() // where the browser comes back to
	if err != nil {
		log.Fatal(err)
	}
	defer home.Close()
	creation, err := wiki.Begin(ctx, client.CreationOptions{ReturnURL: home.URL()})
	if err != nil {
		log.Fatal(err)
	}
	p := person{wiki: wiki, known: client.Answers{}, in: bufio.NewReader(os.Stdin)}
	if password := os.Getenv("PASSWORD"); password != "" {
		p.known["password"] = password
	}
	for _, pair := range os.Args[2:] {
		name, value, _ := strings.Cut(pair, "=")
		p.known[name] = value
	}
	last, err := creation.Walk(ctx, func(ctx context.Context, step client.Step) (client.Answers, error) {
		if step.Status == client.Redirect {
			fmt.Println("Open this in your browser:", step.RedirectTarget)
			brought, err := home.Wait(ctx)
			return client.AnswersFrom(brought), err // all that the address got
		}
		return p.fill(ctx, step)
	})
	if err != nil {
		log.Fatal(err)
	}
	if last.Status != client.Pass {
		log.Fatalf("%s %s: %s", last.Status, last.Code, last.Message)
	}
	fmt.Println("created", last.Username)
}

// person answers what nobody else knows.
type person struct {
	wiki  *client.Wiki
	known client.Answers // each used once
	in    *bufio.Reader
}

// fill answers every field by what it is, not by where it stands: what is to be read comes first.
func (p person) fill(ctx context.Context, step client.Step) (client.Answers, error) {
	fmt.Println(step.Message)
	out, way := client.Answers{}, false // of the requests that are primary-required one is enough; buttons are offered first
	requests := slices.Clone(step.Requests)
	slices.SortStableFunc(requests, func(a, b client.Request) int { return buttons(b) - buttons(a) })
	for _, r := range requests {
		primary := r.Required == client.PrimaryRequired
		if primary && way {
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(r.Metadata)) {
			fmt.Printf("%s: %s\n", key, r.Metadata[key])
		}
		fields := slices.Clone(r.Fields)
		slices.SortStableFunc(fields, func(a, b client.Field) int { return texts(b) - texts(a) })
		for _, f := range fields {
			if err := p.answer(ctx, step, r, f, out); err != nil {
				return nil, err
			}
			way = way || primary && f.Type == client.Button && out[f.Name] != ""
		}
	}
	return out, nil
}

func buttons(r client.Request) int {
	return len(slices.DeleteFunc(slices.Clone(r.Fields), func(f client.Field) bool { return f.Type != client.Button }))
}

func texts(f client.Field) int {
	if f.Type == client.Null {
		return 1
	}
	return 0
}

// answer answers one field. What need not be asked, such as hidden fields, the client fills in.
func (p person) answer(ctx context.Context, step client.Step, r client.Request, f client.Field, out client.Answers) error {
	if f.Type == client.Null {
		return p.show(ctx, step, f)
	}
	if _, done := out[f.Name]; done || !f.TakesAnswer() || f.Name == "retype" {
		return nil
	}
	given, ok := p.known[f.Name]
	delete(p.known, f.Name)
	if !ok {
		var err error
		if given, err = p.ask(f, f.Optional || r.Required != client.RequiredAlways); err != nil {
			return err
		}
	}
	if given != "" {
		out[f.Name] = given
	}
	return nil
}

func (p person) show(ctx context.Context, step client.Step, f client.Field) error {
	captcha, ok := step.Captcha()
	if !ok || !captcha.IsPicture() || f.Value != captcha.Info {
		fmt.Println(client.Message{HTML: f.Value}, f.Help)
		return nil
	}
	picture, err := p.wiki.CaptchaPicture(ctx, captcha)
	if err != nil {
		return err
	}
	fmt.Println("captcha.png is", picture.URL)
	return os.WriteFile("captcha.png", picture.Bytes, 0o600)
}

// ask reads a line. On a terminal a password is not shown.
func (p person) ask(f client.Field, optional bool) (string, error) {
	var choices []string
	for _, o := range f.Options {
		choices = append(choices, o.Value)
	}
	if f.Type == client.Button || f.Type == client.Checkbox {
		choices = []string{"1 = yes"}
	}
	fmt.Print(f.Label)
	if len(choices) > 0 {
		fmt.Printf(" (%s)", strings.Join(choices, ", "))
	}
	fmt.Printf(" [%s%s] ", f.Name, map[bool]string{true: ", optional"}[optional])
	if f.Type == client.Password && stty("-echo") {
		defer stty("echo")
	}
	line, err := p.in.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("ask for %s: %w", f.Name, err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

func stty(how string) (terminal bool) {
	cmd := exec.Command("stty", how)
	cmd.Stdin = os.Stdin
	return cmd.Run() == nil
}
