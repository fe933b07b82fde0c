package proofofwork

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The protocol's own library verifies our challenges and our solutions, and its solutions are taken here.
func TestAgreesWithAltchaLib(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is missing (Debian: apt-get install nodejs)")
	}
	clients := filepath.Join("..", "..", "..", "e2e", "clients")
	if _, err := os.Stat(filepath.Join(clients, "node_modules", "altcha-lib")); err != nil {
		t.Skip("the npm package altcha-lib is missing (scripts/setup installs it)")
	}
	type question struct {
		Challenge Challenge `json:"challenge"`
		Key       string    `json:"key"`
		Payload   string    `json:"payload"`
	}
	var puzzles []Puzzle
	var asked []question
	for s := range byte(5) {
		p := puzzle(t, s, nil)
		puzzles = append(puzzles, p)
		asked = append(asked, question{p.Challenge, p.Key, payload(t, p.Challenge, p.Number)})
	}
	in, err := json.Marshal(asked)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(node, filepath.Join(clients, "altcha.mjs"))
	var complaints bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, complaints.String())
	}
	var said []struct {
		Number                              int64
		Payload                             string
		Ours, Theirs, OtherKey, OtherNumber bool
		Params                              map[string]string
	}
	if err := json.Unmarshal(out, &said); err != nil || len(said) != len(puzzles) {
		t.Fatalf("%v: %s", err, out)
	}
	for i, p := range puzzles {
		got := said[i]
		if got.Number != p.Number || !got.Ours || !got.Theirs || got.OtherKey || got.OtherNumber {
			t.Errorf("altcha-lib says %+v, the number is %d", got, p.Number)
		}
		if got.Params["purpose"] != "createaccount" || got.Params["expires"] != "8247165489" || got.Params["max"] != "5000" {
			t.Errorf("altcha-lib reads the parameters %v", got.Params)
		}
		if !p.Solves(got.Payload) {
			t.Errorf("altcha-lib's solution is refused: %s", got.Payload)
		}
	}
}
