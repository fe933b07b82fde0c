package auth

import (
	"reflect"
	"testing"

	"gatehouse/internal/message"
)

func field(name string, t FieldType, optional bool) Field {
	return Field{Name: name, Type: t, Optional: optional}
}

func choice(name string, t FieldType, optional bool, values ...string) Field {
	f := field(name, t, optional)
	for _, v := range values {
		f.Options = append(f.Options, Option{Value: v, Label: message.Literal(v)})
	}
	return f
}

func texts(kv ...string) Submission {
	s := Submission{Texts: map[string]string{}, Lists: map[string][]string{}}
	for i := 0; i < len(kv); i += 2 {
		s.Texts[kv[i]] = kv[i+1]
	}
	return s
}

func TestLoad(t *testing.T) {
	password := []Field{field("username", FieldString, false), field("password", FieldPassword, false), field("retype", FieldPassword, false)}
	data := []Field{field("email", FieldString, true), field("realname", FieldString, true)}
	list := texts()
	list.Lists["ids"] = []string{"a", "b"}
	badList := texts()
	badList.Lists["ids"] = []string{"a", "c"}
	arrayText := texts("password", "p", "retype", "p")
	arrayText.Lists["username"] = []string{"Zane"}
	tests := []struct {
		name   string
		fields []Field
		sent   Submission
		want   map[string]string // nil = dropped
		lists  []string
	}{
		{"complete", password, texts("username", "Z", "password", "p", "retype", "p"), map[string]string{"username": "Z", "password": "p", "retype": "p"}, nil},
		{"a required field missing", password, texts("username", "Z", "password", "p"), nil, nil},
		{"a required field empty", password, texts("username", "Z", "password", "p", "retype", ""), nil, nil},
		{"an array for a text field is absent", password, arrayText, nil, nil},
		{"only one optional field sent", data, texts("email", "a@b"), map[string]string{"email": "a@b", "realname": ""}, nil},
		{"the other optional field sent", data, texts("realname", "Zane"), map[string]string{"email": "", "realname": "Zane"}, nil},
		{"optional fields sent empty", data, texts("email", "", "realname", ""), map[string]string{"email": "", "realname": ""}, nil},
		{"no optional field sent", data, texts("other", "x"), nil, nil},
		{"null fields only", []Field{field("info", FieldNull, false)}, texts("info", "x"), nil, nil},
		{"null fields carry nothing", []Field{field("info", FieldNull, false), field("word", FieldString, false)}, texts("info", "x", "word", "y"), map[string]string{"word": "y"}, nil},
		{"button by presence", []Field{field("go", FieldButton, false)}, texts("go", ""), map[string]string{"go": "1"}, nil},
		{"image button", []Field{field("go", FieldButton, false)}, texts("go_x", "3"), map[string]string{"go": "1"}, nil},
		{"button not pressed", []Field{field("go", FieldButton, false)}, texts("x", ""), nil, nil},
		{"checkbox off and optional", []Field{field("c", FieldCheckbox, true)}, texts(), nil, nil},
		{"select", []Field{choice("s", FieldSelect, false, "a", "b")}, texts("s", "b"), map[string]string{"s": "b"}, nil},
		{"select with what is not offered", []Field{choice("s", FieldSelect, false, "a", "b")}, texts("s", "c"), nil, nil},
		{"optional select left empty", []Field{choice("s", FieldSelect, true, "a"), field("x", FieldString, false)}, texts("s", "", "x", "1"), map[string]string{"s": "", "x": "1"}, nil},
		{"multiselect", []Field{choice("ids", FieldMultiselect, false, "a", "b")}, list, map[string]string{}, []string{"a", "b"}},
		{"multiselect, one scalar", []Field{choice("ids", FieldMultiselect, false, "a", "b")}, texts("ids", "a"), map[string]string{}, []string{"a"}},
		{"multiselect with what is not offered", []Field{choice("ids", FieldMultiselect, true, "a", "b")}, badList, nil, nil},
		{"multiselect empty and required", []Field{choice("ids", FieldMultiselect, false, "a")}, texts(), nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Load([]Request{{ID: "r", Fields: tt.fields}}, tt.sent)
			if tt.want == nil {
				if len(got) != 0 {
					t.Fatalf("loaded %+v, want it dropped", got)
				}
				return
			}
			if len(got) != 1 || !reflect.DeepEqual(got[0].Values, tt.want) || !reflect.DeepEqual(got[0].Lists["ids"], tt.lists) {
				t.Fatalf("got %+v, want %v %v", got, tt.want, tt.lists)
			}
		})
	}
}

