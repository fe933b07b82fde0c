package testserver

import (
	"net/http"
	"regexp"
	"time"
)

// toldMail is one mail, with everything that its reader sees.
type toldMail struct {
	ID      int64     `json:"id"`
	Kind    string    `json:"kind"`
	To      string    `json:"to"`
	Name    string    `json:"name"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	Links   []string  `json:"links"`
	Queued  time.Time `json:"queued"`
}

var linkInText = regexp.MustCompile(`https?://[^\s<>"]+`)

// serveMail lists the mail that would have been sent, oldest first.
func (sp *space) serveMail(r *http.Request, g *generation) (any, error) {
	mails, err := g.staged.Mails(r.Context())
	if err != nil {
		return nil, err
	}
	to, name := r.URL.Query().Get("to"), r.URL.Query().Get("name")
	out := []toldMail{}
	for _, m := range mails {
		if to != "" && m.To != to || name != "" && string(m.Name) != name {
			continue
		}
		links := linkInText.FindAllString(m.Text, -1)
		if links == nil {
			links = []string{}
		}
		out = append(out, toldMail{
			ID: m.Row.ID, Kind: string(m.Row.Kind), To: m.To, Name: string(m.Name), Subject: m.Subject, Text: m.Text,
			Links: links, Queued: m.Row.Queued.UTC(),
		})
	}
	return struct {
		Mail []toldMail `json:"mail"`
	}{out}, nil
}

// serveCaptcha gives the answer of a captcha that was shown.
func (sp *space) serveCaptcha(r *http.Request, g *generation) (any, error) {
	id := r.URL.Query().Get("id")
	switch {
	case id == "":
		return nil, badCall("Say which: /_test/captcha?id=ID, where ID is the value of the field captchaId.")
	case !g.staged.AsksCaptcha():
		return nil, notFound("nocaptcha", "This space shows no captchas. POST /_test/spaces {\"scenario\": \"captcha\"} makes one that does.")
	}
	answer, ok := g.staged.CaptchaAnswer(id)
	if !ok {
		return nil, notFound("nosuchcaptcha", "This space has shown no captcha of that id, or it has expired, or its kind has no text for an answer.")
	}
	return struct {
		Answer string `json:"answer"`
	}{answer}, nil
}
