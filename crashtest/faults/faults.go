package main

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"time"
)

// The kinds of store.
const (
	onSQLite   = "sqlite"
	onPostgres = "postgres"
)

// fault is a way to break things.
type fault struct {
	name, about string
	// stores it can strike.
	stores []string
	// lacks says why it cannot be done here; nil or "" = it can.
	lacks func() string
	// place makes the database where this fault can strike it; nil = as usual.
	place func(s *scene, store string)
	// strike does harm under load and mends it, so that everything works again when it returns.
	strike func(s *scene)
	// alone does everything itself, in the place of strike.
	alone func(s *scene, store string)
}

// clock is the fault that only a test can make: a server's clock can be moved nowhere else.
func clock() *fault {
	return &fault{
		name: "clock", about: "the servers' clock jumps to and fro", stores: []string{onSQLite, onPostgres},
		lacks: needs("go"), alone: (*scene).clock,
	}
}

// clock runs the test that moves the clock. PostgreSQL is one of our own.
func (s *scene) clock(store string) {
	test := map[string]string{onSQLite: "SQLite", onPostgres: "PostgreSQL"}[store]
	command := exec.CommandContext(s.t.Context(), "go", "test", "-count=1", "-v", "-run", "^TestClockJumps$/^"+test+"$", "gatehouse")
	command.Env = append(os.Environ(), fmt.Sprintf("GATEHOUSE_CLOCK_ROUNDS=%d", s.options.rounds), fmt.Sprintf("GATEHOUSE_CRASH_SEED=%d", s.options.seed))
	if store == onPostgres {
		c := newCluster(s.t, "", "", "127.0.0.1")
		c.make()
		command.Env = append(command.Env, "GATEHOUSE_TEST_POSTGRES="+c.url())
	}
	out, err := command.CombinedOutput()
	if err != nil {
		s.t.Fatalf("%v\n%s", err, out)
	}
	s.t.Logf("%d rounds, as they must be", s.options.rounds)
}

// faults lists all of them, but for jumps of the clock, which only a test can make.
func faults() []*fault {
	both, remote := []string{onSQLite, onPostgres}, []string{onPostgres}
	return []*fault{
		{name: "kill", about: "SIGKILL to the servers", stores: both, strike: (*scene).kill},
		{name: "term", about: "SIGTERM to a server, and its next life", stores: both, strike: (*scene).term},
		{name: "restart", about: "the database is stopped, as by an operator or by a crash, and started", stores: remote, strike: (*scene).restart},
		{name: "backends", about: "connections of the servers are ended by the database in the middle of things", stores: remote, strike: (*scene).backends},
		{name: "failover", about: "the primary dies and its synchronous standby takes over", stores: remote, place: placePair, strike: (*scene).failOver},
		{name: "full-disk", about: "the disk of the database is full", stores: both, lacks: needsRoot("mount"), place: placeSmall, strike: (*scene).fullDisk},
		{name: "slow-disk", about: "every fsync takes a quarter of a second longer", stores: both, lacks: needs("strace"), strike: (*scene).slowDisk},
		{name: "bad-disk", about: "fsync fails", stores: both, lacks: needs("strace"), strike: (*scene).badDisk},
		{name: "cut", about: "the network between servers and database is cut, or loses the answers", stores: remote, lacks: needsRoot("ip"), place: placeApart, strike: (*scene).cut},
		{name: "smtp", about: "the mail server is away", stores: both, strike: (*scene).smtp},
	}
}

func needs(program string) func() string {
	return func() string {
		if _, err := exec.LookPath(program); err != nil {
			return program + " is not installed"
		}
		return ""
	}
}

func needsRoot(program string) func() string {
	return func() string {
		if os.Getuid() != 0 {
			return "only root may do that"
		}
		return needs(program)()
	}
}

