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
	"slices"
	"strconv"
	"strings"
	"time"
)

// server is a gatehouse process on a store.
type server struct {
	process
	admin string // address of metrics and profiles
	log   *os.File
	// ready is how long it took from the start of the program to its first answer.
	ready time.Duration
	// own is the store that ends with the server; nil where somebody else looks after it.
	own *store
}

const (
	startTimeout = time.Minute
	stopTimeout  = 40 * time.Second
	pollEvery    = time.Millisecond
)

// start runs a server with the settings, on an empty store that ends with it, and returns when it is ready.
func (b *bench) start(ctx context.Context, e engine, settings []string) (*server, error) {
	st, err := b.newStore(ctx, e)
	if err != nil {
		return nil, err
	}
	s, err := b.serve(ctx, st, settings)
	if err != nil {
		return nil, errors.Join(err, st.release())
	}
	s.own = st
	return s, nil
}

// serve runs a server on the store and returns when it is ready.
func (b *bench) serve(ctx context.Context, st *store, settings []string) (*server, error) {
	return b.serveIn(ctx, st, settings, nil)
}

// serveIn is serve within a cage, if there is one.
func (b *bench) serveIn(ctx context.Context, st *store, settings []string, c *cage) (*server, error) {
	s := &server{process: process{database: st.database}}
	addresses, err := freeAddresses(2)
	if err != nil {
		return nil, err
	}
	s.address, s.admin = addresses[0], addresses[1]
	if s.log, err = os.Create(filepath.Join(st.dir, "log")); err != nil {
		return nil, fmt.Errorf("make the server's log: %w", err)
	}
	args := []string{"serve", "--listen", s.address, "--store", st.url, "--set", "server.admin_listen=" + s.admin}
	for _, kv := range append(slices.Clone(st.settings), settings...) {
		args = append(args, "--set", kv)
	}
	line := append([]string{b.binary}, args...)
	if c != nil {
		line = c.command(b.binary, args)
	}
	s.command = exec.Command(line[0], line[1:]...)
	s.command.Stdout, s.command.Stderr, s.command.Env = s.log, s.log, ownEnvironment()
	begun := time.Now()
	if err := s.command.Start(); err != nil {
		return nil, fmt.Errorf("start the server: %w", err)
	}
	if err := s.awaitReady(ctx); err != nil {
		said, _ := os.ReadFile(s.log.Name())
		return nil, errors.Join(fmt.Errorf("%w; it said:\n%s", err, said), s.stop())
	}
	s.ready = time.Since(begun)
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

// awaitReady waits for the first answer of the API.
func (s *server) awaitReady(ctx context.Context) error {
	request := get(s.address, "action=query&meta=siteinfo&format=json", "")
	for deadline := time.Now().Add(startTimeout); time.Now().Before(deadline); time.Sleep(pollEvery) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		c := conn{address: s.address}
		if c.dial(deadline) != nil {
			continue
		}
		err := c.do(request)
		c.close()
		if err == nil && c.status == http.StatusOK {
			return nil
		}
	}
	return fmt.Errorf("the server was not ready within %s", startTimeout)
}

// stop ends the process, and the store that is its own.
func (s *server) stop() error {
	err := errors.Join(s.process.stop(), s.log.Close())
	if s.own != nil {
		err = errors.Join(err, s.own.release())
	}
	return err
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
