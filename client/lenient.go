package client

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"strings"
)

// flag is a boolean in both format versions: true or "" when set, false or absent when not.
type flag bool

func (f *flag) UnmarshalJSON(raw []byte) error {
	switch string(raw) {
	case "false", "null", "0":
		*f = false
	default:
		*f = true
	}
	return nil
}

// text is a string, or anything that somebody wrote in its place.
type text string

func (t *text) UnmarshalJSON(raw []byte) error {
	var s string
	if json.Unmarshal(raw, &s) == nil { // null is no text, too
		*t = text(s)
		return nil
	}
	var message struct {
		HTML, Text, Key text
		Star            text `json:"*"`
	}
	if raw[0] == '{' && json.Unmarshal(raw, &message) == nil {
		*t = message.HTML + message.Text + message.Star
		if *t == "" {
			*t = message.Key
		}
		return nil
	}
	if raw[0] != '[' {
		*t = text(raw) // a number or a boolean
	}
	return nil
}

// object is a JSON object with the order of its members. An empty list, which is how some wikis write an empty object, is one
// too.
type object []member

type member struct {
	name  string
	value json.RawMessage
}

func (o *object) UnmarshalJSON(raw []byte) error {
	*o = nil
	if string(raw) == "null" {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	start, err := d.Token()
	if err != nil {
		return err
	}
	if start != json.Delim('{') {
		if start == json.Delim('[') && !d.More() {
			return nil
		}
		return fmt.Errorf("%.40s stands where an object should", raw)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		m := member{name: name.(string)} // a decoder that did not fail gives strings here
		if err := d.Decode(&m.value); err != nil {
			return err
		}
		*o = append(*o, m)
	}
	return nil
}

var (
	unseen    = regexp.MustCompile(`(?is)<(style|script|head)\b.*?</(style|script|head)\s*>|<!--.*?-->|<![a-z][^>]*>`)
	lineEnds  = regexp.MustCompile(`(?i)<(br|/p|/li|/div|/tr|/h[1-6]|/ul|/ol)\b[^>]*>`)
	htmlTag   = regexp.MustCompile(`</?[a-zA-Z][^>]*>`)
	manySpace = regexp.MustCompile(`[ \t\r\f]+`)
	manyLines = regexp.MustCompile(` ?\n[\s]*`)
)

// plain gives HTML as text. What is no HTML stays as it is, but for entities.
func plain(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return strings.TrimSpace(s)
	}
	s = unseen.ReplaceAllString(s, " ")
	s = manySpace.ReplaceAllString(strings.ReplaceAll(s, "\n", " "), " ")
	s = htmlTag.ReplaceAllString(lineEnds.ReplaceAllString(s, "\n"), "")
	s = manyLines.ReplaceAllString(s, "\n")
	return strings.TrimSpace(html.UnescapeString(s))
}
