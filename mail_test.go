package gatehouse

import (
	"bytes"
	"context"
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/mail/mailtest"
)

// queueMail makes an account with a mail, as providers do.
func queueMail(t *testing.T, s *Server, name auth.Name) {
	t.Helper()
	item, err := s.mail.Compose(auth.Mail{
		Kind: auth.MailTemporaryPassword, To: "ann@client.example", Name: name, Values: map[string]string{"password": "hush-hush", "days": "7"},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.store.CreateAccount(t.Context(), auth.Draft{
		Nonce: string(name), Account: auth.Account{Name: name}, Outbox: []auth.OutboxItem{item},
		Counters: s.mail.Counters("ann@client.example", auth.Network(netip.MustParseAddr("192.0.2.1"))),
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestMailLeaves: what looks after a server sends its mail, the metrics tell of it, and no log has what it says.
func TestMailLeaves(t *testing.T) {
	sink := mailtest.New(t, mailtest.Config{})
	cfg := testConfig(t)
	cfg.Mail.SMTP, cfg.Mail.From = SecretURL(sink.URL()), "Wiki <noreply@wiki.example>"
	var said bytes.Buffer
	s, err := New(t.Context(), cfg, Options{Logger: slog.New(slog.NewJSONHandler(&said, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	queueMail(t, s, "Ann")
	if got := s.metric(t, "gatehouse_outbox_waiting"); got != "1" {
		t.Errorf("%s wait", got)
	}
	ctx, stop := context.WithCancel(t.Context())
	var upkeep sync.WaitGroup
	upkeep.Go(func() { s.Upkeep(ctx) })
	for deadline := time.After(time.Minute); len(sink.Accepted()) == 0; {
		changed := sink.Changed()
		select {
		case <-changed:
		case <-deadline:
			t.Fatal("no mail came")
		}
	}
	stop()
	upkeep.Wait() // and with it the record
	if got := s.metric(t, "gatehouse_outbox_waiting") + s.metric(t, "gatehouse_outbox_dead") + s.metric(t, `gatehouse_mail_tries_total{outcome="sent"}`); got != "001" {
		t.Errorf("the metrics say %s", got)
	}
	m := sink.Accepted()[0]
	if m.From != "noreply@wiki.example" || m.To != "ann@client.example" || !bytes.Contains(m.Data, []byte("hush-hush")) {
		t.Errorf("sent %+v", m)
	}
	if text := said.String(); strings.Contains(text, "hush-hush") || strings.Contains(text, "ann@") || !strings.Contains(text, "mail sent") {
		t.Errorf("the log says %s", text)
	}
}

// metric gives the value of a metric as operators see it.
func (s *Server) metric(t *testing.T, name string) string {
	t.Helper()
	w := httptest.NewRecorder()
	s.adminHandler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for line := range strings.Lines(w.Body.String()) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			return strings.TrimSpace(value)
		}
	}
	return "no " + name
}

// TestMailWaits: without a mail server, without mail and while nothing may be written, nobody sends.
func TestMailWaits(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Config)
		sends  bool
	}{
		"no mail server": {func(c *Config) { c.Mail.SMTP = "" }, false},
		"no mail":        {func(c *Config) { c.Mail.Enabled = false }, false},
		"read only":      {func(c *Config) { c.Site.ReadOnly = "noon" }, false},
		"with all":       {func(*Config) {}, true},
	} {
		cfg := testConfig(t)
		cfg.Mail.SMTP = "smtp://127.0.0.1:1"
		c.change(&cfg)
		if s := newServer(t, cfg); (s.delivery != nil) != c.sends {
			t.Errorf("%s: sends: %v", name, s.delivery != nil)
		}
	}
}
