// Package passkeytest is an authenticator and the browser before it, both in software and as hostile as a test wants them.
package passkeytest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
)

// The flags of authenticator data.
const (
	Present   = 1 << 0
	Verified  = 1 << 2
	MayBackUp = 1 << 3
	BackedUp  = 1 << 4
	attested  = 1 << 6
)

// Device is an authenticator and the browser before it, both in software. What it would do is changed by its fields: the zero
// values are honest.
type Device struct {
	t      *testing.T
	origin string
	key    *ecdsa.PrivateKey

	ID []byte
	// Handle is what it knows the account by, once it made a passkey.
	Handle  []byte
	Counter uint32
	Flags   byte
	// Format is that of its attestations: "none", or "packed", by which its own key signs them.
	Format string
	Lie    Lies
}

// Lies are what a hostile device or browser says in the place of what is so.
type Lies struct {
	Kind, Origin, Challenge, Host, IDOutside string
	Algorithm                                int
	Handle                                   []byte
	Signer                                   *ecdsa.PrivateKey
	CrossOrigin                              bool
	// Spoil changes the authenticator's data after it was signed.
	Spoil bool
}

// NewKey makes a key that is no device's yet.
func NewKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// New gives an honest device, before it a browser that shows a page of the origin.
func New(t *testing.T, origin string) *Device {
	id := make([]byte, 32)
	rand.Read(id)
	return &Device{t: t, key: NewKey(t), origin: origin, ID: id, Flags: Present | Verified, Format: "none"}
}

// Base64 writes bytes as browsers do.
func Base64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func or(lie, truth string) string {
	if lie != "" {
		return lie
	}
	return truth
}

func (d *Device) read(options string) map[string]any {
	d.t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(options), &out); err != nil {
		d.t.Fatal(err)
	}
	return out
}

// clientData is what the browser says of the ceremony.
func (d *Device) clientData(kind string, options map[string]any) []byte {
	return d.json(map[string]any{
		"type": or(d.Lie.Kind, kind), "challenge": or(d.Lie.Challenge, options["challenge"].(string)),
		"origin": or(d.Lie.Origin, d.origin), "crossOrigin": d.Lie.CrossOrigin,
	})
}

func (d *Device) json(v any) []byte {
	d.t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		d.t.Fatal(err)
	}
	return b
}

func (d *Device) cbor(v any) []byte {
	d.t.Helper()
	b, err := webauthncbor.Marshal(v)
	if err != nil {
		d.t.Fatal(err)
	}
	return b
}

func (d *Device) data(host string, flags byte) []byte {
	sum := sha256.Sum256([]byte(or(d.Lie.Host, host)))
	return binary.BigEndian.AppendUint32(append(sum[:], flags), d.Counter)
}

// publicKey is the key in COSE.
func (d *Device) publicKey() []byte {
	point, err := d.key.PublicKey.Bytes()
	if err != nil {
		d.t.Fatal(err)
	}
	algorithm := -7
	if d.Lie.Algorithm != 0 {
		algorithm = d.Lie.Algorithm
	}
	return d.cbor(map[int]any{1: 2, 3: algorithm, -1: 1, -2: point[1:33], -3: point[33:]})
}

// Make answers the options to make a passkey.
func (d *Device) Make(asked string) string {
	d.t.Helper()
	options := d.read(asked)
	d.Handle, _ = base64.RawURLEncoding.DecodeString(options["user"].(map[string]any)["id"].(string))
	data := d.data(options["rp"].(map[string]any)["id"].(string), d.Flags|attested)
	data = append(data, make([]byte, 16)...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(d.ID)))
	data = append(append(data, d.ID...), d.publicKey()...)
	client := d.clientData("webauthn.create", options)
	statement := map[string]any{}
	if d.Format == "packed" {
		statement = map[string]any{"alg": -7, "sig": d.sign(data, client)}
	}
	if d.Lie.Spoil {
		data[len(data)-1] ^= 1
	}
	object := d.cbor(map[string]any{"fmt": d.Format, "attStmt": statement, "authData": data})
	return d.answer(map[string]any{"clientDataJSON": Base64(client), "attestationObject": Base64(object), "transports": []string{"internal"}})
}

func (d *Device) sign(data, client []byte) []byte {
	d.t.Helper()
	sum := sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte{}, data...), sum[:]...))
	key := d.key
	if d.Lie.Signer != nil {
		key = d.Lie.Signer
	}
	sig, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
	if err != nil {
		d.t.Fatal(err)
	}
	return sig
}

// Prove answers the options to prove the passkey.
func (d *Device) Prove(asked string) string {
	d.t.Helper()
	options := d.read(asked)
	d.Counter++
	data := d.data(options["rpId"].(string), d.Flags)
	client := d.clientData("webauthn.get", options)
	sig := d.sign(data, client)
	if d.Lie.Spoil {
		data[33]++ // the counter
	}
	handle := d.Handle
	if d.Lie.Handle != nil {
		handle = d.Lie.Handle
	}
	return d.answer(map[string]any{
		"clientDataJSON": Base64(client), "authenticatorData": Base64(data), "signature": Base64(sig), "userHandle": Base64(handle),
	})
}

func (d *Device) answer(response map[string]any) string {
	outside := or(d.Lie.IDOutside, Base64(d.ID))
	return string(d.json(map[string]any{
		"id": outside, "rawId": outside, "type": "public-key", "response": response, "clientExtensionResults": map[string]any{},
	}))
}
