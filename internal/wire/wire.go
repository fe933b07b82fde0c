// Package wire is the one place where the names of the wire are spelled: request ids, token types and codes.
package wire

import "gatehouse/internal/message"

// Code gives the code of m.
func Code(m message.Message) string {
	if m.Code != "" {
		return m.Code
	}
	return string(m.Key)
}
