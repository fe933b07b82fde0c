package auth

import (
	"fmt"
	"slices"
)

// Load fills the offered requests from a submission. A request is dropped, silently as the reference does it, when it
// has nothing to fill in or when one of its fields that is not optional is missing, empty or has an impossible value.
// A missing optional field counts as empty and drops nothing (docs/divergences.md).
func Load(offered []Request, s Submission) Answers {
	var out Answers
	for _, r := range offered {
		if a, ok := loadOne(r, s); ok {
			out = append(out, a)
		}
	}
	return out
}

func loadOne(r Request, s Submission) (Answer, bool) {
	a := Answer{ID: r.ID, Values: map[string]string{}}
	filled := r.LoadsEmpty
	for _, f := range r.Fields {
		if f.Type == FieldNull {
			continue
		}
		if f.Sensitive {
			a.secrets = append(a.secrets, f.Name)
		}
		present, ok := a.fill(f, s)
		if !ok {
			return Answer{}, false
		}
		filled = filled || present || !f.Optional
	}
	return a, filled
}

// fill takes one field from s. It reports whether the field was sent, and whether the request can still be loaded.
func (a *Answer) fill(f Field, s Submission) (present, ok bool) {
	switch f.Type {
	case FieldCheckbox, FieldButton:
		on := s.has(f.Name) || s.has(f.Name+"_x") // browsers send an image button as name_x and name_y
		if on {
			a.Values[f.Name] = "1"
		}
		return on, on || f.Optional
	case FieldMultiselect:
		return a.fillList(f, s)
	}
	v, sent := s.Texts[f.Name]
	if v == "" && !f.Optional {
		return sent, false
	}
	if f.Type == FieldSelect && v != "" && !f.offers(v) {
		return sent, false
	}
	a.Values[f.Name] = v
	return sent, true
}

func (a *Answer) fillList(f Field, s Submission) (present, ok bool) {
	chosen, sent := s.Lists[f.Name]
	if one, isText := s.Texts[f.Name]; isText {
		chosen, sent = []string{one}, true
	}
	if len(chosen) == 0 && !f.Optional {
		return sent, false
	}
	for _, v := range chosen {
		if !f.offers(v) {
			return sent, false
		}
	}
	if a.Lists == nil {
		a.Lists = map[string][]string{}
	}
	a.Lists[f.Name] = chosen
	return sent, true
}

func (f Field) offers(value string) bool {
	return slices.ContainsFunc(f.Options, func(o Option) bool { return o.Value == value })
}

func (s Submission) has(name string) bool {
	_, text := s.Texts[name]
	_, list := s.Lists[name]
	return text || list
}

// username is the one name that the answers agree on; none or several distinct ones give "".
func (as Answers) username() string {
	found, any := "", false
	for _, a := range as {
		v, ok := a.Values[FieldUsername]
		if !ok {
			continue
		}
		if any && v != found {
			return ""
		}
		found, any = v, true
	}
	return found
}

// The fields that the Manager itself reads, whichever request brings them.
const (
	FieldUsername   = "username"   // names the account
	FieldRememberMe = "rememberMe" // stay signed in
)

// on reports whether a check box of that name is on.
func (as Answers) on(field string) bool {
	return slices.ContainsFunc(as, func(a Answer) bool { return a.Values[field] != "" })
}

// MergeFields joins the fields of requests into one list for forms. The first occurrence of a name gives its type, value
// and texts. A field of an optional request is optional; one of a primary-required request is, unless all
// primary-required requests have it as not optional. A repeated field is optional only if every occurrence is, and
// sensitive if any is. Two types for one name are a fault of the providers.
func MergeFields(requests []Request) ([]Field, error) {
	shared := sharedByPrimaries(requests)
	var out []Field
	at := map[string]int{}
	for _, r := range requests {
		for _, f := range r.Fields {
			switch r.Required {
			case Optional:
				f.Optional = true
			case PrimaryRequired:
				f.Optional = f.Optional || !shared[f.Name]
			}
			i, seen := at[f.Name]
			if !seen {
				at[f.Name] = len(out)
				out = append(out, f)
				continue
			}
			if err := out[i].merge(f); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

func (f *Field) merge(g Field) error {
	if f.Type != g.Type {
		return fmt.Errorf("merge field %q: it is both %s and %s", f.Name, f.Type, g.Type)
	}
	f.Options = slices.Clone(f.Options)
	for _, o := range g.Options {
		if !f.offers(o.Value) {
			f.Options = append(f.Options, o)
		}
	}
	f.Optional = f.Optional && g.Optional
	f.Sensitive = f.Sensitive || g.Sensitive
	return nil
}

// sharedByPrimaries names the fields that every primary-required request has as not optional.
func sharedByPrimaries(requests []Request) map[string]bool {
	count, primaries := map[string]int{}, 0
	for _, r := range requests {
		if r.Required != PrimaryRequired {
			continue
		}
		primaries++
		for _, f := range r.Fields {
			if !f.Optional {
				count[f.Name]++
			}
		}
	}
	shared := map[string]bool{}
	for name, n := range count {
		shared[name] = n == primaries
	}
	return shared
}
