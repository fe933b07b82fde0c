package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"gatehouse/crashtest/rig"
)

// The sizes of the small file systems: enough for the load of many rounds.
const (
	smallSQLite   = "size=96m"
	smallPostgres = "size=320m"
)

// placeSmall puts the database on a file system of its own, in memory.
func placeSmall(s *scene, store string) {
	size := smallSQLite
	if store == onPostgres {
		size = smallPostgres
	}
	command(s.t, "mount", "-t", "tmpfs", "-o", size, "none", s.dir)
	s.t.Cleanup(func() { _ = syscall.Unmount(s.dir, syscall.MNT_DETACH) })
	if store == onPostgres {
		s.cluster = newCluster(s.t, s.dir, "", "127.0.0.1")
		s.cluster.make()
	}
}

// fullDisk fills the file system of the database, waits until somebody has noticed, and makes room.
func (s *scene) fullDisk() {
	ballast := filepath.Join(s.dir, "ballast")
	fill(s.t, ballast)
	s.pause(s.options.duration)
	rig.Await(s.t, "a fault for want of room", func() bool {
		fill(s.t, ballast) // what was freed meanwhile
		s.load.mu.Lock()
		defer s.load.mu.Unlock()
		return s.load.broken["internal_api_error_Fault"] > 0 || s.load.broken["no answer"] > 0
	})
	if err := os.Remove(ballast); err != nil {
		s.t.Fatal(err)
	}
	if s.cluster != nil && !s.cluster.runs() { // it gives up where there is no room for its log
		s.cluster.start()
	}
}

// fill writes until there is no room.
func fill(t testing.TB, file string) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for piece := make([]byte, 1<<20); len(piece) > 0; {
		if _, err := f.Write(piece); err != nil {
			if !errors.Is(err, syscall.ENOSPC) {
				t.Fatal(err)
			}
			piece = piece[:len(piece)/2]
		}
	}
}

func command(t testing.TB, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

// network is a network namespace with a wire to this one.
type network struct{ name, here, there, ourAddr, dbAddr string }

// placeApart puts PostgreSQL into a network of its own. Nothing of the machine's own network is changed but for the wire.
func placeApart(s *scene, _ string) {
	n := os.Getpid() % 16384
	net := &network{
		name: fmt.Sprintf("gatehouse-%d", os.Getpid()), here: fmt.Sprintf("gh%dh", n), there: fmt.Sprintf("gh%dt", n),
		ourAddr: fmt.Sprintf("10.213.%d.%d", n/64, n%64*4+1), dbAddr: fmt.Sprintf("10.213.%d.%d", n/64, n%64*4+2),
	}
	command(s.t, "ip", "netns", "add", net.name)
	s.t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", net.name).Run() })
	command(s.t, "ip", "link", "add", net.here, "type", "veth", "peer", "name", net.there, "netns", net.name)
	s.t.Cleanup(func() { _ = exec.Command("ip", "link", "del", net.here).Run() })
	command(s.t, "ip", "addr", "add", net.ourAddr+"/30", "dev", net.here)
	command(s.t, "ip", "link", "set", net.here, "up")
	command(s.t, "ip", "-n", net.name, "addr", "add", net.dbAddr+"/30", "dev", net.there)
	command(s.t, "ip", "-n", net.name, "link", "set", net.there, "up")
	command(s.t, "ip", "-n", net.name, "link", "set", "lo", "up")
	s.network = net
	s.cluster = newCluster(s.t, "", net.name, net.dbAddr)
	s.cluster.make()
}

// cut pulls the wire out, or has the database hear everything and none of its answers arrive.
func (s *scene) cut() {
	n := s.network
	if s.random.IntN(2) == 0 {
		command(s.t, "ip", "-n", n.name, "link", "set", n.there, "down")
		s.pause(s.options.duration + 2*time.Second)
		command(s.t, "ip", "-n", n.name, "link", "set", n.there, "up")
		return
	}
	command(s.t, "ip", "-n", n.name, "route", "add", "blackhole", n.ourAddr+"/32")
	s.pause(s.options.duration + 2*time.Second)
	command(s.t, "ip", "-n", n.name, "route", "del", "blackhole", n.ourAddr+"/32")
}

// gate stands before the mail server and can be shut: then nobody listens, and who was inside is cut off.
type gate struct {
	t        testing.TB
	address  string
	behind   string
	mu       sync.Mutex
	listener net.Listener
	inside   map[net.Conn]bool
}

func newGate(t testing.TB, behind string) *gate {
	t.Helper()
	g := &gate{t: t, address: "127.0.0.1:" + rig.FreePort(t), behind: behind, inside: map[net.Conn]bool{}}
	g.open()
	t.Cleanup(g.shut)
	return g
}

func (g *gate) url() string { return "smtp://" + g.address }

func (g *gate) open() {
	g.t.Helper()
	l, err := net.Listen("tcp", g.address)
	if err != nil {
		g.t.Fatal(err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.listener = l
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return // it was shut
			}
			go g.carry(conn)
		}
	}()
}

func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	_ = g.listener.Close()
	for conn := range g.inside {
		_ = conn.Close()
	}
}

// carry hands on what both sides say until one of them ends.
func (g *gate) carry(conn net.Conn) {
	defer conn.Close()
	behind, err := net.Dial("tcp", g.behind)
	if err != nil {
		return
	}
	defer behind.Close()
	g.mu.Lock()
	g.inside[conn] = true
	g.mu.Unlock()
	go func() {
		_, _ = io.Copy(behind, conn)
		_ = behind.Close()
	}()
	_, _ = io.Copy(conn, behind)
	g.mu.Lock()
	delete(g.inside, conn)
	g.mu.Unlock()
}
