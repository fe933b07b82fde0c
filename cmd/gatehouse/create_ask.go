package main

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"gatehouse/client"
)

// ask fills answers with what somebody at the terminal says.
func (w *walker) ask(ctx context.Context, s client.Step, answers client.Answers) error {
	if err := w.explain(ctx, s, answers); err != nil {
		return err
	}
	chosen, err := w.choose(ctx, s, answers)
	if err != nil {
		return err
	}
	for _, f := range s.Fields() {
		if _, done := answers[f.Name]; done || !f.TakesAnswer() || f.Type == client.Button {
			continue
		}
		if f.Name == "retype" && w.given["password"].text != "" { // the library sends it along
			continue
		}
		if chosen == nil {
			chosen = chosenBy(s, answers)
		}
		if !wanted(s, f.Name, chosen) {
			continue
		}
		if err := w.askField(ctx, f, answers); err != nil {
			return err
		}
	}
	return nil
}

// explain prints what the wiki says with a step: its message, texts, the captcha, the two-factor secret.
func (w *walker) explain(ctx context.Context, s client.Step, answers client.Answers) error {
	if said := s.Message.String(); said != "" {
		w.terminal.Print(shownLines(said))
	}
	captcha, hasCaptcha := s.Captcha()
	for _, f := range s.Fields() {
		if f.Type != client.Null || hasCaptcha && f.Value == captcha.Info {
			continue
		}
		for _, text := range []string{f.Label.String(), client.Message{HTML: f.Value}.String(), f.Help.String()} {
			if text != "" {
				w.terminal.Print(shownLines(text))
			}
		}
	}
	if hasCaptcha && answers[captcha.Word] == "" {
		if err := w.showCaptcha(ctx, captcha); err != nil {
			return err
		}
	}
	if offer, ok := s.TwoFactor(); ok && answers[offer.Code] == "" {
		w.terminal.Print("The secret for an authenticator: " + shown(offer.Secret))
		return w.terminal.ShowQR(offer.KeyURI(w.siteName()))
	}
	return nil
}

// choose offers the buttons of a step. It gives the request whose button was pressed, or nil for none.
func (w *walker) choose(ctx context.Context, s client.Step, answers client.Answers) (*client.Request, error) {
	var buttons []client.Field
	for _, f := range s.Fields() {
		if f.Type != client.Button {
			continue
		}
		if answers[f.Name] != "" {
			return requestOf(s, f.Name), nil
		}
		buttons = append(buttons, f)
	}
	if len(buttons) == 0 || chosenBy(s, answers) != nil {
		return nil, nil
	}
	for i, b := range buttons {
		w.terminal.Print(fmt.Sprintf("  %d  %s%s", i+1, label(b), helpAfter(b, " – ")))
	}
	for {
		line, err := w.terminal.Line(ctx, "A number, or Enter to fill in fields: ")
		if err != nil || strings.TrimSpace(line) == "" {
			return nil, err
		}
		if n, err := strconv.Atoi(strings.TrimSpace(line)); err == nil && n >= 1 && n <= len(buttons) {
			answers[buttons[n-1].Name] = "1"
			return requestOf(s, buttons[n-1].Name), nil
		}
	}
}

func requestOf(s client.Step, field string) *client.Request {
	for i, r := range s.Requests {
		if slices.ContainsFunc(r.Fields, func(f client.Field) bool { return f.Name == field }) {
			return &s.Requests[i]
		}
	}
	return nil
}

// chosenBy is the primary-required request that answers decide for: it has an answer that no other request takes.
func chosenBy(s client.Step, answers client.Answers) *client.Request {
	var chosen *client.Request
	for name, value := range answers {
		var takers []*client.Request
		for i, r := range s.Requests {
			if slices.ContainsFunc(r.Fields, func(f client.Field) bool { return f.Name == name && f.TakesAnswer() }) {
				takers = append(takers, &s.Requests[i])
			}
		}
		if value != "" && len(takers) == 1 && takers[0].Required == client.PrimaryRequired {
			chosen = takers[0]
		}
	}
	return chosen
}

