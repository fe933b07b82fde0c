package websession

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"gatehouse/internal/keyring"
)

const purposeVisitor keyring.Purpose = "visitor cookie"

// visitor is an anonymous visitor's session. All of it is in the cookie.
type visitor struct {
	issued time.Time
	// id names the visitor's flow, secret makes their tokens. Both stay when the cookie is renewed.
	id, secret [visitorSecretSize]byte
	// flow is the secret of the flow they began last, if any.
	flow []byte
}

// A visitor's cookie is, in base64 for URLs: version, the key's id, time of issue, id, secret, the flow's secret if there
// is one, MAC. The version covers everything behind it.
const (
	visitorVersion    = 1
	visitorSecretSize = 16
	flowSecretSize    = 16
	visitorTagSize    = 16

	visitorKeyAt    = 1
	visitorIssuedAt = visitorKeyAt + 4
	visitorIDAt     = visitorIssuedAt + 5
	visitorSecretAt = visitorIDAt + visitorSecretSize
	visitorFlowAt   = visitorSecretAt + visitorSecretSize
	visitorSize     = visitorFlowAt + visitorTagSize
	visitorFlowSize = visitorSize + flowSecretSize
)

// encode signs the cookie with the key that signs now.
func (v *visitor) encode(keys *keyring.Keyring) (string, error) {
	var room [visitorFlowSize]byte
	b := room[:visitorIssuedAt]
	b[0] = visitorVersion
	var issued [8]byte
	binary.BigEndian.PutUint64(issued[:], uint64(v.issued.Unix()))
	b = append(b, issued[3:]...)
	b = append(b, v.id[:]...)
	b = append(b, v.secret[:]...)
	b = append(b, v.flow...)
	key, tag, err := keys.MAC(purposeVisitor, b[:visitorKeyAt], b[visitorIssuedAt:])
	if err != nil {
		return "", fmt.Errorf("sign cookie: %w", err)
	}
	binary.BigEndian.PutUint32(b[visitorKeyAt:], uint32(key))
	return base64.RawURLEncoding.EncodeToString(append(b, tag[:visitorTagSize]...)), nil
}

// decodeVisitor gives the visitor in a cookie that the server's keys signed, whatever its age, or nil.
func decodeVisitor(keys *keyring.Keyring, value string) *visitor {
	var buf [visitorFlowSize]byte
	enc := base64.RawURLEncoding.Strict()
	if n := enc.DecodedLen(len(value)); n != visitorSize && n != visitorFlowSize {
		return nil
	}
	n, err := enc.Decode(buf[:], []byte(value))
	if err != nil || (n != visitorSize && n != visitorFlowSize) || buf[0] != visitorVersion {
		return nil
	}
	signed, tag := buf[visitorIssuedAt:n-visitorTagSize], buf[n-visitorTagSize:n]
	key := keyring.KeyID(binary.BigEndian.Uint32(buf[visitorKeyAt:]))
	if !keys.Verify(purposeVisitor, key, tag, buf[:visitorKeyAt], signed) {
		return nil
	}
	var issued [8]byte
	copy(issued[3:], buf[visitorIssuedAt:visitorIDAt])
	v := &visitor{issued: time.Unix(int64(binary.BigEndian.Uint64(issued[:])), 0)}
	copy(v.id[:], buf[visitorIDAt:])
	copy(v.secret[:], buf[visitorSecretAt:])
	if n == visitorFlowSize {
		v.flow = append(v.flow, buf[visitorFlowAt:n-visitorTagSize]...)
	}
	return v
}

// readVisitor takes over the visitor in the client's cookie. A cookie past half its life is written again, the same but
// for the time.
func (s *Session) readVisitor() {
	v := decodeVisitor(s.m.cfg.Keys, s.sent.session)
	if v == nil {
		return
	}
	age := s.now.Sub(v.issued)
	if age >= visitorLifetime || age < -maxClockSkew {
		return
	}
	s.visitor = v
	s.renewed = age > visitorLifetime/2
}

// persist gives a visitor without a session one. The rest of a session that does not hold goes: beside it the new one
// would not hold either. It reports whether there is a visitor's session now.
func (s *Session) persist() bool {
	if s.visitor != nil {
		return true
	}
	v := &visitor{}
	if err := s.m.fill(v.id[:], v.secret[:]); err != nil {
		s.m.cfg.Logger.Error("make visitor", slog.Any("error", err))
		return false
	}
	s.visitor, s.renewed = v, true
	s.drop(s.m.cookies.userID, s.sent.userID)
	s.drop(s.m.cookies.token, s.sent.token)
	return true
}

// writeVisitor has the visitor's cookie written; at once where it is the only one, as it nearly always is.
func (s *Session) writeVisitor(h http.Header) {
	s.visitor.issued = s.now
	value, err := s.visitor.encode(s.m.cfg.Keys)
	if err != nil {
		s.m.cfg.Logger.Error("write visitor", slog.Any("error", err))
		return
	}
	if len(s.out) > 0 {
		s.set(s.m.cookies.session, value, 0)
		return
	}
	h["Set-Cookie"] = append(h["Set-Cookie"], s.m.cookies.session+"="+value+s.m.cookies.attributes)
}

func (m *Manager) fill(into ...[]byte) error {
	for _, b := range into {
		if _, err := io.ReadFull(m.cfg.Random, b); err != nil {
			return fmt.Errorf("read random bytes: %w", err)
		}
	}
	return nil
}
