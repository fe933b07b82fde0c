package auth

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gatehouse/internal/message"
)

// PassID numbers event passes from 1. 0 is none.
type PassID int64

// EventPass lets the people at one event make a number of accounts past the throttle. It lifts nothing else.
type EventPass struct {
	ID PassID
	// Digest is what the store keeps of the code: 64 hex digits, from which nobody finds the code again.
	Digest string
	// Count is how many accounts can be made with it, Used how many were.
	Count, Used int64
	// Network is where it can be used; invalid = anywhere.
	Network netip.Prefix
	// Note is the operator's, for other operators.
	Note string
	// By names who made it.
	By Name
	// Created and Ends bound it.
	Created, Ends time.Time
	// Revoked is when an operator took it back; zero if nobody did.
	Revoked time.Time
}

// Tag is how log entries of accounts made with the pass are marked.
func (p EventPass) Tag() string { return p.ID.Tag() }

// Tag is how log entries of accounts made with the pass are marked.
func (id PassID) Tag() string {
	if id == 0 {
		return ""
	}
	return "event-pass-" + strconv.FormatInt(int64(id), 10)
}

// Open reports whether the pass is neither over nor taken back. It may be used up all the same.
func (p EventPass) Open(now time.Time) bool { return p.Revoked.IsZero() && now.Before(p.Ends) }

// Admits tells whether the pass can be used now by somebody at addr. That it is used up is found out by its Counter.
func (p EventPass) Admits(addr netip.Addr, now time.Time) Check {
	switch {
	case !p.Open(now):
		return Refused(message.New(keyPassOver))
	case p.Network.IsValid() && !p.Network.Contains(addr.Unmap()):
		return Refused(message.New(keyPassElsewhere))
	}
	return Good()
}

// Counter holds accounts made to the pass's count. It outlives the pass.
func (p EventPass) Counter(now time.Time) Counter {
	return Counter{
		Key: p.Tag(), Limit: p.Count, Refusal: string(keyPassFull),
		Window: max(p.Ends.Sub(now), 0).Truncate(time.Second) + time.Hour,
	}
}

// PassOrder is what an operator asks for.
type PassOrder struct {
	Count   int64
	For     time.Duration
	Network netip.Prefix // invalid = anywhere
	Note    string
	By      Name
}

// The bounds of an event pass.
const (
	MaxPassCount = 10_000
	MinPassLife  = time.Minute
	MaxPassLife  = 31 * 24 * time.Hour
	maxPassNote  = 200
)

// ErrBadPass: nobody can have such an event pass. Its text says why.
var ErrBadPass = errors.New("there can be no such event pass")

func (o PassOrder) check() error {
	switch {
	case o.Count < 1 || o.Count > MaxPassCount:
		return fmt.Errorf("%w: it is for 1 to %d accounts", ErrBadPass, MaxPassCount)
	case o.For < MinPassLife || o.For > MaxPassLife:
		return fmt.Errorf("%w: it lasts a minute at least and 31 days at most", ErrBadPass)
	case utf8.RuneCountInString(o.Note) > maxPassNote:
		return fmt.Errorf("%w: a note has %d characters at most", ErrBadPass, maxPassNote)
	}
	return nil
}

// NewEventPass makes a pass and the code that its holders type, which nobody finds out afterwards. Nothing is stored. The
// error is ErrBadPass, or that random failed; random is crypto/rand in every server.
func NewEventPass(o PassOrder, now time.Time, random io.Reader) (p EventPass, code string, err error) {
	if err := o.check(); err != nil {
		return EventPass{}, "", err
	}
	if code, err = newPassCode(random); err != nil {
		return EventPass{}, "", err
	}
	now = now.Truncate(time.Second)
	p = EventPass{Count: o.Count, Network: o.Network.Masked(), Note: o.Note, By: o.By, Created: now, Ends: now.Add(o.For)}
	p.Digest, _ = PassDigest(code)
	return p, code, nil
}

// passBytes is the length of a code: 128 bits.
const passBytes = 16

var passEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// newPassCode makes a code, in groups that can be read aloud.
func newPassCode(random io.Reader) (string, error) {
	var secret [passBytes]byte
	if _, err := io.ReadFull(random, secret[:]); err != nil {
		return "", fmt.Errorf("make an event pass: %w", err)
	}
	code := passEncoding.EncodeToString(secret[:])
	groups := make([]string, 0, 7)
	for len(code) > 4 {
		groups, code = append(groups, code[:4]), code[4:]
	}
	return strings.Join(append(groups, code), "-"), nil
}

// PassDigest is what the store keeps of a code as somebody typed it: capitals or not, with or without the hyphens. False
// where no pass has such a code.
func PassDigest(typed string) (string, bool) {
	code := strings.ToUpper(strings.NewReplacer("-", "", " ", "", "\t", "").Replace(typed))
	secret, err := passEncoding.DecodeString(code)
	if err != nil || len(secret) != passBytes {
		return "", false
	}
	digest := sha256.Sum256(secret)
	return hex.EncodeToString(digest[:]), true
}
