package testserver

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"gatehouse"
)

// controlPrefix is where the control API of a space stands, after the space's path.
const controlPrefix = "/_test/"

// maxCall bounds the body of a call.
const maxCall = 64 << 10

// newControl builds the control API of a space.
func (sp *space) newControl() http.Handler {
	calls := http.NewServeMux()
	for pattern, serve := range map[string]func(*http.Request, *generation) (any, error){
		"POST reset":           sp.serveReset,
		"GET mail":             sp.serveMail,
		"GET captcha":          sp.serveCaptcha,
		"POST openid":          sp.serveOpenID,
		"DELETE openid":        sp.serveAskAgain,
		"GET totp":             sp.serveTOTP,
		"GET clock":            sp.serveClock,
		"POST clock":           sp.serveAdvance,
		"GET faults":           sp.serveFaults,
		"POST faults":          sp.serveNewFault,
		"DELETE faults":        sp.serveClearFaults,
		"POST accounts":        sp.serveNewAccount,
		"GET spaces":           sp.serveSpaces,
		"POST spaces":          sp.serveNewSpace,
		"DELETE spaces/{name}": sp.serveEndSpace,
	} {
		method, path := cut(pattern)
		calls.Handle(method+" "+sp.path+controlPrefix+path, sp.answering(serve))
	}
	calls.HandleFunc(sp.path+controlPrefix, func(w http.ResponseWriter, r *http.Request) {
		writeProblem(w, http.StatusNotFound, "nosuchcall",
			"There is no call "+r.Method+" "+printable(r.URL.Path)+". GET "+sp.base()+controlPrefix+" tells which there are.")
	})
	guarded := http.NewServeMux()
	guarded.Handle("/", withHeader(calls))
	guarded.HandleFunc("GET "+sp.path+controlPrefix+"{$}", sp.serveOverview) // teaches about the header, too
	return guarded
}

func cut(pattern string) (method, path string) {
	for i := range pattern {
		if pattern[i] == ' ' {
			return pattern[:i], pattern[i+1:]
		}
	}
	return "", pattern
}

// answering writes what a call answers with as JSON.
func (sp *space) answering(serve func(*http.Request, *generation) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		g := sp.enter()
		defer g.requests.Done()
		answer, err := serve(r, g)
		var no *problem
		var refused Refusal
		switch {
		case errors.As(err, &no):
			writeProblem(w, no.status, no.code, no.info)
		case errors.As(err, &refused):
			writeProblem(w, http.StatusConflict, "refused", refused.Error())
		case err != nil:
			writeProblem(w, http.StatusInternalServerError, "broken", err.Error()) // nothing is secret here
		default:
			writeJSON(w, http.StatusOK, answer)
		}
	}
}

// problem is a call that cannot be answered.
type problem struct {
	status     int
	code, info string
}

func (p *problem) Error() string { return p.code + ": " + p.info }

func badCall(info string) error { return &problem{http.StatusBadRequest, "badcall", info} }

func notFound(code, info string) error { return &problem{http.StatusNotFound, code, info} }

func writeProblem(w http.ResponseWriter, status int, code, info string) {
	type told struct {
		Code string `json:"code"`
		Info string `json:"info"`
	}
	writeJSON(w, status, struct {
		Error told `json:"error"`
	}{told{code, info}})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // an error means that nobody reads any more
}

// readCall reads the body of a call, a JSON object with known members alone; none at all is an empty one.
func readCall(r *http.Request, into any, example string) error {
	d := json.NewDecoder(io.LimitReader(r.Body, maxCall))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil && d.More() {
		err = errors.New("there is more than one value")
	}
	if err != nil {
		return badCall("The body is not what this call takes: " + err.Error() + ". It takes, for example, " + example)
	}
	return nil
}

// done is the answer of calls that have nothing to tell.
type done struct {
	Done bool `json:"done"`
}

func (sp *space) serveReset(r *http.Request, _ *generation) (any, error) {
	return done{true}, sp.reset(r.Context())
}

// toldClock is a space's time.
type toldClock struct {
	Now   time.Time `json:"now"`
	Still bool      `json:"still"`
}

func (sp *space) serveClock(_ *http.Request, g *generation) (any, error) {
	return toldClock{g.clock.Now().UTC(), g.clock.isStill()}, nil
}

func (sp *space) serveAdvance(r *http.Request, g *generation) (any, error) {
	const example = `{"advance": "1h"}`
	var call struct{ Advance span }
	if err := readCall(r, &call, example); err != nil {
		return nil, err
	}
	if call.Advance == 0 {
		return nil, badCall("Say how far: " + example)
	}
	if err := g.clock.advance(time.Duration(call.Advance)); err != nil {
		return nil, badCall(err.Error())
	}
	g.staged.Tidy(r.Context())
	return toldClock{g.clock.Now().UTC(), g.clock.isStill()}, nil
}

// account is one that a test wants to be there already.
type account struct {
	Name           string   `json:"name"`
	Password       string   `json:"password"`
	Email          string   `json:"email"`
	EmailConfirmed bool     `json:"email_confirmed"`
	RealName       string   `json:"real_name"`
	Groups         []string `json:"groups"`
}

func (sp *space) serveNewAccount(r *http.Request, g *generation) (any, error) {
	var call account
	if err := readCall(r, &call, `{"name": "Ada", "password": "a-long-pass-phrase", "groups": ["sysop"]}`); err != nil {
		return nil, err
	}
	made, err := g.operator.CreateAccount(r.Context(), gatehouse.NewAccount{
		Name: call.Name, Password: call.Password, Email: call.Email, EmailConfirmed: call.EmailConfirmed,
		RealName: call.RealName, Groups: call.Groups,
	})
	for _, no := range []error{gatehouse.ErrBadName, gatehouse.ErrNameTaken, gatehouse.ErrBadEmail, gatehouse.ErrNoSuchGroup} {
		if errors.Is(err, no) {
			return nil, Refusal(err.Error())
		}
	}
	return struct {
		ID   int64  `json:"id"`
		Name string `json:"name"`
	}{int64(made.ID), string(made.Name)}, err
}
