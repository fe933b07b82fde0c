//go:build !unix

package postgres

// nothingToRead cannot tell here.
func nothingToRead(uintptr) bool { return true }
