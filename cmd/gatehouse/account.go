package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"
)

type accountCmd struct {
	Create   createCmd   `cmd:"" help:"Create an account."`
	Grant    grantCmd    `cmd:"" help:"Put an account into a group."`
	Revoke   revokeCmd   `cmd:"" help:"Take an account out of a group."`
	SetEmail setEmailCmd `cmd:"" help:"Correct an account's e-mail address."`
	TOTP     totpCmd     `cmd:"" name:"totp" help:"Give an account a second factor, or take it away."`
	Show     showCmd     `cmd:"" help:"Print what there is to know of an account."`
	List     listCmd     `cmd:"" help:"Print all accounts, one a line."`
	Import   importCmd   `cmd:"" help:"Make accounts from a file."`
	Export   exportCmd   `cmd:"" help:"Print accounts as import reads them."`
	Block    blockCmd    `cmd:"" help:"Block an account, an address or a range."`
	Unblock  unblockCmd  `cmd:"" help:"Lift every block of a target."`
}

// Help is printed under the list of commands.
func (accountCmd) Help() string {
	return "They work on the store, whether a server runs on it or not, and print one line for each change. The server needs no restart."
}

// groupList writes groups for people.
func groupList(groups []string) string {
	if len(groups) == 0 {
		return "no groups"
	}
	return strings.Join(groups, ", ")
}

// shown is a text that a visitor wrote, on one line: what breaks a line, moves a terminal's cursor or turns the direction of
// writing is replaced.
func shown(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

func when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// secretArgument reads a secret that was given as an argument: file:PATH stands for the file's content, and anything else
// is the secret itself, which then stands in the list of processes.
func secretArgument(s *surroundings, flag, value string) (string, error) {
	return secretArgumentOr(s, flag, value, flag+"-stdin")
}

// secretArgumentOr is the same where better, and not the flag's own -stdin, is what else could be written.
func secretArgumentOr(s *surroundings, flag, value, better string) (string, error) {
	if path, ok := strings.CutPrefix(value, "file:"); ok {
		f, err := os.Open(path)
		if err != nil {
			return "", err
		}
		defer f.Close()
		return secretFrom(f)
	}
	warn(s, flag+": the secret stands on the command line, where other users of this machine can read it; write file:PATH or "+better)
	return value, nil
}

const longestSecret = 64 << 10

// secretFrom reads a secret without the end of its line.
func secretFrom(in io.Reader) (string, error) {
	text, err := io.ReadAll(io.LimitReader(in, longestSecret+1))
	if err != nil {
		return "", fmt.Errorf("read the secret: %w", err)
	}
	secret := strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r")
	switch {
	case len(text) > longestSecret:
		return "", errors.New("read the secret: it is longer than 64 KiB")
	case secret == "":
		return "", errors.New("read the secret: there is none")
	}
	return secret, nil
}
