package special

import (
	"context"
	"net/url"
	"slices"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// preserveField says in a form that what the visitor proved elsewhere goes with it.
const preserveField = "wpPreserveState"

// proven is what the visitor proved elsewhere and has no account for, as the form uses it; the zero value is nothing. A link
// with preserve=0 leads to the form without it.
func (f flow) proven(ctx context.Context, v *Visit) (auth.Preserved, error) {
	if f.preserved == "" || v.Query.Get("preserve") == "0" {
		return auth.Preserved{}, nil
	}
	return f.cfg.Manager.Preserved(ctx, v.client())
}

// needed leaves out what a proven identity is in the place of: passwords, and other ways to prove who one is.
func (f flow) needed(requests []auth.Request, kept auth.Preserved) []auth.Request {
	if !kept.Primary || f.first != auth.ActionCreate {
		return requests
	}
	return slices.DeleteFunc(slices.Clone(requests), func(r auth.Request) bool { return r.Required == auth.PrimaryRequired })
}

// showProven puts into the first form what is known: that there is a proof, and in a new account's fields what was proposed.
func (f flow) showProven(data *flowData, typed url.Values, kept auth.Preserved) url.Values {
	if !kept.Any {
		return typed
	}
	data.Form.Hidden = append(data.Form.Hidden, pair{preserveField, "1"})
	data.Proven = message.New(f.preserved, message.Nested(kept.At))
	if f.first != auth.ActionCreate {
		return typed
	}
	filled := url.Values{}
	for name, list := range typed {
		filled[name] = list
	}
	for field, value := range map[string]string{auth.FieldUsername: string(kept.Username), "email": kept.Email} {
		if value != "" && !filled.Has(pageName(field)) && !filled.Has(field) {
			filled.Set(pageName(field), value)
		}
	}
	return filled
}
