package client

import (
	"encoding/json"
	"fmt"
)

// FieldType is the kind of a field.
type FieldType string

// The types that MediaWiki has. A wiki may have others: treat a field of an unknown type as a line of text.
const (
	String      FieldType = "string"
	Password    FieldType = "password"
	Select      FieldType = "select"
	Checkbox    FieldType = "checkbox"
	Multiselect FieldType = "multiselect"
	Button      FieldType = "button"
	Hidden      FieldType = "hidden" // sent back as it is
	Null        FieldType = "null"   // a text to show; takes no answer
)

// Required tells how much a request is wanted.
type Required string

const (
	RequiredAlways  Required = "required"
	Optional        Required = "optional"
	PrimaryRequired Required = "primary-required" // one of all that are primary-required
)

// Field is one thing to fill in.
type Field struct {
	Name  string
	Type  FieldType
	Label Message
	Help  Message
	// Value is the initial value, or a Null field's text. HasValue tells an empty one from none.
	Value    string
	HasValue bool
	// Options are the choices of a Select or Multiselect.
	Options []Option
	// Optional fields may be left empty; of a request that is primary-required, that is up to which one is chosen.
	Optional  bool
	Sensitive bool
}

// TakesAnswer tells whether there is something to fill in, choose or press.
func (f Field) TakesAnswer() bool { return f.Type != Null && f.Type != Hidden }

// Option is one choice.
type Option struct {
	Value string
	Label Message
}

// Request is an authentication request: fields that belong together.
type Request struct {
	ID       string
	Required Required
	Provider Message
	Account  Message
	Metadata map[string]string
	Fields   []Field
}

func (r *Request) UnmarshalJSON(raw []byte) error {
	var in struct {
		ID                text
		Required          Required
		Provider, Account Message
		Metadata, Fields  object
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return err
	}
	*r = Request{ID: string(in.ID), Required: in.Required, Provider: in.Provider, Account: in.Account, Metadata: map[string]string{}}
	for _, m := range in.Metadata {
		var value text
		if err := json.Unmarshal(m.value, &value); err != nil {
			return err
		}
		r.Metadata[m.name] = string(value)
	}
	for _, m := range in.Fields {
		f, err := readField(m)
		if err != nil {
			return err
		}
		r.Fields = append(r.Fields, f)
	}
	return nil
}

func readField(m member) (Field, error) {
	var in struct {
		Type                FieldType
		Value               *text
		Label, Help         Message
		Options             object
		Optional, Sensitive flag
	}
	if err := json.Unmarshal(m.value, &in); err != nil {
		return Field{}, fmt.Errorf("field %s: %w", m.name, err)
	}
	f := Field{
		Name: m.name, Type: in.Type, Label: in.Label, Help: in.Help,
		Optional: bool(in.Optional), Sensitive: bool(in.Sensitive) || in.Type == Password,
	}
	if in.Value != nil {
		f.Value, f.HasValue = string(*in.Value), true
	}
	for _, o := range in.Options {
		var label Message
		if err := json.Unmarshal(o.value, &label); err != nil {
			return Field{}, err
		}
		f.Options = append(f.Options, Option{Value: o.name, Label: label})
	}
	return f, nil
}

// has tells whether the request has a field of that name.
func (r Request) has(name string) bool {
	for _, f := range r.Fields {
		if f.Name == name {
			return true
		}
	}
	return false
}
