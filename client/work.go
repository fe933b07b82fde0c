package client

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// mostWork bounds what a wiki can have a program do: some seconds of one processor.
const mostWork = 50_000_000

// IsWork tells that the captcha wants a computer to do some work, which needs nobody: see Work.
func (c Captcha) IsWork() bool { return c.Kind == "altcha" && c.Info != "" }

// Work does the work that a captcha asks for (ALTCHA's protocol, version 1) and gives what goes into the field Word. It takes from
// milliseconds to seconds of one processor. It is an error if there is no solution, or ctx ends.
func (c Captcha) Work(ctx context.Context) (string, error) {
	var challenge struct {
		Algorithm string `json:"algorithm"`
		Challenge string `json:"challenge"`
		MaxNumber int64  `json:"maxnumber"`
		Number    int64  `json:"number"` // the solution's only
		Salt      string `json:"salt"`
		Signature string `json:"signature"`
	}
	if err := json.Unmarshal([]byte(c.Info), &challenge); err != nil {
		return "", fmt.Errorf("do captcha's work: %w", err)
	}
	want, err := hex.DecodeString(challenge.Challenge)
	if err != nil || challenge.Algorithm != "SHA-256" || challenge.MaxNumber > mostWork {
		return "", errors.New("do captcha's work: the challenge is of an unknown kind, or too hard")
	}
	most := challenge.MaxNumber
	if most <= 0 {
		most = 1_000_000 // the protocol's own where none is told
	}
	if challenge.Number, err = work(ctx, challenge.Salt, [sha256.Size]byte(append(want, make([]byte, sha256.Size)...)), most); err != nil {
		return "", fmt.Errorf("do captcha's work: %w", err)
	}
	payload, err := json.Marshal(challenge)
	return base64.StdEncoding.EncodeToString(payload), err
}

// work tries number after number until the hash of salt and number is the wanted one.
func work(ctx context.Context, salt string, want [sha256.Size]byte, most int64) (int64, error) {
	tried := []byte(salt)
	for n := range most + 1 {
		if n%(1<<14) == 0 && ctx.Err() != nil {
			return 0, ctx.Err()
		}
		tried = strconv.AppendInt(tried[:len(salt)], n, 10)
		if sha256.Sum256(tried) == want {
			return n, nil
		}
	}
	return 0, errors.New("there is no solution")
}
