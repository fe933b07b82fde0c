package client

import "encoding/json"

// Message is a text of the wiki, in HTML as it writes it.
type Message struct{ HTML string }

// String is the message as plain text.
func (m Message) String() string { return plain(m.HTML) }

// UnmarshalJSON takes a string, and what else wikis have for messages.
func (m *Message) UnmarshalJSON(raw []byte) error {
	var t text
	if err := json.Unmarshal(raw, &t); err != nil {
		return err
	}
	m.HTML = string(t)
	return nil
}

// MarshalJSON writes the HTML as a string.
func (m Message) MarshalJSON() ([]byte, error) { return json.Marshal(m.HTML) }
