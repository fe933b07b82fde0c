package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// machine is what the figures were measured on.
type machine struct {
	CPU     string  `json:"cpu"`
	Cores   int     `json:"cores"`
	Memory  int64   `json:"memory_bytes"`
	Kernel  string  `json:"kernel"`
	Disk    string  `json:"disk"` // file system and its type
	Fsyncs  float64 `json:"fsyncs_per_second"`
	LoadAvg string  `json:"load_average_at_start"`
}

func describeMachine(dir string) (machine, error) {
	m := machine{
		CPU: fieldOf("/proc/cpuinfo", "model name"), Cores: runtime.NumCPU(),
		Kernel:  runtime.GOOS + "/" + runtime.GOARCH + " " + firstLine("/proc/sys/kernel/osrelease"),
		LoadAvg: firstLine("/proc/loadavg"), Disk: fileSystem(dir),
	}
	kib, err := strconv.ParseInt(strings.TrimSuffix(fieldOf("/proc/meminfo", "MemTotal"), " kB"), 10, 64)
	if err != nil {
		return m, fmt.Errorf("read the machine's memory (this needs Linux): %w", err)
	}
	m.Memory = kib << 10
	m.Fsyncs, err = fsyncRate(dir)
	return m, err
}

// fieldOf is the first value of a "name: value" file.
func fieldOf(file, name string) string {
	data, _ := os.ReadFile(file)
	for line := range strings.Lines(string(data)) {
		if n, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(n) == name {
			return strings.TrimSpace(v)
		}
	}
	return "unknown"
}

func firstLine(file string) string {
	data, _ := os.ReadFile(file)
	line, _, _ := strings.Cut(string(data), "\n")
	return line
}

// fileSystem says what kind of file system dir is on.
func fileSystem(dir string) string {
	mounts, _ := os.ReadFile("/proc/self/mounts")
	best, kind := "", "unknown"
	for line := range strings.Lines(string(mounts)) {
		f := strings.Fields(line)
		if len(f) < 3 || len(f[1]) < len(best) {
			continue
		}
		if rel, err := filepath.Rel(f[1], dir); err == nil && !strings.HasPrefix(rel, "..") {
			best, kind = f[1], f[2]
		}
	}
	return kind
}

const fsyncFor = 2 * time.Second

// fsyncRate is how many appended pages a second the disk makes durable one after the other.
func fsyncRate(dir string) (float64, error) {
	f, err := os.CreateTemp(dir, "fsync-")
	if err != nil {
		return 0, fmt.Errorf("measure the disk: %w", err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	page, n, start := make([]byte, 4096), 0, time.Now()
	for time.Since(start) < fsyncFor {
		if _, err := f.Write(page); err != nil {
			return 0, fmt.Errorf("measure the disk: %w", err)
		}
		if err := f.Sync(); err != nil {
			return 0, fmt.Errorf("measure the disk: %w", err)
		}
		n++
	}
	return float64(n) / time.Since(start).Seconds(), nil
}

// commit is what is checked out, with "+" if it was changed.
func commit(ctx context.Context) (string, error) {
	head, err := exec.CommandContext(ctx, "git", "rev-parse", "--short=12", "HEAD").Output()
	if errors.Is(err, exec.ErrNotFound) {
		return "unknown", nil
	} else if err != nil {
		return "unknown", nil // not a clone: the figures are good all the same
	}
	changed, err := exec.CommandContext(ctx, "git", "status", "--porcelain", "--untracked-files=no").Output()
	if err != nil {
		return "", fmt.Errorf("ask git for changes: %w", err)
	}
	if len(changed) > 0 {
		return strings.TrimSpace(string(head)) + "+", nil
	}
	return strings.TrimSpace(string(head)), nil
}
