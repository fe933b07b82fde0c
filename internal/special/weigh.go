package special

import "net/url"

// passwordCheck is what the script needs to show the server's verdict on a password before the form is sent: where to ask,
// about whom, and what to say of a good one.
type passwordCheck struct{ Ask, User, Fine, Long string }

func (m formMaker) passwordCheck() *passwordCheck {
	ask := url.Values{
		"action": {"validatepassword"}, "format": {"json"}, "formatversion": {"2"}, "errorformat": {"plaintext"},
		"errorlang": {m.visit.Language.Code()},
	}
	return &passwordCheck{
		Ask: m.visit.site.ScriptPath + "/api.php?" + ask.Encode(), User: string(m.account),
		Fine: m.visit.text("gatehouse-password-fine"), Long: m.visit.text("gatehouse-password-long"),
	}
}
