package websession

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"

	"gatehouse/auth"
)

// FlowID implements auth.Session. It is "" for a visitor without a session, who has no flow; NewFlowSecret gives them a
// session. The store cannot tell the cookie from it.
func (s *Session) FlowID() auth.FlowID {
	switch {
	case s.account.ID != 0:
		return flowID("session", []byte(s.row.ID))
	case s.visitor != nil:
		return flowID("visitor", s.visitor.id[:])
	}
	return ""
}

// Establish implements auth.Session.
func (s *Session) Establish() auth.FlowID {
	if s.account.ID == 0 {
		s.persist() // without randomness there is no session, and then none has a name
	}
	return s.FlowID()
}

func flowID(kind string, id []byte) auth.FlowID {
	sum := sha256.Sum256(append([]byte("flow of "+kind+" "), id...))
	return auth.FlowID(hex.EncodeToString(sum[:]))
}

// FlowSecret implements auth.Session. A signed-in session has one always: it follows from the session's cookie, which the
// store does not know.
func (s *Session) FlowSecret() []byte {
	switch {
	case s.account.ID != 0:
		mac := hmac.New(sha256.New, s.secret)
		mac.Write([]byte("flow"))
		return mac.Sum(nil)[:flowSecretSize]
	case s.visitor != nil:
		return s.visitor.flow
	}
	return nil
}

// NewFlowSecret implements auth.Session. A visitor's cookie is written again with the same id, so that tokens stay good,
// and a fresh secret, so that who planted the cookie cannot follow the flow.
func (s *Session) NewFlowSecret() []byte {
	if s.account.ID != 0 {
		return s.FlowSecret()
	}
	flow := make([]byte, flowSecretSize)
	if err := s.m.fill(flow); err != nil {
		s.m.cfg.Logger.Error("make flow secret", slog.Any("error", err))
		return nil // nothing can be sealed with it: the flow is refused
	}
	if !s.persist() {
		return nil
	}
	s.visitor.flow, s.renewed = flow, true
	return flow
}
