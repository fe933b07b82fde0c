package special

import (
	"html/template"
	"strings"

	"gatehouse/auth"
	"gatehouse/internal/qr"
)

// showSecret adds what an authenticator app needs: the secret in words, and the QR code of the address that has it. An
// address too long for one is no fault: the words are enough.
func (m formMaker) showSecret(in *input, r auth.Request) {
	if secret, ok := datum(r, "secret"); ok {
		in.Note = secret
	}
	uri, ok := datum(r, "uri")
	if !ok {
		return
	}
	if drawn, err := qr.SVG(uri); err == nil {
		in.QR, in.Alt = template.HTML(drawn), m.visit.text("gatehouse-factor-qr") // a drawing has nothing of the text in it
		in.ByHand = m.visit.text("gatehouse-secret-by-hand")
	}
}

// recoveryCodes are those that came with the second factor that was just set up; none if it was skipped.
func recoveryCodes(requests []auth.Request, answers auth.Answers) []string {
	for _, a := range answers {
		if a.Values["skip2FASetup"] != "" {
			return nil
		}
	}
	for _, r := range requests {
		codes, ok := datum(r, "recoverycodes")
		if _, answered := answers.Get(r.ID); ok && answered {
			return strings.Fields(codes)
		}
	}
	return nil
}
