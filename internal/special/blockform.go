package special

import (
	"context"
	"errors"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/message"
	"gatehouse/internal/username"
	"gatehouse/internal/usertext"
	"gatehouse/internal/websession"
)

// blockForm is Special:Block: a right-holder keeps an account, an address or a range out. What may be blocked is the
// Manager's to say.
type blockForm struct{ cfg Config }

// The fields of the forms, as the reference calls them where it has them.
const (
	fieldTarget   = "wpTarget"
	fieldExpiry   = "wpExpiry"
	fieldOther    = "wpExpiry-other"
	fieldReason   = "wpReason"
	fieldNoCreate = "wpCreateAccount"
	fieldAnonOnly = "wpAnonOnly"
	fieldFollow   = "wpAutoBlock"
	fieldReblock  = "wpReblock"
)

const foreverWord = "infinity"

// usualBlocks are the lengths that the form offers, in the words that the API knows too.
var usualBlocks = []struct {
	word   string
	length time.Duration
}{
	{"2 hours", 2 * time.Hour}, {"1 day", 24 * time.Hour}, {"3 days", 72 * time.Hour}, {"7 days", 7 * 24 * time.Hour},
	{"14 days", 14 * 24 * time.Hour}, {"30 days", 30 * 24 * time.Hour}, {"90 days", 90 * 24 * time.Hour},
	{"180 days", 180 * 24 * time.Hour}, {"365 days", 365 * 24 * time.Hour},
}

// Serve shows the form, and does what was sent.
func (p blockForm) Serve(ctx context.Context, v *Visit) (Answer, error) {
	if !v.Posted() {
		return p.show(v, 0), nil
	}
	if why, status := objection(p.cfg, v); !why.IsZero() {
		return p.show(v, status, problem{message: why}), nil
	}
	b, asked, wrong, err := p.order(ctx, v)
	if err != nil {
		return Answer{}, err
	}
	if wrong != nil {
		return p.show(v, 0, *wrong), nil
	}
	order := auth.BlockOrder{Block: b, Replace: v.Form.Has(fieldReblock)}
	placed, check, err := p.cfg.Manager.Block(ctx, v.Creator, order, asked)
	if err != nil {
		return Answer{}, err
	}
	if !check.OK() {
		return p.show(v, 0, problemsOf(check.Findings)...), nil
	}
	target := message.Plaintext(placed.Target())
	if placed.Expires.IsZero() {
		return done("gatehouse-block-title", "gatehouse-block-done-forever", target), nil
	}
	return done("gatehouse-block-title", "gatehouse-block-done", target, message.Time(placed.Expires)), nil
}

// order reads what the form asks for, or says what is wrong with it. Asked is the end in the words of the form.
func (p blockForm) order(ctx context.Context, v *Visit) (b auth.Block, asked string, wrong *problem, err error) {
	t, wrong, err := findTarget(ctx, p.cfg, v)
	if err != nil || wrong != nil {
		return b, "", wrong, err
	}
	field := fieldExpiry
	if asked = v.Form.Get(fieldExpiry); strings.TrimSpace(v.Form.Get(fieldOther)) != "" {
		field, asked = fieldOther, v.Form.Get(fieldOther)
	}
	ends, ok := usertext.Expiry(asked, p.cfg.Clock())
	if !ok {
		return b, "", &problem{field, message.New("gatehouse-block-badexpiry")}, nil
	}
	if ends.IsZero() {
		asked = foreverWord
	}
	return auth.Block{
		Account: t.account.ID, AccountName: t.account.Name, Range: t.network, Expires: ends,
		Reason:        usertext.Reason(v.Form.Get(fieldReason)),
		PreventCreate: v.Form.Has(fieldNoCreate), AnonymousOnly: v.Form.Has(fieldAnonOnly), Autoblock: v.Form.Has(fieldFollow),
	}, asked, nil, nil
}

// blockTarget is an account, a range, or a block by its number.
type blockTarget struct {
	account auth.Account
	network netip.Prefix
	id      int64
}

