package openid

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"time"
)

// audience is one text or a list of them.
type audience []string

// UnmarshalJSON implements json.Unmarshaler.
func (a *audience) UnmarshalJSON(b []byte) error {
	var one string
	if err := json.Unmarshal(b, &one); err == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(a))
}

// oidcTime is a number of seconds, perhaps with a fraction.
type oidcTime struct{ time.Time }

// UnmarshalJSON implements json.Unmarshaler.
func (t *oidcTime) UnmarshalJSON(b []byte) error {
	var seconds float64
	if err := json.Unmarshal(b, &seconds); err != nil {
		return err
	}
	if math.Abs(seconds) > 1<<40 {
		return errors.New("a time beyond all times")
	}
	t.Time = time.Unix(int64(seconds), 0)
	return nil
}

// looseBool is true, or what some providers write for it: "true".
type looseBool bool

// UnmarshalJSON implements json.Unmarshaler. What is no truth is false.
func (b *looseBool) UnmarshalJSON(raw []byte) error {
	*b = string(raw) == "true" || string(raw) == `"true"`
	return nil
}

// proposedName is what an account might be called: what the provider calls the person, without what names cannot have.
func (p person) proposedName() string {
	local, _, _ := strings.Cut(p.Email, "@")
	claim, _, _ := strings.Cut(first(p.PreferredUsername, p.Nickname, p.Name, local), "@")
	claim = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`#<>[]|{}/:=\`, r) || r < ' ' {
			return ' '
		}
		return r
	}, claim)
	return strings.Join(strings.Fields(strings.ReplaceAll(claim, "_", " ")), " ")
}

// verifiedEmail is the address if the provider made sure of it.
func (p person) verifiedEmail() string {
	if !p.EmailVerified {
		return ""
	}
	return p.Email
}
