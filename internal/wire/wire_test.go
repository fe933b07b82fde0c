package wire

import (
	"testing"

	"gatehouse/internal/message"
)

func TestCode(t *testing.T) {
	for _, row := range []struct{ key, code string }{
		{"noname", "invaliduser"},
		{"nouserspecified", "invaliduser"},
		{"badaccess-group0", "permissiondenied"},
		{"badaccess-groups", "permissiondenied"},
		{"blockedtext", "blocked"},
		{"blockedtext-partial", "blocked"},
		{"blockedtext-composite", "blocked"},
		{"systemblockedtext", "blocked"},
		{"autoblockedtext", "autoblocked"},
		{"readonlytext", "readonly"},
		{"actionthrottledtext", "ratelimited"},
		{"sessionfailure", "badtoken"},
		{"nosuchusershort", "nosuchuser"},
		{"confirmedittext", "confirmemail"},
		{"titleblacklist-forbidden-new-account", "titleblacklist-forbidden"},

		{"userexists", "userexists"},
		{"acct_creation_throttle_hit", "acct_creation_throttle_hit"},
		{"authmanager-create-no-primary", "authmanager-create-no-primary"},
		{"apierror-badtoken", "badtoken"},
		{"apierror-missingparam-at-least-one-of", "missingparam"},
		{"paramvalidator-missingparam", "missingparam"},
		{"paramvalidator-badvalue-enumnotmulti", "badvalue"},
		{"apiwarn-badutf8", "badutf8"},
		{"apierror-unheard-of", "unheard-of"},
		{"apiwarn-apierror-x", "apierror-x"},
		{"apierror-", ""},

		{"* $1\n* $2", "___1____2"},
		{"_$1_$2_$3", "__1__2__3"},
		{"Set up two-factor authentication", "Set_up_two-factor_authentication"},
		{"é", "__"},
		{"", ""},
	} {
		if got := Code(message.New(message.Key(row.key))); got != row.code {
			t.Errorf("Code(%q) = %q, want %q", row.key, got, row.code)
		}
	}
}

func TestCodeOfTheMessageWins(t *testing.T) {
	m := message.New("paramvalidator-missingparam")
	m.Code = "notoken"
	if got := Code(m); got != "notoken" {
		t.Errorf("Code = %q, want notoken", got)
	}
	m.Code = "a b"
	if got := Code(m); got != "a_b" {
		t.Errorf("Code = %q, want a_b", got)
	}
}

func TestNoticeMessages(t *testing.T) {
	for _, row := range []struct {
		m    message.Message
		key  message.Key
		code string
	}{
		{MissingParam.Message(message.Plaintext("createtoken")), "paramvalidator-missingparam", "missingparam"},
		{NoToken.Message(message.Plaintext("createtoken")), "paramvalidator-missingparam", "notoken"},
		{BadURL.MessageAbout("createreturnurl"), "apierror-badurl", "badurl_createreturnurl"},
		{UnrecognizedValue.MessageAbout("leaction"), "apierror-unrecognizedvalue", "unknown_leaction"},
		{Internal.MessageAbout(`Wikimedia\Rdbms\DBError`), "apierror-exceptioncaughttype", "internal_api_error_Wikimedia_Rdbms_DBError"},
		{UserExists.Message(), "userexists", "userexists"},
	} {
		if row.m.Key != row.key || Code(row.m) != row.code {
			t.Errorf("%v: key %q, code %q, want %q, %q", row.m, row.m.Key, Code(row.m), row.key, row.code)
		}
	}
	if m := UserExists.Message(); m.Code != "" {
		t.Errorf("a code that follows from the key is kept in the message: %q", m.Code)
	}
}

// Every row is filled in, its notice gives its code, and only documented statuses occur.
func TestTableIsComplete(t *testing.T) {
	statuses := map[int]bool{200: true, 405: true, 413: true}
	for i, r := range Table() {
		n := Notice(i)
		if r.Code == "" || r.Key == "" || r.Cause == "" || r.As == "" || !statuses[r.HTTPStatus] {
			t.Errorf("row %d is not filled in: %+v", i, r)
		}
		if got := Code(n.Message()); r.Suffix == "" && got != r.Code {
			t.Errorf("notice %d (%s) gives code %q, want %q", i, r.Key, got, r.Code)
		}
		if clean(r.Code) != r.Code {
			t.Errorf("code %q has characters that codes do not have", r.Code)
		}
		if n.Row() != r || n.Code() != r.Code || n.Key() != r.Key || n.HTTPStatus() != r.HTTPStatus {
			t.Errorf("notice %d and its row differ", i)
		}
	}
}

// One key must not be told in one part of answers under two codes by accident.
func TestKeysWithSeveralCodes(t *testing.T) {
	codes := map[message.Key]map[string]bool{}
	for _, r := range Table() {
		if codes[r.Key] == nil {
			codes[r.Key] = map[string]bool{}
		}
		codes[r.Key][r.Code] = true
	}
	for key, of := range codes {
		if len(of) > 1 && key != MissingParam.Key() {
			t.Errorf("key %s has the codes %v", key, of)
		}
	}
}

func TestTableIsACopy(t *testing.T) {
	Table()[0].Code = "changed"
	if Table()[0].Code == "changed" {
		t.Error("the table can be changed from outside")
	}
}

func BenchmarkCode(b *testing.B) {
	m := message.New("userexists")
	b.ReportAllocs()
	for b.Loop() {
		Code(m)
	}
}
