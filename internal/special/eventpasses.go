package special

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/message"
	"gatehouse/internal/websession"
	"gatehouse/internal/wire"
)

// Passes is where event passes are kept.
type Passes interface {
	AddPass(ctx context.Context, p auth.EventPass) (auth.EventPass, error)
	Passes(ctx context.Context) ([]auth.EventPass, error)
	RevokePass(ctx context.Context, id auth.PassID) (bool, error)
}

// eventPasses is Special:EventPasses: who has the right makes passes and takes them back.
type eventPasses struct{ cfg Config }

type passData struct {
	Form form
	// Code and Link are those of the pass that was just made; nobody is told them again.
	Code, Link string
	Rows       []passRow
	// Action and Token are what the buttons that take a pass back need.
	Action, Token string
}

type passRow struct {
	auth.EventPass
	Network string
	// State is the key of what has become of it; At is since or until when.
	State message.Key
	At    time.Time
	Exact string
	// Open passes have a button that takes them back. Log is where their accounts are listed.
	Open bool
}

// Serve shows the passes, and does what was sent.
func (p eventPasses) Serve(ctx context.Context, v *Visit) (Answer, error) {
	switch {
	case !p.cfg.Manager.Allows(v.Creator.Account, auth.RightEventPass):
		return Answer{
			Status: http.StatusForbidden, Template: "notice", Title: message.New("gatehouse-passes-title"),
			Data: notice{Text: message.New("gatehouse-passes-denied"), SignIn: v.Anonymous()},
		}, nil
	case !v.Posted():
		return p.show(ctx, v, passData{})
	case v.Foreign:
		return p.refuse(ctx, v, http.StatusForbidden, problem{message: message.New("gatehouse-form-foreign")})
	case !v.Session.CheckToken(websession.TokenCSRF, v.Form.Get("wpEditToken")):
		return p.refuse(ctx, v, 0, problem{message: message.New("gatehouse-form-stale")})
	case p.cfg.ReadOnly != "":
		return p.refuse(ctx, v, 0, problem{message: wire.ReadOnlySite.Message(message.Text(p.cfg.ReadOnly))})
	case v.Form.Has("wpRevoke"):
		return p.revoke(ctx, v)
	}
	return p.create(ctx, v)
}

func (p eventPasses) revoke(ctx context.Context, v *Visit) (Answer, error) {
	id, err := strconv.ParseInt(v.Form.Get("wpRevoke"), 10, 64)
	if err == nil {
		_, err = p.cfg.Passes.RevokePass(ctx, auth.PassID(id))
	}
	if err != nil {
		return Answer{}, err
	}
	return Answer{Location: v.link(titleEventPasses, nil)}, nil
}

func (p eventPasses) create(ctx context.Context, v *Visit) (Answer, error) {
	order, wrong := p.order(v)
	if wrong != nil {
		return p.refuse(ctx, v, 0, *wrong)
	}
	pass, code, err := auth.NewEventPass(order, p.cfg.Clock(), p.cfg.Random)
	if errors.Is(err, auth.ErrBadPass) {
		return p.refuse(ctx, v, 0, problem{field: "wpCount", message: message.New("gatehouse-passes-bad")})
	}
	if err != nil {
		return Answer{}, err
	}
	if _, err := p.cfg.Passes.AddPass(ctx, pass); err != nil {
		return Answer{}, err
	}
	v.Form = url.Values{}
	link := p.cfg.Site.Server + p.cfg.Site.articleURL(titleCreateAccount) + "#eventpass=" + code
	return p.show(ctx, v, passData{Code: code, Link: link})
}

