package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"syscall"

	"gatehouse"
	"gatehouse/auth"
)

// The exit codes.
const (
	exitDone    = 0
	exitRefused = 1 // understood, and the answer is no
	exitBroken  = 2 // wrong usage, wrong settings, or something does not work
)

// usageError is a command line that cannot be understood.
type usageError struct{ error }

func (e *usageError) Unwrap() error { return e.error }

// openError is a store that the operator's tool could not open.
type openError struct{ error }

func (e *openError) Unwrap() error { return e.error }

// refusal is a "no" that a command itself gives. Its text says why.
type refusal string

func (r refusal) Error() string { return string(r) }

// complain prints err with what to do about it, and gives the exit code.
func complain(w io.Writer, err error) int {
	var faults gatehouse.Faults
	if errors.As(err, &faults) {
		fmt.Fprintf(w, "gatehouse: %s\n", count(len(faults), "wrong setting", "wrong settings"))
		for _, f := range faults {
			fmt.Fprintf(w, "  %v\n", f)
		}
	} else {
		fmt.Fprintf(w, "gatehouse: %s\n", strings.ReplaceAll(err.Error(), "\n", "\n  "))
	}
	if hint := hintFor(err); hint != "" {
		fmt.Fprintf(w, "gatehouse: hint: %s\n", hint)
	}
	return exitCode(err)
}

func exitCode(err error) int {
	var no refusal
	var checked *checkError
	if errors.As(err, &no) || errors.As(err, &checked) {
		return exitRefused
	}
	for _, refused := range []error{
		gatehouse.ErrNoSuchAccount, gatehouse.ErrNameTaken, gatehouse.ErrBadName, gatehouse.ErrBadEmail,
		gatehouse.ErrBadSecret, gatehouse.ErrBadRecoveryCode,
		gatehouse.ErrNoSuchGroup, gatehouse.ErrBadTarget, gatehouse.ErrNoSuchMail, gatehouse.ErrMailNotForNow,
		gatehouse.ErrNoSuchPass, auth.ErrBadPass,
	} {
		if errors.Is(err, refused) {
			return exitRefused
		}
	}
	return exitBroken
}

// hintFor says what to do, where the error itself does not.
func hintFor(err error) string {
	var usage *usageError
	var faults gatehouse.Faults
	var open *openError
	switch {
	case errors.As(err, &usage):
		return "gatehouse --help and gatehouse COMMAND --help tell what can be written"
	case errors.As(err, &faults):
		return "gatehouse config describe explains every setting"
	case errors.Is(err, gatehouse.ErrNoSuchAccount):
		return "gatehouse account list tells which there are"
	case errors.Is(err, gatehouse.ErrNoSuchMail):
		return "gatehouse mail list tells which there is"
	case errors.Is(err, gatehouse.ErrNoSuchPass):
		return "gatehouse pass list tells which there are"
	case errors.Is(err, gatehouse.ErrBadName):
		return "names begin with a capital letter and have none of # < > [ ] | { } / @ : = in them; addresses are no names"
	case errors.Is(err, syscall.EADDRINUSE):
		return "another program listens there; --listen 127.0.0.1:0 takes any port that is free"
	case errors.Is(err, fs.ErrPermission):
		return "the user who runs this may not; look at who owns the file and its folder"
	case errors.As(err, &open):
		return "--store names another store; gatehouse migrate makes one, or brings it to this version"
	}
	return ""
}

// count writes a number with the noun it needs.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
