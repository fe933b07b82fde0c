package awkward

import (
	"context"
	"fmt"
	"math/rand/v2"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// fields is the provider of what a creation asks for in addition. It is an auth.SubjectProvider.
type fields struct {
	extra []auth.Request
	terms *auth.Request
}

var _ auth.SubjectProvider = fields{}

// ID is "awkwardfields".
func (fields) ID() auth.ProviderID { return "awkwardfields" }

// Requests lists the fields of a creation.
func (f fields) Requests(_ context.Context, o auth.Options) ([]auth.Request, error) {
	if o.Action != auth.ActionCreate {
		return nil, nil
	}
	out := append([]auth.Request(nil), f.extra...)
	if f.terms != nil {
		out = append(out, *f.terms)
	}
	return out, nil
}

// Describe refuses who left the required field out; the others say nothing.
func (f fields) Describe(c *auth.Creation) auth.Check {
	if f.terms == nil {
		return auth.Good()
	}
	if _, ok := c.Answers.Get(f.terms.ID); !ok {
		return auth.Refused(message.Literal("Please choose under which terms you take part."))
	}
	return auth.Good()
}

func option(value string) auth.Option {
	return auth.Option{Value: value, Label: message.Literal(value)}
}

func labelled(f auth.Field, label string) auth.Field {
	f.Label, f.Help = message.Literal(label), message.Literal("The test server asks for this in awkward mode.")
	return f
}

func termsRequest(r *rand.Rand) auth.Request {
	name := fmt.Sprintf("terms%02x", r.IntN(1<<8))
	return auth.Request{
		ID: auth.RequestID(fmt.Sprintf("TermsRequest%02x", r.IntN(1<<8))), Required: auth.RequiredAlways,
		Fields: []auth.Field{labelled(auth.Field{
			Name: name, Type: auth.FieldSelect, Options: []auth.Option{option("all"), option("some"), option("few")},
		}, "Terms")},
	}
}

// extraRequest is a request nobody has to answer, with fields of all types.
func extraRequest(r *rand.Rand, i int) auth.Request {
	id := fmt.Sprintf("%d%03x", i, r.IntN(1<<12))
	out := auth.Request{ID: auth.RequestID("ExtraRequest" + id), Required: auth.Optional}
	for n := range 1 + r.IntN(3) {
		f := extraField(r)
		f.Name, f.Optional = fmt.Sprintf("extra%s%c", id, 'a'+n), true
		out.Fields = append(out.Fields, f)
	}
	return out
}

func extraField(r *rand.Rand) auth.Field {
	colours := []auth.Option{option("red"), option("green"), option("blue")}
	preset := "as it was"
	shapes := []auth.Field{
		labelled(auth.Field{Type: auth.FieldString}, "How did you hear of us?"),
		labelled(auth.Field{Type: auth.FieldString, Value: &preset}, "Leave it as it is"),
		labelled(auth.Field{Type: auth.FieldCheckbox}, "Send me news"),
		labelled(auth.Field{Type: auth.FieldSelect, Options: colours}, "Colour"),
		labelled(auth.Field{Type: auth.FieldMultiselect, Options: colours}, "Colours"),
		labelled(auth.Field{Type: auth.FieldNull, Value: &preset}, "Only to be read"),
		labelled(auth.Field{Type: auth.FieldHidden, Value: &preset}, "Not to be shown"),
	}
	return shapes[r.IntN(len(shapes))]
}
