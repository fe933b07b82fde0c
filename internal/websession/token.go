package websession

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
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
const AnonymousToken = tokenSuffix

// A token is 32 hexadecimal digits of MAC, the time of its making in seconds as hexadecimal digits, and the suffix.
const (
	tokenSuffix    = `+\`
	tokenMACBytes  = 16
	tokenMACDigits = 2 * tokenMACBytes
	maxTimeDigits  = 10
)

// forVisitors reports whether a token of this type needs a session even where nobody is signed in.
func (t TokenType) forVisitors() bool { return t == TokenCreateAccount || t == TokenLogin }

// Token makes a token of type t. For nobody it is AnonymousToken unless t is login or createaccount; those two give a
// visitor without a session one. Tokens made in one second are equal, and all stay good as long as the session does.
func (s *Session) Token(t TokenType) string {
	secret := s.tokenSecret(t)
	if secret == nil {
		return AnonymousToken
	}
	return mint(secret, t, s.now.Unix())
}

// CheckToken reports whether token is one that Token gave in this session for type t. A visitor without a session gets one
// when t is login or createaccount, so that the token they fetch next holds.
func (s *Session) CheckToken(t TokenType, token string) bool {
	secret := s.tokenSecret(t)
	if secret == nil {
		return !t.forVisitors() && token == AnonymousToken
	}
	made, ok := tokenTime(token)
	if !ok || time.Unix(made, 0).After(s.now.Add(maxClockSkew)) {
		return false
	}
	return subtle.ConstantTimeCompare([]byte(mint(secret, t, made)), []byte(token)) == 1
}

// tokenSecret is what the session's tokens of type t are made with; nil = they are AnonymousToken.
func (s *Session) tokenSecret(t TokenType) []byte {
	switch {
	case s.account.ID != 0:
		return s.secret
	case t.forVisitors() && s.persist():
		return s.visitor.secret[:]
	}
	return nil
}

// mint makes the token of a time. It follows from its arguments alone, so nothing is kept of tokens.
func mint(secret []byte, t TokenType, unix int64) string {
	var room [64]byte
	data := append(room[:0], "token "...)
	data = append(data, t...)
	data = append(data, ' ')
	data = strconv.AppendInt(data, unix, 10)
	sum := sign(secret, data)

	var token [tokenMACDigits + maxTimeDigits + len(tokenSuffix)]byte
	out := hex.AppendEncode(token[:0], sum[:tokenMACBytes])
	out = strconv.AppendInt(out, unix, 16)
	return string(append(out, tokenSuffix...))
}

// sign is the HMAC-SHA256 of data, which is at most 64 bytes long. It is crypto/hmac's, but for the seven pieces of memory that
// a new one takes: every visitor has a key of their own, so none can be kept.
func sign(key, data []byte) [sha256.Size]byte {
	const innerPad, outerPad = 0x36, 0x5c
	var inner [2 * sha256.BlockSize]byte
	var outer [sha256.BlockSize + sha256.Size]byte
	if len(key) > sha256.BlockSize {
		short := sha256.Sum256(key)
		key = short[:]
	}
	copy(inner[:], key)
	copy(outer[:], key)
	for i := range sha256.BlockSize {
		inner[i] ^= innerPad
		outer[i] ^= outerPad
	}
	n := copy(inner[sha256.BlockSize:], data)
	sum := sha256.Sum256(inner[:sha256.BlockSize+n])
	copy(outer[sha256.BlockSize:], sum[:])
	return sha256.Sum256(outer[:])
}

// tokenTime reads the time in a token.
func tokenTime(token string) (unix int64, ok bool) {
	body, ok := strings.CutSuffix(token, tokenSuffix)
	if !ok || len(body) <= tokenMACDigits || len(body) > tokenMACDigits+maxTimeDigits {
		return 0, false
	}
	u, err := strconv.ParseUint(body[tokenMACDigits:], 16, 63)
	return int64(u), err == nil
}

// TokenTime gives the time in a token, whether the token holds or not; false for what has none.
func TokenTime(token string) (time.Time, bool) {
	unix, ok := tokenTime(token)
	return time.Unix(unix, 0).UTC(), ok
}
