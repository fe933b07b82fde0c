package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// figure is one thing that is measured.
type figure struct {
	id, title string
	measure   func(context.Context, *bench) (figureReport, error)
}

func allFigures() []figure {
	return []figure{
		{"P1", "completed accounts/s, hashing as the reference does", measureHashed},
		{"P2", "completed accounts/s, hash stubbed, durable", measureDurable},
		{"P3", "anonymous token and field fetches/s", measureReads},
		{"P4", "P2 at ten million accounts against ten thousand", measureGrowth},
		{"P5", "memory, idle and with anonymous visitors", measureMemory},
		{"P6", "2 000 creations at once in 512 MB", measureCrowd},
		{"overload", "ten times the capacity", measureOverload},
	}
}

// engine is a kind of database.
type engine string

const (
	sqlite   engine = "sqlite"
	postgres engine = "postgres"
)

// bench is what all figures share.
type bench struct {
	engines          []engine
	duration, warmUp time.Duration
	repeats          int
	visitors         int64
	accounts         int64  // of the large store
	postgres         string // URL of the database that new ones are made beside
	binary           string
	profiles         string

	dir     string // stores, logs and captured answers; removed at the end
	started int    // servers so far, to tell their stores apart
}

// prepare makes the folder and builds the server.
func (b *bench) prepare(ctx context.Context) (err error) {
	if b.dir, err = os.MkdirTemp("", "gatehouse-bench-"); err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	if b.profiles != "" {
		if err := os.MkdirAll(b.profiles, 0o755); err != nil {
			return fmt.Errorf("make the folder of profiles: %w", err)
		}
	}
	if b.binary != "" {
		return nil
	}
	b.binary = filepath.Join(b.dir, "gatehouse")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", b.binary, "./cmd/gatehouse")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build the server (run this in the project's folder): %w\n%s", err, said)
	}
	return nil
}

// unlimited are the settings that let one address do what a thousand would.
func unlimited() []string {
	return []string{"throttle.creations=[]", "throttle.attempts=[]", "throttle.logins=[]", "password.hashes_per_network=0"}
}

func weakPBKDF2(iterations int) []string {
	return []string{
		"password.hash=pbkdf2-sha512", fmt.Sprintf("password.pbkdf2_iterations=%d", iterations), "password.allow_weak=true",
	}
}
