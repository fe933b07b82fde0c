package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"strconv"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"gatehouse/auth"
	"gatehouse/internal/keyring"
)

// TLS says how the way to the mail server is protected.
type TLS string

// The policies. Certificates are verified wherever there is one.
const (
	// TLSAuto is TLSMandatory, but TLSOpportunistic for a server on this machine.
	TLSAuto TLS = "auto"
	// TLSMandatory sends nothing to a server that does not offer TLS.
	TLSMandatory TLS = "mandatory"
	// TLSOpportunistic uses TLS where it is offered. A password is then sent only under TLS, or by a mechanism that hides it.
	TLSOpportunistic TLS = "opportunistic"
	// TLSNone never uses it; a password goes in the clear.
	TLSNone TLS = "none"
)

// TransportConfig is what a Transport needs; what is not said to be optional is required.
type TransportConfig struct {
	// URL is the mail server: smtp:// or smtps://, user and password if it wants them, host, and the port if it is not 587
	// or 465.
	URL string
	// TLS is for smtp://; smtps:// always has it.
	TLS TLS
	// Timeout bounds connecting, and each message.
	Timeout time.Duration
	From    mail.Address
	Keys    Sealer
	Writer  *Writer
	// Roots verify the server's certificate; nil = the system's. For tests.
	Roots *tls.Config
}

// Transport carries mail to one mail server. It is safe for concurrent use; a Connection of it is not.
type Transport struct {
	cfg      TransportConfig
	host     string
	port     int
	implicit bool
	user     *url.Userinfo
}

// NewTransport reads the configuration. It connects to nothing.
func NewTransport(c TransportConfig) (*Transport, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" {
		return nil, errors.New("new transport: a mail server begins with smtp:// or smtps://")
	}
	t := &Transport{cfg: c, host: u.Hostname(), port: 587, implicit: u.Scheme == "smtps", user: u.User}
	if t.implicit {
		t.port = 465
	}
	if u.Port() != "" {
		if t.port, err = strconv.Atoi(u.Port()); err != nil {
			return nil, fmt.Errorf("new transport: read port: %w", err)
		}
	}
	if t.cfg.TLS == TLSAuto {
		t.cfg.TLS = TLSMandatory
		if isLoopback(t.host) {
			t.cfg.TLS = TLSOpportunistic
		}
	}
	if _, err := t.client(nil); err != nil {
		return nil, fmt.Errorf("new transport: %w", err)
	}
	return t, nil
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.Unmap().IsLoopback()
}

// Refused is what the mail server answered, or what stood in the way to it.
type Refused struct {
	// Final says that another try would end alike: the server said so (5xx), or the mail itself is unreadable.
	Final bool
	Err   error
}

func (r *Refused) Error() string { return r.Err.Error() }

func (r *Refused) Unwrap() error { return r.Err }

// Permanent reports Final, for those who do not know this type.
func (r *Refused) Permanent() bool { return r.Final }

// Connection is a session with the mail server, for one message after the other.
type Connection struct {
	t      *Transport
	client *gomail.Client
	smtp   *smtp.Client

	mu   sync.Mutex // guards what may be broken off from outside
	conn net.Conn
	gone bool
}

// Connect opens a session within the time-out. Nothing that goes wrong here is the fault of a message.
func (t *Transport) Connect(ctx context.Context) (*Connection, error) {
	ctx, cancel := context.WithTimeout(ctx, t.cfg.Timeout)
	defer cancel()
	c := &Connection{t: t}
	var err error
	if c.client, err = t.client(c); err != nil {
		return nil, fmt.Errorf("connect to the mail server: %w", err)
	}
	// go-mail bounds each step by itself; this bounds them all, and closes what it leaves open when one fails.
	stop := context.AfterFunc(ctx, c.hangUp)
	defer stop()
	if c.smtp, err = c.client.DialToSMTPClientWithContext(ctx); err != nil {
		c.hangUp()
		return nil, fmt.Errorf("connect to the mail server: %w", plainError(err))
	}
	return c, nil
}

