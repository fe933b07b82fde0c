package keyring

import (
	"bytes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"

	"gatehouse/auth"
)

// A wrapped key is: one byte format, the wrapping key's fingerprint, the sealed secret.
const (
	wrapFormat      = 1
	fingerprintSize = 8
	wrapHeader      = 1 + fingerprintSize
)

// wrapper wraps keys with one master key.
type wrapper struct {
	aead        cipher.AEAD
	fingerprint []byte
	open        bool // the master key is known to everybody
}

// wrappers are the master keys that there are. master is nil without a file.
type wrappers struct{ master, none *wrapper }

func (ws wrappers) best() *wrapper {
	if ws.master != nil {
		return ws.master
	}
	return ws.none
}

// of gives the wrapper of a row, or an error that says which master key is missing.
func (ws wrappers) of(row auth.KeyRow) (*wrapper, error) {
	for _, w := range []*wrapper{ws.master, ws.none} {
		if w != nil && w.made(row) {
			return w, nil
		}
	}
	if ws.master == nil {
		return nil, fmt.Errorf("key %d is wrapped by a master key, and no master key file is configured", row.ID)
	}
	return nil, fmt.Errorf("key %d is wrapped by another master key than the one in the file", row.ID)
}

func newWrapper(master []byte) (*wrapper, error) {
	b, err := hkdf.Key(sha256.New, master, nil, "gatehouse 1 master key wraps", secretSize)
	if err != nil {
		return nil, fmt.Errorf("derive wrapping key: %w", err)
	}
	fingerprint, err := hkdf.Key(sha256.New, master, nil, "gatehouse 1 master key fingerprint", fingerprintSize)
	if err != nil {
		return nil, fmt.Errorf("derive fingerprint: %w", err)
	}
	aead, err := newAEAD(b)
	if err != nil {
		return nil, err
	}
	return &wrapper{aead: aead, fingerprint: fingerprint}, nil
}

func (w *wrapper) made(row auth.KeyRow) bool {
	return len(row.Wrapped) > wrapHeader && row.Wrapped[0] == wrapFormat && bytes.Equal(row.Wrapped[1:wrapHeader], w.fingerprint)
}

func (w *wrapper) wrap(id KeyID, secret [secretSize]byte) []byte {
	out := append([]byte{wrapFormat}, w.fingerprint...)
	return w.aead.Seal(out, nil, secret[:], wrapAAD(id))
}

func (w *wrapper) unwrap(id KeyID, wrapped []byte) (secret [secretSize]byte, err error) {
	plain, err := w.aead.Open(nil, nil, wrapped[wrapHeader:], wrapAAD(id))
	if err != nil || len(plain) != secretSize {
		return secret, ErrSealed
	}
	return [secretSize]byte(plain), nil
}

func wrapAAD(id KeyID) []byte { return fmt.Appendf(nil, "key %d", id) }

// loadWrappers reads the master key, and makes it if none of the rows was wrapped by one: a new file would hide that the
// old one is lost.
func (k *Keyring) loadWrappers(rows []auth.KeyRow) (wrappers, error) {
	none, err := newWrapper([]byte("gatehouse: this is no secret"))
	if err != nil {
		return wrappers{}, err
	}
	none.open = true
	path := k.cfg.MasterFile
	if path == "" {
		return wrappers{none: none}, nil
	}
	needed := false
	for _, row := range rows {
		needed = needed || !none.made(row)
	}
	master, err := readMaster(path, k.cfg.Logger)
	if errors.Is(err, fs.ErrNotExist) && !needed {
		if err = makeMaster(path, k.cfg.Random); err == nil {
			master, err = readMaster(path, k.cfg.Logger)
		}
	}
	if err != nil {
		return wrappers{}, fmt.Errorf("load the master key: %w", err)
	}
	w, err := newWrapper(master)
	return wrappers{master: w, none: none}, err
}
