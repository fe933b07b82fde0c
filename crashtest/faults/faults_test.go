package main

import (
	"flag"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"gatehouse/crashtest/rig"
)

// TestMain lets more tests run beside each other than there are processors: they wait for disks and databases more than they
// work.
func TestMain(m *testing.M) {
	flag.Parse()
	if most := flag.Lookup("test.parallel"); most.Value.String() == most.DefValue {
		_ = flag.Set("test.parallel", "6") // it is a number
	}
	os.Exit(m.Run())
}

// TestFaults strikes once with every fault; the program does it as often as one likes. What the machine cannot do is skipped.
func TestFaults(t *testing.T) {
	dir := t.TempDir()
	binary, err := rig.Build(dir)
	if err != nil {
		t.Fatal(err)
	}
	o := options{rounds: 1, duration: 200 * time.Millisecond, seed: seed(t)}
	for _, f := range faults() {
		for _, store := range f.stores {
			t.Run(f.name+"/"+store, func(t *testing.T) {
				if testing.Short() && f.name != "kill" {
					t.Skip("left out of the short run")
				}
				t.Parallel()
				o := o
				if f.name == "kill" && !testing.Short() {
					o.rounds = 4
				}
				strike(t, f, store, binary, o)
			})
		}
	}
}

func seed(t *testing.T) uint64 {
	t.Helper()
	const variable = "GATEHOUSE_CRASH_SEED"
	n := rand.Uint64()
	if given := os.Getenv(variable); given != "" {
		var err error
		if n, err = strconv.ParseUint(given, 10, 64); err != nil {
			t.Fatalf("%s: %v", variable, err)
		}
	}
	t.Logf("%s=%d", variable, n)
	return n
}

// TestTester: what a run says, how it ends, and that it cleans up behind itself whatever happened.
func TestTester(t *testing.T) {
	var said strings.Builder
	var cleaned []string
	var dir string
	for name, f := range map[string]func(testing.TB){
		"right": func(tb testing.TB) { dir = tb.TempDir(); tb.Log("fine") },
		"wrong": func(tb testing.TB) { tb.Errorf("%d", 1) },
		"fatal": func(tb testing.TB) { tb.Fatal("x"); t.Error("Fatal went on") },
		"left":  func(tb testing.TB) { tb.Skipf("no"); t.Error("Skip went on") },
	} {
		got := run(t.Context(), &said, name, func(tb testing.TB) {
			tb.Cleanup(func() { cleaned = append(cleaned, name) })
			f(tb)
		})
		if got.Failed() != (name == "wrong" || name == "fatal") || got.skipped != (name == "left") {
			t.Errorf("%s: failed %v, skipped %v", name, got.failed, got.skipped)
		}
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) || len(cleaned) != 4 {
		t.Errorf("left behind %s, cleaned %v", dir, cleaned)
	}
	for _, line := range []string{"right: fine\n", "wrong: WRONG: 1\n", "fatal: WRONG: x\n", "left: no\n"} {
		if !strings.Contains(said.String(), line) {
			t.Errorf("%q is missing in %q", line, said.String())
		}
	}
}
