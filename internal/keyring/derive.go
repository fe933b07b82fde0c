package keyring

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"hash"
	"sync"
)

// Purpose separates the uses of the keys. Purposes are constants of the program, never made from what a visitor sent:
// what is derived for one is kept.
type Purpose string

// secretSize is the size of keys of every kind, in bytes.
const secretSize = 32

// derivations are the keys that follow from one key's secret, one for each purpose and use, made when first needed.
type derivations struct {
	secret          [secretSize]byte
	site, publicURL string
	macs, seals     sync.Map // Purpose to *macKey, *sealKey
	stored          sync.Map // Purpose to *sealKey
}

// derive gives the key for one use ("mac", "seal") and purpose.
func (d *derivations) derive(use string, p Purpose) ([]byte, error) {
	return d.expand(fmt.Sprintf("gatehouse 1 %s %q %q %q", use, p, d.site, d.publicURL))
}

func (d *derivations) expand(info string) ([]byte, error) {
	b, err := hkdf.Key(sha256.New, d.secret[:], nil, info, secretSize)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	return b, nil
}

// macKey keeps hash states that have taken in the key, so that a MAC costs only its data.
type macKey struct{ states sync.Pool }

// macState is one such state and the buffer that its data is put together in.
type macState struct {
	hash hash.Hash
	data []byte
	sum  [TagSize]byte
}

func (d *derivations) mac(p Purpose) (*macKey, error) {
	if have, ok := d.macs.Load(p); ok {
		return have.(*macKey), nil
	}
	b, err := d.derive("mac", p)
	if err != nil {
		return nil, err
	}
	m := &macKey{}
	m.states.New = func() any { return &macState{hash: hmac.New(sha256.New, b)} }
	have, _ := d.macs.LoadOrStore(p, m)
	return have.(*macKey), nil
}

// sealKey is an AEAD, and the key itself for those that derive further.
type sealKey struct {
	aead cipher.AEAD
	raw  []byte
}

func (d *derivations) seal(p Purpose) (*sealKey, error) {
	return kept(&d.seals, p, func() ([]byte, error) { return d.derive("seal", p) })
}

// storedSeal is for what lies in the store: it can be opened whatever the site is called later.
func (d *derivations) storedSeal(p Purpose) (*sealKey, error) {
	return kept(&d.stored, p, func() ([]byte, error) { return d.expand(fmt.Sprintf("gatehouse 1 stored %q", p)) })
}

// kept gives the key of p among keys, made when it is first needed.
func kept(keys *sync.Map, p Purpose, derive func() ([]byte, error)) (*sealKey, error) {
	if have, ok := keys.Load(p); ok {
		return have.(*sealKey), nil
	}
	raw, err := derive()
	if err != nil {
		return nil, err
	}
	aead, err := newAEAD(raw)
	if err != nil {
		return nil, err
	}
	have, _ := keys.LoadOrStore(p, &sealKey{aead: aead, raw: raw})
	return have.(*sealKey), nil
}

// newAEAD is AES-256-GCM that chooses its nonces itself and puts them in front.
func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	return aead, nil
}
