package main

import (
	"context"
	"net"
	"os"
	"runtime"
	"runtime/debug"

	"gatehouse"
)

type serveCmd struct {
	Listen *string `placeholder:"ADDR" help:"Address and port to listen on (server.listen)."`
}

// Help is printed under the command's flags.
func (serveCmd) Help() string {
	return "Makes the store and the master key if they are missing. Logs go to standard error. SIGINT or SIGTERM lets running requests finish and stops."
}

// Run serves until a signal comes.
func (c serveCmd) Run(ctx context.Context, s *surroundings, common *Common) error {
	var own []gatehouse.Flag
	if c.Listen != nil {
		own = append(own, gatehouse.Flag{Name: "--listen", Key: "server.listen", Value: *c.Listen})
	}
	cfg, err := gatehouse.Load(common.sources(s, own...))
	if err != nil {
		return err
	}
	logger := newLogger(cfg, s.err)
	spareCollector()
	return withTracing(ctx, cfg, gatehouse.Options{Logger: logger}, func(o gatehouse.Options) error {
		return gatehouse.Run(ctx, cfg, o, func(_ *gatehouse.Server, addr net.Addr) {
			cfg.Server.Listen = addr.String()
			logger.Info("serving", "version", gatehouse.Version, "listen", addr.String(), "url", cfg.PublicURL())
			// Nobody may be reading; that is no reason not to serve.
			_ = writeBanner(s.out, cfg)
			forgetStart()
		})
	})
}

// spareCollector lets the heap, which is small, grow further between collections, unless GOGC says otherwise: less processor
// time for a busy server, at the price of some megabytes.
func spareCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200)
	}
}

// forgetStart gives back what only the start needed, some times what a running server holds. Buffers of the migrations wait
// in pools, which the first collection only marks.
func forgetStart() {
	runtime.GC()
	debug.FreeOSMemory()
	forgetProgram()
}
