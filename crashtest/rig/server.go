package rig

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Order is what a server is started with.
type Order struct {
	// Store is the database's URL, KeyFile the master key.
	Store, KeyFile string
	// Listen is its address; empty = a free port.
	Listen string
	// Settings are set on top of the usual ones.
	Settings []string
}

// Server is one life of the server's process.
type Server struct {
	// URL is where it answers.
	URL string

	t       testing.TB
	command *exec.Cmd
	ended   sync.WaitGroup // what reads its log
	said    bytes.Buffer   // its log; read it only when the process has ended
}

// Start gives a server once it answers.
func (b Binary) Start(t testing.TB, o Order) *Server {
	t.Helper()
	s := b.Launch(t, o)
	s.awaitAnswer()
	return s
}

// Launch gives a server once it listens.
func (b Binary) Launch(t testing.TB, o Order) *Server {
	t.Helper()
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	args := []string{"serve", "--listen", o.Listen, "--store", o.Store, "--set", "keys.file=" + o.KeyFile}
	for _, kv := range append(Settings(), o.Settings...) {
		args = append(args, "--set", kv)
	}
	s := &Server{t: t, command: exec.Command(string(b), args...)}
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
func (s *Server) readAddress(log io.Reader) {
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
			s.URL = "http://" + a
			return
		}
	case <-time.After(Patience):
		_ = s.command.Process.Kill()
	}
	s.ended.Wait()
	s.t.Fatalf("the server ended, or took longer than %s, without saying its address:\n%s", Patience, &s.said)
}

func (s *Server) awaitAnswer() {
	s.t.Helper()
	Await(s.t, "an answer of the server", func() bool {
		answer, err := http.Get(s.URL + "/w/api.php?action=query&meta=siteinfo&format=json")
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
}

// PID is the number of its process.
func (s *Server) PID() int { return s.command.Process.Pid }

// Shoot sends SIGKILL and does not wait.
func (s *Server) Shoot() { _ = s.command.Process.Kill() }

// Bury waits for the end of a server that was shot.
func (s *Server) Bury() {
	s.t.Helper()
	s.ended.Wait()
	_ = s.command.Wait()
	if status, ok := s.command.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
		s.t.Fatalf("the server was not killed but ended before: %s\n%s", s.command.ProcessState, &s.said)
	}
}

// Kill gives the process no chance to finish anything.
func (s *Server) Kill() {
	s.t.Helper()
	s.Shoot()
	s.Bury()
}

// Stop ends the process as an operator would.
func (s *Server) Stop() {
	s.t.Helper()
	s.Ask()
	s.AwaitEnd()
}

// Ask tells the process to end and does not wait.
func (s *Server) Ask() {
	s.t.Helper()
	if err := s.command.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatalf("stop: %v\n", err)
	}
}

// AwaitEnd waits for the end of a server that was asked for it, and gives what it has logged.
func (s *Server) AwaitEnd() string {
	s.t.Helper()
	s.ended.Wait()
	if err := s.command.Wait(); err != nil {
		s.t.Errorf("the server ended badly: %v\n%s", err, &s.said)
	}
	return s.said.String()
}
