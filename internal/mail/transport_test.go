package mail

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/url"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/mail/mailtest"
)

// row gives the row that m becomes.
func (p parts) row(t testing.TB, m auth.Mail) auth.MailRow {
	t.Helper()
	item, err := p.composer.Compose(m)
	if err != nil {
		t.Fatal(err)
	}
	return auth.MailRow{ID: 1, OutboxItem: item, Queued: queued}
}

func (p parts) transport(t testing.TB, c TransportConfig) *Transport {
	t.Helper()
	c.From = mail.Address{Name: "Wiki of Example", Address: "noreply@wiki.example"}
	c.Keys, c.Writer = p.keys, p.writer
	if c.Timeout == 0 {
		c.Timeout = 20 * time.Second
	}
	tr, err := NewTransport(c)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func send(t testing.TB, tr *Transport, rows ...auth.MailRow) error {
	t.Helper()
	c, err := tr.Connect(t.Context())
	if err != nil {
		return err
	}
	defer c.Close()
	for _, row := range rows {
		if err := c.Send(t.Context(), row); err != nil {
			return err
		}
	}
	return nil
}

// alternatives gives the parts of a message by their types, decoded.
func alternatives(t testing.TB, m mailtest.Message) map[string]string {
	t.Helper()
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(m.Data), "\r\n\r\n")
	out := map[string]string{}
	for r := multipart.NewReader(strings.NewReader(body), params["boundary"]); ; {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if part.Header.Get("Content-Transfer-Encoding") != "quoted-printable" {
			t.Errorf("encoded as %q", part.Header)
		}
		text, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		out[part.Header.Get("Content-Type")] = strings.ReplaceAll(string(text), "\r\n", "\n")
	}
}

// TestSend: a letter arrives as it was written, and the same row gives the same message again.
func TestSend(t *testing.T) {
	p := newParts(t)
	sink := mailtest.New(t, mailtest.Config{})
	tr := p.transport(t, TransportConfig{URL: sink.URL(), TLS: TLSAuto})
	m := all()["confirm"]
	row := p.row(t, m)
	if err := send(t, tr, row, row); err != nil {
		t.Fatal(err)
	}
	got := sink.Accepted()
	if len(got) != 2 || string(got[0].Data) != string(got[1].Data) {
		t.Fatalf("%d messages arrived, or they differ", len(got))
	}
	h := got[0].Header
	for name, want := range map[string]string{
		"Message-Id": "<" + row.MessageID + ">", "Date": "Tue, 06 May 2031 07:08:09 +0000", "Auto-Submitted": "auto-generated",
		"From": `"Wiki of Example" <noreply@wiki.example>`, "To": `"Ann" <ann@client.example>`, "Mime-Version": "1.0",
		"Subject": "Confirm your e-mail address at Wiki of Example", "Bcc": "", "Cc": "", "X-Mailer": "", "User-Agent": "",
	} {
		if h.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, h.Get(name), want)
		}
	}
	if got[0].From != "noreply@wiki.example" || got[0].To != "ann@client.example" {
		t.Errorf("envelope from %q to %q", got[0].From, got[0].To)
	}
	letter, err := p.writer.Letter(m)
	if err != nil {
		t.Fatal(err)
	}
	texts := alternatives(t, got[0])
	if strings.TrimSpace(texts["text/plain; charset=UTF-8"]) != strings.TrimSpace(letter.Text) || strings.TrimSpace(texts["text/html; charset=UTF-8"]) != strings.TrimSpace(letter.HTML) {
		t.Errorf("arrived as %q", texts)
	}
}

