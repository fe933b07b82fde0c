package actionapi

import (
	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/actionapi/schema"
)

// Captchas makes pictures anew for those who could not read theirs.
type Captchas interface {
	// NewPicture gives the id of a fresh picture that the visitor may answer.
	NewPicture(visitor auth.FlowID) (id string, err error)
}

// fancyCaptchaReload is action=fancycaptchareload, of which the reference's apps know. It stores nothing.
func fancyCaptchaReload() *module {
	return &module{
		name: "fancycaptchareload", path: "fancycaptchareload", public: true,
		answer: []schema.Member{schema.Must("fancycaptchareload", schema.Object(
			schema.Must("index", schema.Text().About("The new picture's id.")),
		))},
		run: func(c *call, _ []value, out *result.Object) error {
			id, err := c.api.Captchas.NewPicture(c.session.Establish())
			if err != nil {
				return err
			}
			o := &result.Object{}
			o.Text("index", id)
			out.Child("fancycaptchareload", o)
			return nil
		},
		manual: manual{
			class: "ApiFancyCaptchaReload", namespace: `MediaWiki\Extension\ConfirmEdit\FancyCaptcha`, source: "ConfirmEdit",
			group: groupAction, internal: true, examples: []example{{"1", "action=fancycaptchareload"}},
		},
	}
}
