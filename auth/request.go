package auth

import (
	"maps"

	"gatehouse/internal/message"
)

// Message is a key and parameters, put into words at the edge.
type Message = message.Message

// RequestID identifies an authentication request on the wire, for example
// `MediaWiki\Auth\PasswordAuthenticationRequest`. Two requests with one id in one list are one request.
type RequestID string

// Required tells how much a request is wanted.
type Required int

const (
	// RequiredAlways: the flow cannot go on without it. The zero value, as in the reference.
	RequiredAlways Required = iota
	// Optional: may be left out.
	Optional
	// PrimaryRequired: one complete set out of the primary-required ones is needed, not all of them.
	PrimaryRequired
)

// Action is what the requests are listed for. It decides which fields a request shows.
type Action string

// The actions, spelled as amirequestsfor spells them.
const (
	ActionLogin          Action = "login"
	ActionLoginContinue  Action = "login-continue"
	ActionCreate         Action = "create"
	ActionCreateContinue Action = "create-continue"
	ActionLink           Action = "link"
	ActionLinkContinue   Action = "link-continue"
	ActionChange         Action = "change"
	ActionRemove         Action = "remove"
	ActionUnlink         Action = "unlink"
)

// FieldType is the kind of one input.
type FieldType string

// The field types of the wire. A null field is text to show and carries no input; a hidden one is sent back unchanged.
const (
	FieldString      FieldType = "string"
	FieldPassword    FieldType = "password"
	FieldSelect      FieldType = "select"
	FieldCheckbox    FieldType = "checkbox"
	FieldMultiselect FieldType = "multiselect"
	FieldButton      FieldType = "button"
	FieldHidden      FieldType = "hidden"
	FieldNull        FieldType = "null"
)

// Option is one choice of a select or multiselect field.
type Option struct {
	Value string  `json:"value"`
	Label Message `json:"label"`
}

// Field is one input of a request.
type Field struct {
	Name    string    `json:"name"`
	Type    FieldType `json:"type"`
	Value   *string   `json:"value,omitempty"` // initial or fixed value; nil = none
	Options []Option  `json:"options,omitempty"`
	Label   Message   `json:"label"`
	Help    Message   `json:"help"`
	// Optional fields may be absent or empty. A missing optional field counts as empty and drops nothing.
	Optional bool `json:"optional,omitempty"`
	// Sensitive values are taken from a POST body only.
	Sensitive bool `json:"sensitive,omitempty"`
	// Skippable is a hint for forms: may be hidden when it has a value. Never on the wire.
	Skippable bool `json:"skippable,omitempty"`
}

// Datum is one member of a request's metadata.
type Datum struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Request is an authentication request: a set of fields a provider wants, not an HTTP request. It is plain data, so
// that it can be kept in a flow state; treat it as immutable once it was handed out.
type Request struct {
	ID       RequestID `json:"id"`
	Metadata []Datum   `json:"metadata,omitempty"`
	Required Required  `json:"required"`
	// Provider and Account describe the credential. Zero means the defaults: the request's class name and its id.
	Provider Message `json:"provider"`
	Account  Message `json:"account"`
	Fields   []Field `json:"fields,omitempty"`
	// LoadsEmpty marks a pure "go on" request: it has no fields and is always loaded.
	LoadsEmpty bool `json:"loadsEmpty,omitempty"`
}

// Answer is a request that a submission filled in.
type Answer struct {
	ID RequestID `json:"id"`
	// Values holds one text for each field: "1" for a checkbox or button that is on, "" for one that is off.
	Values map[string]string `json:"values,omitempty"`
	// Lists holds the chosen values of multiselect fields.
	Lists map[string][]string `json:"lists,omitempty"`
	// secrets names the sensitive fields; their values never reach a stored state.
	secrets []string
}

// withoutSecrets is what may be stored of the answers.
func (as Answers) withoutSecrets() Answers {
	out := make(Answers, len(as))
	for i, a := range as {
		a.Values = maps.Clone(a.Values)
		for _, name := range a.secrets {
			delete(a.Values, name)
		}
		out[i] = a
	}
	return out
}

// Answers are the requests loaded from one submission, in the order they were offered.
type Answers []Answer

// Get gives the answer to request id.
func (as Answers) Get(id RequestID) (Answer, bool) {
	for _, a := range as {
		if a.ID == id {
			return a, true
		}
	}
	return Answer{}, false
}

// Submission is the flat name space of submitted values: URL query and body merged, the body winning. Texts are UTF-8
// in form C.
type Submission struct {
	Texts map[string]string
	// Lists holds array-valued fields (name[]=…); only multiselect fields read them.
	Lists map[string][]string
}
