package auth

import "time"

// SessionID names a signed-in session in the store: the SHA-256, in 64 lower-case hex digits, of what the client's cookie
// holds. Who reads the store cannot act for the client.
type SessionID string

// SessionRow is a signed-in session as the store keeps it.
type SessionRow struct {
	ID SessionID
	// Remember is the digest of the cookie by which a remembered sign-in is resumed, unique among sessions; empty if the
	// person did not ask to stay signed in.
	Remember SessionID
	// Account is whose session it is; never 0.
	Account AccountID
	// Stamp is the account's as the person proved who they are: a session starts only while it is. It is not kept.
	Stamp Stamp
	// Authenticated is when the person proved who they are.
	Authenticated time.Time
	// Expires is when the session ends unless it is renewed. The store keeps whole seconds at least.
	Expires time.Time
}

// KeyRow is one of the server's keys as the store keeps it. Rows are added and never changed.
type KeyRow struct {
	// ID numbers keys from 1 without gaps; it fits 32 bits.
	ID int64
	// Wrapped is the key, encrypted by a master key that is not in the store.
	Wrapped []byte
	Created time.Time
	// SignsFrom is when the key replaces the one before it. Until then it only verifies.
	SignsFrom time.Time
}
