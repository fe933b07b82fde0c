package main

import (
	"slices"
	"strings"
	"testing"
)

const someMaps = `00400000-00500000 r-xp 00000000 fe:00 12 /bin/gatehouse
Rss:                1024 kB
Anonymous:             0 kB
VmFlags: rd ex
00500000-00600000 r--p 00100000 fe:00 12 /bin/gatehouse
Anonymous:             4 kB
00600000-00700000 r--p 00200000 fe:00 12 /bin/gatehouse
Anonymous:             0 kB
00700000-00800000 rw-p 00300000 fe:00 12 /bin/gatehouse
Anonymous:             0 kB
00800000-00900000 r--p 00000000 fe:00 13 /lib/other
Anonymous:             0 kB
00900000-00a00000 r--p 00000000 00:00 0
Anonymous:             0 kB
`

// Only what the file itself has is given back: not what was changed, can be, or is another's.
func TestUntouched(t *testing.T) {
	got := untouched(strings.NewReader(someMaps), "/bin/gatehouse")
	if want := []mapping{{0x400000, 0x500000}, {0x600000, 0x700000}}; !slices.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
}

// The program goes on after it has forgotten itself.
func TestForgetProgram(t *testing.T) {
	for range 3 {
		forgetProgram()
	}
	TestUntouched(t)
}
