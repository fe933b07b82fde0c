package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"gatehouse"
	"gatehouse/client"
	"gatehouse/internal/terminal"
)

// walker walks one creation, with somebody in front of the terminal or without.
type walker struct {
	cmd      createElsewhereCmd
	s        *surroundings
	terminal *terminal.Terminal // nil = nobody can be asked
	given    map[string]givenAnswer
	used     map[string]bool // those of given that a step asked for

	wiki     *client.Wiki
	loopback *client.Loopback
	// before is the last step of fields and what was sent for it, to notice that a wiki only repeats itself.
	before struct {
		fields  []string
		answers client.Answers
	}
	asked int
}

// givenAnswer is an answer of the command line or of standard input. typed: it is the text itself, and no file:PATH.
type givenAnswer struct {
	text  string
	typed bool
}

// getenv gives a variable of the environment.
func (s *surroundings) getenv(name string) string {
	for _, v := range slices.Backward(s.environ) {
		if value, ok := strings.CutPrefix(v, name+"="); ok {
			return value
		}
	}
	return ""
}

func (w *walker) walk(ctx context.Context) (client.Step, error) {
	options := client.Options{UserAgent: "gatehouse-create/" + gatehouse.Version, Language: w.cmd.Language}
	if w.cmd.JSON {
		options.Observe = w.observe
	}
	var err error
	if w.wiki, err = client.Open(ctx, w.cmd.URL, options); err != nil {
		return client.Step{}, err
	}
	if w.loopback, err = client.ListenLoopback(); err != nil {
		return client.Step{}, err
	}
	creation, err := w.wiki.Begin(ctx, client.CreationOptions{ReturnURL: w.loopback.URL()})
	if err != nil {
		return client.Step{}, err
	}
	if w.terminal != nil {
		w.terminal.Print(fmt.Sprintf("An account on %s", shown(w.siteName())))
	}
	return creation.Walk(ctx, w.answer)
}

func (w *walker) siteName() string {
	if name := w.wiki.Site().Name; name != "" {
		return name
	}
	return w.wiki.API()
}

func (w *walker) close() {
	if w.loopback != nil {
		w.loopback.Close()
	}
}

// answer answers one step.
func (w *walker) answer(ctx context.Context, s client.Step) (client.Answers, error) {
	if s.Status == client.Redirect {
		return w.redirect(ctx, s)
	}
	answers, err := w.known(ctx, s)
	if err != nil {
		return nil, err
	}
	if w.terminal != nil {
		err = w.ask(ctx, s, answers)
	} else {
		err = w.again(s, answers)
	}
	w.asked++
	return answers, err
}

// known are the answers that need nobody: those of the command line, a command's for the captcha, a two-factor code.
func (w *walker) known(ctx context.Context, s client.Step) (client.Answers, error) {
	out := client.Answers{}
	for _, f := range s.Fields() {
		value, ok := w.given[f.Name]
		if !ok || f.Type == client.Null {
			continue
		}
		if f.Sensitive && !value.typed {
			secret, err := secretArgumentOr(w.s, "--field "+f.Name, value.text, "--fields-stdin")
			if err != nil {
				return nil, err
			}
			value = givenAnswer{text: secret, typed: true}
			w.given[f.Name] = value
		}
		w.used[f.Name] = true
		out[f.Name] = value.text
	}
	if err := w.captchaByItself(ctx, s, out); err != nil {
		return nil, err
	}
	return out, w.twoFactorByFile(s, out)
}

// again ends a walk in which a wiki asks once more what it got the same answer to.
func (w *walker) again(s client.Step, answers client.Answers) error {
	var fields []string
	for _, f := range s.Fields() {
		if f.TakesAnswer() {
			fields = append(fields, f.Name)
		}
	}
	slices.Sort(fields)
	if w.asked > 0 && slices.Equal(fields, w.before.fields) && maps.Equal(answers, w.before.answers) {
		said := s.Message.String()
		if said == "" {
			said = "it asks the same again"
		}
		return refusal(fmt.Sprintf("the wiki wants other answers (%s): %s", shown(strings.Join(fields, ", ")), shownLines(said)))
	}
	w.before.fields, w.before.answers = fields, answers
	return nil
}

// twoFactorByFile sets two-factor authentication up without anybody's help.
func (w *walker) twoFactorByFile(s client.Step, answers client.Answers) error {
	offer, ok := s.TwoFactor()
	if !ok || w.cmd.TwoFactorFile == "" || answers[offer.Code] != "" {
		return nil
	}
	code, err := client.TOTP(offer.Secret, time.Now())
	if err != nil {
		return err
	}
	if err := os.WriteFile(w.cmd.TwoFactorFile, []byte(offer.Secret+"\n"), 0o600); err != nil {
		return err
	}
	answers[offer.Code] = code
	return nil
}

// redirect sends a browser away and waits for what it comes back with.
func (w *walker) redirect(ctx context.Context, s client.Step) (client.Answers, error) {
	target, err := w.wiki.Resolve(s.RedirectTarget)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(target, "https://") && !strings.HasPrefix(target, "http://") {
		return nil, fmt.Errorf("the wiki sends the browser to %q, which is no address of the web", target)
	}
	if said := s.Message.String(); said != "" {
		fmt.Fprintln(w.s.err, shownLines(said))
	}
	fmt.Fprintf(w.s.err, "Go on in a browser, at:\n%s\n", shown(target))
	if w.cmd.PasteReturn {
		return w.pastedReturn(ctx)
	}
	if w.terminal != nil && !w.cmd.NoBrowser {
		openBrowser(ctx, w.s, target)
	}
	fmt.Fprintln(w.s.err, "Waiting for it to come back …")
	waiting, cancel := context.WithTimeout(ctx, w.cmd.Wait)
	defer cancel()
	returned, err := w.loopback.Wait(waiting)
	if err != nil && ctx.Err() == nil {
		return nil, fmt.Errorf("nobody came back from the browser within %v", w.cmd.Wait)
	}
	return client.AnswersFrom(returned), err
}

func (w *walker) pastedReturn(ctx context.Context) (client.Answers, error) {
	if w.terminal == nil {
		return nil, errors.New("--paste-return needs a terminal")
	}
	line, err := w.terminal.Line(ctx, "Paste the address at which it ended: ")
	if err != nil {
		return nil, err
	}
	return returnedBy(line)
}
