package awkward

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
)

// member is one of an object, in its order.
type member struct {
	key   string
	value json.RawMessage
}

// rearranged is a document with other names of requests, further members and another order of everything that has none. What
// it does follows from the seed and the document. Text that is no JSON comes out as it is.
func (m *Mode) rearranged(text []byte) []byte {
	d := m.digest("document", string(text))
	a := arranger{mode: m, random: rand.New(rand.NewChaCha8(d))}
	out, err := a.value("", text)
	if err != nil {
		return text
	}
	return out
}

type arranger struct {
	mode   *Mode
	random *rand.Rand
}

// value arranges one value; under is the key that it, or the list around it, stands under.
func (a *arranger) value(under string, text json.RawMessage) (json.RawMessage, error) {
	switch text = bytes.TrimSpace(text); {
	case len(text) > 0 && text[0] == '{':
		return a.object(under, text)
	case len(text) > 0 && text[0] == '[':
		return a.list(under, text)
	case !json.Valid(text):
		return nil, fmt.Errorf("no JSON")
	}
	return text, nil
}

func (a *arranger) object(under string, text json.RawMessage) (json.RawMessage, error) {
	members, err := membersOf(text)
	if err != nil {
		return nil, err
	}
	for i, one := range members {
		if under == "requests" && one.key == "id" {
			members[i].value = a.renamed(one.value)
		} else if members[i].value, err = a.value(one.key, one.value); err != nil {
			return nil, err
		}
	}
	if under == "requests" {
		members = append(members, a.unheardOf())
	}
	a.random.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	return join(members)
}

func membersOf(text json.RawMessage) ([]member, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	var out []member
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		one := member{key: fmt.Sprint(key)}
		if err := d.Decode(&one.value); err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	_, err := d.Token()
	return out, err
}

func join(members []member) (json.RawMessage, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, one := range members {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := json.Marshal(one.key)
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(one.value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// list arranges what is in a list, and the list itself where its order says nothing.
func (a *arranger) list(under string, text json.RawMessage) (json.RawMessage, error) {
	var items []json.RawMessage
	if err := json.Unmarshal(text, &items); err != nil {
		return nil, err
	}
	for i := range items {
		var err error
		if items[i], err = a.value(under, items[i]); err != nil {
			return nil, err
		}
	}
	if under == "requests" {
		a.random.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
	}
	return append(append(json.RawMessage{'['}, bytes.Join(toBytes(items), []byte{','})...), ']'), nil
}

func toBytes(items []json.RawMessage) [][]byte {
	out := make([][]byte, len(items))
	for i := range items {
		out[i] = items[i]
	}
	return out
}

// renamed gives a request's id the prefix, escaped as the rest of the document.
func (a *arranger) renamed(id json.RawMessage) json.RawMessage {
	prefix, err := json.Marshal(a.mode.plan.prefix)
	if err != nil || len(id) < 2 || id[0] != '"' {
		return id
	}
	return append(prefix[:len(prefix)-1:len(prefix)-1], id[1:]...)
}

// unheardOf is a member that no client has seen before.
func (a *arranger) unheardOf() member {
	values := []string{`null`, `1`, `true`, `"later"`, `[]`, `{"since":"1.99"}`}
	return member{fmt.Sprintf("novelty%02x", a.random.IntN(1<<8)), json.RawMessage(values[a.random.IntN(len(values))])}
}
