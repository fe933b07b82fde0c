package keyring

import (
	"bytes"
	"errors"
	"testing"
)

func TestOpenSealed(t *testing.T) {
	store := &memoryStore{}
	config := Config{Store: store, Site: "example"}
	k := mustOpen(t, config)
	plain, aad := []byte("body of a mail"), []byte("mail 7")
	sealed, err := k.Seal("mail", plain, aad)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, plain) {
		t.Error("the text can be read")
	}
	got, err := mustOpen(t, config).Open("mail", sealed, aad)
	if err != nil || !bytes.Equal(got, plain) {
		t.Errorf("another server opens %q, %v", got, err)
	}

	otherSite := config
	otherSite.Site = "example2"
	refused := []struct {
		name   string
		by     *Keyring
		p      Purpose
		sealed []byte
		aad    []byte
	}{
		{"another purpose", k, "totp", sealed, aad},
		{"other data beside it", k, "mail", sealed, []byte("mail 8")},
		{"another site", mustOpen(t, otherSite), "mail", sealed, aad},
		{"cut", k, "mail", sealed[:len(sealed)-1], aad},
		{"only an id", k, "mail", sealed[:keyIDSize], aad},
		{"less than an id", k, "mail", sealed[:keyIDSize-1], aad},
		{"nothing", k, "mail", nil, aad},
	}
	for _, tt := range refused {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := tt.by.Open(tt.p, tt.sealed, tt.aad); !errors.Is(err, ErrSealed) {
				t.Errorf("Open = %q, %v; want ErrSealed", got, err)
			}
		})
	}
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		if _, err := k.Open("mail", changed, aad); !errors.Is(err, ErrSealed) {
			t.Errorf("byte %d changed: %v, want ErrSealed", i, err)
		}
	}
}

// TestStored: what lies in the store outlives a change of the site's id and address, and is good for one purpose and place.
func TestStored(t *testing.T) {
	store := &memoryStore{}
	k := mustOpen(t, Config{Store: store, Site: "example", PublicURL: "https://a.example"})
	moved := mustOpen(t, Config{Store: store, Site: "other", PublicURL: "https://b.example"})
	plain, aad := []byte("body of a mail"), []byte("mail 7")
	sealed, err := k.SealStored("mail", plain, aad)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := moved.OpenStored("mail", sealed, aad); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("after the move: %q, %v", got, err)
	}
	if again, err := k.SealStored("mail", plain, aad); err != nil || bytes.Equal(again, sealed) {
		t.Errorf("the same twice: %v", err)
	}
	for name, open := range map[string]func() ([]byte, error){
		"another purpose":      func() ([]byte, error) { return k.OpenStored("totp", sealed, aad) },
		"other data beside it": func() ([]byte, error) { return k.OpenStored("mail", sealed, []byte("mail 8")) },
		"another use":          func() ([]byte, error) { return k.Open("mail", sealed, aad) },
		"only an id":           func() ([]byte, error) { return k.OpenStored("mail", sealed[:keyIDSize], aad) },
		"nothing":              func() ([]byte, error) { return k.OpenStored("mail", nil, aad) },
		"another store": func() ([]byte, error) {
			return mustOpen(t, Config{Store: &memoryStore{}, Site: "example"}).OpenStored("mail", sealed, aad)
		},
	} {
		if got, err := open(); !errors.Is(err, ErrSealed) {
			t.Errorf("%s: %q, %v; want ErrSealed", name, got, err)
		}
	}
}

func TestFlow(t *testing.T) {
	k := mustOpen(t, Config{Store: &memoryStore{}})
	secret, plain := []byte("sixteen bytes !!"), []byte(`{"v":1}`)
	sealed, err := k.SealFlow(secret, plain)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := k.OpenFlow(secret, sealed); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("OpenFlow = %q, %v", got, err)
	}
	if _, err := k.OpenFlow([]byte("sixteen bytes !?"), sealed); !errors.Is(err, ErrSealed) {
		t.Errorf("another secret: %v, want ErrSealed", err)
	}
	if _, err := k.Open(purposeFlow, sealed, nil); !errors.Is(err, ErrSealed) {
		t.Errorf("without the secret: %v, want ErrSealed", err)
	}
	for _, none := range [][]byte{nil, {}} {
		if _, err := k.SealFlow(none, plain); err == nil {
			t.Error("SealFlow takes no secret for one")
		}
		if _, err := k.OpenFlow(none, sealed); err == nil {
			t.Error("OpenFlow takes no secret for one")
		}
	}
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		if _, err := k.OpenFlow(secret, changed); !errors.Is(err, ErrSealed) {
			t.Errorf("byte %d changed: %v, want ErrSealed", i, err)
		}
	}
}