// kill shoots the servers, all or one of them, at a random moment.
func (s *scene) kill() {
	victims := s.victims()
	for _, i := range victims {
		s.servers[i].Shoot()
	}
	for _, i := range victims {
		s.servers[i].Bury()
	}
	if len(victims) == len(s.servers) {
		s.d.AwaitQuiet()
	}
	s.noteMail()
	for _, i := range victims {
		s.startServer(i)
	}
}

// victims gives all servers, or one of several.
func (s *scene) victims() []int {
	if one := s.random.IntN(2) == 0; one {
		return []int{s.random.IntN(len(s.servers))}
	}
	all := make([]int, len(s.servers))
	for i := range all {
		all[i] = i
	}
	return all
}

func (s *scene) term() {
	i := s.random.IntN(len(s.servers))
	s.servers[i].Stop()
	s.startServer(i)
}

func (s *scene) restart() {
	s.cluster.stop([]string{"fast", "immediate"}[s.random.IntN(2)])
	s.pause(s.options.duration)
	s.cluster.start()
}

// backends ends a few of the servers' connections again and again, whatever they are at.
func (s *scene) backends() {
	for end := time.Now().Add(s.options.duration + time.Second); time.Now().Before(end); {
		_, err := s.d.Look().Exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE application_name LIKE 'gatehouse-crashtest%' AND pid <> pg_backend_pid() ORDER BY random() LIMIT 4`)
		if err != nil {
			s.t.Fatal(err)
		}
		s.pause(20 * time.Millisecond)
	}
}

// placePair makes a primary and a standby that every commit waits for.
func placePair(s *scene, _ string) {
	s.cluster = newCluster(s.t, "", "", "127.0.0.1")
	s.standby = newCluster(s.t, "", "", "127.0.0.1")
	s.cluster.make("wal_keep_size = '64MB'")
	s.cluster.append("postgresql.conf", "synchronous_standby_names = '*'")
	s.standby.copyOf(s.cluster)
	s.cluster.do("pg_ctl", "-D", s.cluster.data(), "reload")
	s.cluster.awaitStandby()
}

// failOver loses the primary for good. What it had acknowledged its standby has; a new standby is made of nothing.
func (s *scene) failOver() {
	s.cluster.stop("immediate")
	s.pause(s.options.duration)
	s.standby.do("pg_ctl", "-D", s.standby.data(), "-w", "promote")
	s.cluster, s.standby = s.standby, s.cluster
	s.standby.copyOf(s.cluster)
	s.cluster.awaitStandby()
}

// smtp has the mail server away for a while; mail is queued meanwhile.
func (s *scene) smtp() {
	s.gate.shut()
	s.pause(s.options.duration)
	s.load.awaitPasses(creators)
	s.gate.open()
}

// trace has strace change what a system call of the database's processes does, until the function that it gives is called.
func (s *scene) trace(inject string) (stop func()) {
	s.t.Helper()
	pids := []string{strconv.Itoa(s.servers[0].PID())}
	if s.cluster != nil {
		pids = s.cluster.pids()
	}
	args := []string{"-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:" + inject}
	for _, pid := range pids {
		args = append(args, "-p", pid)
	}
	tracer := exec.Command("strace", args...)
	if err := tracer.Start(); err != nil {
		s.t.Fatal(err)
	}
	return func() {
		_ = tracer.Process.Signal(os.Interrupt) // it lets them go
		_ = tracer.Wait()
	}
}

func (s *scene) slowDisk() {
	stop := s.trace(fmt.Sprintf("delay_exit=%d", 250*time.Millisecond/time.Microsecond))
	s.pause(s.options.duration)
	s.load.awaitPasses(creators)
	stop()
}

// badDisk has some fsyncs fail. PostgreSQL then stops at once and starts by what it has on the disk; SQLite refuses the commit.
func (s *scene) badDisk() {
	stop := s.trace("error=EIO:when=3+9")
	s.pause(s.options.duration)
	stop()
	if s.cluster != nil && !s.cluster.runs() { // its start met the fault too
		s.cluster.start()
	}
}
