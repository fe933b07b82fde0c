package special

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/message"
	"gatehouse/internal/qr"
	"gatehouse/internal/websession"
)

// accountSecurity is Special:AccountSecurity: what the visitor's account has beside its password. Behind it stand
// Special:AccountSecurity/add, which sets up an authenticator app, /passkey, which adds a passkey, and /qr, the picture of the
// app that a creation waits for.
type accountSecurity struct{ cfg Config }

// The buttons of the page and their fields.
const (
	paramRename   = "wpRename"
	paramRemove   = "wpRemove"
	paramNewCodes = "wpNewCodes"
	paramName     = "wpFactorName"
	paramTicket   = "wpTicket"
)

type securityData struct {
	Form    form // for its problems
	Factors []factorRow
	// Add and AddPasskey lead to where one is added; empty where it is not offered.
	Add, AddPasskey string
	CodesNow        int
	// NewCodes says that there is a button for new recovery codes.
	NewCodes      bool
	Action, Token string
}

type factorRow struct {
	auth.Factor
	Kind             message.Key
	AddedAt, UsedAt  string
	Never            bool
	RenameID, Rename string
}

// Serve shows the factors, and does what was sent.
func (p accountSecurity) Serve(ctx context.Context, v *Visit) (Answer, error) {
	if v.Subpage == "qr" {
		return p.picture(ctx, v)
	}
	if a, ok := mustProve(p.cfg, v, titleAccountSecurity); !ok {
		return a, nil
	}
	if v.Subpage == "add" && p.cfg.Apps != nil {
		return p.serveAdd(ctx, v)
	}
	if v.Subpage == "passkey" && p.cfg.Passkeys != nil {
		return p.servePasskey(ctx, v)
	}
	if !v.Posted() {
		return p.show(ctx, v)
	}
	if why, status := objection(p.cfg, v); !why.IsZero() {
		a, err := p.show(ctx, v, problem{message: why})
		a.Status = status
		return a, err
	}
	switch {
	case v.Form.Has(paramRename):
		return p.change(ctx, v, paramRename)
	case v.Form.Has(paramRemove):
		return p.change(ctx, v, paramRemove)
	case v.Form.Has(paramNewCodes) && p.cfg.Recovery != nil:
		return p.newCodes(ctx, v)
	}
	return p.show(ctx, v)
}

// picture draws the QR code of the creation that this client goes on with.
func (p accountSecurity) picture(ctx context.Context, v *Visit) (Answer, error) {
	waiting, err := p.cfg.Manager.Pending(ctx, auth.ActionCreateContinue, v.client())
	if err != nil {
		return Answer{}, err
	}
	for _, r := range waiting.Requests {
		if uri, ok := datum(r, "uri"); ok {
			drawn, err := qr.SVG(uri)
			return Answer{File: &file{Type: "image/svg+xml", Cached: neverCached, Body: []byte(drawn), Private: true}}, err
		}
	}
	return notFound{}.Serve(ctx, v)
}

func (p accountSecurity) show(ctx context.Context, v *Visit, why ...problem) (Answer, error) {
	data := securityData{Action: v.link(titleAccountSecurity, nil), Token: v.Session.Token(websession.TokenCSRF)}
	for _, k := range p.cfg.Factors {
		factors, err := k.Factors(ctx, v.Creator.Account)
		if err != nil {
			return Answer{}, err
		}
		for _, f := range factors {
			data.Factors = append(data.Factors, row(f))
		}
	}
	if p.cfg.Apps != nil {
		data.Add = v.link(titleAccountSecurity+"/add", nil)
	}
	if p.cfg.Passkeys != nil {
		data.AddPasskey = v.link(titleAccountSecurity+"/passkey", nil)
	}
	if p.cfg.Recovery != nil && len(data.Factors) > 0 {
		var err error
		if data.CodesNow, err = p.cfg.Recovery.CodesLeft(ctx, v.Creator.Account); err != nil {
			return Answer{}, err
		}
		data.NewCodes = true
	}
	for _, w := range why {
		data.Form.Problems = append(data.Form.Problems, shownProblem{ID: w.field, Text: v.html(w.message)})
	}
	return Answer{Template: "accountsecurity", Title: message.New("gatehouse-security-title"), Faulty: len(why) > 0, Data: data}, nil
}

func row(f auth.Factor) factorRow {
	r := factorRow{
		Factor: f, Kind: "gatehouse-factor-other", AddedAt: f.Added.Format(time.RFC3339), Never: f.Used.IsZero(),
		UsedAt: f.Used.Format(time.RFC3339), RenameID: "name-" + string(f.ID),
	}
	switch f.ID.Family() {
	case auth.CredentialTOTP:
		r.Kind = "gatehouse-factor-totp"
	case auth.CredentialPasskey:
		r.Kind = "gatehouse-factor-passkey"
	}
	return r
}

// keeperOf finds who keeps the factor.
func (p accountSecurity) keeperOf(ctx context.Context, a auth.Account, id auth.CredentialKind) (auth.FactorKeeper, error) {
	for _, k := range p.cfg.Factors {
		factors, err := k.Factors(ctx, a)
		if err != nil {
			return nil, err
		}
		for _, f := range factors {
			if f.ID == id {
				return k, nil
			}
		}
	}
	return nil, nil
}

