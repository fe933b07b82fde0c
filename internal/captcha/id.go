package captcha

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/keyring"
)

// Keys makes and knows MACs. *keyring.Keyring implements it.
type Keys interface {
	MAC(p keyring.Purpose, parts ...[]byte) (keyring.KeyID, [keyring.TagSize]byte, error)
	Verify(p keyring.Purpose, id keyring.KeyID, tag []byte, parts ...[]byte) bool
	MACBy(p keyring.Purpose, id keyring.KeyID, parts ...[]byte) (tag [keyring.TagSize]byte, ok bool)
}

const (
	keysOfIDs   keyring.Purpose = "captcha id"
	keysOfSeeds keyring.Purpose = "captcha seed"
)

// The layout of an id before it is written as digits: what is authenticated, the key's id, the MAC. Words of 64 bits make
// twenty digits each.
const (
	atExpires    = NonceSize
	atKind       = atExpires + 4
	atPurpose    = atKind + 1
	atDifficulty = atPurpose + 1
	atHolder     = atDifficulty + 4
	bodySize     = atHolder + holderSize
	atKey        = bodySize
	atTag        = atKey + 4
	packedSize   = 40
	words        = packedSize / 8
	wordDigits   = 20
	idSize       = words * wordDigits
)

// Mint makes challenges and reads their ids. It stores nothing and is safe for concurrent use.
type Mint struct {
	keys   Keys
	clock  func() time.Time
	random io.Reader
}

// NewMint makes a Mint; random gives the nonces and must be safe for concurrent use.
func NewMint(keys Keys, clock func() time.Time, random io.Reader) *Mint {
	return &Mint{keys: keys, clock: clock, random: random}
}

// Terms are what a challenge is made to.
type Terms struct {
	Kind       Code
	Purpose    Purpose
	Difficulty uint32
	Life       time.Duration
	// Holder is who may answer; "" = nobody in particular, which is somebody of its own.
	Holder auth.FlowID
}

// holderSize is how much of the holder's name an id carries, in bytes: enough that one cookie's challenge is of no use to
// another.
const holderSize = 6

type holder [holderSize]byte

// Make makes a challenge.
func (m *Mint) Make(t Terms) (Challenge, error) {
	var packed [packedSize]byte
	if _, err := io.ReadFull(m.random, packed[:NonceSize]); err != nil {
		return Challenge{}, fmt.Errorf("make captcha: %w", err)
	}
	expires := m.clock().Add(t.Life).Unix()
	binary.BigEndian.PutUint32(packed[atExpires:], uint32(expires))
	packed[atKind], packed[atPurpose] = byte(t.Kind), byte(t.Purpose)
	binary.BigEndian.PutUint32(packed[atDifficulty:], t.Difficulty)
	h := holderOf(t.Holder)
	copy(packed[atHolder:], h[:])
	key, tag, err := m.keys.MAC(keysOfIDs, packed[:bodySize])
	if err != nil {
		return Challenge{}, fmt.Errorf("make captcha: %w", err)
	}
	binary.BigEndian.PutUint32(packed[atKey:], uint32(key))
	copy(packed[atTag:], tag[:])
	c, ok := m.unpack(packed)
	if !ok {
		return Challenge{}, fmt.Errorf("make captcha: key %d is gone", key)
	}
	c.ID = digits(packed)
	return c, nil
}

// Read gives the challenge of an id that this site made and that has not expired. The MAC is looked at before anything else,
// and an id has one spelling.
func (m *Mint) Read(id string) (Challenge, bool) {
	packed, ok := undigits(id)
	if !ok {
		return Challenge{}, false
	}
	key := keyring.KeyID(binary.BigEndian.Uint32(packed[atKey:]))
	if !m.keys.Verify(keysOfIDs, key, packed[atTag:], packed[:bodySize]) {
		return Challenge{}, false
	}
	c, ok := m.unpack(packed)
	c.ID = id
	return c, ok && m.clock().Before(c.Expires)
}

// HeldBy reports whether the challenge was made for the holder. It makes no difference for looking at it: pictures are fetched
// without cookies too.
func (c Challenge) HeldBy(id auth.FlowID) bool { return c.holder == holderOf(id) }

// holderOf stands for a holder's name, of which nothing can be learned from it: the name is a digest of something random.
func holderOf(id auth.FlowID) holder {
	sum := sha256.Sum256([]byte("captcha holder " + id))
	return holder(sum[:holderSize])
}

func (m *Mint) unpack(packed [packedSize]byte) (Challenge, bool) {
	c := Challenge{
		Kind: Code(packed[atKind]), Purpose: Purpose(packed[atPurpose]),
		Difficulty: binary.BigEndian.Uint32(packed[atDifficulty:]),
		Expires:    time.Unix(int64(binary.BigEndian.Uint32(packed[atExpires:])), 0),
	}
	copy(c.Nonce[:], packed[:NonceSize])
	copy(c.holder[:], packed[atHolder:])
	var ok bool
	c.Seed, ok = m.keys.MACBy(keysOfSeeds, keyring.KeyID(binary.BigEndian.Uint32(packed[atKey:])), packed[:bodySize])
	return c, ok
}

func digits(packed [packedSize]byte) string {
	out := make([]byte, 0, idSize)
	var word [wordDigits]byte
	for i := range words {
		w := strconv.AppendUint(word[:0], binary.BigEndian.Uint64(packed[8*i:]), 10)
		for range wordDigits - len(w) {
			out = append(out, '0')
		}
		out = append(out, w...)
	}
	return string(out)
}

func undigits(id string) (packed [packedSize]byte, ok bool) {
	if len(id) != idSize {
		return packed, false
	}
	for i := range words {
		w, err := strconv.ParseUint(id[wordDigits*i:wordDigits*(i+1)], 10, 64)
		if err != nil {
			return packed, false
		}
		binary.BigEndian.PutUint64(packed[8*i:], w)
	}
	return packed, true
}
