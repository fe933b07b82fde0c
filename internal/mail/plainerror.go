package mail

import (
	"errors"
	"regexp"
	"strings"

	gomail "github.com/wneessen/go-mail"
)

// maxError bounds what is kept of an error, in bytes.
const maxError = 300

var addressLike = regexp.MustCompile(`[^\s<>"'(),;:]+@[^\s<>"'(),;:]+`)

// plainError is err as it may be kept and shown: one line, without addresses, which servers like to repeat.
func plainError(err error) error {
	text := err.Error()
	var sent *gomail.SendError
	if errors.As(err, &sent) {
		// It ends with the recipients and the message id, which the row has.
		text, _, _ = strings.Cut(text, ", affected recipient(s):")
		text, _, _ = strings.Cut(text, ", affected message ID:")
	}
	text = addressLike.ReplaceAllString(oneLine(text), "…")
	if len(text) > maxError {
		text = strings.ToValidUTF8(text[:maxError], "") + "…"
	}
	return errors.New(text)
}

// boundary parts the alternatives of a letter; it has no character that would have to be quoted.
func boundary(messageID string) string {
	left, _, _ := strings.Cut(messageID, "@")
	return "part." + left
}
