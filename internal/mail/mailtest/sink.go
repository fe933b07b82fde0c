// Package mailtest is a mail server for tests: a real one that keeps what it accepts, and that refuses, hangs or breaks
// off where a test wants it to. It sends nothing on.
package mailtest

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Act is what the sink does with one message.
type Act int

// The acts. RefuseLater and RefuseForGood answer to DATA's end, NoSuchUser to the recipient.
const (
	Accept Act = iota
	RefuseLater
	RefuseForGood
	NoSuchUser
	// Hang answers nothing to the end of DATA until the client goes or the test ends.
	Hang
	// DropInData breaks off before the message was read.
	DropInData
	// AcceptAndDrop accepts, says so, and breaks off right behind it.
	AcceptAndDrop
	// AcceptInSilence accepts and breaks off without saying so.
	AcceptInSilence
)

// Message is what was accepted.
type Message struct {
	// ID is the Message-ID without its brackets.
	ID       string
	From, To string // of the envelope
	Header   mail.Header
	Data     []byte
}

// Config says what the sink is like; the zero value accepts everything from everybody.
type Config struct {
	// Decide says what becomes of message number n, from 0, to an address. Nil = Accept.
	Decide func(n int, to string) Act
	// Accepted, if not nil, is called when a message was accepted and before the client is told.
	Accepted func(Message)
	// User and Password have to be given, if not empty.
	User, Password string
	// TLS offers STARTTLS; with Implicit it begins at once.
	TLS      *tls.Config
	Implicit bool
}

// Sink is a running server. It is safe for concurrent use.
type Sink struct {
	cfg      Config
	server   *smtp.Server
	listener net.Listener

	mu       sync.Mutex
	seen     int
	open     int // sessions
	accepted []Message
	changed  chan struct{} // closed and replaced at every change
}

// New starts a sink that ends with the test.
func New(t testing.TB, c Config) *Sink {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Sink{cfg: c, listener: l, changed: make(chan struct{})}
	s.server = smtp.NewServer(smtp.BackendFunc(func(conn *smtp.Conn) (smtp.Session, error) {
		s.change(func() { s.open++ })
		return &session{sink: s, conn: conn, known: c.User == ""}, nil
	}))
	s.server.Domain, s.server.AllowInsecureAuth = "sink.example", true
	s.server.ErrorLog = log.New(io.Discard, "", 0)
	if c.TLS != nil && c.Implicit {
		l = tls.NewListener(l, c.TLS)
	} else {
		s.server.TLSConfig = c.TLS
	}
	go func() { _ = s.server.Serve(l) }() // it ends when the sink is closed
	t.Cleanup(func() { _ = s.server.Close() })
	return s
}

// Addr is host and port.
func (s *Sink) Addr() string { return s.listener.Addr().String() }

// URL is the address as the setting mail.smtp has it, without user and password.
func (s *Sink) URL() string { return "smtp://" + s.Addr() }

// Accepted gives what was accepted so far.
func (s *Sink) Accepted() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Message(nil), s.accepted...)
}

// Seen counts the messages that came as far as a recipient.
func (s *Sink) Seen() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen
}

// Sessions counts the clients that are connected.
func (s *Sink) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open
}

// Changed gives a channel that is closed when the next message is seen or accepted, or a client comes or goes.
func (s *Sink) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

func (s *Sink) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	close(s.changed)
	s.changed = make(chan struct{})
}

type session struct {
	sink  *Sink
	conn  *smtp.Conn
	known bool
	act   Act
	msg   Message
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != s.sink.cfg.User || password != s.sink.cfg.Password {
			return smtp.ErrAuthFailed
		}
		s.known = true
		return nil
	}), nil
}

func (s *session) Reset() { s.msg = Message{} }

func (s *session) Logout() error {
	s.sink.change(func() { s.sink.open-- })
	return nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if !s.known {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "say who you are"}
	}
	s.msg.From = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.msg.To = to
	s.sink.change(func() {
		s.act = Accept
		if s.sink.cfg.Decide != nil {
			s.act = s.sink.cfg.Decide(s.sink.seen, to)
		}
		s.sink.seen++
	})
	if s.act == NoSuchUser {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "nobody here is called <" + to + ">"}
	}
	return nil
}

var errGone = errors.New("gone")

func (s *session) Data(r io.Reader) error {
	if s.act == DropInData {
		return s.drop()
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	switch s.act {
	case RefuseLater:
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "come back later"}
	case RefuseForGood:
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "we do not want this"}
	case Hang:
		_, _ = s.conn.Conn().Read(make([]byte, 1)) // until the client goes, or the sink closes the connection
		return errGone
	}
	s.keep(data)
	switch s.act {
	case AcceptAndDrop:
		if _, err := io.WriteString(s.conn.Conn(), "250 2.0.0 it is ours\r\n"); err != nil {
			return err
		}
		return s.drop()
	case AcceptInSilence:
		return s.drop()
	}
	return nil
}

// keep keeps what was accepted.
func (s *session) keep(data []byte) {
	m := s.msg
	m.Data = data
	if parsed, err := mail.ReadMessage(bytes.NewReader(data)); err == nil {
		m.Header = parsed.Header
		m.ID = strings.Trim(parsed.Header.Get("Message-Id"), "<>")
	}
	s.sink.change(func() { s.sink.accepted = append(s.sink.accepted, m) })
	if s.sink.cfg.Accepted != nil {
		s.sink.cfg.Accepted(m)
	}
}

func (s *session) drop() error {
	_ = s.conn.Conn().Close()
	return errGone
}
