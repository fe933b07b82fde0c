package passkey

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

const (
	challengeBytes = 32
	handleBytes    = 32
	// maxAnswer is more than any device answers.
	maxAnswer = 16 << 10
	// What is kept of a passkey has to fit into the state of a flow: an RSA key of 8192 bits does.
	maxKey        = 1100
	maxTransports = 10
	maxTransport  = 32
)

// ceremony is what is kept of a question until its answer: in the encrypted state of a flow, or sealed in a ticket.
type ceremony struct {
	// Challenge is in base64url, as browsers return it.
	Challenge string `json:"challenge"`
	// Handle is what devices know the account by: random, the same for all passkeys of an account.
	Handle []byte `json:"handle,omitempty"`
	// Alone says that the passkey is the only credential: the device verifies who holds it.
	Alone bool `json:"alone,omitempty"`
}

func (c ceremony) session(host string) webauthn.SessionData {
	s := webauthn.SessionData{
		Challenge: c.Challenge, RelyingPartyID: host, UserID: c.Handle, UserVerification: c.verification(),
		CredParams: webauthn.CredentialParametersRecommendedL3(),
	}
	return s
}

func (c ceremony) verification() protocol.UserVerificationRequirement {
	if c.Alone {
		return protocol.VerificationRequired
	}
	return protocol.VerificationPreferred
}

// owner is an account as the library sees it.
type owner struct {
	handle   []byte
	name     auth.Name
	passkeys []passkey
}

func (o owner) WebAuthnID() []byte          { return o.handle }
func (o owner) WebAuthnName() string        { return string(o.name) }
func (o owner) WebAuthnDisplayName() string { return string(o.name) }

func (o owner) WebAuthnCredentials() []webauthn.Credential {
	out := make([]webauthn.Credential, len(o.passkeys))
	for i, k := range o.passkeys {
		out[i] = k.credential()
	}
	return out
}

func (o owner) descriptors() []protocol.CredentialDescriptor {
	var out []protocol.CredentialDescriptor
	for _, c := range o.WebAuthnCredentials() {
		out = append(out, c.Descriptor())
	}
	return out
}

func (p *Provider) randomBytes(n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(p.cfg.Random, b); err != nil {
		return nil, fmt.Errorf("make a challenge: %w", err)
	}
	return b, nil
}

// askToMake gives the options by which a browser makes a passkey for o, whose handle is made here where it has none.
func (p *Provider) askToMake(o owner, alone bool) (ceremony, auth.Request, error) {
	challenge, err := p.randomBytes(challengeBytes)
	if err != nil {
		return ceremony{}, auth.Request{}, err
	}
	if len(o.passkeys) > 0 {
		o.handle = o.passkeys[0].Handle
	}
	if o.handle == nil {
		if o.handle, err = p.randomBytes(handleBytes); err != nil {
			return ceremony{}, auth.Request{}, err
		}
	}
	c := ceremony{Challenge: base64.RawURLEncoding.EncodeToString(challenge), Handle: o.handle, Alone: alone}
	keeps := protocol.ResidentKeyRequirementPreferred
	if alone {
		keeps = protocol.ResidentKeyRequirementRequired
	}
	options, _, err := p.rules.BeginRegistration(o,
		webauthn.WithExclusions(o.descriptors()),
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{UserVerification: c.verification(), ResidentKey: keeps}),
		webauthn.WithResidentKeyRequirement(keeps),
		webauthn.WithCredentialParameters(webauthn.CredentialParametersRecommendedL3()),
		func(o *protocol.PublicKeyCredentialCreationOptions) error { o.Challenge = challenge; return nil },
	)
	if err != nil {
		return ceremony{}, auth.Request{}, fmt.Errorf("ask for a new passkey: %w", err)
	}
	r, err := question(createID, o.name, "create", options.Response)
	return c, r, err
}

// askToProve gives the options by which a browser proves a passkey of o; of anybody, where o is nobody.
func (p *Provider) askToProve(o owner) (ceremony, auth.Request, error) {
	challenge, err := p.randomBytes(challengeBytes)
	if err != nil {
		return ceremony{}, auth.Request{}, err
	}
	c := ceremony{Challenge: base64.RawURLEncoding.EncodeToString(challenge), Handle: o.handle, Alone: len(o.passkeys) == 0}
	// The library makes options for an account or for nobody; which passkeys are meant is all that differs.
	options, _, err := p.rules.BeginDiscoverableLogin(
		webauthn.WithChallenge(challenge), webauthn.WithUserVerification(c.verification()), webauthn.WithAllowedCredentials(o.descriptors()),
	)
	if err != nil {
		return ceremony{}, auth.Request{}, fmt.Errorf("ask for a passkey: %w", err)
	}
	r, err := question(proveID, o.name, "get", options.Response)
	return c, r, err
}

