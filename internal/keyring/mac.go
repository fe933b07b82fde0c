package keyring

import (
	"crypto/hmac"
	"encoding/binary"
)

// TagSize is the length of a MAC, in bytes. A MAC may be cut, but not below MinTagSize.
const (
	TagSize    = 32
	MinTagSize = 8
)

// MAC authenticates the parts, whose borders count, with the key that signs now.
func (k *Keyring) MAC(p Purpose, parts ...[]byte) (KeyID, [TagSize]byte, error) {
	signer := k.signer()
	tag, err := signer.tag(p, parts)
	return signer.id, tag, err
}

// Verify reports whether tag, whole or cut to at least MinTagSize bytes, is the MAC of the parts by key id. It is false
// once the key has been replaced for longer than Config.Retention.
func (k *Keyring) Verify(p Purpose, id KeyID, tag []byte, parts ...[]byte) bool {
	if len(tag) < MinTagSize || len(tag) > TagSize {
		return false
	}
	by := k.find(id)
	if by == nil || !by.verifies(k.cfg.Clock()) {
		return false
	}
	want, err := by.tag(p, parts)
	if err != nil {
		return false
	}
	return hmac.Equal(tag, want[:len(tag)])
}

// MACBy is the MAC that key id makes of the parts, for what has to be computed again later. ok is false once the key has been
// replaced for longer than Config.Retention.
func (k *Keyring) MACBy(p Purpose, id KeyID, parts ...[]byte) (tag [TagSize]byte, ok bool) {
	by := k.find(id)
	if by == nil || !by.verifies(k.cfg.Clock()) {
		return tag, false
	}
	tag, err := by.tag(p, parts)
	return tag, err == nil
}

func (k *key) tag(p Purpose, parts [][]byte) ([TagSize]byte, error) {
	m, err := k.derived.mac(p)
	if err != nil {
		return [TagSize]byte{}, err
	}
	s := m.states.Get().(*macState)
	defer m.states.Put(s)
	s.data = s.data[:0]
	for _, part := range parts {
		s.data = binary.BigEndian.AppendUint32(s.data, uint32(len(part)))
		s.data = append(s.data, part...)
	}
	s.hash.Reset()
	s.hash.Write(s.data)
	s.hash.Sum(s.sum[:0])
	return s.sum, nil
}
