package special

import (
	"context"
	"fmt"
	"slices"

	"gatehouse/internal/i18n"
	"gatehouse/internal/message"
	"gatehouse/internal/websession"
)

// preferences is Special:Preferences: the language that the visitor's account keeps, for its pages, its mail, and programs
// that ask for none.
type preferences struct{ cfg Config }

const (
	paramLanguage = "wpLanguage"
	paramSaved    = "wpSaved"
)

// Serve shows the choice, or keeps it.
func (p preferences) Serve(ctx context.Context, v *Visit) (Answer, error) {
	if v.Anonymous() {
		return Answer{Location: v.link(titleUserLogin, destination{title: titlePreferences.underscored()}.params())}, nil
	}
	if !v.Posted() {
		return p.show(v), nil
	}
	if why, status := objection(p.cfg, v); !why.IsZero() {
		a := p.show(v, problem{message: why})
		a.Status = status
		return a, nil
	}
	code := v.Form.Get(paramLanguage)
	if !slices.ContainsFunc(p.cfg.Catalogue.Languages(), func(l *i18n.Language) bool { return l.Code() == code }) {
		return p.show(v), nil // no form of ours sends that
	}
	if err := p.cfg.Accounts.SetLanguage(ctx, v.Creator.Account.ID, code); err != nil {
		return Answer{}, fmt.Errorf("keep language: %w", err)
	}
	return Answer{Location: v.site.articleURL(titlePreferences) + "?" + paramSaved + "=1"}, nil // in the new language
}

func (p preferences) show(v *Visit, why ...problem) Answer {
	language := input{
		Kind: "select", ID: paramLanguage, Name: paramLanguage, Required: true,
		Label: v.text("gatehouse-preferences-language"), Help: v.html(message.New("gatehouse-preferences-language-help")),
	}
	kept, known := p.cfg.Catalogue.Find(v.Creator.Account.Language)
	if !known {
		kept = v.Language
	}
	for _, l := range p.cfg.Catalogue.Languages() {
		language.Choices = append(language.Choices, choice{Value: l.Code(), Label: l.Name(), Chosen: l.Code() == kept.Code()})
	}
	f := form{
		Action: v.site.articleURL(titlePreferences), SubmitName: "wpSave",
		Submit: v.text("gatehouse-preferences-save"), Busy: v.text("gatehouse-preferences-busy"),
		Hidden: []pair{{csrfField, v.Session.Token(websession.TokenCSRF)}}, Inputs: []input{language},
	}
	if v.uselang != "" {
		f.Hidden = append(f.Hidden, pair{"uselang", v.uselang})
	}
	for _, problem := range why {
		f.Problems = append(f.Problems, shownProblem{Text: v.html(problem.message)})
	}
	d := deedData{Form: f}
	if v.Query.Has(paramSaved) && len(why) == 0 {
		d.Say = []message.Message{message.New("gatehouse-preferences-saved")}
	}
	return Answer{Template: "deed", Title: message.New("gatehouse-preferences-title"), Faulty: len(why) > 0, Data: d}
}
