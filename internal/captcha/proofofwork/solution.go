package proofofwork

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// maxPayload bounds what is looked at of a payload; one of ours has some 500 bytes.
const maxPayload = 4096

// solution is the JSON in a payload. What else programs put there, such as how long they took, is ignored.
type solution struct {
	Algorithm string `json:"algorithm"`
	Challenge string `json:"challenge"`
	Number    *int64 `json:"number"`
	Salt      string `json:"salt"`
	Signature string `json:"signature"`
}

// Solves reports whether payload, Base64 of JSON as the protocol has it, is the solution of p. It costs one hash, whatever
// was sent; when the challenge expires, the caller knows.
func (p Puzzle) Solves(payload string) bool {
	s, ok := parse(payload)
	if !ok || s.Algorithm != Algorithm || s.Number == nil || *s.Number < 0 || *s.Number > p.Challenge.MaxNumber {
		return false
	}
	same := hmac.Equal([]byte(s.Salt), []byte(p.Challenge.Salt)) &&
		hmac.Equal([]byte(s.Challenge), []byte(p.Challenge.Challenge)) &&
		hmac.Equal([]byte(s.Signature), []byte(p.Challenge.Signature))
	return same && hmac.Equal([]byte(digest(s.Salt, *s.Number)), []byte(p.Challenge.Challenge))
}

func parse(payload string) (solution, bool) {
	if len(payload) > maxPayload {
		return solution{}, false
	}
	text, err := base64.StdEncoding.Strict().DecodeString(payload)
	if err != nil {
		return solution{}, false
	}
	var s solution
	return s, json.Unmarshal(text, &s) == nil
}

// Payload is what a client sends when it found number.
func (c Challenge) Payload(number int64) (string, error) {
	text, err := json.Marshal(solution{
		Algorithm: c.Algorithm, Challenge: c.Challenge, Number: &number, Salt: c.Salt, Signature: c.Signature,
	})
	if err != nil {
		return "", fmt.Errorf("write solution: %w", err)
	}
	return base64.StdEncoding.EncodeToString(text), nil
}

// ErrUnsolvable is the error of a challenge that hides no number up to its largest, or speaks another algorithm.
var ErrUnsolvable = errors.New("the challenge has no solution")

// lookEvery is how many hashes are made between two looks at the context.
const lookEvery = 1 << 14

// Solve does the work, on one processor. The errors are ErrUnsolvable and that of ctx.
func (c Challenge) Solve(ctx context.Context) (int64, error) {
	want, err := hex.DecodeString(c.Challenge)
	if err != nil || c.Algorithm != Algorithm || c.MaxNumber > MostDifficulty {
		return 0, ErrUnsolvable
	}
	tried := []byte(c.Salt)
	for n := range c.MaxNumber + 1 {
		if n%lookEvery == 0 && ctx.Err() != nil {
			return 0, fmt.Errorf("solve challenge: %w", ctx.Err())
		}
		tried = strconv.AppendInt(tried[:len(c.Salt)], n, 10)
		if sum := sha256.Sum256(tried); bytes.Equal(sum[:], want) {
			return n, nil
		}
	}
	return 0, ErrUnsolvable
}