// question is the request of a ceremony: the options, and the field for what the browser answers.
func question(which auth.RequestID, name auth.Name, kind string, options any) (auth.Request, error) {
	b, err := json.Marshal(options)
	if err != nil {
		return auth.Request{}, fmt.Errorf("write options: %w", err)
	}
	text := string(b)
	r := auth.Request{
		ID: which, Metadata: []auth.Datum{{Name: "ceremony", Value: kind}},
		Provider: message.New("gatehouse-passkey-provider"), Account: message.Literal(string(name)),
		Fields: []auth.Field{
			{
				Name: optionsField, Type: auth.FieldNull, Value: &text,
				Label: message.New("gatehouse-passkey-options"), Help: message.New("gatehouse-passkey-options-help"),
			},
			{
				Name: answerField, Type: auth.FieldString,
				Label: message.New("gatehouse-passkey-response"), Help: message.New("gatehouse-passkey-response-help"),
			},
		},
	}
	return r, nil
}

// errRefused is what is wrong with an answer. Its text is for the log.
var errRefused = errors.New("refused")

func refused(err error) error {
	var e *protocol.Error
	if errors.As(err, &e) {
		return fmt.Errorf("%w: %s %s", errRefused, e.Details, e.DevInfo)
	}
	return fmt.Errorf("%w: %w", errRefused, err)
}

// made checks the answer of a browser that made a passkey. Its error is errRefused.
func (p *Provider) made(c ceremony, answer string) (passkey, error) {
	if len(answer) > maxAnswer {
		return passkey{}, fmt.Errorf("%w: too long", errRefused)
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(answer))
	if err != nil {
		return passkey{}, refused(err)
	}
	found, err := p.rules.CreateCredential(owner{handle: c.Handle}, c.session(p.cfg.Host), parsed)
	if err != nil {
		return passkey{}, refused(err)
	}
	if !bytes.Equal(found.ID, parsed.RawID) || len(found.ID) == 0 {
		return passkey{}, fmt.Errorf("%w: two credential ids", errRefused)
	}
	if !usable(found.PublicKey) || !short(found.Transport) {
		return passkey{}, fmt.Errorf("%w: the key is not of its algorithm, or too much is said of it", errRefused)
	}
	return p.newPasskey(c.Handle, found), nil
}

// short reports whether what a browser says of the way to a device is no more than a few words.
func short(all []protocol.AuthenticatorTransport) bool {
	return len(all) <= maxTransports && !slices.ContainsFunc(all, func(t protocol.AuthenticatorTransport) bool { return len(t) > maxTransport })
}

// usable reports whether a key is of the algorithm that it names, which the library looks at no sooner than at its first use,
// and small enough to be kept.
func usable(key []byte) bool {
	parsed, err := webauthncose.ParsePublicKey(key)
	if err != nil || len(key) > maxKey {
		return false
	}
	var algorithm webauthncose.COSEAlgorithmIdentifier
	var named int64
	switch k := parsed.(type) {
	case webauthncose.OKPPublicKeyData:
		algorithm, named = webauthncose.AlgEdDSA, k.Algorithm
	case webauthncose.EC2PublicKeyData:
		algorithm, named = webauthncose.AlgES256, k.Algorithm
	case webauthncose.RSAPublicKeyData:
		algorithm, named = webauthncose.AlgRS256, k.Algorithm
	}
	return named != 0 && named == int64(algorithm)
}

// proven checks the answer of a browser that proves a passkey of o, and gives the passkey as it is to be stored from now on. Its
// error is errRefused.
func (p *Provider) proven(c ceremony, o owner, parsed *protocol.ParsedCredentialAssertionData) (passkey, error) {
	session := c.session(p.cfg.Host)
	session.UserID = o.handle
	found, err := p.rules.ValidateLogin(o, session, parsed)
	if err != nil {
		return passkey{}, refused(err)
	}
	if found.Authenticator.CloneWarning {
		return passkey{}, fmt.Errorf("%w: the signature counter did not rise, there may be a copy of the key", errRefused)
	}
	for _, k := range o.passkeys {
		if bytes.Equal(k.ID, found.ID) {
			k.Counter, k.BackedUp, k.Used = found.Authenticator.SignCount, found.Flags.BackupState, p.cfg.Clock().Unix()
			return k, nil
		}
	}
	return passkey{}, fmt.Errorf("%w: unknown passkey", errRefused)
}

func parseProof(answer string) (*protocol.ParsedCredentialAssertionData, error) {
	if len(answer) > maxAnswer {
		return nil, fmt.Errorf("%w: too long", errRefused)
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil {
		return nil, refused(err)
	}
	return parsed, nil
}

// spend stores a passkey that was used. Of several proofs at once that were made with one counter, one succeeds.
func (p *Provider) spend(ctx context.Context, a auth.Account, k passkey) error {
	value, err := k.encode()
	if err != nil {
		return err
	}
	err = p.cfg.Store.ReplaceCredential(ctx, a.ID, k.kind, k.raw, value)
	if errors.Is(err, auth.ErrNotFound) {
		return fmt.Errorf("%w: it was used or changed meanwhile", errRefused)
	}
	return err
}

// settle tells a refusal, which is logged, from a fault.
func (p *Provider) settle(ctx context.Context, name auth.Name, err error) (ok bool, fault error) {
	if errors.Is(err, errRefused) {
		p.log(ctx, "refused", name, slog.String("why", err.Error()))
		return false, nil
	}
	return err == nil, err
}
