package main

import (
	"bufio"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// forgetProgram gives back the pages of the program's file that are mapped by now, most of which only the start needed. What is
// used again is mapped again, from the kernel's cache of the file. It does nothing where it cannot tell.
func forgetProgram() {
	path, err := os.Executable()
	if err != nil {
		return
	}
	maps, err := os.Open("/proc/self/smaps")
	if err != nil {
		return
	}
	defer maps.Close()
	for _, m := range untouched(maps, path) {
		_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, m.start, m.end-m.start, syscall.MADV_DONTNEED)
	}
}

// mapping is a range of addresses.
type mapping struct{ start, end uintptr }

// untouched lists the mappings of a file that cannot be written to and that hold nothing but what the file has: no page of them
// was changed, by a loader or by a debugger. Only those can be mapped again as they were. smaps is in the format of /proc.
func untouched(smaps io.Reader, path string) []mapping {
	var out []mapping
	var at mapping
	ours := false
	lines := bufio.NewScanner(smaps)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) >= 2 && strings.HasSuffix(f[0], ":") {
			if ours && f[0] == "Anonymous:" && f[1] == "0" {
				out = append(out, at)
			}
			continue
		}
		ours = len(f) == 6 && f[5] == path && (f[1] == "r-xp" || f[1] == "r--p")
		if !ours {
			continue
		}
		from, to, _ := strings.Cut(f[0], "-")
		start, err1 := strconv.ParseUint(from, 16, strconv.IntSize)
		end, err2 := strconv.ParseUint(to, 16, strconv.IntSize)
		at, ours = mapping{uintptr(start), uintptr(end)}, err1 == nil && err2 == nil
	}
	return out
}
