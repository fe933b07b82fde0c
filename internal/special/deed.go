package special

import (
	"net/http"
	"net/url"

	"gatehouse/auth"
	"gatehouse/internal/message"
	"gatehouse/internal/websession"
	"gatehouse/internal/wire"
)

// deed is a page with one form and one button, for what is no flow: it is done at once, or refused.
type deed struct {
	// action is the address that the form is sent to.
	action       string
	heading      message.Key
	submit, busy message.Key
	say          []message.Message
	requests     []auth.Request
	hidden       []pair
	newPassword  bool
	links        []pageLink
	// account is whose new password it is.
	account auth.Name
}

// pageLink leads to another page.
type pageLink struct {
	Address string
	Text    message.Key
}

// deedData is what the template "deed" shows.
type deedData struct {
	Form  form
	Say   []message.Message
	Links []pageLink
}

// csrfField is the token's name in forms of those who are signed in, as the reference has it.
const csrfField = "wpEditToken"

// show makes the page, with what was typed and why it was not taken.
func (d deed) show(c Config, v *Visit, why ...problem) (Answer, error) {
	f := form{
		Action: d.action, SubmitName: "wpSubmit", Submit: v.text(d.submit), Busy: v.text(d.busy),
		Hidden: append([]pair{{csrfField, v.Session.Token(websession.TokenCSRF)}}, d.hidden...),
	}
	if v.uselang != "" {
		f.Hidden = append(f.Hidden, pair{"uselang", v.uselang})
	}
	maker := formMaker{visit: v, requests: d.requests, problems: why, newAccount: d.newPassword, typed: v.typed(), step: true, account: d.account}
	if d.newPassword {
		maker.passwordMinimum = c.PasswordMinimum
	}
	if err := maker.fill(&f); err != nil {
		return Answer{}, err
	}
	return Answer{
		Template: "deed", Title: message.New(d.heading), Faulty: len(why) > 0,
		Data: deedData{Form: f, Say: d.say, Links: d.links},
	}, nil
}

// objection is what there is to say against a posted form before anybody reads it; a zero message if there is nothing.
func objection(c Config, v *Visit) (message.Message, int) {
	switch {
	case v.Foreign:
		return message.New("gatehouse-form-foreign"), http.StatusForbidden
	case !v.Session.CheckToken(websession.TokenCSRF, v.Form.Get(csrfField)):
		return message.New("gatehouse-form-stale"), 0
	case c.ReadOnly != "":
		return wire.ReadOnlySite.Message(message.Text(c.ReadOnly)), 0
	}
	return message.Message{}, 0
}

// refused shows the page again with an objection.
func (d deed) refused(c Config, v *Visit, why message.Message, status int) (Answer, error) {
	a, err := d.show(c, v, problem{message: why})
	a.Status = status
	return a, err
}

// done is the page after a deed.
func done(title, text message.Key, params ...message.Param) Answer {
	return Answer{Template: "notice", Title: message.New(title), Data: notice{Text: message.New(text, params...)}}
}

// notNow is a page that says why there is nothing to do here.
func notNow(title message.Key, why message.Message) Answer {
	return Answer{Template: "notice", Title: message.New(title), Faulty: true, Data: notice{Text: why}}
}

// mustProve sends whoever is not signed in, or is so for long, to sign in and back to the page; ok = they need not.
func mustProve(c Config, v *Visit, back title) (Answer, bool) {
	params := destination{title: back.underscored()}.params()
	if v.Anonymous() {
		return Answer{Location: v.link(titleUserLogin, params)}, false
	}
	if c.Manager.Sensitive(v.client()) == auth.SensitiveOK {
		return Answer{}, true
	}
	params.Set("force", "1")
	return Answer{Location: v.link(titleUserLogin, params)}, false
}

// subpageURL is the address of the page with what follows it.
func (v *Visit) subpageURL(t title, account auth.Name) string {
	u := v.site.articleURL(t)
	if v.Subpage == "" {
		return u
	}
	return u + "/" + url.PathEscape(v.Subpage) + "?" + url.Values{"account": {string(account)}}.Encode()
}

// mailedLink is the link of a mail that the visitor followed.
func (v *Visit) mailedLink() auth.MailedLink {
	return auth.MailedLink{Name: auth.Name(v.Query.Get("account")), Token: v.Subpage}
}