// findTarget reads whom the form is about.
func findTarget(ctx context.Context, c Config, v *Visit) (blockTarget, *problem, error) {
	raw := strings.TrimSpace(v.Form.Get(fieldTarget))
	if raw == "" {
		return blockTarget{}, &problem{fieldTarget, message.New("gatehouse-block-missing")}, nil
	}
	if network, ok := usertext.Range(raw); ok {
		return blockTarget{network: network}, nil, nil
	}
	nobody := &problem{fieldTarget, message.New("gatehouse-block-nobody", message.Plaintext(raw))}
	if digits, ok := strings.CutPrefix(raw, "#"); ok {
		id, err := strconv.ParseInt(digits, 10, 64)
		if err != nil || id <= 0 {
			return blockTarget{}, nobody, nil
		}
		return blockTarget{id: id}, nil, nil
	}
	name, ok := c.Names.Canonical(raw, username.Valid)
	if !ok {
		return blockTarget{}, nobody, nil
	}
	a, err := c.Accounts.AccountByName(ctx, name)
	if errors.Is(err, auth.ErrNotFound) {
		return blockTarget{}, nobody, nil
	}
	return blockTarget{account: a}, nil, err
}

func (p blockForm) show(v *Visit, status int, why ...problem) Answer {
	f := form{
		Action: v.site.articleURL(titleBlock), SubmitName: "wpSubmit", Hidden: signedForm(v),
		Submit: v.text("gatehouse-block-submit"), Busy: v.text("gatehouse-block-busy"),
	}
	f.Inputs = []input{
		textInput(v, fieldTarget, "gatehouse-blocklist-target", "gatehouse-block-target-help"),
		p.lengths(v),
		textInput(v, fieldOther, "gatehouse-block-other", "gatehouse-block-other-help"),
		textInput(v, fieldReason, "gatehouse-block-reason", "gatehouse-block-reason-help"),
		checkInput(v, fieldNoCreate, "gatehouse-block-nocreate", true),
		checkInput(v, fieldAnonOnly, "gatehouse-block-anononly", false),
		checkInput(v, fieldFollow, "gatehouse-block-autoblock", true),
	}
	f.Inputs[0].Look.Plain, f.Inputs[0].Required = true, true
	f.Inputs[2].Optional, f.Inputs[3].Optional = v.text("gatehouse-optional"), v.text("gatehouse-optional")
	if v.typed().Has(fieldReblock) || blockedAlready(why) {
		f.Inputs = append(f.Inputs, checkInput(v, fieldReblock, "gatehouse-block-replace", false))
	}
	tell(v, &f, why)
	return Answer{
		Status: status, Template: "deed", Title: message.New("gatehouse-block-title"), Faulty: len(why) > 0,
		Data: deedData{Form: f, Links: []pageLink{{v.link(titleBlockList, nil), "gatehouse-blocklist-title"}}},
	}
}

// blockedAlready reports whether the target has a block that this one could take the place of.
func blockedAlready(why []problem) bool {
	for _, w := range why {
		if w.message.Key == "ipb_already_blocked" {
			return true
		}
	}
	return false
}

func (p blockForm) lengths(v *Visit) input {
	in := input{Kind: string(auth.FieldSelect), ID: fieldExpiry, Name: fieldExpiry, Label: v.text("gatehouse-block-expiry")}
	chosen := v.typed().Get(fieldExpiry)
	for _, u := range usualBlocks {
		in.Choices = append(in.Choices, choice{Value: u.word, Label: v.Language.Duration(int64(u.length / time.Second)), Chosen: chosen == u.word})
	}
	in.Choices = append(in.Choices, choice{Value: foreverWord, Label: v.text("gatehouse-block-forever"), Chosen: chosen == foreverWord})
	return in
}

// unblockForm is Special:Unblock.
type unblockForm struct{ cfg Config }

