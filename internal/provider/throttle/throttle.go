// Package throttle is the pre-authentication provider that limits how often accounts are made, how often that is tried,
// and how often passwords are guessed.
package throttle

import (
	"log/slog"
	"net/netip"

	"gatehouse/auth"
	limits "gatehouse/internal/throttle"
)

// Config is what the provider is built from.
type Config struct {
	Store limits.Store
	// Creations limits accounts made, Attempts what was tried, Logins sign-ins tried; no rule = no limit.
	Creations, Attempts, Logins limits.Rules
	// Allows tells whether an account has a right; creators with noratelimit are not limited.
	Allows func(auth.Account, auth.Right) bool
	// Exempt are addresses from which creations are not limited.
	Exempt []netip.Prefix
	Logger *slog.Logger
}
