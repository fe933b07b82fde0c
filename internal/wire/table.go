package wire

import (
	"net/http"

	"gatehouse/internal/message"
)

// As tells in which part of an answer a code stands.
type As string

// Where codes stand. An error comes with the header MediaWiki-API-Error, the others do not.
const (
	AsError   As = "error"   // an error of the API: the call is wrong in itself, or cannot be served
	AsWarning As = "warning" // a warning beside an answer
	AsFail    As = "FAIL"    // messagecode of a refusal
	AsUI      As = "UI"      // messagecode of a step that wants more
	AsRestart As = "RESTART" // messagecode of a sign-in that met no account
	AsReason  As = "reason"  // reason of action=login
)

// Row is a row of the table of codes.
type Row struct {
	Code string
	// Suffix says what follows Code, where something does.
	Suffix string
	Key    message.Key
	// Params are the message's parameters in order, for documentation.
	Params string
	// HTTPStatus is 200 nearly everywhere: most clients give up on others before they read the code.
	HTTPStatus int
	As         As
	// Cause says when it happens, for documentation.
	Cause string
}

// Notice is something that clients are told by a code: a row of the table.
type Notice int

// Row gives n's row of the table.
func (n Notice) Row() Row { return rows[n] }

// Code is n's code, or what it begins with.
func (n Notice) Code() string { return rows[n].Code }

// Key is the key of n's text.
func (n Notice) Key() message.Key { return rows[n].Key }

// HTTPStatus is the status of an answer with n.
func (n Notice) HTTPStatus() int { return rows[n].HTTPStatus }

// Message is n as a message, with the parameters that the row documents. It carries the code only where Code would not
// find it by the key.
func (n Notice) Message(params ...message.Param) message.Message {
	m := message.New(n.Key(), params...)
	if Code(m) != n.Code() {
		m.Code = n.Code()
	}
	return m
}

// MessageAbout is Message for a code with a suffix, for example a parameter's name.
func (n Notice) MessageAbout(suffix string, params ...message.Param) message.Message {
	m := message.New(n.Key(), params...)
	m.Code = clean(n.Code() + suffix)
	return m
}

// Table is every row, API errors first. The slice is the caller's.
func Table() []Row { return append([]Row(nil), rows[:]...) }

// irregular gives the code of the keys whose code does not follow from them.
func irregular(key message.Key) (string, bool) {
	code, ok := irregularCodes[key]
	return code, ok
}

// irregularCodes is read from the table once and never changed. The first row of a key decides; the others carry their
// code in the message.
var irregularCodes = func() map[message.Key]string {
	out, seen := map[message.Key]string{}, map[message.Key]bool{}
	for _, r := range rows {
		if !seen[r.Key] && r.Suffix == "" && r.Code != regular(r.Key) {
			out[r.Key] = r.Code
		}
		seen[r.Key] = true
	}
	return out
}()

func apiError(code string, key message.Key, params, cause string) Row {
	return Row{Code: code, Key: key, Params: params, HTTPStatus: http.StatusOK, As: AsError, Cause: cause}
}

func warning(code string, key message.Key, params, cause string) Row {
	r := apiError(code, key, params, cause)
	r.As = AsWarning
	return r
}

// fail is a refusal whose code is its key.
func fail(key message.Key, params, cause string) Row { return failAs(string(key), key, params, cause) }

func failAs(code string, key message.Key, params, cause string) Row {
	r := apiError(code, key, params, cause)
	r.As = AsFail
	return r
}

func (r Row) status(code int) Row {
	r.HTTPStatus = code
	return r
}

func (r Row) in(part As) Row {
	r.As = part
	return r
}

func (r Row) followedBy(suffix string) Row {
	r.Suffix = suffix
	return r
}