// wanted tells whether a field still has to be asked for, once chosen was.
func wanted(s client.Step, field string, chosen *client.Request) bool {
	if chosen == nil {
		return true
	}
	return slices.ContainsFunc(s.Requests, func(r client.Request) bool {
		has := slices.ContainsFunc(r.Fields, func(f client.Field) bool { return f.Name == field })
		other := r.ID != chosen.ID
		switch {
		case chosen.Required == client.PrimaryRequired && r.Required == client.PrimaryRequired && other,
			chosen.Required == client.Optional && r.Required == client.Optional && other: // Skip, and what it skips
			return false
		}
		return has
	})
}

// askField asks for one field. Nothing typed leaves it out.
func (w *walker) askField(ctx context.Context, f client.Field, answers client.Answers) error {
	if help := helpAfter(f, "  "); help != "" {
		w.terminal.Print(help)
	}
	switch f.Type {
	case client.Password:
		return w.askPassword(ctx, f, answers)
	case client.Checkbox:
		line, err := w.terminal.Line(ctx, label(f)+" [y/N]: ")
		if yes := strings.ToLower(strings.TrimSpace(line)); err == nil && (yes == "y" || yes == "yes") {
			answers[f.Name] = "1"
		}
		return err
	case client.Select, client.Multiselect:
		return w.askChoice(ctx, f, answers)
	}
	prompt := label(f)
	if f.Value != "" {
		prompt += " [" + shown(f.Value) + "]"
	} else if f.Optional {
		prompt += " (optional)"
	}
	line, err := w.terminal.Line(ctx, prompt+": ")
	if line != "" {
		answers[f.Name] = line
	}
	return err
}

// askPassword asks for the second time until both are the same.
func (w *walker) askPassword(ctx context.Context, f client.Field, answers client.Answers) error {
	for {
		secret, err := w.terminal.Hidden(ctx, label(f)+": ")
		if err != nil {
			return err
		}
		if f.Name == "retype" && secret != answers["password"] {
			w.terminal.Print("That is not what was typed before.")
			continue
		}
		if secret != "" {
			answers[f.Name] = secret
		}
		return nil
	}
}

// askChoice takes numbers of options.
func (w *walker) askChoice(ctx context.Context, f client.Field, answers client.Answers) error {
	for i, o := range f.Options {
		w.terminal.Print(fmt.Sprintf("  %d  %s", i+1, shown(o.Label.String())))
	}
	for {
		line, err := w.terminal.Line(ctx, label(f)+" (number): ")
		if err != nil || strings.TrimSpace(line) == "" {
			return err
		}
		chosen, ok := chosenOptions(f, line)
		if ok {
			answers[f.Name] = strings.Join(chosen, "\n")
			return nil
		}
	}
}

func chosenOptions(f client.Field, line string) ([]string, bool) {
	var out []string
	for _, part := range strings.FieldsFunc(line, func(r rune) bool { return r == ',' || r == ' ' }) {
		n, err := strconv.Atoi(part)
		if err != nil || n < 1 || n > len(f.Options) {
			return nil, false
		}
		out = append(out, f.Options[n-1].Value)
	}
	return out, len(out) == 1 || len(out) > 1 && f.Type == client.Multiselect
}

func label(f client.Field) string {
	text := strings.TrimSuffix(strings.Join(strings.Fields(f.Label.String()), " "), ":")
	if text == "" {
		text = f.Name
	}
	return shown(text)
}

// helpAfter is the field's help behind a mark, unless it says nothing new.
func helpAfter(f client.Field, mark string) string {
	help := f.Help.String()
	if help == "" || help == f.Label.String() {
		return ""
	}
	return mark + shown(strings.Join(strings.Fields(help), " "))
}

// returnedBy reads the parameters of an address that a browser came back to.
func returnedBy(address string) (client.Answers, error) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || len(u.Query()) == 0 {
		return nil, fmt.Errorf("that address has no parameters")
	}
	return client.AnswersFrom(u.Query()), nil
}
