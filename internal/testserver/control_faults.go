package testserver

import (
	"net/http"
	"time"

	"gatehouse"
	"gatehouse/internal/testserver/fault"
)

// span is a length of time, written as "300ms".
type span time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *span) UnmarshalText(text []byte) error {
	var d gatehouse.Duration
	err := d.UnmarshalText(text)
	*s = span(d)
	return err
}

// MarshalText implements encoding.TextMarshaler.
func (s span) MarshalText() ([]byte, error) { return []byte(time.Duration(s).String()), nil }

// toldFault is a fault as the control API writes it.
type toldFault struct {
	Do         fault.Kind `json:"do"`
	Action     string     `json:"action,omitempty"`
	Times      *int       `json:"times,omitempty"`
	RetryAfter *int       `json:"retry_after,omitempty"`
	Delay      span       `json:"delay,omitempty"`
}

func (t toldFault) fault() fault.Fault {
	f := fault.Fault{Do: t.Do, Action: t.Action, Times: 1, RetryAfter: 1, Delay: time.Duration(t.Delay)}
	if t.Times != nil {
		f.Times = *t.Times
	}
	if t.RetryAfter != nil {
		f.RetryAfter = *t.RetryAfter
	}
	return f
}

func told(f fault.Fault) toldFault {
	t := toldFault{Do: f.Do, Action: f.Action, Times: &f.Times, Delay: span(f.Delay)}
	if f.Do == fault.Status503 {
		t.RetryAfter = &f.RetryAfter
	}
	return t
}

func (sp *space) serveFaults(_ *http.Request, g *generation) (any, error) {
	out := []toldFault{}
	for _, f := range g.faults.Pending() {
		out = append(out, told(f))
	}
	return struct {
		Faults []toldFault `json:"faults"`
	}{out}, nil
}

func (sp *space) serveNewFault(r *http.Request, g *generation) (any, error) {
	var call toldFault
	const example = `{"do": "503", "retry_after": 1, "times": 2, "action": "createaccount"}`
	if err := readCall(r, &call, example); err != nil {
		return nil, err
	}
	if err := g.faults.Add(call.fault()); err != nil {
		return nil, badCall(err.Error() + "; for example " + example)
	}
	return sp.serveFaults(r, g)
}

func (sp *space) serveClearFaults(r *http.Request, g *generation) (any, error) {
	g.faults.Clear()
	return sp.serveFaults(r, g)
}
