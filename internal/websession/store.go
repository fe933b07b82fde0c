package websession

import (
	"context"
	"time"

	"gatehouse/auth"
)

// SessionStore keeps the sessions of signed-in people. Anonymous visitors never reach it.
type SessionStore interface {
	// Session gives the session, expired or not, and its account as it is now: one read. auth.ErrNotFound if there is none.
	Session(ctx context.Context, id auth.SessionID) (auth.SessionRow, auth.Account, error)
	// RememberedSession is Session by SessionRow.Remember.
	RememberedSession(ctx context.Context, remember auth.SessionID) (auth.SessionRow, auth.Account, error)
	// StartSession stores row and removes the session replaces ("" or unknown: none) in the same transaction. auth.ErrChanged:
	// the account's stamp is not row's.
	StartSession(ctx context.Context, row auth.SessionRow, replaces auth.SessionID) error
	// RenewSession moves the end of a session that still exists.
	RenewSession(ctx context.Context, id auth.SessionID, expires time.Time) error
	// EndSession removes the session; none is fine.
	EndSession(ctx context.Context, id auth.SessionID) error
	// SessionsOf lists the account's sessions, expired or not, the last authenticated first.
	SessionsOf(ctx context.Context, account auth.AccountID) ([]auth.SessionRow, error)
	// EndSessionsOf removes all sessions of the account.
	EndSessionsOf(ctx context.Context, account auth.AccountID) error
}
