package mail

import (
	"bytes"
	"crypto/rand"
	"flag"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/i18n"
	"gatehouse/internal/keyring"
	"gatehouse/internal/message"
	"gatehouse/internal/store"
)

var update = flag.Bool("update", false, "write the golden files anew")

const home = "https://wiki.example/wiki/"

var queued = time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)

func now() time.Time { return queued }

// parts are what the tests compose and write with.
type parts struct {
	keys     *keyring.Keyring
	composer *Composer
	writer   *Writer
}

func newParts(t testing.TB) parts {
	t.Helper()
	st, err := store.Open(t.Context(), "memory:", store.Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	keys, err := keyring.Open(t.Context(), keyring.Config{Store: st})
	if err != nil {
		t.Fatal(err)
	}
	composer, err := NewComposer(ComposerConfig{
		Keys: keys, From: mail.Address{Address: "noreply@Wiki.example"}, Clock: now, Random: rand.Reader,
	})
	if err != nil {
		t.Fatal(err)
	}
	return parts{keys: keys, composer: composer, writer: newTestWriter(t)}
}

func newTestWriter(t testing.TB) *Writer {
	t.Helper()
	texts, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	w, err := NewWriter(texts.WithSite(message.Site{Name: "Wiki of Example", Server: "https://wiki.example", ArticlePath: "/wiki/"}), "en", home)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// all has one mail of each text.
func all() map[string]auth.Mail {
	day := map[string]string{"days": "7", "address": "192.0.2.1"}
	with := func(pairs ...string) map[string]string {
		out := map[string]string{}
		for k, v := range day {
			out[k] = v
		}
		for i := 0; i < len(pairs); i += 2 {
			out[pairs[i]] = pairs[i+1]
		}
		return out
	}
	const link, cancel = home + "Special:ConfirmEmail/0123456789abcdef", home + "Special:InvalidateEmail/0123456789abcdef"
	out := map[string]auth.Mail{
		"temporary-password": {Kind: auth.MailTemporaryPassword, Values: with("password", "k7-ab-zz", "creator", "Boss")},
		"temporary-link":     {Kind: auth.MailTemporaryPassword, Values: with("link", link)},
		"confirm":            {Kind: auth.MailConfirmEmail, Values: with("link", link, "cancel", cancel)},
		"reset":              {Kind: auth.MailPasswordReset, Values: with("password", "k7-ab-zz", "days", "1")},
		"reset-link":         {Kind: auth.MailPasswordReset, Values: with("link", link)},
		"email-changed":      {Kind: auth.MailEmailChanged, Values: with()},
		"password-changed":   {Kind: auth.MailPasswordChanged, Values: with()},
		"factors-changed":    {Kind: auth.MailFactorsChanged, Values: with()},
		"code":               {Kind: auth.MailCode, Values: with("code", "123456", "minutes", "10")},
	}
	for name, m := range out {
		m.To, m.Name, m.Expires = "ann@client.example", "Ann", queued.Add(7*24*time.Hour)
		out[name] = m
	}
	return out
}

// TestLetters holds every text to what it looks like, in plain text and in HTML.
func TestLetters(t *testing.T) {
	w := newTestWriter(t)
	for name, m := range all() {
		l, err := w.Letter(m)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if hole := regexp.MustCompile(`\$\d|⧼|\{\{|\(gatehouse-`).FindString(l.Subject + l.Text); hole != "" {
			t.Errorf("%s has a hole: %s", name, hole)
		}
		golden(t, name+".txt", "Subject: "+l.Subject+"\n\n"+l.Text)
		if name == "confirm" || name == "temporary-password" {
			golden(t, name+".html", l.HTML)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || got != string(want) {
		t.Errorf("%s (go test -update writes it): %v, got\n%s", path, err, got)
	}
}

// TestLetterLanguage: a letter is in its reader's language, or the site's.
func TestLetterLanguage(t *testing.T) {
	w := newTestWriter(t)
	m := all()["confirm"]
	for code, want := range map[string]string{"qqx": "(confirmemail_subject", "en": "Confirm", "": "Confirm", "x-nonsense": "Confirm"} {
		m.Language = code
		l, err := w.Letter(m)
		if err != nil || !strings.HasPrefix(l.Subject, want) {
			t.Errorf("%q: %q, %v", code, l.Subject, err)
		}
	}
	m.Language = "ar-eg"
	l, err := w.Letter(m)
	if link := `" dir="ltr">` + m.Values["link"] + "</a>"; err != nil || !strings.Contains(l.HTML, `<html lang="ar" dir="rtl">`) ||
		!strings.Contains(l.HTML, link) || !strings.Contains(l.Text, "\n"+m.Values["link"]+"\n") ||
		!strings.Contains(l.Text, "\u2068"+string(m.Name)+"\u2069") {
		t.Errorf("in Arabic: %v, %s\n%s", err, l.Text, l.HTML)
	}
}

// TestCompose: what is composed can be opened and is the same, and nothing of it can be read.
func TestCompose(t *testing.T) {
	p := newParts(t)
	m := all()["temporary-password"]
	m.Account, m.Language, m.To = 7, "de", "Ann@Client.Example"
	item, err := p.composer.Compose(m)
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^[0-9a-f]{12}\.[a-z2-7]{16}@wiki\.example$`).MatchString(item.MessageID) {
		t.Errorf("message id %q", item.MessageID)
	}
	for _, secret := range []string{"k7-ab-zz", "Ann", "Boss"} {
		if bytes.Contains(item.Sealed, []byte(secret)) {
			t.Errorf("%s can be read", secret)
		}
	}
	got, err := Open(p.keys, auth.MailRow{OutboxItem: item})
	if err != nil {
		t.Fatal(err)
	}
	if got.To != "Ann@client.example" || got.Name != "Ann" || got.Values["password"] != "k7-ab-zz" || got.Language != "de" || got.Kind != m.Kind {
		t.Errorf("opened %+v", got)
	}
	if item.Domain != "client.example" || item.Account != 7 || !item.Expires.Equal(m.Expires) {
		t.Errorf("item %+v", item)
	}
	other := item
	other.MessageID = "x" + other.MessageID
	if _, err := Open(p.keys, auth.MailRow{OutboxItem: other}); err == nil {
		t.Error("a body was opened under another message id")
	}
	m.Expires = time.Time{}
	if item, err = p.composer.Compose(m); err != nil || !item.Expires.Equal(queued.Add(Lifetime)) {
		t.Errorf("expires %v, %v", item.Expires, err)
	}
}

func TestComposeRefuses(t *testing.T) {
	p := newParts(t)
	for name, spoil := range map[string]func(*auth.Mail){
		"no such kind":  func(m *auth.Mail) { m.Kind = "advert" },
		"no address":    func(m *auth.Mail) { m.To = "" },
		"two addresses": func(m *auth.Mail) { m.To = "a@b.example,c@d.example" },
		"no password":   func(m *auth.Mail) { m.Values = map[string]string{"days": "7"} },
		"no number":     func(m *auth.Mail) { m.Values["days"] = "many" },
		"too much":      func(m *auth.Mail) { m.Values["password"] = strings.Repeat("x", maxBody) },
	} {
		m := all()["temporary-password"]
		spoil(&m)
		if _, err := p.composer.Compose(m); err == nil {
			t.Errorf("%s: was composed", name)
		}
	}
}

// TestRow17Addresses is row 17 of the security checklist: how addresses are compared.
func TestRow17Addresses(t *testing.T) {
	for in, want := range map[string]string{
		"ann@client.example": "ann@client.example", "Ann.B+tag@Client.EXAMPLE": "Ann.B+tag@client.example", // the local part is its server's
		"ann@büro.example": "ann@xn--bro-hoa.example", "ann@BÜRO.example": "ann@xn--bro-hoa.example", "ann@xn--bro-hoa.example": "ann@xn--bro-hoa.example",
		"a..b@c.org": "a..b@c.org", ".a@c.org": ".a@c.org", "a@-b.org": "a@-b.org", "a@1.2.3.4": "a@1.2.3.4", "a@b": "a@b", "a'b/c@d.org": "a'b/c@d.org",
		"аnn@client.example": "", "ann@client..example": "", "ann@client.example.": "", "@client.example": "", "ann@": "", "ann": "", "a b@c.org": "", "a@b_c.org": "",
		"ann@client.example\n": "", "ann@client.example\r\nBcc: x@y.example": "", "a@b@c.org": "", `"a"@c.org`: "", "<a@c.org>": "", "Ann <a@c.org>": "",
		"a@[1.2.3.4]": "", "a@c.org,b@c.org": "", "a\u200b@c.org": "", "a@c\u3002org": "a@c.org", "a@\u200d.org": "",
	} {
		got, err := ParseAddress(in)
		if (err == nil) != (want != "") || err == nil && got.String() != want {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
	// For limits alone, spellings that may lead to one mailbox count as one.
	for _, same := range [][2]string{
		{"ann@client.example", "ANN@client.example"}, {"ann@client.example", "ann+list@client.example"}, {"ann.b@gmail.com", "annb+x@googlemail.com"},
	} {
		a, _ := ParseAddress(same[0])
		b, _ := ParseAddress(same[1])
		if a.mailbox() != b.mailbox() || a == b {
			t.Errorf("%s and %s: %q, %q", same[0], same[1], a.mailbox(), b.mailbox())
		}
	}
	a, _ := ParseAddress("ann.b@client.example")
	b, _ := ParseAddress("annb@client.example")
	if a.mailbox() == b.mailbox() {
		t.Error("dots are taken away everywhere")
	}
}

func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{"a@b", "a@b\n", "ä@b.example", "a@bü.example", "a..b@c.org", "a@xn--a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseAddress(s)
		if err != nil {
			return
		}
		text := a.String()
		if again, err := ParseAddress(text); err != nil || again != a {
			t.Errorf("%q gives %q, which gives %q, %v", s, text, again, err)
		}
		if strings.ContainsAny(text, " \t\r\n<>,;\"()") || strings.ContainsFunc(text, func(r rune) bool { return r > 126 || r < 33 }) {
			t.Errorf("%q gives %q", s, text)
		}
	})
}
