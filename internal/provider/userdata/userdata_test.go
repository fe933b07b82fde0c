package userdata

import (
	"slices"
	"strings"
	"testing"

	"gatehouse/auth"
	"gatehouse/auth/authtest"
	"gatehouse/internal/message"
)

func requests(t *testing.T, o Options, action auth.Action) []auth.Request {
	t.Helper()
	got, err := New(o).Requests(t.Context(), auth.Options{Action: action})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestSuite(t *testing.T) {
	authtest.Run(t, authtest.Case{
		New:        func(*testing.T) auth.Provider { return New(Options{Email: true, EmailRequired: true, RealName: true}) },
		Submission: map[string]string{"email": "zane@example.org", "realname": "Zane Zane"},
	})
}

func TestRequests(t *testing.T) {
	for _, c := range []struct {
		options Options
		want    []string // names; a required field has "!" behind it
	}{
		{Options{Email: true, RealName: true}, []string{"email", "realname"}},
		{Options{RealName: true}, []string{"realname"}},
		{Options{Email: true}, []string{"email"}},
		{Options{}, nil},
		{Options{EmailRequired: true}, nil},
		{Options{Email: true, EmailRequired: true, RealName: true}, []string{"email!", "realname"}},
	} {
		var got []string
		for _, r := range requests(t, c.options, auth.ActionCreate) {
			if r.ID != `MediaWiki\Auth\UserDataAuthenticationRequest` || r.Required != auth.RequiredAlways {
				t.Errorf("%+v: got %+v", c.options, r)
			}
			for _, f := range r.Fields {
				name := f.Name
				if f.Type != auth.FieldString || f.Sensitive || f.Label.Key != message.Key("authmanager-"+name+"-label") ||
					f.Help.Key != message.Key("authmanager-"+name+"-help") {
					t.Errorf("%+v: got %+v", c.options, f)
				}
				if !f.Optional {
					name += "!"
				}
				got = append(got, name)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v: got %q, want %q", c.options, got, c.want)
		}
	}
	if got := requests(t, Options{Email: true, RealName: true}, auth.ActionLogin); len(got) != 0 {
		t.Errorf("a sign-in is asked %+v", got)
	}
}

func TestDescribe(t *testing.T) {
	all, required := Options{Email: true, RealName: true}, Options{Email: true, EmailRequired: true, RealName: true}
	name500 := strings.Repeat("é", MaxRealName)
	type sent = map[string]string
	for _, c := range []struct {
		about   string
		options Options
		sent    sent
		want    auth.Subject
		finding message.Key
	}{
		{"nothing", all, nil, auth.Subject{}, ""},
		{"both", all, sent{"email": "a@b", "realname": "Ada"}, auth.Subject{Email: "a@b", RealName: "Ada"}, ""},
		{"both empty", all, sent{"email": "", "realname": ""}, auth.Subject{}, ""},
		{"address alone", all, sent{"email": "a@b"}, auth.Subject{Email: "a@b"}, ""},
		{"real name alone", all, sent{"realname": "Ada"}, auth.Subject{RealName: "Ada"}, ""},
		{"bad address", all, sent{"email": "nobody", "realname": ""}, auth.Subject{}, keyInvalidAddress},
		{"bad address alone", all, sent{"email": "nobody"}, auth.Subject{}, keyInvalidAddress},
		{"blank before the address", all, sent{"email": " a@b"}, auth.Subject{}, keyInvalidAddress},
		{"blank address", all, sent{"email": " "}, auth.Subject{}, keyInvalidAddress},

		{"real name as it stands", all, sent{"realname": " <b>A</b>\n& b\u200b "}, auth.Subject{RealName: " <b>A</b>\n& b\u200b "}, ""},
		{"real name at the limit", all, sent{"realname": name500}, auth.Subject{RealName: name500}, ""},
		{"real name above it", all, sent{"realname": name500 + "x"}, auth.Subject{}, keyLongRealName},

		{"address not offered", Options{RealName: true}, sent{"email": "nobody", "realname": "Ada"}, auth.Subject{RealName: "Ada"}, ""},
		{"real name not offered", Options{Email: true}, sent{"email": "a@b", "realname": "Ada"}, auth.Subject{Email: "a@b"}, ""},
		{"nothing offered", Options{}, sent{"email": "nobody"}, auth.Subject{}, ""},

		{"required and there", required, sent{"email": "a@b"}, auth.Subject{Email: "a@b"}, ""},
		{"required and empty", required, sent{"email": "", "realname": "Ada"}, auth.Subject{}, keyNoAddress},
		{"required and missing", required, sent{"realname": "Ada"}, auth.Subject{}, keyNoAddress},
		{"required and nothing sent", required, nil, auth.Subject{}, keyNoAddress},
		{"required and bad", required, sent{"email": "nobody"}, auth.Subject{}, keyInvalidAddress},
		{"required without mail", Options{EmailRequired: true}, nil, auth.Subject{}, ""},
	} {
		p := New(c.options)
		creation := &auth.Creation{Answers: auth.Load(requests(t, c.options, auth.ActionCreate), auth.Submission{Texts: c.sent})}
		check := p.Describe(creation)
		if creation.Subject != c.want {
			t.Errorf("%s: got %+v, want %+v", c.about, creation.Subject, c.want)
		}
		if c.finding == "" != check.OK() || !check.OK() && check.Findings[0].Key != c.finding {
			t.Errorf("%s: found %v, want %q", c.about, check.Findings, c.finding)
		}
	}
}
