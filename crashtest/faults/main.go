// Faults breaks things under a gatehouse that works, and looks at what is left:
//
//	go run ./crashtest/faults [--rounds N] [--only NAME,…] [--store sqlite|postgres] [--duration 300ms] [--seed N]
//
// Several clients create accounts, with a captcha, with mail and in two steps, and sign in, while a fault strikes: a process is
// killed, the database goes away, fails over, or has a full, slow or failing disk, the network is cut, the mail server is away, the
// clock jumps. Then it is held that everything that was answered PASS is there, whole and once: the account, its credentials, which
// are tried by signing in, its entry in the log, its mail, its count; that a creation whose answer was lost happened wholly or not at
// all, and can be tried again; that no name is there twice, no flow was continued twice, and no mail was lost or doubled but for
// what a death between its acceptance and the record of it explains.
//
// It starts the real binary, a mail server, and a PostgreSQL of its own for each run, in folders that it takes away. What the
// machine does not let it do is left out, and it says so. What it cannot show is the loss of the machine's memory: that commits
// reach the disk is fsync's business, and the stores' own tests hold that it is asked for.
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"gatehouse/crashtest/rig"
)

// options say how much is done.
type options struct {
	rounds int
	// duration bounds the random time before a fault strikes, and how long it lasts.
	duration time.Duration
	seed     uint64
}

func main() {
	o := options{}
	flag.IntVar(&o.rounds, "rounds", 3, "how often each fault strikes each store")
	flag.DurationVar(&o.duration, "duration", 300*time.Millisecond, "how long the load runs before a fault at most, and how long one lasts at least")
	flag.Uint64Var(&o.seed, "seed", 0, "of the random moments; 0 = another each time")
	only := flag.String("only", "", "names of faults, with commas; empty = all")
	store := flag.String("store", "", "sqlite or postgres; empty = both")
	list := flag.Bool("list", false, "print the faults")
	flag.Parse()
	if o.seed == 0 {
		o.seed = rand.Uint64()
	}
	if *list {
		for _, f := range append(faults(), clock()) {
			fmt.Printf("%-10s %s (%s)\n", f.name, f.about, strings.Join(f.stores, ", "))
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(strikeAll(ctx, o, *only, *store))
}

// strikeAll gives the exit status: 1 if anything was wrong, 2 if nothing could be tried.
func strikeAll(ctx context.Context, o options, only, store string) int {
	dir, err := os.MkdirTemp("", "gatehouse-faults-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	defer os.RemoveAll(dir)
	binary, err := rig.Build(dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	fmt.Printf("seed %d\n", o.seed)
	var wrong, done, left []string
	for _, f := range append(faults(), clock()) {
		for _, on := range f.stores {
			if only != "" && !slices.Contains(strings.Split(only, ","), f.name) || store != "" && store != on || ctx.Err() != nil {
				continue
			}
			name := f.name + " on " + on
			switch t := run(ctx, os.Stdout, name, func(t testing.TB) { strike(t, f, on, binary, o) }); {
			case t.failed:
				wrong = append(wrong, name)
			case t.skipped:
				left = append(left, name)
			default:
				done = append(done, name)
			}
		}
	}
	fmt.Printf("\n%d rounds each\nas it must be: %s\nleft out: %s\nWRONG: %s\n", o.rounds, listed(done), listed(left), listed(wrong))
	switch {
	case len(wrong) > 0:
		return 1
	case len(done) == 0:
		return 2
	}
	return 0
}

func listed(names []string) string {
	if len(names) == 0 {
		return "–"
	}
	return strings.Join(names, ", ")
}

// strike runs all rounds of one fault on one store.
func strike(t testing.TB, f *fault, store string, binary rig.Binary, o options) {
	t.Helper()
	if store == onPostgres && postgresBin() == "" {
		t.Skip("left out: PostgreSQL is not installed (Debian: apt-get install postgresql)")
	}
	if f.lacks != nil {
		if why := f.lacks(); why != "" {
			t.Skip("left out: " + why)
		}
	}
	s := &scene{
		t: t, options: o, binary: binary, unrecorded: map[string]int{},
		random: rand.New(rand.NewPCG(o.seed, uint64(len(f.name)))),
	}
	if f.alone != nil {
		f.alone(s, store)
		return
	}
	s.place(f, store)
	for n := range o.rounds {
		s.round(n, f)
		if t.Failed() || t.Context().Err() != nil {
			break
		}
	}
	if !t.Failed() {
		s.checkAll()
	}
	for _, server := range s.servers {
		if server != nil {
			server.Stop()
		}
	}
}
