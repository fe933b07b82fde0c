package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"gatehouse/client"
	"gatehouse/internal/terminal"
)

// createElsewhereCmd creates an account on any wiki, by its API.
type createElsewhereCmd struct {
	URL            string        `arg:"" help:"A page of the wiki, or its api.php."`
	Field          []string      `placeholder:"NAME=VALUE" sep:"none" help:"Answer a field without being asked. \"password\" also answers \"retype\"; file:PATH reads a password from a file. May be repeated."`
	FieldsStdin    bool          `help:"Read more answers from standard input, one NAME=VALUE a line."`
	JSON           bool          `name:"json" help:"Print the exchange, a JSON object a line; the last is the wiki's last answer."`
	Language       string        `placeholder:"CODE" help:"Have the wiki's texts in this language."`
	NoInput        bool          `help:"Ask nothing, though there is a terminal."`
	NoBrowser      bool          `help:"Print where a browser has to go, and open none."`
	PasteReturn    bool          `help:"The browser is on another machine: ask for the address that it ends at."`
	Wait           time.Duration `default:"10m" help:"How long to wait for the browser."`
	CaptchaFile    string        `placeholder:"FILE" help:"Store the captcha's picture here; else a temporary file has it."`
	CaptchaCommand string        `placeholder:"COMMAND" help:"Have this command answer the captcha: by its output. It finds GATEHOUSE_CAPTCHA_FILE, _TEXT, _KIND, _ID and _URL in its environment."`
	TwoFactorFile  string        `placeholder:"FILE" help:"Set up two-factor authentication if it is offered, and write its secret here."`
}

// Help is printed under the command's flags.
func (createElsewhereCmd) Help() string {
	return `Works with MediaWiki 1.27 and later, and with gatehouse. Without a terminal, fields that have no answer are left out, and the wiki decides.

The exit status is 0 = the account was created, 1 = the wiki refuses, 2 = something is broken.`
}

// Run walks the creation.
func (c createElsewhereCmd) Run(ctx context.Context, s *surroundings) error {
	given, err := c.answers(s)
	if err != nil {
		return &usageError{err}
	}
	w := &walker{cmd: c, s: s, given: given, used: map[string]bool{}}
	if t, ok := terminal.New(s.in, s.err, s.getenv); ok && !c.NoInput && !c.FieldsStdin {
		w.terminal = t
	}
	defer w.close()
	step, err := w.walk(ctx)
	w.report(step, err)
	if err == nil {
		err = step.Refusal()
	}
	if err != nil {
		return asRefusal(err)
	}
	if !c.JSON {
		_, err = fmt.Fprintf(s.out, "created %s\n", shown(step.Username))
	}
	return err
}

// answers are those of the flags and of standard input; the last of one name wins.
func (c createElsewhereCmd) answers(s *surroundings) (map[string]givenAnswer, error) {
	out := map[string]givenAnswer{}
	for _, line := range c.Field {
		if err := addAnswer(out, line, false); err != nil {
			return nil, err
		}
	}
	if !c.FieldsStdin {
		return out, nil
	}
	lines := bufio.NewScanner(io.LimitReader(s.in, 1<<20))
	lines.Buffer(nil, longestSecret)
	for lines.Scan() {
		if lines.Text() == "" {
			continue
		}
		if err := addAnswer(out, lines.Text(), true); err != nil {
			return nil, err
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the answers: %w", err)
	}
	return out, nil
}

func addAnswer(to map[string]givenAnswer, line string, typed bool) error {
	name, value, ok := strings.Cut(line, "=")
	if !ok || name == "" {
		return errors.New("an answer is NAME=VALUE") // without the text: it may be a secret
	}
	to[name] = givenAnswer{text: value, typed: typed}
	return nil
}

// report prints the last line of --json, and which answers nobody asked for.
func (w *walker) report(step client.Step, err error) {
	for _, name := range slices.Sorted(maps.Keys(w.given)) {
		if !w.used[name] && name != "retype" {
			warn(w.s, fmt.Sprintf("no step asked for the field %q", name))
		}
	}
	if !w.cmd.JSON {
		return
	}
	encoder := json.NewEncoder(w.s.out)
	encoder.SetEscapeHTML(false)
	var last any = map[string]any{"createaccount": map[string]any{"status": step.Status}}
	if refused, ok := errors.AsType[*client.APIError](err); ok {
		last = map[string]any{"error": map[string]any{"code": refused.Code, "info": refused.Info}}
	} else if err != nil {
		last = map[string]any{"error": map[string]any{"code": "gatehouse-create", "info": err.Error()}}
	} else if step.JSON != nil {
		last = step.JSON
	}
	if err := encoder.Encode(last); err != nil {
		warn(w.s, err.Error())
	}
}

// observe prints one exchange for --json.
func (w *walker) observe(e client.Exchange) {
	params := map[string]string{}
	for name := range e.Params {
		params[name] = e.Params.Get(name)
	}
	line := struct {
		Method   string            `json:"method"`
		URL      string            `json:"url"`
		Params   map[string]string `json:"params"`
		Status   int               `json:"status,omitempty"`
		Response json.RawMessage   `json:"response,omitempty"`
		Body     string            `json:"body,omitempty"` // what is no JSON
		Error    string            `json:"error,omitempty"`
	}{Method: e.Method, URL: e.URL, Params: params, Status: e.Status}
	switch {
	case e.Err != nil:
		line.Error = e.Err.Error()
	case json.Valid(e.Body):
		line.Response = e.Body
	default:
		line.Body = strings.ToValidUTF8(string(e.Body), "\uFFFD")
	}
	encoder := json.NewEncoder(w.s.out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(line); err != nil {
		warn(w.s, err.Error())
	}
}

// asRefusal makes a refusal of what the wiki will not do; all else is broken.
func asRefusal(err error) error {
	if no, ok := errors.AsType[*client.Refusal](err); ok {
		return refusal(fmt.Sprintf("the wiki refuses (%s): %s", shown(no.Code), shownLines(no.Message.String())))
	}
	switch {
	case errors.Is(err, client.ErrNoCreation):
		return refusal(err.Error())
	case errors.Is(err, context.Canceled):
		return errors.New("broken off")
	}
	if no, ok := errors.AsType[*client.APIError](err); ok && slices.Contains([]string{
		"moduledisabled", "readonly", "ratelimited", "permissiondenied", "blocked", "autoblocked", "readapidenied", "writeapidenied",
		"noapiwrite", "hookaborted", "maxlag",
	}, no.Code) {
		return refusal(fmt.Sprintf("the wiki refuses (%s): %s%s", shown(no.Code), shownLines(no.Info), laterHint(no.RetryAfter)))
	}
	return &shownError{err}
}

// shownError is an error whose text has no control characters.
type shownError struct{ error }

func (e *shownError) Error() string { return shownLines(e.error.Error()) }

func (e *shownError) Unwrap() error { return e.error }

func laterHint(wait time.Duration) string {
	if wait <= 0 {
		return ""
	}
	return fmt.Sprintf(" (try again in %v)", wait)
}