// client gives go-mail's client, which dials for c; it is made anew for each connection, since go-mail dials inside it.
func (t *Transport) client(c *Connection) (*gomail.Client, error) {
	config := &tls.Config{ServerName: t.host, MinVersion: tls.VersionTLS12}
	if t.cfg.Roots != nil {
		config.RootCAs = t.cfg.Roots.RootCAs
	}
	options := []gomail.Option{
		gomail.WithPort(t.port), gomail.WithTimeout(t.cfg.Timeout), gomail.WithTLSConfig(config),
		gomail.WithTLSPolicy(t.policy()), gomail.WithoutSMTPUTF8(),
		gomail.WithDialContextFunc(func(ctx context.Context, network, addr string) (net.Conn, error) {
			return c.dial(ctx, network, addr, config)
		}),
	}
	if t.user != nil {
		password, _ := t.user.Password()
		options = append(options, gomail.WithUsername(t.user.Username()), gomail.WithPassword(password), gomail.WithSMTPAuth(t.mechanism()))
	}
	return gomail.NewClient(t.host, options...)
}

// policy: with smtps:// the connection has TLS before go-mail sees it, and the policy only has it look.
func (t *Transport) policy() gomail.TLSPolicy {
	switch {
	case t.implicit:
		return gomail.TLSOpportunistic
	case t.cfg.TLS == TLSNone:
		return gomail.NoTLS
	case t.cfg.TLS == TLSOpportunistic:
		return gomail.TLSOpportunistic
	}
	return gomail.TLSMandatory
}

// mechanism: found out, unless the operator asked for a way that hides nothing.
func (t *Transport) mechanism() gomail.SMTPAuthType {
	if !t.implicit && t.cfg.TLS == TLSNone {
		return gomail.SMTPAuthPlainNoEnc
	}
	return gomail.SMTPAuthAutoDiscover
}

func (c *Connection) dial(ctx context.Context, network, addr string, config *tls.Config) (net.Conn, error) {
	var d interface {
		DialContext(ctx context.Context, network, addr string) (net.Conn, error)
	} = &net.Dialer{}
	if c.t.implicit {
		d = &tls.Dialer{Config: config}
	}
	conn, err := d.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone {
		return nil, errors.Join(context.Cause(ctx), conn.Close())
	}
	c.conn = conn
	return conn, nil
}

// hangUp breaks the connection off without a word.
func (c *Connection) hangUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gone = true
	if c.conn != nil {
		_ = c.conn.Close() // it may be closed already
	}
}

// Close ends the session.
func (c *Connection) Close() {
	_ = c.smtp.UpdateDeadline(time.Second) // a server that does not take leave is left
	_ = c.smtp.Quit()
	c.hangUp()
}

// Send hands the mail of row over. Nil means that the server took the responsibility for it. After an error the connection
// must be closed. The end of ctx does not cut it short: what was begun has an outcome, within the time-out.
func (c *Connection) Send(_ context.Context, row auth.MailRow) error {
	msg, err := c.t.message(row)
	if err != nil {
		return err
	}
	stop := time.AfterFunc(c.t.cfg.Timeout, c.hangUp)
	defer stop.Stop()
	err = c.client.SendWithSMTPClient(c.smtp, msg)
	// A server that accepts a mail and then breaks off has accepted it all the same.
	if err == nil || msg.IsDelivered() {
		return nil
	}
	c.hangUp()
	return &Refused{Final: isFinal(err), Err: plainError(err)}
}

// isFinal reports whether the server refused the message itself. That it wants us to prove who we are is not about the
// message.
func isFinal(err error) bool {
	var sent *gomail.SendError
	if !errors.As(err, &sent) {
		return false
	}
	switch code := sent.ErrorCode(); {
	case code == 530, code == 534, code == 535, code == 538:
		return false
	default:
		return code >= 500 && code <= 599
	}
}

// message puts a row into words.
func (t *Transport) message(row auth.MailRow) (*gomail.Msg, error) {
	m, err := Open(t.cfg.Keys, row)
	if err != nil {
		// A key that another server has just made is known soon.
		return nil, &Refused{Final: !errors.Is(err, keyring.ErrSealed), Err: err}
	}
	letter, err := t.cfg.Writer.Letter(m)
	if err != nil {
		return nil, &Refused{Final: true, Err: err}
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(&t.cfg.From)
	msg.EnvelopeFromMailAddress(&mail.Address{Address: t.cfg.From.Address})
	msg.ToMailAddress(&mail.Address{Name: oneLine(string(m.Name)), Address: m.To})
	msg.Subject(letter.Subject)
	// The same row gives the same letter, however often it is sent.
	msg.SetMessageIDWithValue(row.MessageID)
	msg.SetDateWithValue(row.Queued)
	msg.SetBoundary(boundary(row.MessageID))
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(gomail.TypeTextPlain, letter.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, letter.HTML)
	return msg, nil
}
