package passkey

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

	"gatehouse/auth"
)

// The flags of authenticator data.
const (
	flagPresent   = 1 << 0
	flagVerified  = 1 << 2
	flagMayBackUp = 1 << 3
	flagBackedUp  = 1 << 4
	flagAttested  = 1 << 6
)

// device is an authenticator and the browser before it, both in software. What it would do is changed by its fields: the zero
// values are honest.
type device struct {
	t       *testing.T
	key     *ecdsa.PrivateKey
	id      []byte
	handle  []byte
	counter uint32
	flags   byte
	format  string

	lie lies
}

// lies are what a hostile device or browser says in the place of what is so.
type lies struct {
	kind, origin, challenge, host, idOutside string
	algorithm                                int
	handle                                   []byte
	signer                                   *ecdsa.PrivateKey
	crossOrigin                              bool
	// spoil changes the authenticator's data after it was signed.
	spoil bool
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func newDevice(t *testing.T) *device {
	id := make([]byte, 32)
	rand.Read(id)
	return &device{t: t, key: newKey(t), id: id, flags: flagPresent | flagVerified, format: "none"}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func or(lie, truth string) string {
	if lie != "" {
		return lie
	}
	return truth
}

func optionsOf(t *testing.T, r auth.Request) map[string]any {
	t.Helper()
	for _, f := range r.Fields {
		if f.Name == optionsField {
			var out map[string]any
			if err := json.Unmarshal([]byte(*f.Value), &out); err != nil {
				t.Fatal(err)
			}
			return out
		}
	}
	t.Fatalf("%s has no options", r.ID)
	return nil
}

// clientData is what the browser says of the ceremony.
func (d *device) clientData(kind string, options map[string]any) []byte {
	return d.json(map[string]any{
		"type": or(d.lie.kind, kind), "challenge": or(d.lie.challenge, options["challenge"].(string)),
		"origin": or(d.lie.origin, testOrigin), "crossOrigin": d.lie.crossOrigin,
	})
}

func (d *device) json(v any) []byte {
	d.t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		d.t.Fatal(err)
	}
	return b
}

func (d *device) cbor(v any) []byte {
	d.t.Helper()
	b, err := webauthncbor.Marshal(v)
	if err != nil {
		d.t.Fatal(err)
	}
	return b
}

func (d *device) data(host string, flags byte) []byte {
	sum := sha256.Sum256([]byte(or(d.lie.host, host)))
	return binary.BigEndian.AppendUint32(append(sum[:], flags), d.counter)
}

// publicKey is the key in COSE.
func (d *device) publicKey() []byte {
	point, err := d.key.PublicKey.Bytes()
	if err != nil {
		d.t.Fatal(err)
	}
	algorithm := -7
	if d.lie.algorithm != 0 {
		algorithm = d.lie.algorithm
	}
	return d.cbor(map[int]any{1: 2, 3: algorithm, -1: 1, -2: point[1:33], -3: point[33:]})
}

// make answers a request to make a passkey.
func (d *device) make(r auth.Request) string {
	d.t.Helper()
	options := optionsOf(d.t, r)
	d.handle, _ = base64.RawURLEncoding.DecodeString(options["user"].(map[string]any)["id"].(string))
	data := d.data(options["rp"].(map[string]any)["id"].(string), d.flags|flagAttested)
	data = append(data, make([]byte, 16)...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(d.id)))
	data = append(append(data, d.id...), d.publicKey()...)
	client := d.clientData("webauthn.create", options)
	statement := map[string]any{}
	if d.format == "packed" {
		statement = map[string]any{"alg": -7, "sig": d.sign(data, client)}
	}
	if d.lie.spoil {
		data[len(data)-1] ^= 1
	}
	object := d.cbor(map[string]any{"fmt": d.format, "attStmt": statement, "authData": data})
	return d.answer(map[string]any{"clientDataJSON": b64(client), "attestationObject": b64(object), "transports": []string{"internal"}})
}

func (d *device) sign(data, client []byte) []byte {
	d.t.Helper()
	sum := sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte{}, data...), sum[:]...))
	key := d.key
	if d.lie.signer != nil {
		key = d.lie.signer
	}
	sig, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
	if err != nil {
		d.t.Fatal(err)
	}
	return sig
}

// prove answers a request to prove the passkey.
func (d *device) prove(r auth.Request) string {
	d.t.Helper()
	options := optionsOf(d.t, r)
	d.counter++
	data := d.data(options["rpId"].(string), d.flags)
	client := d.clientData("webauthn.get", options)
	sig := d.sign(data, client)
	if d.lie.spoil {
		data[33]++ // the counter
	}
	handle := d.handle
	if d.lie.handle != nil {
		handle = d.lie.handle
	}
	return d.answer(map[string]any{
		"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(sig), "userHandle": b64(handle),
	})
}

func (d *device) answer(response map[string]any) string {
	outside := or(d.lie.idOutside, b64(d.id))
	return string(d.json(map[string]any{
		"id": outside, "rawId": outside, "type": "public-key", "response": response, "clientExtensionResults": map[string]any{},
	}))
}
