// Command gen makes list.bin of package common from the list it was taken from: the file src/passwords.json of the
// package @zxcvbn-ts/language-common, a JSON array of words. It runs by hand, when that list is renewed:
//
//	go run ./internal/password/common/gen passwords.json internal/password/common/list.bin
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"gatehouse/internal/password/common"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: gen passwords.json list.bin")
		os.Exit(2)
	}
	if err := generate(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func generate(from, to string) error {
	raw, err := os.ReadFile(from)
	if err != nil {
		return fmt.Errorf("read words: %w", err)
	}
	var words []string
	if err := json.Unmarshal(raw, &words); err != nil {
		return fmt.Errorf("parse words: %w", err)
	}
	if err := os.WriteFile(to, common.Build(words), 0o644); err != nil {
		return fmt.Errorf("write hashes: %w", err)
	}
	return nil
}
