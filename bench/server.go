package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// server is a gatehouse process on a store of its own.
type server struct {
	process
	admin   string // address of metrics and profiles
	release func() error
	log     *os.File
}

const (
	startTimeout = 30 * time.Second
	stopTimeout  = 40 * time.Second
	pollEvery    = 20 * time.Millisecond
)

// start runs a server with the settings, on an empty store, and returns when it is ready.
func (b *bench) start(ctx context.Context, e engine, settings []string) (*server, error) {
	b.started++
	dir := filepath.Join(b.dir, strconv.Itoa(b.started))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the server's folder: %w", err)
	}
	s := &server{release: func() error { return os.RemoveAll(dir) }}
	url := "sqlite:" + filepath.Join(dir, "gatehouse.db")
	if e == postgres {
		var err error
		if url, s.release, err = newDatabase(ctx, b.postgres, b.started); err != nil {
			return nil, err
		}
		if s.database, err = firstProcess(ctx, url); err != nil {
			return nil, errors.Join(err, s.release())
		}
		settings = append([]string{"keys.file=" + filepath.Join(dir, "master.key")}, settings...)
	}
	addresses, err := freeAddresses(2)
	if err != nil {
		return nil, err
	}
	s.address, s.admin = addresses[0], addresses[1]
	if s.log, err = os.Create(filepath.Join(dir, "log")); err != nil {
		return nil, fmt.Errorf("make the server's log: %w", err)
	}
	args := []string{"serve", "--listen", s.address, "--store", url, "--set", "server.admin_listen=" + s.admin}
	for _, kv := range settings {
		args = append(args, "--set", kv)
	}
	s.command = exec.Command(b.binary, args...)
	s.command.Stdout, s.command.Stderr, s.command.Env = s.log, s.log, ownEnvironment()
	if err := s.command.Start(); err != nil {
		return nil, fmt.Errorf("start the server: %w", err)
	}
	if err := s.awaitReady(ctx); err != nil {
		said, _ := os.ReadFile(s.log.Name())
		return nil, errors.Join(fmt.Errorf("%w; it said:\n%s", err, said), s.stop())
	}
	return s, nil
}

// ownEnvironment leaves out what would configure the server.
func ownEnvironment() []string {
	var out []string
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "GATEHOUSE_") {
			out = append(out, kv)
		}
	}
	return out
}

// freeAddresses finds ports that nobody listens on.
func freeAddresses(n int) ([]string, error) {
	var out []string
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("find a free port: %w", err)
		}
		defer l.Close() // all at once in the end, so that no port is given twice
		out = append(out, l.Addr().String())
	}
	return out, nil
}

func (s *server) awaitReady(ctx context.Context) error {
	for deadline := time.Now().Add(startTimeout); time.Now().Before(deadline); time.Sleep(pollEvery) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		answer, err := http.Get("http://" + s.admin + "/readyz")
		if err != nil {
			continue
		}
		answer.Body.Close()
		if answer.StatusCode == http.StatusOK {
			return nil
		}
	}
	return fmt.Errorf("the server was not ready within %s", startTimeout)
}

// stop ends the process and removes its store.
func (s *server) stop() error {
	err := s.process.stop()
	return errors.Join(err, s.log.Close(), s.release())
}

// writes is the store's own count of committed transactions.
func (s *server) writes() (float64, error) {
	answer, err := http.Get("http://" + s.admin + "/metrics")
	if err != nil {
		return 0, fmt.Errorf("read metrics: %w", err)
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		if value, ok := strings.CutPrefix(lines.Text(), "gatehouse_store_writes_total "); ok {
			return strconv.ParseFloat(value, 64)
		}
	}
	return 0, errors.Join(errors.New("the server does not count its store's writes"), lines.Err())
}

// profile writes what the server does with its processors for d into the folder of profiles, if there is one, and returns at
// once.
func (b *bench) profile(s *server, name string, d time.Duration) {
	if b.profiles == "" {
		return
	}
	go func() {
		answer, err := http.Get(fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", s.admin, int(d.Seconds())))
		if err != nil {
			b.say("profile %s: %v", name, err)
			return
		}
		defer answer.Body.Close()
		f, err := os.Create(filepath.Join(b.profiles, name+".pprof"))
		if err != nil {
			b.say("profile %s: %v", name, err)
			return
		}
		_, err = io.Copy(f, answer.Body)
		if err := errors.Join(err, f.Close()); err != nil {
			b.say("profile %s: %v", name, err)
		}
	}()
}
