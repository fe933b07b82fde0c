package captcha

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/captcha"
	"gatehouse/internal/message"
)

// mailStepID follows the captcha's own.
const mailStepID auth.ProviderID = "captchamail"

const (
	// codeDigits is how long a code is: with maxCodes tries a flow, and mail limited, nobody guesses one.
	codeDigits = 8
	codeSpace  = 100_000_000
	maxCodes   = 5
	// codeLife is how long a code is good, however long its flow goes on.
	codeLife = 10 * time.Minute
)

const (
	keyMailSent  message.Key = "gatehouse-captcha-mail-sent"
	keyMailWrong message.Key = "gatehouse-captcha-mail-wrong"
	keyMailWhere message.Key = "gatehouse-captcha-mail-address"
)

// Queue keeps mail that has no account yet.
type Queue interface {
	// QueueMail queues items and raises counters, all of it or nothing; *auth.LimitError tells that a counter was full.
	QueueMail(ctx context.Context, items []auth.OutboxItem, counters []auth.Counter) error
}

// MailConfig is what a MailStep works with. All of it is required but Settle.
type MailConfig struct {
	Queue   Queue
	Mailer  auth.Mailer
	Limiter auth.MailLimiter
	// Link makes the address that opens the waiting form with the code in it.
	Link func(code string) string
	// Settle is told how a step ended; nil = nobody is.
	Settle func(right bool)
	Clock  func() time.Time
	Random io.Reader
}

// MailStep is the secondary provider of the captcha of kind mail: it mails a code to the address of the account that is to be
// made, and lets the creation go on when the code comes back. The address is confirmed by that. A code belongs to one flow and
// ends with it.
type MailStep struct{ cfg MailConfig }

var (
	_ auth.SecondaryProvider = (*MailStep)(nil)
	_ auth.CreationContinuer = (*MailStep)(nil)
	_ auth.DraftContributor  = (*MailStep)(nil)
)

// NewMailStep builds the provider.
func NewMailStep(c MailConfig) (*MailStep, error) {
	if c.Queue == nil || c.Mailer == nil || c.Limiter == nil || c.Link == nil || c.Clock == nil || c.Random == nil {
		return nil, errors.New("captcha by mail: a queue, mail, limits, links, clock and randomness are needed")
	}
	if c.Settle == nil {
		c.Settle = func(bool) {}
	}
	return &MailStep{c}, nil
}

// ID implements auth.Provider.
func (*MailStep) ID() auth.ProviderID { return mailStepID }

// Requests lists nothing: the captcha's provider announces the step.
func (*MailStep) Requests(context.Context, auth.Options) ([]auth.Request, error) { return nil, nil }

// BeforeCommit says that there is no account without the code.
func (*MailStep) BeforeCommit() bool { return true }

// BeginLogin asks nothing.
func (*MailStep) BeginLogin(context.Context, *auth.Login) (auth.Response, error) {
	return auth.Abstained(), nil
}

// mailed is what is kept of a code.
type mailed struct {
	Digest string `json:"digest,omitempty"`
	Tries  int    `json:"tries,omitempty"`
	// Ends is when the code is good no longer, in seconds since 1970.
	Ends int64 `json:"ends,omitempty"`
	// Proven is the address that the code came back from.
	Proven string `json:"proven,omitempty"`
}

// BeginCreation mails the code, where the captcha said that it comes later.
func (p *MailStep) BeginCreation(ctx context.Context, c *auth.Creation) (auth.Response, error) {
	var how passage
	found, err := c.Recall(id, &how)
	if err != nil || !found || !how.Later {
		return auth.Abstained(), err
	}
	code, err := p.newCode()
	if err != nil {
		return auth.Response{}, err
	}
	ends := p.cfg.Clock().Add(codeLife)
	item, err := p.cfg.Mailer.Compose(auth.Mail{
		Kind: auth.MailCode, To: c.Subject.Email, Name: c.Subject.Name, Language: c.Subject.Language,
		Values: map[string]string{
			"code": code, "minutes": strconv.Itoa(int(codeLife / time.Minute)), "link": p.cfg.Link(code),
		},
		Expires: ends,
	})
	if err != nil {
		return auth.Response{}, fmt.Errorf("compose code: %w", err)
	}
	counters := p.cfg.Limiter.Counters(c.Subject.Email, auth.Network(c.Creator.Addr))
	err = p.cfg.Queue.QueueMail(ctx, []auth.OutboxItem{item}, counters)
	var full *auth.LimitError
	switch {
	case errors.As(err, &full):
		return auth.Failed(full.Refusal()), nil
	case err != nil:
		return auth.Response{}, fmt.Errorf("mail code: %w", err)
	}
	if err := c.Remember(mailStepID, mailed{Digest: digestOf(code), Ends: ends.Unix()}); err != nil {
		return auth.Response{}, err
	}
	return auth.Asked(message.New(keyMailSent, message.Plaintext(c.Subject.Email)), captcha.Mail{}.CodeRequest()), nil
}

// ContinueCreation compares the code. The last wrong one ends the creation, and so does the end of the code's life.
func (p *MailStep) ContinueCreation(_ context.Context, c *auth.Creation) (auth.Response, error) {
	var m mailed
	found, err := c.Recall(mailStepID, &m)
	if err != nil || !found {
		return auth.Failed(message.New(keyFailed)), err
	}
	if p.cfg.Clock().Unix() >= m.Ends {
		return auth.Failed(message.New(keyFailed)), nil
	}
	a, _ := c.Answers.Get(captcha.RequestID)
	typed := strings.Map(onlyDigits, a.Values[captcha.FieldWord])
	if subtle.ConstantTimeCompare([]byte(digestOf(typed)), []byte(m.Digest)) == 1 {
		p.cfg.Settle(true)
		c.Reach(auth.ReachedCaptcha)
		return auth.Passed(), c.Remember(mailStepID, mailed{Proven: c.Subject.Email})
	}
	m.Tries++
	if m.Tries >= maxCodes {
		p.cfg.Settle(false)
		return auth.Failed(message.New(keyFailed)), nil
	}
	return auth.Asked(message.New(keyMailWrong), captcha.Mail{}.CodeRequest()), c.Remember(mailStepID, m)
}

// ContributeToDraft takes the address as confirmed: the code came back from it.
func (p *MailStep) ContributeToDraft(_ context.Context, c *auth.Creation, d *auth.Draft) error {
	var m mailed
	found, err := c.Recall(mailStepID, &m)
	if err == nil && found && m.Proven != "" && m.Proven == d.Account.Email {
		d.Account.EmailConfirmed = p.cfg.Clock()
	}
	return err
}

func (p *MailStep) newCode() (string, error) {
	var b [8]byte
	if _, err := io.ReadFull(p.cfg.Random, b[:]); err != nil {
		return "", fmt.Errorf("draw a code: %w", err)
	}
	return fmt.Sprintf("%0*d", codeDigits, binary.BigEndian.Uint64(b[:])%codeSpace), nil
}

func digestOf(code string) string {
	sum := sha256.Sum256([]byte("captcha code " + code))
	return hex.EncodeToString(sum[:])
}

// onlyDigits drops what people type between digits.
func onlyDigits(r rune) rune {
	if r < '0' || r > '9' {
		return -1
	}
	return r
}
