package passkey

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"gatehouse/auth"
)

// passkey is a passkey as it is stored. Nothing of it is secret.
type passkey struct {
	// Name is what its owner calls it.
	Name string `json:"name"`
	// Added and Used are in seconds since 1970; Used 0 = never.
	Added int64 `json:"added"`
	Used  int64 `json:"used,omitempty"`
	// Handle is what the device knows the account by.
	Handle []byte `json:"handle"`
	ID     []byte `json:"id"`
	// Key is the public half, in COSE.
	Key    []byte `json:"key"`
	Format string `json:"format"`
	Model  []byte `json:"model,omitempty"`
	// Transports is how browsers reach the device.
	Transports []protocol.AuthenticatorTransport `json:"transports,omitempty"`
	Counter    uint32                            `json:"counter,omitempty"`
	Verified   bool                              `json:"verified,omitempty"`
	// MayBackUp never changes, BackedUp may.
	MayBackUp bool `json:"mayBackUp,omitempty"`
	BackedUp  bool `json:"backedUp,omitempty"`

	kind auth.CredentialKind
	raw  string // as it was read
}

// kindOf is the kind under which a passkey is stored. It is the digest of the id, because ids may be long.
func kindOf(credentialID []byte) auth.CredentialKind {
	sum := sha256.Sum256(credentialID)
	return auth.CredentialPasskey.One(hex.EncodeToString(sum[:]))
}

func (p *Provider) newPasskey(handle []byte, c *webauthn.Credential) passkey {
	return passkey{
		Added: p.cfg.Clock().Unix(), Handle: handle, ID: c.ID, Key: c.PublicKey, Format: c.AttestationFormat, Model: c.Authenticator.AAGUID,
		Transports: c.Transport, Counter: c.Authenticator.SignCount, Verified: c.Flags.UserVerified,
		MayBackUp: c.Flags.BackupEligible, BackedUp: c.Flags.BackupState, kind: kindOf(c.ID),
	}
}

func (k passkey) credential() webauthn.Credential {
	return webauthn.Credential{
		ID: k.ID, PublicKey: k.Key, AttestationFormat: k.Format, Transport: k.Transports,
		Flags: webauthn.CredentialFlags{
			UserPresent: true, UserVerified: k.Verified, BackupEligible: k.MayBackUp, BackupState: k.BackedUp,
		},
		Authenticator: webauthn.Authenticator{AAGUID: k.Model, SignCount: k.Counter},
	}
}

func (k passkey) encode() (string, error) {
	b, err := json.Marshal(k)
	return string(b), err
}

// factor is the passkey as lists show it.
func (k passkey) factor() auth.Factor {
	f := auth.Factor{ID: k.kind, Name: k.Name, Added: time.Unix(k.Added, 0).UTC()}
	if k.Used != 0 {
		f.Used = time.Unix(k.Used, 0).UTC()
	}
	return f
}

// passkeysIn gives the passkeys among credentials, oldest first.
func passkeysIn(all []auth.Credential) ([]passkey, error) {
	var out []passkey
	for _, c := range all {
		if c.Kind.Family() != auth.CredentialPasskey {
			continue
		}
		k := passkey{kind: c.Kind, raw: c.Value}
		if err := json.Unmarshal([]byte(c.Value), &k); err != nil {
			return nil, fmt.Errorf("read %s: %w", c.Kind, err)
		}
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b passkey) int {
		return cmp.Or(cmp.Compare(a.Added, b.Added), cmp.Compare(a.kind, b.kind))
	})
	return out, nil
}

func (o owner) idBytes() int {
	n := 0
	for _, k := range o.passkeys {
		n += len(k.ID)
	}
	return n
}

// held gives the credentials of an account, and the account as the library sees it.
func (p *Provider) held(ctx context.Context, a auth.Account) ([]auth.Credential, owner, error) {
	all, err := p.cfg.Store.Credentials(ctx, a.ID)
	if err != nil {
		return nil, owner{}, err
	}
	o := owner{name: a.Name}
	if o.passkeys, err = passkeysIn(all); err == nil && len(o.passkeys) > 0 {
		o.handle = o.passkeys[0].Handle
	}
	return all, o, err
}