// TestRow15NoInjection is row 15 of the security checklist: no text that a visitor sends adds a header, a recipient, a line or
// markup to a mail.
func TestRow15NoInjection(t *testing.T) {
	p := newParts(t)
	sink := mailtest.New(t, mailtest.Config{})
	tr := p.transport(t, TransportConfig{URL: sink.URL(), TLS: TLSAuto})
	evil := []string{
		"x\r\nBcc: victim@client.example", "x\nX-Evil: 1\n\nbody", "x\r.\r\nMAIL FROM:<a@b>", "\r\n.\r\nQUIT", "<b>bold</b><script>alert(1)</script>",
		"[https://evil.example click]", "[[Evil|click]]", "{{SITENAME}} '''x'''", `"><a href="https://evil.example">`, "Ann <victim@client.example>",
		"a\u2028b\u202ec", `=?utf-8?q?a=0d=0aBcc:_victim@client.example?=`, "$1 $2 $3", "\x00\x1b[2J", strings.Repeat("long ", 300),
	}
	for _, text := range evil {
		m := all()["temporary-password"]
		m.Name = auth.Name(text)
		m.Values["creator"], m.Values["password"] = text, text
		if err := send(t, tr, p.row(t, m)); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		all := sink.Accepted()
		got := all[len(all)-1]
		if got.To != "ann@client.example" || sink.Seen() != len(all) {
			t.Errorf("%q: went to %q", text, got.To)
		}
		head, _, _ := strings.Cut(string(got.Data), "\r\n\r\n")
		var names []string
		for line := range strings.SplitSeq(head, "\r\n") {
			if name, _, found := strings.Cut(line, ":"); found && !strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "\t") {
				names = append(names, name)
			}
		}
		if len(names) != 8 {
			t.Errorf("%q: headers %q", text, names)
		}
		to, err := got.Header.AddressList("To")
		if err != nil || len(to) != 1 || to[0].Address != "ann@client.example" {
			t.Errorf("%q: %v, %v", text, to, err)
		}
		texts := alternatives(t, got)
		plain, page := texts["text/plain; charset=UTF-8"], texts["text/html; charset=UTF-8"]
		if n := strings.Count(plain, "\n"); n > 10 {
			t.Errorf("%q: %d lines of text", text, n)
		}
		if strings.Count(page, "<a ") != 1 || strings.Count(page, "<") != strings.Count(page, ">") || strings.Contains(page, "<b>") || strings.Contains(page, "<script") {
			t.Errorf("%q: %s", text, page)
		}
		if strings.ContainsAny(plain+page, "\x00\x1b\u2028\u202e") {
			t.Errorf("%q: control characters came through", text)
		}
	}
	for _, to := range []string{"ann@client.example\r\nBcc: victim@client.example", "ann@client.example, victim@client.example", "ann@client.example> <victim@client.example"} {
		m := all()["confirm"]
		m.To = to
		if _, err := p.composer.Compose(m); !errors.Is(err, ErrAddress) {
			t.Errorf("%q: %v", to, err)
		}
	}
	// An odd address that accounts may have is one recipient too.
	m := all()["confirm"]
	m.To = ".a..b|!@client.example"
	if err := send(t, tr, p.row(t, m)); err != nil {
		t.Fatal(err)
	}
	if got := sink.Accepted()[len(evil)]; got.To != m.To && got.To != `".a..b|!"@client.example` {
		t.Errorf("went to %q", got.To)
	}
}

// TestRefusals: what the server says decides whether the mail is tried again; addresses do not stay in the reason.
func TestRefusals(t *testing.T) {
	p := newParts(t)
	for act, want := range map[mailtest.Act]struct {
		fails, final bool
		reason       string
	}{
		mailtest.Accept:          {},
		mailtest.AcceptAndDrop:   {}, // it was accepted, whatever came then
		mailtest.RefuseLater:     {fails: true, reason: "451"},
		mailtest.RefuseForGood:   {fails: true, final: true, reason: "554"},
		mailtest.NoSuchUser:      {fails: true, final: true, reason: "550"},
		mailtest.Hang:            {fails: true},
		mailtest.DropInData:      {fails: true},
		mailtest.AcceptInSilence: {fails: true},
	} {
		sink := mailtest.New(t, mailtest.Config{Decide: func(int, string) mailtest.Act { return act }})
		timeout := 20 * time.Second
		if act == mailtest.Hang {
			timeout = 300 * time.Millisecond
		}
		err := send(t, p.transport(t, TransportConfig{URL: sink.URL(), TLS: TLSAuto, Timeout: timeout}), p.row(t, all()["confirm"]))
		var refused *Refused
		if !want.fails && err != nil || want.fails && (!errors.As(err, &refused) || refused.Permanent() != want.final || !strings.Contains(err.Error(), want.reason)) {
			t.Errorf("act %d: %v", act, err)
		}
		if err != nil && (strings.Contains(err.Error(), "@") || strings.Contains(err.Error(), "\n")) {
			t.Errorf("act %d: the reason has an address or several lines: %v", act, err)
		}
	}
}

// TestUnreadable: a body that cannot be opened may be opened later, by a key that is not known yet; one that makes no sense
// never can.
func TestUnreadable(t *testing.T) {
	p := newParts(t)
	tr := p.transport(t, TransportConfig{URL: mailtest.New(t, mailtest.Config{}).URL(), TLS: TLSAuto})
	sealed, unknown := p.row(t, all()["confirm"]), p.row(t, all()["confirm"])
	sealed.Sealed = sealed.Sealed[:len(sealed.Sealed)-1]
	unknown.Kind = "advert"
	for want, row := range map[bool]auth.MailRow{false: sealed, true: unknown} {
		var refused *Refused
		if err := send(t, tr, row); !errors.As(err, &refused) || refused.Permanent() != want {
			t.Errorf("%s: %v", row.Kind, err)
		}
	}
}

