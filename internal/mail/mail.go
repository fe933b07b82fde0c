// Package mail is what mail says and how it leaves: it turns auth.Mail into encrypted rows of the outbox, a row into a
// letter in its reader's language, and hands the letter to a mail server.
//
// It is not the queue: internal/outbox decides when a row is tried, again or never again, and the store keeps it. It decides
// neither who gets mail nor what for: providers do, through auth.Mailer. Texts come from internal/i18n, keys from
// internal/keyring.
package mail

import (
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"net/url"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/keyring"
)

// Lifetime is how long a mail is tried that names no end of its own.
const Lifetime = 5 * 24 * time.Hour

// maxBody bounds what is stored for one mail, in bytes.
const maxBody = 16 << 10

// Sealer encrypts what is kept in the store. *keyring.Keyring is one.
type Sealer interface {
	SealStored(p keyring.Purpose, plain, aad []byte) ([]byte, error)
	OpenStored(p keyring.Purpose, sealed, aad []byte) ([]byte, error)
}

const purpose keyring.Purpose = "mail"

// ComposerConfig is what a Composer needs; every field is required.
type ComposerConfig struct {
	Keys Sealer
	// From is who mail comes from; message ids end in its domain.
	From mail.Address
	// Clock gives the time that message ids begin with and ends count from.
	Clock func() time.Time
	// Random makes message ids; it must be safe for concurrent use.
	Random io.Reader
}

// Composer is the auth.Mailer.
type Composer struct {
	cfg  ComposerConfig
	host string
}

// NewComposer gives the Composer of c.
func NewComposer(c ComposerConfig) (*Composer, error) {
	if c.Keys == nil || c.Clock == nil || c.Random == nil {
		return nil, errors.New("new composer: keys, clock and randomness are required")
	}
	from, err := ParseAddress(c.From.Address)
	if err != nil {
		return nil, fmt.Errorf("new composer: %w", err)
	}
	return &Composer{cfg: c, host: from.Domain}, nil
}

var _ auth.Mailer = (*Composer)(nil)

// body is what is sealed of a mail. Its names are those of rows that lie in stores: they stay.
type body struct {
	To       string            `json:"to"`
	Name     string            `json:"name,omitempty"`
	Language string            `json:"language,omitempty"`
	Values   map[string]string `json:"values,omitempty"`
}

// Compose implements auth.Mailer.
func (c *Composer) Compose(m auth.Mail) (auth.OutboxItem, error) {
	to, err := ParseAddress(m.To)
	if err != nil {
		return auth.OutboxItem{}, fmt.Errorf("compose mail: %w", err)
	}
	if err := complete(m); err != nil {
		return auth.OutboxItem{}, fmt.Errorf("compose mail: %w", err)
	}
	id, err := c.messageID()
	if err != nil {
		return auth.OutboxItem{}, fmt.Errorf("compose mail: %w", err)
	}
	sealed, err := c.seal(id, body{To: to.String(), Name: string(m.Name), Language: m.Language, Values: m.Values})
	if err != nil {
		return auth.OutboxItem{}, fmt.Errorf("compose mail: %w", err)
	}
	if m.Expires.IsZero() {
		m.Expires = c.cfg.Clock().Add(Lifetime)
	}
	return auth.OutboxItem{
		MessageID: id, Kind: m.Kind, Account: m.Account, Domain: to.Domain, Sealed: sealed, Expires: m.Expires,
	}, nil
}

func (c *Composer) seal(id string, b body) ([]byte, error) {
	plain, err := json.Marshal(b)
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	if len(plain) > maxBody {
		return nil, fmt.Errorf("it has %d bytes, more than %d", len(plain), maxBody)
	}
	return c.cfg.Keys.SealStored(purpose, plain, []byte(id))
}

// messageID begins with the time, which keeps the store's index growing at its end, and has 80 random bits.
func (c *Composer) messageID() (string, error) {
	var random [10]byte
	if _, err := io.ReadFull(c.cfg.Random, random[:]); err != nil {
		return "", fmt.Errorf("make message id: %w", err)
	}
	left := strings.ToLower(base32.StdEncoding.EncodeToString(random[:]))
	return fmt.Sprintf("%012x.%s@%s", c.cfg.Clock().UnixMilli(), left, c.host), nil
}

// Open gives the mail that a row holds; keyring.ErrSealed if the keys cannot open it.
func Open(keys Sealer, row auth.MailRow) (auth.Mail, error) {
	plain, err := keys.OpenStored(purpose, row.Sealed, []byte(row.MessageID))
	if err != nil {
		return auth.Mail{}, fmt.Errorf("open mail: %w", err)
	}
	var b body
	if err := json.Unmarshal(plain, &b); err != nil {
		return auth.Mail{}, fmt.Errorf("open mail: %w", err)
	}
	return auth.Mail{
		Kind: row.Kind, To: b.To, Account: row.Account, Name: auth.Name(b.Name), Language: b.Language, Values: b.Values,
		Expires: row.Expires,
	}, nil
}

// mask stands for a secret.
const mask = "********"

// Masked is m without its secrets: passwords and codes are gone, and links end at their page.
func Masked(m auth.Mail) auth.Mail {
	values := make(map[string]string, len(m.Values))
	for name, v := range m.Values {
		switch name {
		case "password", "code":
			v = mask
		case "link", "cancel":
			v = maskedLink(v)
		}
		values[name] = v
	}
	m.Values = values
	return m
}

// maskedLink keeps scheme and host, and of the path what stands before the last slash: tokens stand behind it, or in the
// query or the fragment.
func maskedLink(link string) string {
	if link == "" {
		return ""
	}
	u, err := url.Parse(link)
	if err != nil || u.Host == "" {
		return mask
	}
	path := u.EscapedPath()
	return u.Scheme + "://" + u.Host + path[:strings.LastIndexByte(path, '/')+1] + mask
}