// Serve shows the form, and does what was sent.
func (p unblockForm) Serve(ctx context.Context, v *Visit) (Answer, error) {
	if !v.Posted() {
		return p.show(v, 0), nil
	}
	if why, status := objection(p.cfg, v); !why.IsZero() {
		return p.show(v, status, problem{message: why}), nil
	}
	t, wrong, err := findTarget(ctx, p.cfg, v)
	if err != nil {
		return Answer{}, err
	}
	if wrong != nil {
		return p.show(v, 0, *wrong), nil
	}
	q, asked := auth.BlockQuery{Ranges: []netip.Prefix{t.network}}, strings.TrimSpace(v.Form.Get(fieldTarget))
	switch {
	case t.id != 0:
		q = auth.BlockQuery{IDs: []int64{t.id}}
	case t.account.ID != 0:
		q, asked = auth.BlockQuery{Names: []auth.Name{t.account.Name}}, string(t.account.Name)
	}
	_, check, err := p.cfg.Manager.Unblock(ctx, v.Creator, q, message.EscapeWikitext(asked), usertext.Reason(v.Form.Get(fieldReason)))
	if err != nil {
		return Answer{}, err
	}
	if !check.OK() {
		return p.show(v, 0, problemsOf(check.Findings)...), nil
	}
	return done("gatehouse-unblock-title", "gatehouse-unblock-done", message.Plaintext(asked)), nil
}

func (p unblockForm) show(v *Visit, status int, why ...problem) Answer {
	f := form{
		Action: v.site.articleURL(titleUnblock), SubmitName: "wpSubmit", Hidden: signedForm(v),
		Submit: v.text("gatehouse-unblock-submit"), Busy: v.text("gatehouse-unblock-busy"),
	}
	f.Inputs = []input{
		textInput(v, fieldTarget, "gatehouse-blocklist-target", ""),
		textInput(v, fieldReason, "gatehouse-block-reason", "gatehouse-block-reason-help"),
	}
	f.Inputs[0].Look.Plain, f.Inputs[0].Required = true, true
	f.Inputs[1].Optional = v.text("gatehouse-optional")
	tell(v, &f, why)
	return Answer{
		Status: status, Template: "deed", Title: message.New("gatehouse-unblock-title"), Faulty: len(why) > 0,
		Data: deedData{Form: f, Links: []pageLink{{v.link(titleBlockList, nil), "gatehouse-blocklist-title"}}},
	}
}

// signedForm is what every form of somebody who is signed in carries.
func signedForm(v *Visit) []pair {
	out := []pair{{csrfField, v.Session.Token(websession.TokenCSRF)}}
	if v.uselang != "" {
		out = append(out, pair{"uselang", v.uselang})
	}
	return out
}

// textInput is a line of text, with what was typed or what a link asks for. The target may stand behind the page's name.
func textInput(v *Visit, name string, label, help message.Key) input {
	in := input{Kind: string(auth.FieldString), ID: name, Name: name, Label: v.text(label), Value: v.typed().Get(name)}
	if in.Value == "" && name == fieldTarget && !v.Posted() {
		in.Value = v.Subpage
	}
	if help != "" {
		in.Help = v.html(message.New(help))
	}
	return in
}

// checkInput is a check box that is on as it was sent, or else as preset.
func checkInput(v *Visit, name string, label message.Key, preset bool) input {
	return input{
		Kind: string(auth.FieldCheckbox), ID: name, Name: name, Value: "1", Label: v.text(label),
		Checked: v.typed().Has(name) || preset && !v.Posted(),
	}
}

// tell puts problems on top of the form and beside their fields.
func tell(v *Visit, f *form, why []problem) {
	for _, w := range why {
		f.Problems = append(f.Problems, shownProblem{ID: w.field, Text: v.html(w.message)})
		for i := range f.Inputs {
			if f.Inputs[i].Name == w.field && w.field != "" {
				f.Inputs[i].Problems = append(f.Inputs[i].Problems, v.html(w.message))
			}
		}
	}
}
