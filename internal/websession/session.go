package websession

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"gatehouse/auth"
)

// Session is the session of one request. It belongs to one goroutine. It implements auth.Session.
type Session struct {
	m    *Manager
	now  time.Time
	sent sentCookies
	out  []*http.Cookie // what WriteCookies writes, one for each name

	// Nobody is signed in, and visitor is nil without a session …
	visitor *visitor
	// renewed: the visitor's cookie has to be written.
	renewed bool

	// … or account.ID is not 0, and these belong to it.
	account auth.Account
	row     auth.SessionRow
	secret  []byte // tokens and the flow secret follow from it

	established bool
}

var _ auth.Session = (*Session)(nil)

// SignIn tells how long a sign-in lasts.
type SignIn struct {
	// Remember keeps the person signed in for 180 days, by a cookie of its own.
	Remember bool
	// LongTerm keeps the cookies with the account's id and name for 180 days and not 30. Remember implies it.
	LongTerm bool
}

// Account is who is signed in, as the store had it when the session was loaded; ID 0 = nobody.
func (s *Session) Account() auth.Account { return s.account }

// AuthenticatedAt is when the signed-in person proved who they are; zero if nobody is.
func (s *Session) AuthenticatedAt() time.Time { return s.row.Authenticated }

// ID names the session in the store; empty if nobody is signed in.
func (s *Session) ID() auth.SessionID { return s.row.ID }

// Established reports whether the client sent a session that holds. Such an answer must not be cached for others, nor must
// one that sets a cookie.
func (s *Session) Established() bool { return s.established }

// SignIn makes a, as it was when the person proved who they are, the account of this client: a new session id, the session of
// before dead, its tokens and its flow too. auth.ErrChanged: its credentials changed since, and nothing happened.
func (s *Session) SignIn(ctx context.Context, a auth.Account, o SignIn) error {
	if a.ID == 0 {
		return errors.New("sign in: nobody")
	}
	id, token, err := s.m.newSecrets()
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	row := auth.SessionRow{ID: digest(id), Account: a.ID, Stamp: a.Stamp, Authenticated: s.now, Expires: s.now.Add(sessionLifetime)}
	if o.Remember {
		row.Remember, row.Expires = digest(token), s.now.Add(longLifetime)
	}
	if err := s.m.cfg.Store.StartSession(ctx, row, s.row.ID); err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	s.visitor, s.renewed = nil, false
	s.account, s.row, s.secret = a, row, []byte(id)
	s.set(s.m.cookies.session, id, 0)
	s.setAccountCookies(a, o)
	if o.Remember {
		s.secret = []byte(token) // as Load finds it next time
		s.set(s.m.cookies.token, token, longLifetime)
	} else {
		s.drop(s.m.cookies.token, s.sent.token)
	}
	return nil
}

func (s *Session) setAccountCookies(a auth.Account, o SignIn) {
	life := nameLifetime
	if o.Remember || o.LongTerm {
		life = longLifetime
	}
	s.set(s.m.cookies.userID, strconv.FormatInt(int64(a.ID), 10), life)
	s.set(s.m.cookies.userName, escapeName(a.Name), life)
}

// SignOut ends the session of whoever is signed in; nobody is fine. The name stays with the browser, which suggests it
// next time.
func (s *Session) SignOut(ctx context.Context) error {
	if s.account.ID == 0 {
		return nil
	}
	if err := s.m.cfg.Store.EndSession(ctx, s.row.ID); err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	s.account, s.row, s.secret = auth.Account{}, auth.SessionRow{}, nil
	s.out = nil
	s.drop(s.m.cookies.session, deletedValue)
	s.drop(s.m.cookies.userID, s.sent.userID)
	s.drop(s.m.cookies.token, s.sent.token)
	return nil
}

// resume takes over the signed-in session that find knows under the digest of what the client brought, if it is alive and
// belongs to the account that the client's UserID cookie names.
func (s *Session) resume(
	ctx context.Context, find func(context.Context, auth.SessionID) (auth.SessionRow, auth.Account, error), brought string,
) error {
	row, account, err := find(ctx, digest(brought))
	if errors.Is(err, auth.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if !s.now.Before(row.Expires) || account.ID == 0 || account.ID != row.Account {
		return nil
	}
	if s.sent.userID != "" && s.sent.userID != strconv.FormatInt(int64(account.ID), 10) {
		return nil
	}
	s.row, s.account, s.secret = row, account, []byte(brought)
	s.slide(ctx)
	return nil
}

// slide moves the end of a session whose time is more than half gone. A session that cannot be moved is still good.
func (s *Session) slide(ctx context.Context) {
	if s.m.cfg.ReadOnly || s.row.Remember != "" || s.row.Expires.Sub(s.now) >= sessionLifetime/2 {
		return
	}
	expires := s.now.Add(sessionLifetime)
	if err := s.m.cfg.Store.RenewSession(ctx, s.row.ID, expires); err != nil {
		s.m.cfg.Logger.LogAttrs(ctx, slog.LevelWarn, "renew session", slog.Any("error", err))
		return
	}
	s.row.Expires = expires
}

// newSecrets makes a session id and the secret of a remembered sign-in.
func (m *Manager) newSecrets() (id, token string, err error) {
	var b [sessionIDBytes + rememberBytes]byte
	if _, err := io.ReadFull(m.cfg.Random, b[:]); err != nil {
		return "", "", fmt.Errorf("make session id: %w", err)
	}
	return sessionIDText(b[:sessionIDBytes]), rememberText(b[sessionIDBytes:]), nil
}