// order reads what the form asks for, or says what is wrong with it.
func (p eventPasses) order(v *Visit) (auth.PassOrder, *problem) {
	o := auth.PassOrder{Note: strings.TrimSpace(v.Form.Get("wpNote")), By: v.Creator.Account.Name}
	var err error
	if o.Count, err = strconv.ParseInt(strings.TrimSpace(v.Form.Get("wpCount")), 10, 32); err != nil {
		return o, &problem{"wpCount", message.New("gatehouse-passes-bad")}
	}
	hours, err := strconv.ParseInt(strings.TrimSpace(v.Form.Get("wpHours")), 10, 16)
	if err != nil {
		return o, &problem{"wpHours", message.New("gatehouse-passes-bad")}
	}
	o.For = time.Duration(hours) * time.Hour
	if network := strings.TrimSpace(v.Form.Get("wpNetwork")); network != "" {
		if o.Network, err = netip.ParsePrefix(network); err != nil {
			return o, &problem{"wpNetwork", message.New("gatehouse-passes-network-bad")}
		}
	}
	return o, nil
}

func (p eventPasses) refuse(ctx context.Context, v *Visit, status int, wrong problem) (Answer, error) {
	a, err := p.show(ctx, v, passData{}, wrong)
	a.Status = status
	return a, err
}

func (p eventPasses) show(ctx context.Context, v *Visit, d passData, wrong ...problem) (Answer, error) {
	passes, err := p.cfg.Passes.Passes(ctx)
	if err != nil {
		return Answer{}, err
	}
	for _, pass := range passes {
		d.Rows = append(d.Rows, p.row(pass))
	}
	d.Action, d.Token = v.link(titleEventPasses, nil), v.Session.Token(websession.TokenCSRF)
	d.Form = p.form(v, d, wrong)
	return Answer{
		Template: "eventpasses", Title: message.New("gatehouse-passes-title"), Faulty: len(wrong) > 0, Data: d,
	}, nil
}

func (p eventPasses) row(pass auth.EventPass) passRow {
	r := passRow{EventPass: pass, State: "gatehouse-passes-open", At: pass.Ends}
	if pass.Network.IsValid() {
		r.Network = pass.Network.String()
	}
	switch r.Open = pass.Open(p.cfg.Clock()); {
	case !pass.Revoked.IsZero():
		r.State, r.At = "gatehouse-passes-revoked", pass.Revoked
	case !r.Open:
		r.State = "gatehouse-passes-ended"
	case pass.Used >= pass.Count:
		r.State = "gatehouse-passes-full"
	}
	r.Exact = r.At.UTC().Format(time.RFC3339)
	return r
}

// form asks for a new pass, with what was typed before.
func (p eventPasses) form(v *Visit, d passData, wrong []problem) form {
	f := form{
		Action: d.Action, SubmitName: "wpCreate", Hidden: []pair{{"wpEditToken", d.Token}},
		Submit: v.text("gatehouse-passes-create"), Busy: v.text("gatehouse-passes-create-busy"),
	}
	for _, in := range []input{
		{ID: "wpCount", Label: v.text("gatehouse-passes-count"), Required: true, Value: "30", Look: look{Mode: "numeric"}},
		{ID: "wpHours", Label: v.text("gatehouse-passes-hours"), Required: true, Value: "6", Look: look{Mode: "numeric"}},
		{ID: "wpNetwork", Label: v.text("gatehouse-passes-network"), Optional: v.text("gatehouse-optional"),
			Help: v.html(message.New("gatehouse-passes-network-help")), Look: look{Plain: true}},
		{ID: "wpNote", Label: v.text("gatehouse-passes-note"), Optional: v.text("gatehouse-optional"),
			Help: v.html(message.New("gatehouse-passes-note-help"))},
	} {
		in.Kind, in.Name = string(auth.FieldString), in.ID
		if typed, ok := v.Form[in.Name]; ok && len(typed) > 0 {
			in.Value = typed[0]
		}
		for _, w := range wrong {
			if w.field == in.Name {
				in.Problems = append(in.Problems, v.html(w.message))
			}
		}
		f.Inputs = append(f.Inputs, in)
	}
	for _, w := range wrong {
		f.Problems = append(f.Problems, shownProblem{ID: w.field, Text: v.html(w.message)})
	}
	return f
}
