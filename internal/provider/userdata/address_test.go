package userdata

import (
	"net/mail"
	"strings"
	"testing"
)

func TestValidAddress(t *testing.T) {
	long := strings.Repeat("l", MaxAddress-len("@client.example"))
	for _, s := range []string{
		"a@b", "a..b@c.org", ".a@c.org", "a.@c.org", "a@-b.org", "a@b-.org", "a@1.2.3.4", "a'b@c.org", "a/b@c.org",
		"a@" + strings.Repeat("b", 64) + ".org", "!#$%&'*+-./=?^_`{|}~09azAZ@A-z0.9", "nobody@localhost", "no+body@client.example",
		"a%b@client.example", "a@---", strings.Repeat("l", 300) + "@client.example", long + "@client.example",
	} {
		if !ValidAddress(s) {
			t.Errorf("%q is refused", s)
		}
	}
	for _, s := range []string{
		"", "@", "a@", "@b", "nobody", "a@b@c", " a@b", "a@b ", "a @b", "a@ b", `"a b"@c.org`, `"a"@c.org`, "a@[1.2.3.4]",
		"a@b_c.org", "a@c..org", "a@.c.org", "a@c.org.", "é@c.org", "a@é.org", "a\u200b@c.org", "a@c\u200b.org", "a@c\u3002org",
		"a@b.org\n", "a@b.org\r\n", "a\n@b.org", "a\x00@b.org", "a@b.org\x7f", "a\t@b.org", "a@b.org\nBcc: x@y.example",
		"a@c.example,b@c.example", "A <a@c.example>", "<b>@c.example", "a(b)@c.org", "a;b@c.org", `a\b@c.org`, "a:b@c.org",
		"l" + long + "@client.example",
	} {
		if ValidAddress(s) {
			t.Errorf("%q is accepted", s)
		}
	}
}

// What is accepted stays one recipient, and one line, wherever it is written.
func FuzzValidAddress(f *testing.F) {
	for _, s := range []string{"a@b", "a@b\n", "\"a\"@b", "a@b,c@d", "a..b@c.org", "a@[::1]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !ValidAddress(s) {
			return
		}
		if strings.ContainsAny(s, " \t\r\n\x00\x7f<>()[],;:\\\"") || strings.Count(s, "@") != 1 || len(s) > MaxAddress {
			t.Errorf("%q is accepted", s)
		}
		local, _, _ := strings.Cut(s, "@")
		dotted := strings.HasPrefix(local, ".") || strings.HasSuffix(local, ".") || strings.Contains(local, "..")
		if a, err := mail.ParseAddress(s); !dotted && (err != nil || a.Address != s || a.Name != "") {
			t.Errorf("%q reads as %v, %v", s, a, err)
		}
	})
}
