package replay

import (
	"encoding/hex"
	"fmt"
	"io"

	"gatehouse/internal/recording"
)

// values are what stands for placeholders: fixed ones for the whole replay, and those that the answers gave last.
type values struct {
	fixed map[string]string
	seen  map[string]string
	salt  string // makes names and passwords of one replay its own
}

func newValues(set map[string]string, random io.Reader) (*values, error) {
	b := make([]byte, 6)
	if _, err := io.ReadFull(random, b); err != nil {
		return nil, fmt.Errorf("make values: %w", err)
	}
	v := &values{fixed: map[string]string{}, seen: map[string]string{}, salt: hex.EncodeToString(b)}
	for name, value := range set {
		v.fixed[name] = value
	}
	return v, nil
}

// get gives what a placeholder stands for in a request.
func (v *values) get(name string) (string, bool) {
	if value, ok := v.certain(name); ok {
		return value, true
	}
	value, ok := v.seen[name]
	if !ok && recording.Kind(name) == "address" {
		return "127.0.0.1", true
	}
	return value, ok
}

// certain gives what an answer has to repeat: not what the wiki itself makes up.
func (v *values) certain(name string) (string, bool) {
	if value, ok := v.fixed[name]; ok {
		return value, true
	}
	number := name[len(recording.Kind(name)):]
	switch recording.Kind(name) {
	case "password":
		return "Pass-" + v.salt + "-word" + number, true
	case "shortpassword":
		return "q7" + number, true
	case "email":
		return "visitor" + number + "-" + v.salt + "@example.org", true
	case "bademail":
		return "nonsense" + number, true
	case "realname":
		return "A. Visitor" + number, true
	case "name":
		return "Replay " + v.salt + number, true
	case "badtoken":
		return fmt.Sprintf("%032s", v.salt) + `65000000+\`, true
	}
	return "", false
}
