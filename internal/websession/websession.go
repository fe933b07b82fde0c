// Package websession knows who is at the other end of an HTTP request: it reads and writes the session cookies, makes and
// checks tokens, and signs people in and out.
//
// An anonymous visitor's session is a small signed cookie and nothing else: no request of a visitor makes the store work.
// A signed-in session is a row, so that it can be listed and revoked. The package does not know how people prove who
// they are (auth), nor what a token protects (actionapi, special). Its keys are internal/keyring's, its rows a
// SessionStore's.
package websession

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/keyring"
)

// RememberedFor is how long a sign-in holds whose owner asked to stay signed in.
const RememberedFor = longLifetime

// Config is what a Manager is built from. Store, Keys and Site are required.
type Config struct {
	Store SessionStore
	Keys  *keyring.Keyring
	// Site is the site's id, the prefix of the cookies' names.
	Site string
	// PublicURL is what browsers see; on https the cookies are Secure and their names begin with __Host-.
	PublicURL string
	// CrossSite lets browsers send the cookies along when another site's page uses the API (cors.allow). It needs https.
	CrossSite bool
	// ReadOnly leaves the ends of sessions where they are: loading one writes nothing then.
	ReadOnly bool
	Clock    func() time.Time // nil = time.Now
	// Random gives ids and secrets; nil = crypto/rand. It must be safe for concurrent use.
	Random io.Reader
	Logger *slog.Logger // nil = silent
}

// The lives of sessions and cookies.
const (
	// visitorLifetime is how long a visitor's cookie holds after it was made or renewed.
	visitorLifetime = 24 * time.Hour
	// sessionLifetime is how long a signed-in session holds after its last renewal, unless it is remembered.
	sessionLifetime = time.Hour
	// nameLifetime and longLifetime are how long browsers keep the account's id and name.
	nameLifetime = 30 * 24 * time.Hour
	longLifetime = 180 * 24 * time.Hour
	// maxClockSkew is how far the clocks of two servers of one site may differ.
	maxClockSkew = time.Minute
)

// Manager loads sessions. It is safe for concurrent use.
type Manager struct {
	cfg     Config
	cookies cookieStyle
}

// New builds a Manager. It refuses a site id that cannot stand in a cookie's name.
func New(c Config) (*Manager, error) {
	if c.Store == nil || c.Keys == nil {
		return nil, errors.New("sessions: a store and keys are required")
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	style, err := newCookieStyle(c)
	if err != nil {
		return nil, fmt.Errorf("sessions: %w", err)
	}
	return &Manager{cfg: c, cookies: style}, nil
}

// Load tells the session of a request. It writes nothing, but for moving the end of a signed-in session whose time is half
// gone. A broken or unknown cookie is an anonymous visitor without a session; an error is a fault of the store.
func (m *Manager) Load(ctx context.Context, r *http.Request) (*Session, error) {
	s := &Session{m: m, now: m.cfg.Clock(), sent: m.cookies.read(r.Header)}
	var err error
	switch {
	case s.sent.token != "" && s.sent.userID != "":
		err = s.resume(ctx, m.cfg.Store.RememberedSession, s.sent.token)
	case isSessionID(s.sent.session):
		err = s.resume(ctx, m.cfg.Store.Session, s.sent.session)
	case s.sent.userID == "":
		s.readVisitor()
	}
	if err != nil {
		return nil, fmt.Errorf("load session: %w", err)
	}
	s.established = s.visitor != nil || s.account.ID != 0
	return s, nil
}

// List gives the account's live sessions, the last authenticated first.
func (m *Manager) List(ctx context.Context, id auth.AccountID) ([]auth.SessionRow, error) {
	rows, err := m.cfg.Store.SessionsOf(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	now := m.cfg.Clock()
	return slices.DeleteFunc(rows, func(row auth.SessionRow) bool { return !now.Before(row.Expires) }), nil
}

// Revoke ends one session; none is fine.
func (m *Manager) Revoke(ctx context.Context, id auth.SessionID) error {
	if err := m.cfg.Store.EndSession(ctx, id); err != nil {
		return fmt.Errorf("revoke session: %w", err)
	}
	return nil
}

// RevokeAll ends every session of the account, remembered ones too. Call it when a credential changes.
func (m *Manager) RevokeAll(ctx context.Context, id auth.AccountID) error {
	if err := m.cfg.Store.EndSessionsOf(ctx, id); err != nil {
		return fmt.Errorf("revoke sessions: %w", err)
	}
	return nil
}
