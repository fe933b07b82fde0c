package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// process is a program that was started to be measured.
type process struct {
	command *exec.Cmd
	address string
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

// cpuTime is the processor time that a process has used, to a hundredth of a second.
func cpuTime(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("read processor time: %w", err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ") // the program's name may hold blanks
	fields := strings.Fields(rest)
	const user, system = 11, 12
	if len(fields) <= system {
		return 0, fmt.Errorf("read processor time: %q", stat)
	}
	u, err1 := strconv.ParseInt(fields[user], 10, 64)
	s, err2 := strconv.ParseInt(fields[system], 10, 64)
	return time.Duration(u+s) * time.Second / clockTicks, errors.Join(err1, err2)
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

// meter measures how many processors the server and the generator keep busy.
type meter struct {
	pid         int
	start       time.Time
	server, own time.Duration
}

// usage is an average number of processors.
type usage struct{ Server, Generator float64 }

func startMeter(pid int) (meter, error) {
	server, err1 := cpuTime(pid)
	own, err2 := cpuTime(os.Getpid())
	return meter{pid: pid, start: time.Now(), server: server, own: own}, errors.Join(err1, err2)
}

func (m meter) read() (usage, error) {
	server, err1 := cpuTime(m.pid)
	own, err2 := cpuTime(os.Getpid())
	took := time.Since(m.start).Seconds()
	return usage{(server - m.server).Seconds() / took, (own - m.own).Seconds() / took}, errors.Join(err1, err2)
}
