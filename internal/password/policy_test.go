package password

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"gatehouse/internal/message"
	"gatehouse/internal/username"
)

func TestPolicyCheck(t *testing.T) {
	short := func(n int64) message.Message { return message.New(keyTooShort, message.Int(n)) }
	long := func(n int64) message.Message { return message.New(keyTooLong, message.Int(n)) }
	like, forbidden, common := message.New(keyLikeName), message.New(keyForbidden), message.New(keyCommon)
	for _, tt := range []struct {
		name     username.Name
		password string
		want     []message.Message
	}{
		{"Pw a", "Ab3-efg", []message.Message{short(8)}},
		{"Pw a", "Ab3-efgh", nil},
		{"Pw a", "ééééééé", []message.Message{short(8)}}, // 14 bytes
		{"Pw a", "éééééééé", nil},
		{"Pw a", "💧💧💧💧💧💧💧", []message.Message{short(8)}},
		{"Pw a", strings.Repeat("💧", 64), nil},
		{"Pw a", "        ", nil},
		{"Pw a", "  Edgy-pass  ", nil},
		{"Pw a", "Ab3\x00efghij", nil},
		{"Pw a", strings.Repeat("x", 4096), nil},
		{"Pw a", strings.Repeat("é", 4096), nil},
		{"Pw a", strings.Repeat("x", 4097), []message.Message{long(4096)}},

		{"Pw a", "password", []message.Message{common}},
		{"Pw a", "Password2031", []message.Message{common}},
		{"Zane", "your_password", nil},

		{"Samename two", "samename two", []message.Message{like}},
		{"Samename two", "SAMENAME TWO31", []message.Message{like}},
		{"Samename two", "samename", []message.Message{like}},
		{"SamenameThree", "xxSamenameThreexx", nil},
		{"École du nord", "éCOLE DU NORD", []message.Message{like}},
		{"20310927x", "20310927", []message.Message{like}},
		{"20310927", "73026481", nil},

		{"Anybody", "ExamplePassword", []message.Message{forbidden}},
		{"Anybody", "examplepassword", nil},
		{"Useruser", "Passpass", []message.Message{forbidden, common}},
		{"Useruser", "Passpass1", []message.Message{common}},
		{"Useruser1", "Passpass1", []message.Message{forbidden, common}},
		{"Apitestsysop", "testpass", []message.Message{forbidden, common}},
		{"Apitestuser", "testpass", []message.Message{forbidden, common}},
		{"Anybody", "testpass", []message.Message{common}},
		{"Anybody", "SITE name7", []message.Message{forbidden}},
		{"Anybody", "ada.lovelace1815", []message.Message{forbidden}},
		{"Anybody", "ADA LOVELACE", []message.Message{forbidden}},
		{"Anybody", "ada lovelace!", nil},

		{"Short", "short", []message.Message{short(8), like, common}},
	} {
		p := Policy{Forbidden: []string{"Site name", ""}}
		got := p.Check(tt.name, tt.password, "ada.lovelace", "Ada Lovelace", "")
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("Check(%q, %.20q) = %v, want %v", tt.name, tt.password, keys(got), keys(tt.want))
		}
	}
}

func TestPolicyBounds(t *testing.T) {
	p := Policy{MinimumLength: 15, MaximumLength: 20}
	for length, want := range map[int][]message.Key{14: {keyTooShort}, 15: nil, 20: nil, 21: {keyTooLong}} {
		password := strings.Repeat("é", length)
		if got := keys(p.Check("Somebody", password)); !slices.Equal(got, want) {
			t.Errorf("Check of %d characters = %v, want %v", length, got, want)
		}
	}
}

func TestCheckSignIn(t *testing.T) {
	for length, want := range map[int][]message.Key{1: nil, 4096: nil, 4097: {keyTooLong}} {
		if got := keys(Policy{}.CheckSignIn(strings.Repeat("x", length))); !slices.Equal(got, want) {
			t.Errorf("CheckSignIn of %d characters = %v, want %v", length, got, want)
		}
	}
}

func keys(ms []message.Message) []message.Key {
	var out []message.Key
	for _, m := range ms {
		out = append(out, m.Key)
	}
	return out
}
