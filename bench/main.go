// Command bench measures gatehouse and writes the record down: the figures P1 to P6 of docs/performance.md.
//
// It builds the server, starts it as a process of its own for each figure, and drives it over the loopback interface
// through the same door as any client. It imports nothing of the server: what it knows is the protocol, the command line
// and /metrics. What a figure is compared with (the bare hash, a bare net/http handler) is measured in the same run, in
// turns with the server, by the same generator on the same cores.
//
//	go run ./bench                                  every figure on SQLite; on PostgreSQL too if GATEHOUSE_TEST_POSTGRES is set
//	go run ./bench -figures P2 -engine sqlite -duration 5s
//	make bench                                      all of it on a throw-away PostgreSQL, and the record written anew
//
// One figure is one file, p1.go to p6.go. The generator is client.go (a connection), visit.go (what a visitor sends) and
// load.go (arrivals); server.go runs the server; store.go and fill.go are what it runs on; report.go, markdown.go and
// plot.go are the record.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	var (
		b       bench
		figures = flag.String("figures", "P1,P2,P3,P4,P5,P6", "which figures, by comma")
		engines = flag.String("engine", "sqlite,postgres", "which databases, by comma")
		out     = flag.String("out", "", "write the record to this path with .md and .json; empty: only print it")
		plots   = flag.String("plots", "", "draw each figure into this folder, too")
		page    = flag.String("page", "", "put a summary between the marks of this page, too")
		bare    = flag.String("bare", "", "serve the answer in this file with bare net/http and nothing else (P3 starts itself so)")
	)
	flag.DurationVar(&b.duration, "duration", 10*time.Second, "length of one measurement")
	flag.DurationVar(&b.warmUp, "warm-up", 3*time.Second, "length of the warm-up before the first measurement of a server")
	flag.IntVar(&b.repeats, "repeats", 3, "how often each measurement is repeated")
	flag.Int64Var(&b.visitors, "visitors", 1_000_000, "P5: how many anonymous visitors")
	flag.Int64Var(&b.accounts, "accounts", 10_000_000, "P4: how many accounts the large store holds")
	flag.StringVar(&b.postgres, "postgres", os.Getenv("GATEHOUSE_TEST_POSTGRES"), "URL of a PostgreSQL whose role may create databases")
	flag.StringVar(&b.binary, "binary", "", "measure this gatehouse binary instead of building one")
	flag.StringVar(&b.profiles, "profiles", "", "write CPU profiles of the server to this folder")
	flag.Parse()
	if *bare != "" {
		return serveBare(ctx, *bare, os.Stdout)
	}

	debug.SetGCPercent(200) // as the server does; and the generator shares the cores with what it measures
	chosen, err := chooseFigures(*figures)
	if err != nil {
		return err
	}
	if b.engines, err = chooseEngines(*engines, b.postgres); err != nil {
		return err
	}
	if b.repeats < 1 || b.duration < time.Second {
		return fmt.Errorf("at least one repeat of at least one second")
	}
	return b.measure(ctx, chosen, outputs{*out, *page, *plots})
}

func (b *bench) measure(ctx context.Context, figures []figure, out outputs) error {
	if err := b.prepare(ctx); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	rep, err := b.newReport(ctx)
	if err != nil {
		return err
	}
	for _, f := range figures {
		b.say("%s: %s", f.id, f.title)
		measured, err := f.measure(ctx, b)
		if err != nil {
			return fmt.Errorf("%s: %w", f.id, err)
		}
		measured.ID, measured.Title = f.id, f.title
		rep.Figures = append(rep.Figures, measured)
	}
	rep.Finished = time.Now().UTC()
	fmt.Println(rep.markdown())
	return out.write(rep)
}

// outputs are where the record goes besides the terminal; empty = nowhere.
type outputs struct{ record, page, plots string }

func (o outputs) write(r *report) error {
	var err error
	if o.record != "" {
		err = r.write(o.record)
	}
	if o.page != "" {
		err = errors.Join(err, r.writeInto(o.page))
	}
	if o.plots != "" {
		err = errors.Join(err, r.plots(o.plots))
	}
	return err
}

// say tells the person at the terminal how far it is.
func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "bench: "+format+"\n", args...)
}

func chooseFigures(list string) ([]figure, error) {
	var out []figure
	for id := range strings.SplitSeq(list, ",") {
		i := slices.IndexFunc(allFigures(), func(f figure) bool { return strings.EqualFold(f.id, strings.TrimSpace(id)) })
		if i < 0 {
			return nil, fmt.Errorf("there is no figure %q", id)
		}
		f := allFigures()[i]
		out = append(out, f)
	}
	return out, nil
}

func chooseEngines(list, postgresURL string) ([]engine, error) {
	var out []engine
	for name := range strings.SplitSeq(list, ",") {
		switch e := engine(strings.TrimSpace(name)); e {
		case sqlite:
			out = append(out, e)
		case postgres:
			if postgresURL == "" {
				fmt.Fprintln(os.Stderr, "bench: no PostgreSQL, its figures are left out: set GATEHOUSE_TEST_POSTGRES or use make bench")
				continue
			}
			out = append(out, e)
		default:
			return nil, fmt.Errorf("there is no engine %q", name)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no engine to measure on")
	}
	return out, nil
}
