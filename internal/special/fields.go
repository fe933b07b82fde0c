package special

import (
	"net/url"
	"slices"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// captchaKind is the parameter by which a visitor asks for another kind of captcha.
const captchaKind = "captchaKind"

// pageName is a field's name in forms, as programs that fill in the reference's forms know it. Under its own name a field
// is taken too.
func pageName(field string) string {
	switch field {
	case auth.FieldUsername:
		return "wpName"
	case "password":
		return "wpPassword"
	case "mailpassword":
		return "wpCreateaccountMail"
	case auth.FieldRememberMe:
		return "wpRemember"
	}
	return field
}

// look is how browsers treat an input.
type look struct {
	Type         string // the input's type where it is not the plain one
	Autocomplete string
	Mode         string // the keyboard that small screens show
	Repeats      string // id of the input that this one repeats; the script can show the first instead
	Plain        bool   // no capitals, no correction
}

func lookOf(field string, newAccount bool) look {
	switch field {
	case auth.FieldUsername:
		return look{Autocomplete: "username", Plain: true}
	case "password":
		if newAccount {
			return look{Autocomplete: "new-password"}
		}
		return look{Autocomplete: "current-password"}
	case "retype":
		return look{Autocomplete: "new-password", Repeats: pageName("password")}
	case "email":
		return look{Type: "email", Autocomplete: "email", Mode: "email", Plain: true}
	case "realname":
		return look{Autocomplete: "name"}
	case "code", "OATHToken", "token":
		return look{Autocomplete: "one-time-code", Mode: "numeric", Plain: true}
	}
	return look{Autocomplete: "off"}
}

// submission reads the fields that this step describes, and only those, from a posted form.
func submission(fields []auth.Field, body url.Values) auth.Submission {
	s := auth.Submission{Texts: map[string]string{}, Lists: map[string][]string{}}
	for _, f := range fields {
		if f.Type == auth.FieldMultiselect {
			if list := append(slices.Clone(body[f.Name]), body[f.Name+"[]"]...); len(list) > 0 {
				s.Lists[f.Name] = list
			}
			continue
		}
		for _, name := range []string{f.Name, f.Name + "_x", pageName(f.Name)} { // the page's own name wins
			if body.Has(name) {
				s.Texts[f.Name] = body.Get(name)
			}
		}
	}
	return s
}

// missing finds required texts that were left empty, so that all of them can be told at once, in words of the field. The
// Manager would refuse the submission too, for the first reason it meets.
func missing(fields []auth.Field, s auth.Submission) []problem {
	var out []problem
	for _, f := range fields {
		if f.Optional || f.Type != auth.FieldString && f.Type != auth.FieldPassword || s.Texts[f.Name] != "" {
			continue
		}
		if f.Name == "captchaWord" && s.Texts["eventpass"] != "" {
			continue // a pass is enough
		}
		if first := lookOf(f.Name, true).Repeats; first != "" && s.Texts["password"] == "" {
			continue // told once is enough
		}
		key := message.Key("gatehouse-missing")
		switch f.Name {
		case auth.FieldUsername:
			key = "gatehouse-missing-username"
		case "password":
			key = "gatehouse-missing-password"
		case "retype":
			key = "gatehouse-missing-retype"
		}
		out = append(out, problem{field: f.Name, message: message.New(key, message.Nested(labelOf(f)))})
	}
	return out
}
