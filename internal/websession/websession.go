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
	"io"
	"log/slog"
	"net/http"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/keyring"
)

// TokenType tells what a token is good for.
type TokenType string

// The types of token.
const (
	TokenCreateAccount TokenType = "createaccount"
	TokenCSRF          TokenType = "csrf"
	TokenLogin         TokenType = "login"
	TokenPatrol        TokenType = "patrol"
	TokenRollback      TokenType = "rollback"
	TokenUserRights    TokenType = "userrights"
	TokenWatch         TokenType = "watch"
)

// TokenTypes lists all types, sorted.
func TokenTypes() []TokenType {
	return []TokenType{TokenCreateAccount, TokenCSRF, TokenLogin, TokenPatrol, TokenRollback, TokenUserRights, TokenWatch}
}

// AnonymousToken is what nobody gets for every type but login and createaccount.
const AnonymousToken = `+\`

// Config is what a Manager is built from.
type Config struct {
	Store SessionStore
	Keys  *keyring.Keyring
	// Site is the site's id, the prefix of the cookies' names.
	Site string
	// PublicURL is what browsers see; on https the cookies are Secure and __Host-.
	PublicURL string
	// CrossSite lets browsers send the cookies with requests from other sites' pages (cors.allow).
	CrossSite bool
	Clock     func() time.Time
	// Random gives ids and secrets; it must be safe for concurrent use.
	Random io.Reader
	Logger *slog.Logger
}

// Manager loads sessions. It is safe for concurrent use.
type Manager struct{}

// New builds a Manager.
func New(c Config) (*Manager, error) { return &Manager{}, nil }

// Load tells the session of a request. It writes nothing, but for moving the end of a signed-in session. A broken or
// unknown cookie is an anonymous visitor without a session; an error is a fault of the store.
func (m *Manager) Load(ctx context.Context, r *http.Request) (*Session, error) {
	return &Session{}, nil
}

// List gives the account's live sessions, the last authenticated first.
func (m *Manager) List(ctx context.Context, id auth.AccountID) ([]auth.SessionRow, error) {
	return nil, nil
}

// Revoke ends one session; none is fine.
func (m *Manager) Revoke(ctx context.Context, id auth.SessionID) error { return nil }

// RevokeAll ends every session of the account, remembered ones too.
func (m *Manager) RevokeAll(ctx context.Context, id auth.AccountID) error { return nil }

// Purge removes expired sessions from the store. Call it now and then.
func (m *Manager) Purge(ctx context.Context) error { return nil }

// Session is the session of one request. It belongs to one goroutine. It implements auth.Session.
type Session struct{}

var _ auth.Session = (*Session)(nil)

// SignIn tells how long a sign-in lasts.
type SignIn struct {
	// Remember keeps the person signed in for 180 days.
	Remember bool
	// LongTerm keeps the cookies with the account's id and name for 180 days and not 30. Remember implies it.
	LongTerm bool
}

// Account is who is signed in; ID 0 = nobody.
func (s *Session) Account() auth.Account { return auth.Account{} }

// AuthenticatedAt is when the signed-in person proved who they are; zero if nobody is.
func (s *Session) AuthenticatedAt() time.Time { return time.Time{} }

// Established reports whether the client sent a session that holds. Such an answer must not be cached for others.
func (s *Session) Established() bool { return false }

// Token makes a token of type t. For nobody it is AnonymousToken unless t is login or createaccount; those two give a
// visitor without a session one.
func (s *Session) Token(t TokenType) string { return "" }

// CheckToken reports whether token is one that Token gave in this session for type t. A visitor without a session gets one
// when t is login or createaccount.
func (s *Session) CheckToken(t TokenType, token string) bool { return false }

// SignIn makes a the account of this client: a new session id, the old one dead, tokens and flow of before dead.
func (s *Session) SignIn(ctx context.Context, a auth.Account, o SignIn) error { return nil }

// SignOut ends the session of whoever is signed in; nobody is fine.
func (s *Session) SignOut(ctx context.Context) error { return nil }

// WriteCookies adds a Set-Cookie line for everything that changed. Call it once, before the status line.
func (s *Session) WriteCookies(h http.Header) {}

// FlowID implements auth.Session. It is "" for a visitor without a session; NewFlowSecret gives them one.
func (s *Session) FlowID() auth.FlowID { return "" }

// FlowSecret implements auth.Session.
func (s *Session) FlowSecret() []byte { return nil }

// NewFlowSecret implements auth.Session.
func (s *Session) NewFlowSecret() []byte { return nil }
