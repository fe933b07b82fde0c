// Package e2e drives the real binary with other people's programs: client libraries in five languages (docs/clients.md), the examples,
// curl and a browser. It shares no code with the server. What a machine lacks is skipped, and the skip says what to install.
package e2e

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

var address = regexp.MustCompile(`http://(127\.0\.0\.1|localhost):\d+`)

// build makes the binary once for all tests of this package.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "gatehouse-e2e")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "gatehouse")
	build := exec.Command("go", "build", "-o", binary, "../cmd/gatehouse")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

var binary string

// serve starts the server as a newcomer would and gives its address once it answers.
func serve(t *testing.T, args ...string) string {
	t.Helper()
	store := "sqlite:" + filepath.Join(t.TempDir(), "gatehouse.db")
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, binary, append([]string{"serve", "--listen", "127.0.0.1:0", "--store", store}, args...)...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 30 * time.Second
	cmd.Stderr = &logWriter{t: t}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		if err := cmd.Wait(); err != nil && ctx.Err() == nil {
			t.Errorf("the server ended: %v", err)
		}
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if found := address.FindString(lines.Text()); found != "" {
			go func() { // keep reading: a full pipe would stop the server
				for lines.Scan() {
				}
			}()
			return found
		}
	}
	t.Fatal("the server ended without printing its address")
	return ""
}

// logWriter shows the server's log with the test that fails.
type logWriter struct{ t *testing.T }

func (w *logWriter) Write(p []byte) (int, error) {
	if w.t.Context().Err() == nil {
		w.t.Log(strings.TrimSpace(string(p)))
	}
	return len(p), nil
}

// needs skips the test where a program is missing.
func needs(t *testing.T, program, debianPackage string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("%s is missing (Debian: apt-get install %s)", program, debianPackage)
	}
	return path
}
