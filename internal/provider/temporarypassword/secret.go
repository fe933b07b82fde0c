package temporarypassword

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/password"
)

// alphabet has no letters that look alike or are misread: neither 0, 1, i, l, o nor capitals. 15 of its 31 letters are 74
// random bits.
const (
	alphabet  = "abcdefghjkmnpqrstuvwxyz23456789"
	minLength = 15
)

// linkBytes are the random bytes of a link: 160 bits.
const linkBytes = 20

// newPassword draws a password. Bytes that would make some letters likelier than others are drawn again.
func (p *Provider) newPassword() (string, error) {
	const fair = 256 - 256%len(alphabet)
	out := make([]byte, 0, max(minLength, p.cfg.MinimumLength))
	for len(out) < cap(out) {
		var b [1]byte
		if _, err := io.ReadFull(p.cfg.Random, b[:]); err != nil {
			return "", fmt.Errorf("draw a password: %w", err)
		}
		if int(b[0]) < fair {
			out = append(out, alphabet[int(b[0])%len(alphabet)])
		}
	}
	return string(out), nil
}

// looksMailed tells what may be a mailed password from what cannot be one, so that other passwords cost no hash here.
func looksMailed(typed string) bool {
	return len(typed) >= minLength && strings.Trim(typed, alphabet) == ""
}

func (p *Provider) newToken() (string, error) {
	var b [linkBytes]byte
	if _, err := io.ReadFull(p.cfg.Random, b[:]); err != nil {
		return "", fmt.Errorf("draw a link: %w", err)
	}
	return hex.EncodeToString(b[:]), nil
}

// digest is the stored form of a link's secret, which is random and long: one plain hash is enough.
func digest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// stored is what is kept of something that was mailed.
type stored struct {
	Hash    string `json:"hash"`
	Expires int64  `json:"expires"` // seconds since 1970
	Email   string `json:"email"`   // where it went
}

// good reports whether s can still be used for the account: in time, and while the account has the address.
func (s stored) good(a auth.Account, now time.Time) bool {
	return s.Hash != "" && now.Unix() < s.Expires && s.Email == a.Email
}

// secret is something to be mailed: what the mail says and what is stored of it.
type secret struct {
	kind auth.CredentialKind
	hash string
	// word is the mail's word for it, text the password itself or the link's secret.
	word, text string
}

// newSecret makes a password, hashed in its turn, or a link.
func (p *Provider) newSecret(ctx context.Context, ticket *password.Ticket) (secret, error) {
	if p.cfg.Link != nil {
		token, err := p.newToken()
		return secret{kind: auth.CredentialPasswordLink, hash: digest(token), word: "link", text: token}, err
	}
	text, err := p.newPassword()
	if err != nil {
		return secret{}, err
	}
	s := secret{kind: auth.CredentialTemporaryPassword, word: "password", text: text}
	if ticket == nil {
		return secret{}, errors.New("hash mailed password: no place was reserved for it")
	}
	err = ticket.Run(ctx, func() (err error) {
		s.hash, err = p.cfg.Hasher.Hash(text)
		return err
	})
	if err != nil {
		return secret{}, fmt.Errorf("hash mailed password: %w", err)
	}
	return s, nil
}

// credential is what the store keeps of s for somebody with that address.
func (p *Provider) credential(s secret, email string) (string, error) {
	b, err := json.Marshal(stored{Hash: s.hash, Expires: p.cfg.Clock().Add(p.cfg.Lifetime).Unix(), Email: email})
	if err != nil {
		return "", fmt.Errorf("encode mailed password: %w", err)
	}
	return string(b), nil
}

// compose makes the mail that brings s. The caller has put the values in that its kind wants beside it.
func (p *Provider) compose(s secret, m auth.Mail) (auth.OutboxItem, error) {
	m.Values[s.word] = s.text
	if p.cfg.Link != nil {
		m.Values[s.word] = p.cfg.Link(auth.MailedLink{Name: m.Name, Token: s.text})
	}
	m.Values["days"] = strconv.Itoa(int(math.Ceil(p.cfg.Lifetime.Hours() / 24)))
	m.Expires = p.cfg.Clock().Add(p.cfg.Lifetime)
	item, err := p.cfg.Mailer.Compose(m)
	if err != nil {
		return auth.OutboxItem{}, fmt.Errorf("compose mailed password: %w", err)
	}
	return item, nil
}

// mailed reads what is stored of something mailed; the zero value where there is nothing, or nothing legible.
func (p *Provider) mailed(ctx context.Context, a auth.AccountID, kind auth.CredentialKind) (raw string, s stored, err error) {
	raw, err = p.cfg.Store.Credential(ctx, a, kind)
	if errors.Is(err, auth.ErrNotFound) {
		return "", stored{}, nil
	}
	if err != nil {
		return "", stored{}, err
	}
	if json.Unmarshal([]byte(raw), &s) != nil {
		return raw, stored{}, nil
	}
	return raw, s, nil
}
