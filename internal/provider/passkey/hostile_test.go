package passkey

import (
	"fmt"
	"testing"

	"gatehouse/auth"
	"gatehouse/internal/provider/passkey/passkeytest"
)

// hostile is a rule of row 47 of the security checklist and how it is broken.
type hostile struct {
	rule string
	do   func(*passkeytest.Device)
}

func inBoth() []hostile {
	return []hostile{
		{"the challenge of another flow", func(d *passkeytest.Device) { d.Lie.Challenge = passkeytest.Base64(make([]byte, 32)) }},
		{"no challenge", func(d *passkeytest.Device) { d.Lie.Challenge = "AA" }},
		{"the type", func(d *passkeytest.Device) { d.Lie.Kind = "payment.get" }},
		{"the origin", func(d *passkeytest.Device) { d.Lie.Origin = "https://evil.example" }},
		{"the origin's scheme", func(d *passkeytest.Device) { d.Lie.Origin = "http://wiki.example.org" }},
		{"the origin's port", func(d *passkeytest.Device) { d.Lie.Origin = testOrigin + ":8443" }},
		{"an origin below the host", func(d *passkeytest.Device) { d.Lie.Origin = "https://evil.wiki.example.org" }},
		{"a frame of another site", func(d *passkeytest.Device) { d.Lie.CrossOrigin = true }},
		{"the RP id", func(d *passkeytest.Device) { d.Lie.Host = "example.org" }},
		{"presence", func(d *passkeytest.Device) { d.Flags &^= passkeytest.Present }},
		{"verification", func(d *passkeytest.Device) { d.Flags &^= passkeytest.Verified }},
		{"backed up though it cannot be", func(d *passkeytest.Device) { d.Flags |= passkeytest.BackedUp }},
		{"two ids", func(d *passkeytest.Device) { d.Lie.IDOutside = passkeytest.Base64([]byte("another")) }},
	}
}

// TestHostileAttestations refuses one new passkey for each rule, asks again with another challenge, and then takes a right one.
// It covers row 47 of the security checklist.
func TestHostileAttestations(t *testing.T) {
	rows := append(inBoth(),
		hostile{"an assertion in its place", func(d *passkeytest.Device) { d.Lie.Kind = "webauthn.get" }},
		hostile{"an algorithm that was not offered", func(d *passkeytest.Device) { d.Lie.Algorithm = -47 }},
		hostile{"an algorithm that its key is not of", func(d *passkeytest.Device) { d.Lie.Algorithm = -257 }},
		hostile{"a long id", func(d *passkeytest.Device) { d.ID = make([]byte, 1024) }},
		hostile{"an empty id", func(d *passkeytest.Device) { d.ID = nil }},
		hostile{"a statement that somebody else signed", func(d *passkeytest.Device) { d.Format, d.Lie.Signer = "packed", passkeytest.NewKey(t) }},
		hostile{"data changed after it was signed", func(d *passkeytest.Device) { d.Format, d.Lie.Spoil = "packed", true }},
		hostile{"an unknown format", func(d *passkeytest.Device) { d.Format = "made-up" }},
	)
	f := newFixture(t, "memory:")
	for i, row := range rows {
		c, r := f.beginCreation(auth.Name(fmt.Sprint("Name", i)))
		d := passkeytest.New(t, testOrigin)
		row.do(d)
		c.Answers = answered(createID, d.Make(asked(r)))
		got, err := f.ContinueCreation(t.Context(), c)
		f.try(err)
		if got.Status != auth.UI || key(got) != keyNotMade {
			t.Errorf("%s: %+v", row.rule, got)
			continue
		}
		var draft auth.Draft
		if f.try(f.ContributeToDraft(t.Context(), c, &draft)); len(draft.Credentials)+len(draft.Identities) > 0 {
			t.Errorf("%s: it is kept", row.rule)
		}
		old := c.Answers
		honest := passkeytest.New(t, testOrigin)
		c.Answers = answered(createID, honest.Make(asked(r)))
		if got, err = f.ContinueCreation(t.Context(), c); err != nil || got.Status != auth.UI {
			t.Errorf("%s: the challenge is used twice: %+v, %v", row.rule, got, err)
			continue
		}
		c.Answers = answered(createID, honest.Make(asked(got.Requests[0])))
		if got, err = f.ContinueCreation(t.Context(), c); err != nil || got.Status != auth.Pass {
			t.Errorf("after %s (%d bytes): %+v, %v", row.rule, len(old), got, err)
		}
	}
}

// TestHostileAssertions refuses one proof for each rule, alone and as a second factor, and asks again with another challenge. It
// covers row 47 of the security checklist.
func TestHostileAssertions(t *testing.T) {
	rows := append(inBoth(),
		hostile{"an attestation in its place", func(d *passkeytest.Device) { d.Lie.Kind = "webauthn.create" }},
		hostile{"another's signature", func(d *passkeytest.Device) { d.Lie.Signer = passkeytest.NewKey(t) }},
		hostile{"data changed after it was signed", func(d *passkeytest.Device) { d.Lie.Spoil = true }},
		hostile{"another's handle", func(d *passkeytest.Device) { d.Lie.Handle = make([]byte, 32) }},
		hostile{"a key that can be backed up now", func(d *passkeytest.Device) { d.Flags |= passkeytest.MayBackUp }},
		hostile{"a counter that stands still", func(d *passkeytest.Device) { d.Counter-- }},
		hostile{"a counter that falls", func(d *passkeytest.Device) { d.Counter -= 3 }},
		hostile{"a counter that begins again", func(d *passkeytest.Device) { d.Counter = ^uint32(0) }},
	)
	f := newFixture(t, "memory:")
	d := passkeytest.New(t, testOrigin)
	a := f.created("Alice", d)
	d.Counter = 10
	f.signIn(d, auth.Pass)
	for _, row := range rows {
		bad := *d
		row.do(&bad)
		l, r := f.beginLogin()
		l.Answers = answered(proveID, bad.Prove(asked(r)))
		got, err := f.ContinueLogin(t.Context(), l)
		f.try(err)
		if got.Status != auth.UI || key(got) != keyFailed || optionsOf(t, got.Requests[0])["challenge"] == optionsOf(t, r)["challenge"] {
			t.Errorf("%s: %+v", row.rule, got)
		}
		if row.rule == "verification" {
			continue // what a password came before needs none
		}
		l, r = f.waiting(a)
		bad = *d
		row.do(&bad)
		l.Answers = answered(proveID, bad.Prove(asked(r)))
		if tried, proven, err := f.ProveFactor(t.Context(), l); err != nil || !tried || proven {
			t.Errorf("%s as a second factor: %v, %v, %v", row.rule, tried, proven, err)
		}
	}
	f.signIn(d, auth.Pass)
	anonymous := *d
	anonymous.Lie.Handle = []byte{}
	f.signIn(&anonymous, auth.UI)
}
