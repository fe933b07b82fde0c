package special

import (
	"html/template"
	"net/url"

	"gatehouse/auth"
)

// fieldCaptchaInfo is the field that shows a puzzle, fieldCaptchaID the hidden one that names it.
const (
	fieldCaptchaInfo = "captchaInfo"
	fieldCaptchaID   = "captchaId"
)

// paramAnother is the button that asks for another puzzle. The form comes back with what was typed, but for passwords.
const paramAnother = "wpCaptchaAnother"

// showPuzzle adds what a puzzle has beside its words: the sound of a picture, the markup of a question.
func (m formMaker) showPuzzle(in *input, r auth.Request) {
	mime, _ := datum(r, "mime")
	switch {
	case in.Kind == "picture" && m.pictures:
		query := url.Values{paramCaptcha: {hiddenValue(r, fieldCaptchaID)}}
		if m.visit.uselang != "" {
			query.Set("uselang", m.visit.uselang)
		}
		in.Sound = m.visit.site.indexURL(titleCaptchaAudio, query.Encode())
		in.Hear, in.Alt = m.visit.text("gatehouse-captcha-sound"), m.visit.text("gatehouse-captcha-picture")
		in.Another = &input{
			ID: paramAnother, Name: paramAnother, Value: "1", Label: m.visit.text("gatehouse-captcha-another"),
			Renew: m.visit.site.ScriptPath + "/api.php?action=fancycaptchareload&format=json&formatversion=2",
		}
	case mime == "text/html":
		in.Markup = template.HTML(in.Value) // the operator wrote it: captcha.questions
	}
}

func hiddenValue(r auth.Request, name string) string {
	for _, f := range r.Fields {
		if f.Name == name && f.Type == auth.FieldHidden {
			return deref(f.Value)
		}
	}
	return ""
}
