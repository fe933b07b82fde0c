// Package proofofwork makes and verifies challenges that a computer pays for with its time: ALTCHA's protocol, version 1,
// over the standard library. What goes over the wire agrees with the protocol's own programs; docs/protocol.md describes it.
//
// A challenge hides a number. Whoever solves it tries number after number until SHA-256 of the salt and the number is the
// challenge. The salt carries all that the work was asked for: which captcha, what for, how hard, until when. The signature
// covers the challenge, and the challenge covers the salt, so that none of it can be changed.
//
// The package is pure: it keeps nothing, knows no clock and no HTTP. That a solution counts once is the business of package
// captcha.
package proofofwork

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Algorithm is the one hash of the protocol that is spoken here.
const Algorithm = "SHA-256"

// The bounds of a difficulty: how large the hidden number may be. On average half as many hashes solve a challenge.
const (
	LeastDifficulty = 1_000
	MostDifficulty  = 10_000_000
)

// Challenge is what a client is given, as the protocol spells it.
type Challenge struct {
	Algorithm string `json:"algorithm"`
	Challenge string `json:"challenge"`
	MaxNumber int64  `json:"maxnumber"`
	Salt      string `json:"salt"`
	Signature string `json:"signature"`
}

// Text is the challenge as clients take it: JSON.
func (c Challenge) Text() (string, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // people look at it, too
	if err := e.Encode(c); err != nil {
		return "", fmt.Errorf("write challenge: %w", err)
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// Terms are what a challenge asks work for. All of them are in its salt.
type Terms struct {
	// ID names the captcha. It has nothing in it that a query would escape: letters and digits.
	ID string
	// Purpose is the act that the work is for.
	Purpose string
	// Difficulty is the largest number that can be hidden, from LeastDifficulty to MostDifficulty.
	Difficulty int64
	// Expires is when the challenge ends; whole seconds count.
	Expires time.Time
}

// salt ends in a delimiter, as the protocol wants it: a digit of the number cannot pass for one of the parameters.
func (t Terms) salt() string {
	params := url.Values{
		"expires": {strconv.FormatInt(t.Expires.Unix(), 10)},
		"max":     {strconv.FormatInt(t.Difficulty, 10)},
		"purpose": {t.Purpose},
	}
	return t.ID + "?" + params.Encode() + "&"
}

// Puzzle is a challenge with what its maker knows.
type Puzzle struct {
	Challenge Challenge
	// Number is the hidden number.
	Number int64
	// Key is what Challenge is signed with, as text: programs of the protocol take its characters, not the bytes they spell.
	Key string
}

// New makes the puzzle that follows from seed, a secret of at least 16 bytes for this one challenge. It is an error to ask
// for what is out of bounds.
func New(seed []byte, t Terms) (Puzzle, error) {
	if t.Difficulty < LeastDifficulty || t.Difficulty > MostDifficulty {
		return Puzzle{}, fmt.Errorf("make challenge: difficulty %d is not within %d and %d", t.Difficulty, LeastDifficulty, MostDifficulty)
	}
	if len(seed) < 16 {
		return Puzzle{}, fmt.Errorf("make challenge: a seed of %d bytes can be guessed", len(seed))
	}
	number := int64(binary.BigEndian.Uint64(expand(seed, "number")) % uint64(t.Difficulty+1))
	key := hex.EncodeToString(expand(seed, "signature"))
	salt := t.salt()
	challenge := digest(salt, number)
	return Puzzle{
		Challenge: Challenge{
			Algorithm: Algorithm, Challenge: challenge, MaxNumber: t.Difficulty, Salt: salt, Signature: sign(key, challenge),
		},
		Number: number, Key: key,
	}, nil
}

// expand gives 32 bytes of seed for one use.
func expand(seed []byte, use string) []byte {
	m := hmac.New(sha256.New, seed)
	m.Write([]byte("gatehouse altcha " + use))
	return m.Sum(nil)
}

func digest(salt string, number int64) string {
	sum := sha256.Sum256(strconv.AppendInt([]byte(salt), number, 10))
	return hex.EncodeToString(sum[:])
}

func sign(key, challenge string) string {
	m := hmac.New(sha256.New, []byte(key))
	m.Write([]byte(challenge))
	return hex.EncodeToString(m.Sum(nil))
}
