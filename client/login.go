package client

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Credentials are who signs in.
type Credentials struct {
	Username, Password string
	// Secret is the two-factor secret, from which codes are computed. For programs that have no authenticator.
	Secret string
	// Code asks for a code where there is no Secret; it gets the step with the wiki's question. nil: nobody can be asked.
	Code func(ctx context.Context, s Step) (string, error)
	// Remember keeps the session beyond the browser's, where the wiki offers that.
	Remember bool
	// Now is the clock for codes; nil = time.Now.
	Now func() time.Time
}

// Login signs in with a name, a password and, if the wiki asks, a second factor; it gives the name as the wiki writes it. A
// wrong password is a *Refusal, as are all other refusals. ErrNoAnswer: the wiki asks for what Credentials do not have.
func (w *Wiki) Login(ctx context.Context, who Credentials) (string, error) {
	walk, err := w.BeginLogin(ctx, CreationOptions{})
	if err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	first := true
	step, err := walk.Walk(ctx, func(ctx context.Context, s Step) (Answers, error) {
		if first {
			first = false
			return who.first(s), nil
		}
		return who.second(ctx, s)
	})
	if err == nil {
		err = step.Refusal()
	}
	if err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	return step.Username, nil
}

func (who Credentials) first(s Step) Answers {
	out := Answers{"username": who.Username, "password": who.Password}
	if _, offered := s.Field("rememberMe"); offered && who.Remember {
		out["rememberMe"] = "1"
	}
	return out
}

// second answers what a wiki asks after the password.
func (who Credentials) second(ctx context.Context, s Step) (Answers, error) {
	field, ok := s.secondFactor()
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrNoAnswer, s.Message)
	}
	if field.Name == "newModule" { // which of several factors
		return Answers{"newModule": "totp"}, nil
	}
	if who.Secret != "" {
		if s.Code == "oathauth-login-failed" || s.Code == "oathauth-throttled" {
			return nil, &Refusal{Code: s.Code, Message: s.Message} // the same code would be wrong again
		}
		now := time.Now
		if who.Now != nil {
			now = who.Now
		}
		code, err := TOTP(who.Secret, now())
		return Answers{field.Name: code}, err
	}
	if who.Code == nil {
		return nil, fmt.Errorf("%w: %s", ErrNoAnswer, s.Message)
	}
	code, err := who.Code(ctx, s)
	return Answers{field.Name: code}, err
}

// secondFactor finds the field for a code: by its known names, or because nothing else is asked.
func (s Step) secondFactor() (Field, bool) {
	var lines []Field
	for _, r := range s.Requests {
		for _, f := range r.Fields {
			switch {
			case !f.TakesAnswer() || f.Type == Checkbox || f.Type == Button:
			case f.Name == "OATHToken" || f.Name == "newModule" && strings.Contains(r.Metadata["allowedModules"], "totp"):
				return f, true
			default:
				lines = append(lines, f)
			}
		}
	}
	if len(lines) == 1 && lines[0].Name != "password" {
		return lines[0], true
	}
	return Field{}, false
}

// Logout ends the session.
func (w *Wiki) Logout(ctx context.Context) error {
	_, err := w.Post(ctx, url.Values{"action": {"logout"}}, "csrf", "token")
	w.forgetTokens()
	if err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return nil
}
