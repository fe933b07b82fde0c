package keyring

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"gatehouse/auth"
)

// ErrSealed is what cannot be opened: it was changed, or sealed with another key, purpose, site or secret. Which of them is
// not told.
var ErrSealed = errors.New("cannot be opened with the server's keys")

// keyIDSize is the length of the key's id in front of everything sealed.
const keyIDSize = 4

const purposeFlow Purpose = "flow state"

var _ auth.Sealer = (*Keyring)(nil)

// Seal encrypts plain with the key that signs now. aad is authenticated with it and not contained; Open needs the same.
func (k *Keyring) Seal(p Purpose, plain, aad []byte) ([]byte, error) {
	by := k.signer()
	s, err := by.derived.seal(p)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return seal(by.id, s.aead, plain, aad), nil
}

// Open decrypts what Seal made; ErrSealed if it cannot. What a replaced key sealed can be opened for ever.
func (k *Keyring) Open(p Purpose, sealed, aad []byte) ([]byte, error) {
	s, err := k.sealKeyOf(p, sealed)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	return open(s.aead, sealed, aad)
}

// SealStored is Seal for what stays in the store: it does not cover the site's id and public address, which an operator may
// change while it lies there.
func (k *Keyring) SealStored(p Purpose, plain, aad []byte) ([]byte, error) {
	by := k.signer()
	s, err := by.derived.storedSeal(p)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return seal(by.id, s.aead, plain, aad), nil
}

// OpenStored decrypts what SealStored made; ErrSealed if it cannot.
func (k *Keyring) OpenStored(p Purpose, sealed, aad []byte) ([]byte, error) {
	by := k.keyOf(sealed)
	if by == nil {
		return nil, fmt.Errorf("open: %w", ErrSealed)
	}
	s, err := by.derived.storedSeal(p)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	return open(s.aead, sealed, aad)
}

// SealFlow implements auth.Sealer.
func (k *Keyring) SealFlow(secret, plain []byte) ([]byte, error) {
	by := k.signer()
	s, err := by.derived.seal(purposeFlow)
	if err != nil {
		return nil, fmt.Errorf("seal flow: %w", err)
	}
	aead, err := s.forFlow(secret)
	if err != nil {
		return nil, fmt.Errorf("seal flow: %w", err)
	}
	return seal(by.id, aead, plain, nil), nil
}

// OpenFlow implements auth.Sealer; ErrSealed if it cannot.
func (k *Keyring) OpenFlow(secret, sealed []byte) ([]byte, error) {
	s, err := k.sealKeyOf(purposeFlow, sealed)
	if err != nil {
		return nil, fmt.Errorf("open flow: %w", err)
	}
	aead, err := s.forFlow(secret)
	if err != nil {
		return nil, fmt.Errorf("open flow: %w", err)
	}
	return open(aead, sealed, nil)
}

// forFlow takes the client's secret into the key, so that the store and the server's keys together open nothing.
func (s *sealKey) forFlow(secret []byte) (cipher.AEAD, error) {
	if len(secret) == 0 {
		return nil, errors.New("no flow secret")
	}
	b, err := hkdf.Key(sha256.New, s.raw, secret, "flow", secretSize)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	return newAEAD(b)
}

// sealKeyOf finds the key by the id in front of sealed.
func (k *Keyring) sealKeyOf(p Purpose, sealed []byte) (*sealKey, error) {
	by := k.keyOf(sealed)
	if by == nil {
		return nil, ErrSealed
	}
	return by.derived.seal(p)
}

// keyOf gives the key that sealed names, or nil.
func (k *Keyring) keyOf(sealed []byte) *key {
	if len(sealed) < keyIDSize {
		return nil
	}
	return k.find(KeyID(binary.BigEndian.Uint32(sealed)))
}

func seal(id KeyID, aead cipher.AEAD, plain, aad []byte) []byte {
	out := make([]byte, keyIDSize, keyIDSize+len(plain)+aead.Overhead())
	binary.BigEndian.PutUint32(out, uint32(id))
	return aead.Seal(out, nil, plain, aad)
}

func open(aead cipher.AEAD, sealed, aad []byte) ([]byte, error) {
	plain, err := aead.Open(nil, nil, sealed[keyIDSize:], aad)
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}
