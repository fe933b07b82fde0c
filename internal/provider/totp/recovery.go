package totp

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"gatehouse/auth"
)

// Recovery codes are 24 letters of Base32, 120 random bits: so many that a plain hash keeps them (no list of guesses is long
// enough), and that one look-up costs nothing.
const (
	recoveryCodes     = 10
	recoveryBytes     = 15
	recoverySaltBytes = 16
	// What an operator brings along may be shorter, down to the reference's own codes.
	minRecoveryLetters = 16
	maxRecoveryLetters = 128
	maxRecoveryCodes   = 100
)

// usedRecovery stands in the place of a code that was used. The row stays, so that using one is no change of credentials.
const usedRecovery = "used"

// ErrBadRecoveryCode says that a text is no recovery code.
var ErrBadRecoveryCode = errors.New("a recovery code is 16 to 128 letters and digits, and a list has at most 100 of them")

func newRecoveryCodes(random io.Reader) ([]string, error) {
	out := make([]string, recoveryCodes)
	for i := range out {
		var err error
		if out[i], err = randomLetters(random, recoveryBytes); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Recovery makes recovery codes for other kinds of factors.
type Recovery struct{ Random io.Reader }

// NewRecoveryCodes implements auth.RecoveryMaker.
func (r Recovery) NewRecoveryCodes() ([]string, error) { return newRecoveryCodes(r.Random) }

// RecoveryCredentials implements auth.RecoveryMaker.
func (r Recovery) RecoveryCredentials(codes []string) ([]auth.Credential, error) {
	return recoveryCredentials(r.Random, codes)
}

// FirstRecoveryCodes implements auth.RecoveryMaker.
func (r Recovery) FirstRecoveryCodes(all []auth.Credential) ([]string, []auth.CredentialChange, error) {
	if codesLeft(all) > 0 {
		return nil, nil, nil
	}
	codes, err := newRecoveryCodes(r.Random)
	if err != nil {
		return nil, nil, err
	}
	changes, err := recoveryChanges(r.Random, all, codes)
	return codes, changes, err
}

// hashRecovery gives the stored form of a code.
func hashRecovery(random io.Reader, code string) (string, error) {
	salt := make([]byte, recoverySaltBytes)
	if _, err := io.ReadFull(random, salt); err != nil {
		return "", fmt.Errorf("make a salt: %w", err)
	}
	return recoveryDigest(hex.EncodeToString(salt), code), nil
}

func recoveryDigest(salt, code string) string {
	sum := sha256.Sum256([]byte(salt + ":" + code))
	return "sha256:" + salt + ":" + hex.EncodeToString(sum[:])
}

// isRecovery reports whether the stored form is that of the code.
func isRecovery(stored, code string) bool {
	parts := strings.Split(stored, ":")
	if len(parts) != 3 {
		return false
	}
	return subtle.ConstantTimeCompare([]byte(recoveryDigest(parts[1], code)), []byte(stored)) == 1
}

// recoveryChanges puts codes in the place of all that there are.
func recoveryChanges(random io.Reader, there []auth.Credential, codes []string) ([]auth.CredentialChange, error) {
	fresh, err := recoveryCredentials(random, codes)
	if err != nil {
		return nil, err
	}
	var out []auth.CredentialChange
	kept := map[auth.CredentialKind]bool{}
	for _, c := range fresh {
		kept[c.Kind] = true
		out = append(out, auth.CredentialChange{Kind: c.Kind, Any: true, New: c.Value})
	}
	for _, c := range there {
		if c.Kind.Family() == auth.CredentialRecoveryCode && !kept[c.Kind] {
			out = append(out, auth.CredentialChange{Kind: c.Kind, Any: true})
		}
	}
	return out, nil
}

// recoveryForm reports whether a text can be a code: letters and digits, and no code of an app.
func recoveryForm(code string) bool {
	if len(code) < minRecoveryLetters || len(code) > maxRecoveryLetters {
		return false
	}
	return strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

func recoveryCredentials(random io.Reader, codes []string) ([]auth.Credential, error) {
	out := make([]auth.Credential, len(codes))
	for i, code := range codes {
		value, err := hashRecovery(random, code)
		if err != nil {
			return nil, err
		}
		out[i] = auth.Credential{Kind: auth.CredentialRecoveryCode.One(strconv.Itoa(i)), Value: value}
	}
	return out, nil
}

// spendRecovery takes the code away if it is one of the account's. Of several that bring one code at once, one succeeds.
func (p *Provider) spendRecovery(ctx context.Context, a auth.Account, have []auth.Credential, code string) (bool, error) {
	var found auth.Credential
	for _, c := range have {
		if c.Kind.Family() == auth.CredentialRecoveryCode && isRecovery(c.Value, code) {
			found = c
		}
	}
	if found.Kind == "" {
		return false, nil
	}
	err := p.cfg.Store.ReplaceCredential(ctx, a.ID, found.Kind, found.Value, usedRecovery)
	if errors.Is(err, auth.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
