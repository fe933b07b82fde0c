package crashtest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

var binary string

// TestMain builds the binary once for all tests of this package.
func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "gatehouse-crash-")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		binary = filepath.Join(dir, "gatehouse")
		build := exec.Command("go", "build", "-o", binary, "../cmd/gatehouse")
		build.Stdout, build.Stderr = os.Stderr, os.Stderr
		if err := build.Run(); err != nil {
			return 1
		}
		return m.Run()
	}())
}

const patience = 60 * time.Second

// settings take away what would slow the load down and has nothing to do with what is tested.
var settings = []string{
	"password.hash=pbkdf2-sha512", "password.pbkdf2_iterations=1", "password.allow_weak=true", "password.hashes_per_network=0",
	"throttle.creations=[]", "throttle.attempts=[]", "throttle.logins=[]",
	// Tokens are bound to the public address: it stays while every life has a port of its own.
	"server.public_url=http://127.0.0.1", "log.format=json",
}

// server is one life of the server's process.
type server struct {
	t       *testing.T
	command *exec.Cmd
	url     string
	ended   sync.WaitGroup // what reads its log
	said    bytes.Buffer   // its log; read it only when the process has ended
}

// start gives a server on d, with more settings than usual, once it answers.
func start(t *testing.T, d *database, more ...string) *server {
	t.Helper()
	args := []string{"serve", "--listen", "127.0.0.1:0", "--store", d.url, "--set", "keys.file=" + d.keyFile}
	for _, kv := range append(settings[:len(settings):len(settings)], more...) {
		args = append(args, "--set", kv)
	}
	s := &server{t: t, command: exec.Command(binary, args...)}
	s.command.Env = environment()
	log, err := s.command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.command.Process.Kill() }) // if it still lives
	s.readAddress(log)
	s.awaitAnswer()
	return s
}

// environment leaves out what would configure the server.
func environment() []string {
	var out []string
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "GATEHOUSE_") {
			out = append(out, kv)
		}
	}
	return out
}

// readAddress waits for the line of the log with the address and leaves a reader behind, because a full pipe would stop the
// server.
func (s *server) readAddress(log io.Reader) {
	s.t.Helper()
	address := make(chan string, 1)
	s.ended.Go(func() {
		defer close(address)
		for lines := bufio.NewScanner(log); lines.Scan(); {
			s.said.Write(append(lines.Bytes(), '\n'))
			var line struct{ Msg, Listen string }
			if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "serving" {
				address <- line.Listen
			}
		}
	})
	select {
	case a, ok := <-address:
		if ok {
			s.url = "http://" + a
			return
		}
	case <-time.After(patience):
		_ = s.command.Process.Kill()
	}
	s.ended.Wait()
	s.t.Fatalf("the server ended, or took longer than %s, without saying its address:\n%s", patience, &s.said)
}

func (s *server) awaitAnswer() {
	s.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		answer, err := http.Get(s.url + "/w/api.php?action=query&meta=siteinfo&format=json")
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return
			}
		}
	}
	s.t.Fatalf("the server did not answer within %s", patience)
}

// kill gives the process no chance to finish anything.
func (s *server) kill() {
	s.t.Helper()
	if err := s.command.Process.Kill(); err != nil {
		s.t.Fatalf("kill: %v", err)
	}
	s.ended.Wait()
	_ = s.command.Wait()
	if status, ok := s.command.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
		s.t.Fatalf("the server was not killed but ended before: %s\n%s", s.command.ProcessState, &s.said)
	}
}

// stop ends the process as an operator would.
func (s *server) stop() {
	s.t.Helper()
	if err := s.command.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatalf("stop: %v", err)
	}
	s.ended.Wait()
	if err := s.command.Wait(); err != nil {
		s.t.Errorf("the server ended badly: %v\n%s", err, &s.said)
	}
}
