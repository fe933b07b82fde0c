// Package rig is what the crash tests and the program of faults drive gatehouse with: the real binary as a process, visitors
// who speak to it over HTTP as clients do, and a look into the database behind it.
//
// It knows nothing of faults, and nothing in it is a test: it works for whoever has a testing.TB, and a program may be one.
package rig

import (
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// Patience is how long anything may take before it counts as broken.
const Patience = 60 * time.Second

// Binary is a build of the server.
type Binary string

// Build builds the server into dir. It finds the module from any folder inside it.
func Build(dir string) (Binary, error) {
	file := filepath.Join(dir, "gatehouse")
	build := exec.Command("go", "build", "-o", file, "gatehouse/cmd/gatehouse")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	return Binary(file), build.Run()
}

// Settings take away what would slow the load down and has nothing to do with what is tested.
func Settings() []string {
	return []string{
		"password.hash=pbkdf2-sha512", "password.pbkdf2_iterations=1", "password.allow_weak=true", "password.hashes_per_network=0",
		"throttle.creations=[]", "throttle.attempts=[]", "throttle.logins=[]",
		// Tokens are bound to the public address: it stays while every life has a port of its own.
		"server.public_url=http://127.0.0.1", "log.format=json",
	}
}

// The ports that FreePort gives: below those that the system takes for outgoing connections, which would be taken while a server
// that is to come back at its own is away.
const (
	firstPort = 15_000
	ports     = 15_000
)

// FreePort gives a port of 127.0.0.1 that nobody listens at.
func FreePort(t testing.TB) string {
	t.Helper()
	for range 100 {
		port := strconv.Itoa(firstPort + rand.IntN(ports))
		l, err := net.Listen("tcp", "127.0.0.1:"+port)
		if err != nil {
			continue
		}
		_ = l.Close()
		return port
	}
	t.Fatal("no port is free")
	return ""
}

// Await asks done again and again until it says yes, and gives the test up if that takes too long.
func Await(t testing.TB, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(Patience); !done(); <-tick.C {
		if t.Context().Err() != nil || time.Now().After(deadline) {
			t.Fatalf("%s: not within %s", what, Patience)
		}
	}
}