// TestProtection: what each policy does with servers that offer TLS and others, and where a password goes.
func TestProtection(t *testing.T) {
	p := newParts(t)
	offered, roots := certificate(t)
	const user, password = "gate@house", "p:a ss/%"
	for name, c := range map[string]struct {
		sink     mailtest.Config
		policy   TLS
		password string
		trust    bool
		want     bool
	}{
		"auto, here, none offered":      {policy: TLSAuto, want: true},
		"auto, here, offered":           {sink: mailtest.Config{TLS: offered}, policy: TLSAuto, trust: true, want: true},
		"auto, here, not trusted":       {sink: mailtest.Config{TLS: offered}, policy: TLSAuto},
		"mandatory, none offered":       {policy: TLSMandatory},
		"mandatory":                     {sink: mailtest.Config{TLS: offered}, policy: TLSMandatory, trust: true, want: true},
		"mandatory, not trusted":        {sink: mailtest.Config{TLS: offered}, policy: TLSMandatory},
		"none, although offered":        {sink: mailtest.Config{TLS: offered}, policy: TLSNone, want: true},
		"implicit":                      {sink: mailtest.Config{TLS: offered, Implicit: true}, policy: TLSNone, trust: true, want: true},
		"implicit, not trusted":         {sink: mailtest.Config{TLS: offered, Implicit: true}, policy: TLSMandatory},
		"password under TLS":            {sink: mailtest.Config{TLS: offered, User: user, Password: password}, policy: TLSMandatory, password: password, trust: true, want: true},
		"password, implicit":            {sink: mailtest.Config{TLS: offered, Implicit: true, User: user, Password: password}, policy: TLSAuto, password: password, trust: true, want: true},
		"wrong password":                {sink: mailtest.Config{TLS: offered, User: user, Password: password}, policy: TLSMandatory, password: "wrong", trust: true},
		"password wanted":               {sink: mailtest.Config{TLS: offered, User: user, Password: password}, policy: TLSMandatory, trust: true},
		"password in the clear":         {sink: mailtest.Config{User: user, Password: password}, policy: TLSOpportunistic, password: password},
		"password in the clear, wanted": {sink: mailtest.Config{User: user, Password: password}, policy: TLSNone, password: password, want: true},
	} {
		t.Run(name, func(t *testing.T) {
			sink := mailtest.New(t, c.sink)
			u := url.URL{Scheme: "smtp", Host: sink.Addr()}
			if c.sink.Implicit {
				u.Scheme = "smtps"
			}
			if c.password != "" {
				u.User = url.UserPassword(user, c.password)
			}
			config := TransportConfig{URL: u.String(), TLS: c.policy}
			if c.trust {
				config.Roots = roots
			}
			err := send(t, p.transport(t, config), p.row(t, all()["confirm"]))
			if (err == nil) != c.want || len(sink.Accepted()) == 1 != c.want {
				t.Errorf("%v, %d accepted", err, len(sink.Accepted()))
			}
			var refused *Refused
			if errors.As(err, &refused) && refused.Permanent() {
				t.Errorf("the mail is given up for what is not its fault: %v", err)
			}
			if err != nil && (strings.Contains(err.Error(), "p:a") || strings.Contains(err.Error(), user)) {
				t.Errorf("the error tells a secret: %v", err)
			}
		})
	}
}

func TestNewTransportRefuses(t *testing.T) {
	for _, text := range []string{"", "mail.example:25", "http://h", "smtp://", "smtp://h:x"} {
		if _, err := NewTransport(TransportConfig{URL: text, Timeout: time.Second, TLS: TLSAuto}); err == nil {
			t.Errorf("%q makes a transport", text)
		}
	}
}

// TestUnreachable: a server that is not there, and one that says nothing, are told within the time-out.
func TestUnreachable(t *testing.T) {
	p := newParts(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() // it accepts and says nothing
	for _, addr := range []string{"127.0.0.1:1", l.Addr().String()} {
		tr := p.transport(t, TransportConfig{URL: "smtp://" + addr, TLS: TLSAuto, Timeout: 300 * time.Millisecond})
		if c, err := tr.Connect(t.Context()); err == nil {
			c.Close()
			t.Errorf("%s: connected", addr)
		}
	}
}

// certificate gives a server's TLS for 127.0.0.1, and a client's that trusts it.
func certificate(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, &tls.Config{RootCAs: pool}
}
