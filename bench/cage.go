package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// cage is a group of processes that may use so much memory and no more: the kernel kills one that needs more. It is a memory
// cgroup of either version, which on most machines only root can make.
type cage struct {
	dir      string
	peakFile string
}

// newCage makes a group with a limit in bytes.
func newCage(limit int64) (*cage, error) {
	name := fmt.Sprintf("gatehouse-bench-%d-%d", os.Getpid(), time.Now().UnixNano())
	var errs error
	for _, kind := range []struct{ parent, limit, peak string }{
		{"/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.max_usage_in_bytes"},
		{"/sys/fs/cgroup", "memory.max", "memory.peak"},
	} {
		c := &cage{dir: filepath.Join(kind.parent, name), peakFile: kind.peak}
		err := os.Mkdir(c.dir, 0o755)
		if err == nil {
			if err = os.WriteFile(filepath.Join(c.dir, kind.limit), []byte(strconv.FormatInt(limit, 10)), 0o644); err == nil {
				return c, nil
			}
			err = errors.Join(err, c.remove())
		}
		errs = errors.Join(errs, err)
	}
	return nil, fmt.Errorf("limit the server's memory (this needs a memory cgroup, and root): %w", errs)
}

// command is what runs a program within the cage.
func (c *cage) command(program string, args []string) []string {
	enter := `echo $$ > "$0" && exec "$@"`
	return append([]string{"/bin/sh", "-c", enter, filepath.Join(c.dir, "cgroup.procs"), program}, args...)
}

// peak is the most memory that was used at once, in bytes, with what the kernel keeps for the processes: sockets, pages of files.
func (c *cage) peak() (int64, error) {
	text, err := os.ReadFile(filepath.Join(c.dir, c.peakFile))
	if err != nil {
		return 0, fmt.Errorf("read the memory used: %w", err)
	}
	return strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
}

// remove gives the group up; its processes must have ended.
func (c *cage) remove() error { return os.Remove(c.dir) }
