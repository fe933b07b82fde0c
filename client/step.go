package client

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// Status is where a walk stands.
type Status string

const (
	// Pass: done.
	Pass Status = "PASS"
	// Fail: refused. The walk is over, and a captcha that was answered is spent.
	Fail Status = "FAIL"
	// UI: the fields of the step are wanted. The first step of every walk is one.
	UI Status = "UI"
	// Redirect: a browser has to go to RedirectTarget, and what it comes back with is wanted.
	Redirect Status = "REDIRECT"
	// Restart: signing in elsewhere worked, and no account here belongs to it. The walk is over.
	Restart Status = "RESTART"
)

// Step is what the wiki wants, or has decided.
type Step struct {
	Status   Status
	Username string // with Pass: the name as the wiki writes it
	// Code is the stable name of a refusal, or of what is said with a UI: "userexists", "captcha-createaccount-fail", ….
	Code    string
	Message Message
	// Requests are the fields that are wanted, in groups that belong together.
	Requests []Request
	// RedirectTarget is where to send the browser. RedirectData is what some wikis add for programs; nil = nothing.
	RedirectTarget string
	RedirectData   json.RawMessage
	// Warnings are what the wiki found odd about the call.
	Warnings []string
	// JSON is the whole answer.
	JSON json.RawMessage
}

// Over tells that the walk has ended here.
func (s Step) Over() bool { return s.Status == Pass || s.Status == Fail || s.Status == Restart }

// Refusal gives a Fail or a Restart as an error, and nil for any other step.
func (s Step) Refusal() error {
	if s.Status == Fail || s.Status == Restart {
		return &Refusal{Code: s.Code, Message: s.Message}
	}
	return nil
}

// Fields are the fields of all requests, each name once, in order.
//
// Where there are several primary-required requests, a field counts as optional unless all of them need it, as in the
// wiki's own form: one of them is enough.
func (s Step) Fields() []Field {
	var out []Field
	at := map[string]int{}
	for _, r := range s.Requests {
		for _, f := range r.Fields {
			f.Optional = f.Optional || r.Required == Optional || r.Required == PrimaryRequired && !s.shared(f.Name)
			i, known := at[f.Name]
			if !known {
				at[f.Name] = len(out)
				out = append(out, f)
				continue
			}
			out[i].Optional = out[i].Optional && f.Optional
			out[i].Sensitive = out[i].Sensitive || f.Sensitive
			for _, o := range f.Options {
				if !slices.ContainsFunc(out[i].Options, func(have Option) bool { return have.Value == o.Value }) {
					out[i].Options = append(out[i].Options, o)
				}
			}
		}
	}
	return out
}

// shared tells that every primary-required request has the field.
func (s Step) shared(name string) bool {
	return !slices.ContainsFunc(s.Requests, func(r Request) bool { return r.Required == PrimaryRequired && !r.has(name) })
}

// Field gives the field of that name.
func (s Step) Field(name string) (Field, bool) {
	for _, f := range s.Fields() {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

// Answers are what was filled in, by the field's name. A Checkbox or Button is on if its answer is anything but "", "0", "no"
// or "false"; a Multiselect has one choice a line.
type Answers map[string]string

// AnswersFrom are the parameters with which a browser came back from a redirect: all of them are the answer.
func AnswersFrom(returned url.Values) Answers {
	out := Answers{}
	for name := range returned {
		out[name] = returned.Get(name)
	}
	return out
}

// form is what is sent for the answers. Besides them go hidden fields and initial values, as from a form in a page; retype
// follows password; and of a request that is answered in part, the rest that may be empty goes along empty, because
// MediaWiki drops a request of which any field is missing: an e-mail address without a real name would be lost.
func (s Step) form(answers Answers) url.Values {
	out := url.Values{}
	for _, r := range s.Requests {
		answered := slices.ContainsFunc(r.Fields, func(f Field) bool { return answers[f.Name] != "" && f.TakesAnswer() })
		for _, f := range r.Fields {
			value, ok := answers[f.Name]
			if !ok && f.Name == "retype" {
				value, ok = answers["password"]
			}
			if !ok {
				value, ok = f.unanswered(answered)
			}
			if ok {
				f.put(out, value)
			}
		}
	}
	for name, value := range answers {
		if _, asked := s.Field(name); !asked {
			out.Set(name, value) // what came back from a redirect, or what the answerer knows better
		}
	}
	return out
}

// unanswered is what goes for a field that nobody filled in; inPart: others of its request were.
func (f Field) unanswered(inPart bool) (string, bool) {
	switch f.Type {
	case Hidden:
		return f.Value, true
	case Null, Button, Checkbox, Password, Multiselect:
		return "", false
	}
	if f.HasValue && f.Value != "" {
		return f.Value, true
	}
	return "", f.Optional && inPart
}

// put writes the value of a field as it goes over the wire.
func (f Field) put(form url.Values, value string) {
	switch f.Type {
	case Null:
	case Checkbox, Button:
		if !off(value) {
			form.Set(f.Name, "1")
		}
	case Multiselect:
		chosen := slices.DeleteFunc(strings.Split(value, "\n"), func(v string) bool { return v == "" })
		if len(chosen) == 1 {
			form.Set(f.Name, chosen[0])
		} else if len(chosen) > 1 {
			form[f.Name+"[]"] = chosen
		}
	default:
		form.Set(f.Name, value)
	}
}

func off(value string) bool {
	switch strings.ToLower(value) {
	case "", "0", "no", "false":
		return true
	}
	return false
}
