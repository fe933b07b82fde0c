package main

import (
	"syscall"
	"time"
)

// sleepUntil sleeps in the kernel: the runtime's timers come up to a millisecond late when the process is idle, which would
// be most of the latencies measured here.
func sleepUntil(t time.Time) {
	for {
		d := time.Until(t)
		if d <= 0 {
			return
		}
		left := syscall.NsecToTimespec(d.Nanoseconds())
		_ = syscall.Nanosleep(&left, nil) // interrupted: go round again
	}
}