// change renames or removes the factor that the button names.
func (p accountSecurity) change(ctx context.Context, v *Visit, button string) (Answer, error) {
	id := auth.CredentialKind(v.Form.Get(button))
	k, err := p.keeperOf(ctx, v.Creator.Account, id)
	if err != nil {
		return Answer{}, err
	}
	if k == nil {
		return p.show(ctx, v, problem{message: message.New("gatehouse-factor-gone")})
	}
	var check auth.Check
	if button == paramRename {
		check, err = k.RenameFactor(ctx, v.client(), id, v.Form.Get(paramName))
	} else {
		check, err = k.RemoveFactor(ctx, v.client(), id)
	}
	return p.changed(ctx, v, check, err)
}

// changed goes back to the list, or says why nothing happened.
func (p accountSecurity) changed(ctx context.Context, v *Visit, check auth.Check, err error) (Answer, error) {
	switch {
	case err != nil:
		return Answer{}, err
	case !check.OK():
		return p.show(ctx, v, problemsOf(check.Findings)...)
	}
	return Answer{Location: v.link(titleAccountSecurity, nil)}, nil
}

func (p accountSecurity) newCodes(ctx context.Context, v *Visit) (Answer, error) {
	codes, check, err := p.cfg.Recovery.NewCodes(ctx, v.client())
	if err != nil || !check.OK() {
		return p.changed(ctx, v, check, err)
	}
	return showCodes(v, codes, Answer{Location: v.link(titleAccountSecurity, nil)}), nil
}

// serveAdd sets up an authenticator app: a new secret at every visit, the same one while its code is wrong.
func (p accountSecurity) serveAdd(ctx context.Context, v *Visit) (Answer, error) {
	if !v.Posted() {
		return p.offer(v)
	}
	offer, holds := p.cfg.Apps.ReopenApp(v.client(), v.Form.Get(paramTicket))
	if !holds {
		return p.offer(v, problem{message: message.New("gatehouse-factor-over")})
	}
	d := p.setup(v, offer)
	if why, status := objection(p.cfg, v); !why.IsZero() {
		return d.refused(p.cfg, v, why, status)
	}
	answers, empty, err := d.answers(v)
	if err != nil {
		return Answer{}, err
	}
	if len(empty) > 0 {
		return d.show(p.cfg, v, empty...)
	}
	typed, _ := answers.Get(setupRequest)
	codes, check, err := p.cfg.Apps.AddApp(ctx, v.client(), auth.NewApp{
		Ticket: offer.Ticket, Name: typed.Values[paramName], Code: typed.Values["code"],
	})
	switch {
	case err != nil:
		return Answer{}, err
	case !check.OK():
		return d.show(p.cfg, v, problemsOf(check.Findings)...)
	}
	back := Answer{Location: v.link(titleAccountSecurity, nil)}
	if len(codes) > 0 {
		return showCodes(v, codes, back), nil
	}
	return back, nil
}

func (p accountSecurity) offer(v *Visit, why ...problem) (Answer, error) {
	offer, err := p.cfg.Apps.OfferApp(v.client())
	if err != nil {
		return Answer{}, err
	}
	if len(why) > 0 {
		v.Form = url.Values{} // what was typed belongs to another secret
	}
	return p.setup(v, offer).show(p.cfg, v, why...)
}

// setupRequest is the form's request; no client sees it.
const setupRequest auth.RequestID = "set-up"

func (p accountSecurity) setup(v *Visit, offer auth.AppOffer) deed {
	return deed{
		action: v.site.articleURL(titleAccountSecurity + "/add"), heading: "gatehouse-factor-add-title",
		submit: "gatehouse-factor-add-submit", busy: "gatehouse-factor-add-busy", hidden: []pair{{paramTicket, offer.Ticket}},
		requests: []auth.Request{{
			ID: setupRequest, Metadata: []auth.Datum{{Name: "secret", Value: offer.Secret}, {Name: "uri", Value: offer.URI}},
			Fields: []auth.Field{
				{Name: "2FAInfo", Type: auth.FieldNull, Label: message.New("oathauth-create-info-label")},
				{Name: "code", Type: auth.FieldString, Label: message.New("oathauth-create-code-label"), Help: message.New("gatehouse-factor-code-help")},
				{Name: paramName, Type: auth.FieldString, Optional: true, Label: message.New("gatehouse-factor-name"), Help: message.New("gatehouse-factor-name-help")},
			},
		}},
		links: []pageLink{{v.link(titleAccountSecurity, nil), "gatehouse-factor-back"}},
	}
}

// codesData is what the page of recovery codes shows.
type codesData struct {
	Codes []string
	// Text is the codes as a file has them, FileName what it is called.
	Text, FileName string
	Say            []message.Message
	// Onward is where to go next, taken apart: browsers drop a query from a form's address.
	Onward string
	Params []pair
}

// showCodes shows recovery codes, once, in front of what would have been answered.
func showCodes(v *Visit, codes []string, next Answer) Answer {
	data := codesData{FileName: "recovery-codes.txt", Onward: v.homeLink()}
	for _, c := range codes {
		c = inGroups(c)
		data.Codes = append(data.Codes, c)
		data.Text += c + "\n"
	}
	if said, ok := next.Data.(notice); ok {
		data.Say = append(data.Say, said.Text)
	}
	if u, err := url.Parse(next.Location); err == nil && next.Location != "" {
		for name, list := range u.Query() {
			for _, value := range list {
				data.Params = append(data.Params, pair{name, value})
			}
		}
		u.RawQuery = ""
		data.Onward = u.String()
	}
	return Answer{Status: http.StatusOK, Template: "codes", Title: message.New("gatehouse-codes-title"), Data: data}
}

// inGroups writes a code in groups of four.
func inGroups(code string) string {
	var out []byte
	for i := range len(code) {
		if i > 0 && i%4 == 0 {
			out = append(out, ' ')
		}
		out = append(out, code[i])
	}
	return string(out)
}
