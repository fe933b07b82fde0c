package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
)

// tester is a testing.TB outside of a test: what is written for tests serves the program too. It has what the rig and the
// program use; the rest of testing.TB is nil.
type tester struct {
	testing.TB
	out  io.Writer
	name string

	mu       sync.Mutex
	failed   bool
	skipped  bool
	cleanups []func()
	ctx      context.Context
}

// run calls f with a tester and reports how it ended. Fatal and Skip end f.
func run(ctx context.Context, out io.Writer, name string, f func(testing.TB)) *tester {
	t := &tester{out: out, name: name}
	var end context.CancelFunc
	t.ctx, end = context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer t.clean()
		defer end()
		f(t)
	}()
	<-ended
	return t
}

func (t *tester) clean() {
	for _, f := range slices.Backward(t.cleanups) {
		f()
	}
}

func (t *tester) say(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Fprintf(t.out, "%s: %s\n", t.name, text)
}

func (t *tester) Helper()                  {}
func (t *tester) Name() string             { return t.name }
func (t *tester) Context() context.Context { return t.ctx }
func (t *tester) Log(args ...any)          { t.say(fmt.Sprint(args...)) }
func (t *tester) Logf(f string, a ...any)  { t.say(fmt.Sprintf(f, a...)) }
func (t *tester) Error(args ...any)        { t.fail(); t.say("WRONG: " + fmt.Sprint(args...)) }
func (t *tester) Errorf(f string, a ...any) {
	t.fail()
	t.say("WRONG: " + fmt.Sprintf(f, a...))
}
func (t *tester) Fatal(args ...any)         { t.Error(args...); runtime.Goexit() }
func (t *tester) Fatalf(f string, a ...any) { t.Errorf(f, a...); runtime.Goexit() }
func (t *tester) Skip(args ...any)          { t.skip(); t.Log(args...); runtime.Goexit() }
func (t *tester) Skipf(f string, a ...any)  { t.skip(); t.Logf(f, a...); runtime.Goexit() }

func (t *tester) fail() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failed = true
}

func (t *tester) skip() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.skipped = true
}

func (t *tester) Failed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.failed
}

func (t *tester) Cleanup(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cleanups = append(t.cleanups, f)
}

func (t *tester) TempDir() string {
	dir, err := os.MkdirTemp("", "gatehouse-faults-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return filepath.Clean(dir)
}