func TestLoadOfMarkerRequest(t *testing.T) {
	got := Load([]Request{{ID: "go on", LoadsEmpty: true}}, texts())
	if len(got) != 1 || got[0].ID != "go on" {
		t.Fatalf("got %+v", got)
	}
}

func TestSecretsLeaveNoTrace(t *testing.T) {
	secret := field("password", FieldPassword, false)
	secret.Sensitive = true
	as := Load([]Request{{ID: "r", Fields: []Field{field("username", FieldString, false), secret}}}, texts("username", "Z", "password", "p"))
	kept := as.withoutSecrets()
	if _, there := kept[0].Values["password"]; there || kept[0].Values["username"] != "Z" {
		t.Fatalf("kept %+v", kept)
	}
	if as[0].Values["password"] != "p" {
		t.Fatal("the answers themselves lost their password")
	}
}

func TestUsernameOfAnswers(t *testing.T) {
	one := func(v string) Answer { return Answer{Values: map[string]string{FieldUsername: v}} }
	for _, tt := range []struct {
		name string
		as   Answers
		want string
	}{
		{"none", Answers{{Values: map[string]string{"x": "y"}}}, ""},
		{"one", Answers{one("Z")}, "Z"},
		{"the same twice", Answers{one("Z"), one("Z")}, "Z"},
		{"two", Answers{one("Z"), one("Y")}, ""},
	} {
		if got := tt.as.username(); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// The merged sets of spec'd creators: which fields end up optional.
func TestMergeFields(t *testing.T) {
	username := field("username", FieldString, false)
	password := Request{ID: "p", Required: PrimaryRequired, Fields: []Field{username, field("password", FieldPassword, false), field("retype", FieldPassword, false)}}
	mailed := Request{ID: "m", Required: PrimaryRequired, Fields: []Field{field("mailpassword", FieldCheckbox, false)}}
	name := Request{ID: "n", Fields: []Field{username}}
	data := Request{ID: "d", Fields: []Field{field("email", FieldString, true), field("realname", FieldString, true)}}
	reason := Request{ID: "r", Required: Optional, Fields: []Field{field("reason", FieldString, false)}}
	tests := []struct {
		name     string
		requests []Request
		want     []string // a trailing ? marks an optional field
	}{
		{"anonymous creator", []Request{password, name, data}, []string{"username", "password", "retype", "email?", "realname?"}},
		{
			"registered creator",
			[]Request{mailed, password, name, data, reason},
			[]string{"mailpassword?", "username", "password?", "retype?", "email?", "realname?", "reason?"},
		},
		{"nothing", nil, nil},
	}
	for _, tt := range tests {
		fields, err := MergeFields(tt.requests)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range fields {
			mark := ""
			if f.Optional {
				mark = "?"
			}
			got = append(got, f.Name+mark)
		}
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestMergeFieldsUnites(t *testing.T) {
	a := choice("s", FieldSelect, true, "a")
	b := choice("s", FieldSelect, false, "a", "b")
	b.Sensitive = true
	fields, err := MergeFields([]Request{{ID: "1", Fields: []Field{a}}, {ID: "2", Fields: []Field{b}}})
	if err != nil || len(fields) != 1 || len(fields[0].Options) != 2 || !fields[0].Sensitive || fields[0].Optional {
		t.Fatalf("got %+v, %v", fields, err)
	}
	if len(a.Options) != 1 {
		t.Fatal("merging changed the request it merged")
	}
	_, err = MergeFields([]Request{{Fields: []Field{field("x", FieldString, false)}}, {Fields: []Field{field("x", FieldCheckbox, false)}}})
	if err == nil {
		t.Fatal("two types for one name were merged")
	}
}
