package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// process is a program that was started to be measured.
type process struct {
	command *exec.Cmd
	address string
	// database is PostgreSQL's first process, if it runs here and the program uses it; else 0.
	database int
}

// stop asks the process to end and kills it if it does not.
func (p *process) stop() error {
	if err := p.command.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop the server: %w", err)
	}
	kill := time.AfterFunc(stopTimeout, func() { _ = p.command.Process.Kill() })
	defer kill.Stop()
	if err := p.command.Wait(); err != nil {
		return fmt.Errorf("the server ended badly: %w", err)
	}
	return nil
}

// clockTicks is how Linux counts a second of processor time in /proc, on every machine that Go runs on.
const clockTicks = 100

// processTimes is what /proc says of a process: its parent, and the processor time of its own and of its children that ended.
type processTimes struct {
	parent          int
	own, ofChildren time.Duration
}

func timesOf(pid int) (processTimes, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return processTimes{}, fmt.Errorf("read processor time: %w", err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ") // the program's name may hold blanks
	fields := strings.Fields(rest)
	const parent, user, last = 1, 11, 14
	if len(fields) <= last {
		return processTimes{}, fmt.Errorf("read processor time: %q", stat)
	}
	var n [5]int64
	for i, field := range append(fields[parent:parent+1:parent+1], fields[user:last+1]...) {
		if n[i], err = strconv.ParseInt(field, 10, 64); err != nil {
			return processTimes{}, fmt.Errorf("read processor time: %w", err)
		}
	}
	ticks := func(a, b int64) time.Duration { return time.Duration(a+b) * time.Second / clockTicks }
	return processTimes{parent: int(n[0]), own: ticks(n[1], n[2]), ofChildren: ticks(n[3], n[4])}, nil
}

// cpuTime is the processor time that a process has used, to a hundredth of a second.
func cpuTime(pid int) (time.Duration, error) {
	t, err := timesOf(pid)
	return t.own, err
}

// familyTime is the processor time of a process and of its children, living and ended. Pid 0 has none.
func familyTime(pid int) (time.Duration, error) {
	if pid == 0 {
		return 0, nil
	}
	t, err := timesOf(pid)
	if err != nil {
		return 0, err
	}
	all, err := filepath.Glob("/proc/[0-9]*")
	sum := t.own + t.ofChildren
	for _, dir := range all {
		child, _ := strconv.Atoi(filepath.Base(dir))
		if c, err := timesOf(child); err == nil && c.parent == pid { // an error: it has ended meanwhile
			sum += c.own
		}
	}
	return sum, err
}

// memory is what a process holds, in bytes.
type memory struct {
	Resident  int64 // all that is in memory
	Anonymous int64 // of it, what is the process's own and not a file's
	Peak      int64 // the most that was ever resident
}

func memoryOf(pid int) (memory, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return memory{}, fmt.Errorf("read memory: %w", err)
	}
	var m memory
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		to := map[string]*int64{"VmRSS": &m.Resident, "RssAnon": &m.Anonymous, "VmHWM": &m.Peak}[name]
		if to == nil {
			continue
		}
		kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		if err != nil {
			return memory{}, fmt.Errorf("read memory: %w", err)
		}
		*to = kib << 10
	}
	if m.Resident == 0 {
		return memory{}, errors.New("read memory: the process has none")
	}
	return m, nil
}

// meter measures how many processors the server, its database and the generator keep busy.
type meter struct {
	pid, databasePID      int
	start                 time.Time
	server, database, own time.Duration
}

// usage is an average number of processors.
type usage struct {
	Server, Generator float64
	Database          float64 `json:",omitempty"`
}

func startMeter(pid, database int) (meter, error) {
	m := meter{pid: pid, databasePID: database, start: time.Now()}
	var errs [3]error
	m.server, errs[0] = cpuTime(pid)
	m.database, errs[1] = familyTime(database)
	m.own, errs[2] = cpuTime(os.Getpid())
	return m, errors.Join(errs[:]...)
}

func (m meter) read() (usage, error) {
	now, err := startMeter(m.pid, m.databasePID)
	took := now.start.Sub(m.start).Seconds()
	return usage{
		Server: (now.server - m.server).Seconds() / took, Generator: (now.own - m.own).Seconds() / took,
		Database: (now.database - m.database).Seconds() / took,
	}, err
}
