package recording

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// TestNoSecretIsWritten plants secrets wherever they can stand and looks for them in what is written.
func TestNoSecretIsWritten(t *testing.T) {
	secrets := []string{
		"hush-hush-1", "hush-hush-2", "ada@example.org", "ada%40example.org", "0123456789abcdef0123456789abcdef65000000", "fedcba9876543210fedcba9876543210",
		"123456", "JBSWY3DPEHPK3PXP", "RECOVER-ONE", "RECOVER-TWO", "pictured", "4711081500", "192.0.2.77", "2001:db8::77", "the-state", "the-code", "Ada Lovelace", "pass-of-event",
	}
	s := NewStripper("/w", "http://wiki.example")
	out := s.Strip(Exchange{
		Request: Request{Method: "POST", To: "/w/api.php", Query: Parameters{"state": {"the-state"}, "code": {"the-code"}}, Body: Parameters{
			"password": {"hush-hush-1"}, "retype": {"hush-hush-2"}, "email": {"ada@example.org"}, "createtoken": {`0123456789abcdef0123456789abcdef65000000+\`},
			"OATHToken": {"123456"}, "captchaWord": {"pictured"}, "captchaId": {"4711081500"}, "realname": {"Ada Lovelace"}, "eventpass": {"pass-of-event"},
			"username": {"Ada"}, "createreturnurl": {"http://wiki.example/back?code=the-code"}, "empty": {""}, "wpPassword": {"hush-hush-1"},
		}},
		Answer: Answer{Status: 200, Headers: map[string]string{"Location": "http://wiki.example/x?state=the-state&code=the-code"}, JSON: []byte(`{"z":1,
			"a":{"message":"ada@example.org at 192.0.2.77 or 2001:db8::77 said hush-hush-1","secret":"JBSWY3DPEHPK3PXP","recoverycodes":["RECOVER-ONE","RECOVER-TWO"],
			"uri":"otpauth://totp/x?secret=JBSWY3DPEHPK3PXP","logintoken":"fedcba9876543210fedcba9876543210+\\",
			"link":"/w/index.php?title=Special:Captcha/image&wpCaptchaId=4711081500","fields":{"captchaId":{"value":"4711081500"}},"mail":"ada%40example.org"}}`)},
	})
	var file bytes.Buffer
	w, err := NewWriter(&file, Head{What: "a test", Generator: "MediaWiki 1.43.0"})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(out); err != nil {
		t.Fatal(err)
	}
	for _, secret := range secrets {
		if strings.Contains(file.String(), secret) {
			t.Errorf("%s is in the file", secret)
		}
	}
	for _, kept := range []string{
		`"username":"Ada"`, `"to":"{{script}}/api.php"`, `{{script}}/index.php?title=Special:Captcha/image&wpCaptchaId={{captchaId}}`, `"retype":"{{password2}}"`,
		`"empty":""`, `"json":{"z":1,"a":`, `"wpPassword":"{{password}}"`, `"createtoken":"{{badtoken}}"`,
	} {
		if !strings.Contains(file.String(), kept) {
			t.Errorf("no %s in %s", kept, &file)
		}
	}
	if _, read, err := Read(&file); err != nil || len(read) != 1 || read[0].Request.Module() != "{{script}}/api.php" {
		t.Errorf("read back: %+v, %v", read, err)
	}
}

func TestReadRefuses(t *testing.T) {
	const head = `{"gatehouse-recording":1,"what":"","generator":""}` + "\n"
	for _, text := range []string{
		"", "\n", "{}", "no", `{"gatehouse-recording":2}`, head + "no", head + `{"visitor":1}`, head + `{"request":{"method":"GET","to":"/"},"answer":{}}`,
		head + `{"request":{"method":"GET","to":"/"},"answer":{"status":200,"jsonn":{}}}`,
	} {
		if _, _, err := Read(strings.NewReader(text)); !errors.Is(err, ErrFormat) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestReplaceOrigin(t *testing.T) {
	for text, want := range map[string]string{
		"http://a.example/x": "http://b:1/x", `http:\/\/a.example\/x`: `http:\/\/b:1\/x`, "//a.example": "//b:1", "http%3A%2F%2Fa.example%2F": "http%3A%2F%2Fb%3A1%2F",
		"http://a.example.evil/": "http://a.example.evil/", "http://a.example:8080": "http://a.example:8080", "https://a.example/": "https://b:1/",
	} {
		if got := ReplaceOrigin(text, "http://a.example", "http://b:1"); got != want {
			t.Errorf("%s becomes %s, want %s", text, got, want)
		}
	}
}

func TestMatch(t *testing.T) {
	known := func(name string) (string, bool) { return "Zane", name == "name" }
	for _, c := range []struct {
		template, text string
		ok             bool
	}{
		{"User:{{name}}", "User:Zane", true}, {"User:{{name}}", "User:Else", false}, {"{{x}}", "", false}, {"{{x}}", "y", true}, {"a{{x}}b{{y}}", "a1b2", true}, {"{{PLURAL}}", "x", false},
	} {
		if _, ok := Match(c.template, c.text, known); ok != c.ok {
			t.Errorf("%s and %s: %v", c.template, c.text, ok)
		}
	}
}

// FuzzMapStrings holds that the identity changes no document but by its blanks.
func FuzzMapStrings(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":["b",1,null,{"c\"":"\\"}]}`, `"`, `["<>&"]`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		same := func(s string) string { return s }
		once := MapStrings(in, same)
		if twice := MapStrings(once, same); once != nil && !bytes.Equal(once, twice) {
			t.Errorf("%q becomes %q, then %q", in, once, twice)
		}
	})
}
