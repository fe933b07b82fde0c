//go:build unix

package postgres

import (
	"errors"
	"syscall"
)

// nothingToRead reports whether a socket is open and has nothing for us: what a server says to a connection at rest is that it
// ends it.
func nothingToRead(fd uintptr) bool {
	var one [1]byte
	_, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	return errors.Is(err, syscall.EAGAIN)
}
