package puzzle

import (
	"strconv"

	"gatehouse/internal/captcha"
)

// Answer is what has to be typed. It is for servers that tell every secret; no other asks.
func (Math) Answer(c captcha.Challenge) string {
	_, result := sum(c.Seed)
	return strconv.Itoa(result)
}
