package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gatehouse/crashtest/rig"
)

// cluster is a PostgreSQL of our own, which may be broken. It is durable as in earnest: fsync is on.
type cluster struct {
	t    testing.TB
	dir  string // data, log and socket
	host string
	port string
	// wrap goes before every command: another user, another network.
	wrap []string
}

// postgresBin is where PostgreSQL's programs are, or "".
func postgresBin() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // the pattern is well-formed
	if len(found) > 0 {
		return filepath.Dir(slices.Max(found))
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path)
	}
	return ""
}

// newCluster prepares a folder; there is no database in it yet. An empty dir is made, a network namespace is entered if one is
// given.
func newCluster(t testing.TB, dir, netns, host string) *cluster {
	t.Helper()
	c := &cluster{t: t, dir: dir, host: host}
	if dir == "" {
		c.dir = t.TempDir()
	}
	if netns != "" {
		c.wrap = append(c.wrap, "ip", "netns", "exec", netns)
	}
	if os.Getuid() == 0 { // PostgreSQL refuses to run as root
		c.wrap = append(c.wrap, "runuser", "-u", "postgres", "--")
		// The folders above it are a test's own and closed to others.
		for d := c.dir; d != os.TempDir() && len(d) > 1; d = filepath.Dir(d) {
			_ = os.Chmod(d, 0o755)
		}
		c.mustRun("chown", "postgres", c.dir)
	}
	if c.port = rig.FreePort(t); netns != "" {
		c.port = "5432"
	}
	t.Cleanup(func() { _ = c.tryStop("immediate") })
	return c
}

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }

// command is one of PostgreSQL's programs, as the user and in the network of the cluster.
func (c *cluster) command(program string, args ...string) *exec.Cmd {
	line := append(slices.Clone(c.wrap), filepath.Join(postgresBin(), program))
	line = append(line, args...)
	command := exec.CommandContext(context.WithoutCancel(c.t.Context()), line[0], line[1:]...)
	command.Dir = c.dir
	return command
}

func (c *cluster) do(program string, args ...string) {
	c.t.Helper()
	if out, err := c.command(program, args...).CombinedOutput(); err != nil {
		log, _ := os.ReadFile(filepath.Join(c.dir, "log"))
		c.t.Fatalf("%s: %v\n%s\n%.3000s", program, err, out, log[max(0, len(log)-3000):])
	}
}

func (c *cluster) mustRun(name string, args ...string) {
	c.t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		c.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

// make makes the database and starts it.
func (c *cluster) make(settings ...string) {
	c.t.Helper()
	c.do("initdb", "-D", c.data(), "-U", "gatehouse", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--wal-segsize=1")
	c.append("pg_hba.conf", "host all all 0.0.0.0/0 trust", "host replication all 0.0.0.0/0 trust")
	c.append("postgresql.conf", append([]string{
		"listen_addresses = '" + c.host + "'", "port = " + c.port, "unix_socket_directories = '" + c.dir + "'",
		"max_connections = 200", "max_wal_size = '32MB'", "min_wal_size = '2MB'", "shared_buffers = '16MB'",
	}, settings...)...)
	c.start()
	c.do("createdb", "-h", c.dir, "-p", c.port, "-U", "gatehouse", "accounts")
}

// append adds lines to a file of the database's folder.
func (c *cluster) append(file string, lines ...string) {
	c.t.Helper()
	f, err := os.OpenFile(filepath.Join(c.data(), file), os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteString(strings.Join(lines, "\n") + "\n")
		_ = f.Close()
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *cluster) start() {
	c.t.Helper()
	c.do("pg_ctl", "-D", c.data(), "-w", "-l", filepath.Join(c.dir, "log"), "start")
}

// stop ends it: fast as an operator does, or immediate, which is a crash.
func (c *cluster) stop(mode string) {
	c.t.Helper()
	if err := c.tryStop(mode); err != nil {
		c.t.Fatalf("stop PostgreSQL: %v", err)
	}
}

func (c *cluster) tryStop(mode string) error {
	return c.command("pg_ctl", "-D", c.data(), "-w", "-m", mode, "stop").Run()
}

// runs reports whether its server is there.
func (c *cluster) runs() bool { return c.command("pg_ctl", "-D", c.data(), "status").Run() == nil }

// pids are the processes of the server, the first of all first.
func (c *cluster) pids() []string {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.data(), "postmaster.pid"))
	if err != nil {
		c.t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	children, _ := exec.Command("pgrep", "-P", first).Output() // none is an error to it
	return append([]string{first}, strings.Fields(string(children))...)
}

// url is the address for the server; with others, whichever of them takes writes.
func (c *cluster) url(others ...*cluster) string {
	hosts := []string{net.JoinHostPort(c.host, c.port)}
	query := "sslmode=disable&connect_timeout=2"
	for _, o := range others {
		hosts = append(hosts, net.JoinHostPort(o.host, o.port))
		query += "&target_session_attrs=read-write"
	}
	return fmt.Sprintf("postgres://gatehouse@%s/accounts?%s", strings.Join(hosts, ","), query)
}

// copyOf makes c a standby of primary and starts it.
func (c *cluster) copyOf(primary *cluster) {
	c.t.Helper()
	if err := os.RemoveAll(c.data()); err != nil {
		c.t.Fatal(err)
	}
	c.do("pg_basebackup", "-D", c.data(), "-h", primary.host, "-p", primary.port, "-U", "gatehouse", "-X", "stream", "-c", "fast", "-R", "--no-sync")
	c.append("postgresql.conf", "port = "+c.port, "unix_socket_directories = '"+c.dir+"'") // the last of a setting counts
	c.start()
}

// query gives what psql prints, or "" if it cannot ask.
func (c *cluster) query(text string) string {
	out, err := c.command("psql", "-h", c.dir, "-p", c.port, "-U", "gatehouse", "-d", "accounts", "-Atc", text).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// awaitStandby waits until commits wait for the standby again.
func (c *cluster) awaitStandby() {
	c.t.Helper()
	rig.Await(c.t, "a synchronous standby", func() bool {
		return c.query(`SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')`) == "1"
	})
}
